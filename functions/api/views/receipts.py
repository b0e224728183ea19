"""What became of landed files: receipts, found through their index, for those who may see them.

A supplier sees what was landed in the folders of its own datasets, and nothing else; an operator sees all.
"""

import re
from collections.abc import Mapping
from itertools import groupby, islice
from typing import Any

from functions.api.http.auth import OPERATE, Caller
from functions.api.http.context import RequestContext
from functions.api.http.fetch_many import each
from functions.api.http.negotiation import preferred
from functions.api.http.paging import cursor, cursor_of
from functions.api.http.problems import BadParameter, Forbidden, NotAcceptable, NotFound, NotYet
from functions.api.http.queries import Nothing, ReceiptsQuery
from functions.api.release import Releases, Row
from functions.api.schemas.writes import AcrossFiles, FileReceipt, FileReceiptLine, FileReceiptList
from functions.api.table_files import File
from shared.keys import DRY_RUN_PREFIX
from shared.landing.landing_keys import folder_of
from shared.receipts import index
from shared.receipts.csv_files import as_csv
from shared.statuses import FileStatus

KINDS = {"json": "application/json", "csv": "text/csv"}
MOST_ACROSS = 1_000

_ID = re.compile("[0-9a-f]{32}")
_MARK = re.compile("[0-9]{10}[0-9a-f]{8}")
_SAME_ID = 20  # how often the same bytes were landed in the same slot, as far as anyone looks back
_COLUMNS = ("found_in", "severity", "rule", "row", "column", "code", "sample", "message")


def file_receipts(context: RequestContext, caller: Caller, query: ReceiptsQuery) -> FileReceiptList:
    """Receipts of landed files, the newest first. A page may hold fewer than `limit` where files were judged again."""
    after = cursor_of(query, str)
    if after is not None and not _MARK.fullmatch(after):
        raise BadParameter("The query parameter cursor is none that this address gave out.", parameter="cursor")
    entries = index.listed(
        context.data,
        _folders(caller, query),
        [FileStatus(query.status)] if query.status else FileStatus,
        query.dry_run or (query.landing_key or "").startswith(DRY_RUN_PREFIX),
        after or "",
    )
    by_place = groupby(entries, key=lambda entry: (entry.mark, entry.place))
    found = [(mark, place, {one.status for one in same}) for (mark, place), same in islice(by_place, query.limit + 1)]
    shown = found[: query.limit]
    told = each(context.data, [place for _, place, _ in shown])
    return FileReceiptList(
        receipts=tuple(
            FileReceiptLine.model_validate(_identified(one))
            for one, (_, _, named) in zip(told, shown, strict=True)
            if one is not None and one["status"] in named
        ),
        next_cursor=cursor(shown[-1][0]) if len(found) > len(shown) else None,
    )


def file_receipt(
    releases: Releases, context: RequestContext, caller: Caller, query: Nothing, accept: str | None, file_id: str
) -> FileReceipt | File:
    """One receipt, with what the checks across files found of it in the current release. As CSV, all its findings."""
    name, _, extension = file_id.partition(".")
    kind = extension or preferred(accept, KINDS)
    if kind not in KINDS:
        raise NotAcceptable(f"Receipts come as: {', '.join(KINDS)}.", known=[*KINDS])
    told = _called(context, caller, name)
    release_id, across = _across(releases, told)
    if kind == "csv":
        body = as_csv(_COLUMNS, [*map(_in_file, told["findings"]), *map(_in_release, across)])
        return File(None, f"receipt-{name}.csv", KINDS["csv"], body=body)
    return FileReceipt.model_validate(
        told
        | {
            "release_id": release_id,
            "across_files": tuple(AcrossFiles.model_validate(row) for row in across[:MOST_ACROSS]),
            "across_files_total": len(across),
        }
    )


def _folders(caller: Caller, query: ReceiptsQuery) -> list[str]:
    """Where to look: what is asked for, if the caller may see it, else all that it may see."""
    if query.landing_key is not None:
        folder = folder_of(query.landing_key)
        if query.dataset not in (None, folder):
            raise BadParameter("The query parameter dataset is not that of the landing_key.", parameter="dataset")
        _may(caller, folder)
        return [index.of_key(query.landing_key)]
    if query.dataset is not None:
        _may(caller, query.dataset)
        return [index.of_folder(query.dataset)]
    if caller.may(OPERATE):
        return [index.EVERYTHING]
    return [index.of_folder(dataset) for dataset in sorted(caller.datasets())]


def _sees(caller: Caller, folder: str) -> bool:
    return caller.may(OPERATE) or folder in caller.datasets()


def _may(caller: Caller, folder: str) -> None:
    if not _sees(caller, folder):
        raise Forbidden(
            "The receipts of a dataset are for those with the scope supply:<dataset>, or operate.", scope=OPERATE
        )


def _called(context: RequestContext, caller: Caller, name: str) -> dict[str, Any]:
    """The newest receipt of an id that the caller may see. One of another supplier is none, as far as it is told."""
    entries = islice(index.called(context.data, name), _SAME_ID) if _ID.fullmatch(name) else ()
    for entry in entries:
        (told,) = each(context.data, [entry.place])
        if told is not None and _sees(caller, folder_of(told["landing_key"])):
            return _identified(told)
    raise NotFound("There is no receipt of that id among those that the caller may see. They are at /v1/receipts.")


def _identified(told: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt as it is stored, with its id and, in a word, why the file was rejected."""
    called = index.receipt_id(told["landing_key"], told["version_id"], told["file_id"])
    why = told["findings"][0]["message"] if told["status"] == "rejected" and told["findings"] else None
    dry_run = told["landing_key"].startswith(DRY_RUN_PREFIX)
    return {**told, "receipt_id": called, "rejected_because": why, "dry_run": dry_run}


def _across(releases: Releases, told: Mapping[str, Any]) -> tuple[str | None, list[Row]]:
    """The current release, and what its checks across files found of a file; nothing of one that was only tried."""
    try:
        release = releases.current()
    except NotYet:
        return None, []
    if told["file_id"] is None or told["dry_run"]:
        return release.id, []
    return release.id, release.findings[(told["file_id"],)]


def _in_file(finding: Mapping[str, Any]) -> list[Any]:
    return ["file", *(finding[name] for name in _COLUMNS[1:])]


def _in_release(finding: Row) -> list[Any]:
    told = {"found_in": "release", "column": finding["measure"], "code": finding["trust_code"]}
    return [(finding | told).get(name) for name in _COLUMNS]
