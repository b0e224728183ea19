"""The index of receipts: empty objects whose keys alone list the receipts, newest first.

Each receipt has an entry in four folders: all receipts, those of its dataset's folder, of its landing key, and of its
id. Each folder is divided into accepted and rejected, and ordered by a time that counts down, so that one LIST gives
the newest. Dry runs have folders of their own. Writing an entry again changes nothing.

A version that was judged again, by another method, may have both an accepted and a rejected entry: the receipt itself
says which one is right. Entries under its earlier ids still lead to it.
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
    """One receipt: its `mark` (the time of landing, counting down, and 8 hex digits that distinguish receipts of one
    second), the status of the entry, and `place`, the receipt's key."""

    mark: str
    status: str
    place: str


def receipt_id(landing_key: str, version_id: str, file_id: FileId | None) -> str:
    """The id of a receipt: the file id if the file was accepted, else a hash of the landed version. 32 hex digits."""
    return file_id or digest(landing_key, version_id)


def names(landing_key: str, version_id: str, landed_at: datetime, status: str, file_id: FileId | None) -> Iterator[str]:
    """The keys of one receipt's entries."""
    kind = _DRY if landing_key.startswith(keys.DRY_RUN_PREFIX) else _LANDED
    mark = countdown(landed_at) + digest(landing_key, version_id)[:8]
    receipt = keys.receipt(landing_key, version_id).removeprefix(keys.RECEIPTS)
    by_id = _of_id(receipt_id(landing_key, version_id, file_id))
    for folder in (EVERYTHING, of_folder(folder_of(landing_key)), of_key(landing_key), by_id):
        yield f"{_INDEX}{kind}{folder}/{status}/{mark}/{receipt}"


def countdown(at: datetime) -> str:
    """How the marks of a second begin: an earlier time is a larger number."""
    return f"{_LAST_SECOND - int(at.timestamp()):010d}"


def of_folder(folder: str) -> str:
    """The index folder for one folder of the landing bucket (a dataset's name)."""
    return f"folder-{key_hash(folder)}"


def of_key(landing_key: str) -> str:
    """The index folder for one landing key."""
    return f"key-{key_hash(landing_key)}"


def listed(
    data: Store,
    folders: Iterable[str],
    statuses: Iterable[FileStatus] = FileStatus,
    dry_run: bool = False,
    after: str = "",
) -> Iterator[Entry]:
    """The receipts in some index folders, newest first; only those older than the mark `after`, if it is not empty.

    It costs one LIST for each folder and status, and another for each thousand entries, so take only what is needed."""
    kind, listed_statuses = _DRY if dry_run else _LANDED, [*statuses]
    sources = [_entries(data, kind + folder, status, after) for folder in folders for status in listed_statuses]
    return heapq.merge(*sources)


def called(data: Store, receipt_id: str) -> Iterator[Entry]:
    """The receipts with one id, newest first, dry runs last. There are several if the same bytes were landed more than
    once in the same slot."""
    for dry_run in (False, True):
        yield from listed(data, [_of_id(receipt_id)], dry_run=dry_run)


def _of_id(receipt_id: str) -> str:
    return f"id-{receipt_id}"


def _entries(data: Store, folder: str, status: str, after: str) -> Iterator[Entry]:
    prefix = f"{_INDEX}{folder}/{status}/"
    # '0' is the character after '/', so this starts after every entry with the mark.
    for name in data.names(prefix, f"{prefix}{after}0" if after else ""):
        mark, _, receipt = name.removeprefix(prefix).partition("/")
        yield Entry(mark, status, keys.RECEIPTS + receipt)
