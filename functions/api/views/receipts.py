"""Receipts of landed files, found through their index.

A supplier sees only the receipts of its own datasets; an operator sees all.
"""

import re
from collections.abc import Mapping
from itertools import groupby, islice
from typing import Any

from functions.api.http.auth import OPERATE, Caller
from functions.api.http.context import RequestContext
from functions.api.http.fetch_many import fetch_documents
from functions.api.http.negotiation import preferred
from functions.api.http.paging import cursor_value, encode_cursor, invalid_cursor
from functions.api.http.problems import BadParameter, Forbidden, NotAcceptable, NotFound, NotYet
from functions.api.http.queries import ReceiptQuery, ReceiptsQuery
from functions.api.release import Releases, Row
from functions.api.schemas.writes import CrossFileFinding, FileReceipt, FileReceiptLine, FileReceiptList
from functions.api.table_files import File
from shared.ids import is_id
from shared.keys import DRY_RUN_PREFIX
from shared.landing.landing_keys import folder_of
from shared.receipts import index
from shared.receipts.csv_files import as_csv
from shared.statuses import FileStatus

KINDS = {"json": "application/json", "csv": "text/csv"}
MOST_ACROSS = 1_000

_CURSOR = re.compile("[0-9]{10}[0-9a-f]{8}")
_SAME_ID = 20  # the same bytes landed again have the same id: how many of those receipts are searched
_COLUMNS = ("found_in", "severity", "rule", "row", "column", "code", "sample", "message")


def file_receipts(context: RequestContext, caller: Caller, query: ReceiptsQuery) -> FileReceiptList:
    """Receipts of landed files, newest first. A page can have fewer than `limit` if files were checked again."""
    after = cursor_value(query, str)
    if after is not None and not _CURSOR.fullmatch(after):
        raise invalid_cursor()
    entries = index.listed(
        context.data,
        _folders(caller, query),
        [FileStatus(query.status)] if query.status else FileStatus,
        query.dry_run or (query.landing_key or "").startswith(DRY_RUN_PREFIX),
        after or "",
    )
    by_place = groupby(entries, key=lambda entry: (entry.mark, entry.place))
    listed = [(mark, place, {one.status for one in same}) for (mark, place), same in islice(by_place, query.limit + 1)]
    on_page = listed[: query.limit]
    receipts = fetch_documents(context.data, [place for _, place, _ in on_page])
    return FileReceiptList(
        receipts=tuple(
            FileReceiptLine.model_validate(_with_id(receipt))
            for receipt, (_, _, statuses) in zip(receipts, on_page, strict=True)
            if receipt is not None and receipt["status"] in statuses
        ),
        next_cursor=encode_cursor(on_page[-1][0]) if len(listed) > len(on_page) else None,
    )


def file_receipt(
    releases: Releases, context: RequestContext, caller: Caller, query: ReceiptQuery, accept: str | None, file_id: str
) -> FileReceipt | File:
    """One receipt, with the findings of checks across files in the current release. As CSV: the receipt's
    findings and all of those across files."""
    name, _, extension = file_id.partition(".")
    kind = extension or preferred(accept, KINDS)
    if kind not in KINDS:
        raise NotAcceptable(f"Receipts are available as: {', '.join(KINDS)}.", known=[*KINDS])
    receipt = _receipt(context, caller, name, query.upload_id)
    release_id, across = _across_files(releases, receipt)
    if kind == "csv":
        body = as_csv(_COLUMNS, [*map(_file_finding, receipt["findings"]), *map(_release_finding, across)])
        return File(None, f"receipt-{name}.csv", KINDS["csv"], body=body)
    return FileReceipt.model_validate(
        receipt
        | {
            "release_id": release_id,
            "across_files": tuple(CrossFileFinding.model_validate(row) for row in across[:MOST_ACROSS]),
            "across_files_total": len(across),
        }
    )


def _folders(caller: Caller, query: ReceiptsQuery) -> list[str]:
    """The index folders to list: those of the query, or else of all that the caller may see. Forbidden if it may
    not."""
    if query.landing_key is not None:
        folder = folder_of(query.landing_key)
        if query.dataset not in (None, folder):
            raise BadParameter(
                "The query parameters dataset and landing_key name different datasets.", parameter="dataset"
            )
        _authorise(caller, folder)
        return [index.of_key(query.landing_key)]
    if query.dataset is not None:
        _authorise(caller, query.dataset)
        return [index.of_folder(query.dataset)]
    if caller.may(OPERATE):
        return [index.EVERYTHING]
    return [index.of_folder(dataset) for dataset in sorted(caller.datasets())]


def sees(caller: Caller, folder: str) -> bool:
    """Whether the caller may see the receipts of a dataset, by its folder."""
    return caller.may(OPERATE) or folder in caller.datasets()


def _authorise(caller: Caller, folder: str) -> None:
    if not sees(caller, folder):
        raise Forbidden(
            "The receipts of a dataset need a token with its scope supply:<dataset>, or with operate.", scope=OPERATE
        )


def _receipt(context: RequestContext, caller: Caller, name: str, upload_id: str | None) -> dict[str, Any]:
    """The newest receipt with an id, of an upload if that is named. NotFound also for another supplier's, so that its
    existence is not revealed."""
    entries = islice(index.called(context.data, name), _SAME_ID) if is_id(name) else ()
    for entry in entries:
        (receipt,) = fetch_documents(context.data, [entry.place])
        if receipt is None or not sees(caller, folder_of(receipt["landing_key"])):
            continue
        if upload_id in (None, receipt["upload_id"]):
            return _with_id(receipt)
    raise NotFound("There is no receipt with that id that your token may see; see /v1/receipts.")


def _with_id(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A stored receipt, with its id, the reason for a rejection, and whether it was a dry run."""
    receipt_id = index.receipt_id(receipt["landing_key"], receipt["version_id"], receipt["file_id"])
    why = (
        receipt["findings"][0]["message"] if receipt["status"] == FileStatus.REJECTED and receipt["findings"] else None
    )
    dry_run = receipt["landing_key"].startswith(DRY_RUN_PREFIX)
    return {**receipt, "receipt_id": receipt_id, "rejected_because": why, "dry_run": dry_run}


def _across_files(releases: Releases, receipt: Mapping[str, Any]) -> tuple[str | None, list[Row]]:
    """The current release's id, and its findings across files about a file; none for a dry run or a rejected file."""
    try:
        release = releases.current()
    except NotYet:
        return None, []
    if receipt["file_id"] is None or receipt["dry_run"]:
        return release.id, []
    return release.id, release.findings[(receipt["file_id"],)]


def _file_finding(finding: Mapping[str, Any]) -> list[Any]:
    return ["file", *(finding[name] for name in _COLUMNS[1:])]


def _release_finding(finding: Row) -> list[Any]:
    renamed = {"found_in": "release", "column": finding["measure"], "code": finding["trust_code"]}
    return [(finding | renamed).get(name) for name in _COLUMNS]
