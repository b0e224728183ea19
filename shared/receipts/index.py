"""Which receipts there are: empty objects beside them, whose names alone say where each stands, newest first.

Every receipt has a name in several folders, one for each question: all there are, those of a dataset's folder, of a
landing key, and of an id. Under each, accepted and rejected ones stand apart, by the time of landing turned round, so
that one LIST gives the newest. Dry runs have folders of their own. Writing a name again changes nothing.

A version that was judged again, by another method, may be named as accepted and as rejected: the receipt has the last
word. Its earlier ids still lead to it.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from shared import keys
from shared.aws.store import Store
from shared.content import digest
from shared.ids import FileId
from shared.keys import key_hash
from shared.landing.landing_keys import folder_of
from shared.statuses import FileStatus

EVERYTHING = "all"
"""The folder of all receipts."""

_INDEX = "receipt-index/"
_LAST_SECOND = 9_999_999_999
_DRY, _LANDED = "dry-run/", "landed/"


class Entry(NamedTuple):
    """One receipt: when it was landed, turned round, with a tag that tells two of one second apart; the status it was
    named under; and where it stands."""

    mark: str
    status: str
    place: str


def receipt_id(landing_key: str, version_id: str, file_id: FileId | None) -> str:
    """What a receipt is called: as the file it accepted, else by its landed version. 32 hex digits."""
    return file_id or digest(landing_key, version_id)


def names(landing_key: str, version_id: str, landed_at: datetime, status: str, file_id: FileId | None) -> Iterator[str]:
    """The names of one receipt."""
    kind = _DRY if landing_key.startswith(keys.DRY_RUN_PREFIX) else _LANDED
    mark = f"{_LAST_SECOND - int(landed_at.timestamp()):010d}{digest(landing_key, version_id)[:8]}"
    place = keys.receipt(landing_key, version_id).removeprefix(keys.RECEIPTS)
    its_id = _of_id(receipt_id(landing_key, version_id, file_id))
    for folder in (EVERYTHING, of_folder(folder_of(landing_key)), of_key(landing_key), its_id):
        yield f"{_INDEX}{kind}{folder}/{status}/{mark}/{place}"


def of_folder(folder: str) -> str:
    """The folder of one dataset's receipts, as files were landed."""
    return f"folder-{key_hash(folder)}"


def of_key(landing_key: str) -> str:
    """The folder of one landing key's receipts."""
    return f"key-{key_hash(landing_key)}"


def listed(
    data: Store,
    folders: Iterable[str],
    statuses: Iterable[FileStatus] = FileStatus,
    dry_run: bool = False,
    after: str = "",
) -> Iterator[Entry]:
    """The receipts of some folders, newest first, from behind a mark on; a LIST per folder and status, and another
    for each thousand, so take no more than wanted."""
    kind, chosen = _DRY if dry_run else _LANDED, [*statuses]
    return heapq.merge(*(_entries(data, kind + folder, status, after) for folder in folders for status in chosen))


def called(data: Store, receipt_id: str) -> Iterator[Entry]:
    """The receipts of one id, newest first, those of dry runs last: there are several where the same bytes came into
    the same slot again."""
    for dry_run in (False, True):
        yield from listed(data, [_of_id(receipt_id)], dry_run=dry_run)


def _of_id(receipt_id: str) -> str:
    return f"id-{receipt_id}"


def _entries(data: Store, folder: str, status: str, after: str) -> Iterator[Entry]:
    prefix = f"{_INDEX}{folder}/{status}/"
    # '0' comes right after '/': behind everything that has this mark
    for name in data.names(prefix, f"{prefix}{after}0" if after else ""):
        mark, _, place = name.removeprefix(prefix).partition("/")
        yield Entry(mark, status, keys.RECEIPTS + place)
