"""Names of objects: how landing keys are read, and where everything derived from them stands.

Pure string work. What is computed is named by its content, so writing twice changes nothing.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from shared.content import content_id, digest
from shared.ids import FileId, MethodId, ReleaseId, SnapshotId

METHOD_PREFIX = "method/"
DRY_RUN_PREFIX = "dry-run/"
DECISIONS_PREFIX = "decisions/"
NOT_FILES = (METHOD_PREFIX, DRY_RUN_PREFIX, DECISIONS_PREFIX)
"""Landing keys that no snapshot of files reads."""

VERDICTS = "verdicts/"
RECEIPTS = "receipts/"
RELEASES = "releases/"
DRY_RUNS = "dry-runs/"
HISTORY = "history/"
FEEDBACK = "feedback/"
UPLOADS = "uploads/"
IN_NO_LANDING_BUCKET = (HISTORY, FEEDBACK, UPLOADS)
"""What cannot be made again from what was landed: when readers saw what, what they had to say, and uploads on their
way."""
CURRENT, PREVIEW = "current", "preview"
CHANNELS = (CURRENT, PREVIEW)

_LONGEST_NAMED = 800
_LAST_SEQUENCE = 9_999_999_999
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Slot(NamedTuple):
    """What a file speaks of: one dataset, one period, and perhaps one part of it ('' for the whole)."""

    dataset: str
    period: str
    part: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, self))


class BadKey(ValueError):
    """A landing key that is not `<dataset>/<period>[/<part>]/<file>`; the message says what to do."""


def slot_of(key: str) -> Slot:
    """Read a landing key; BadKey if it names no slot."""
    *folders, file = key.split("/")
    if not file or len(folders) not in (2, 3):
        raise BadKey(
            f"The file was landed as {key!r}; land it as <dataset>/<period>/<file>, "
            "or as <dataset>/<period>/<part>/<file> where a period comes in parts."
        )
    for folder in folders:
        if not _NAME.fullmatch(folder):
            raise BadKey(
                f"The folder {folder!r} of {key!r} may hold letters, digits, '_', '.' and '-' only; "
                "rename it and land the file again."
            )
    return Slot(*folders)


def key_hash(key: str) -> str:
    """A landing key as one path segment of fixed length (keys may hold slashes, spaces, anything)."""
    return digest(key)[:16]


def curated(file_id: FileId) -> str:
    """Where an accepted file's typed table stands."""
    return f"curated/{file_id}.parquet"


def verdict(dataset: str, contract_id: str, key: str, version_id: str, outcome: str) -> str:
    """The verdict on one landed version under one contract; `outcome` is a file_id or `rejected`."""
    return f"{VERDICTS}{dataset}/{contract_id}/{key_hash(key)}/{version_id}/{outcome}"


class VerdictName(NamedTuple):
    """A verdict's key, read back."""

    dataset: str
    contract_id: str
    key_hash: str
    version_id: str
    outcome: str


def verdict_name(key: str) -> VerdictName:
    """Read a verdict's key back into its parts."""
    return VerdictName(*key.removeprefix(VERDICTS).split("/"))


def receipt(key: str, version_id: str) -> str:
    """Where the supplier's receipt for one landed version stands.

    A key may have 1,024 bytes, so a landing key that leaves no room for the rest is named by its hash: a receipt that
    cannot be written would end among the dead letters.
    """
    hashed = f"{DRY_RUN_PREFIX if key.startswith(DRY_RUN_PREFIX) else ''}{key_hash(key)}"
    named = key if len(key.encode()) <= _LONGEST_NAMED else hashed
    return f"{RECEIPTS}{named}/{version_id}.json"


def findings_csv(receipt: str) -> str:
    """Where a receipt's findings stand for spreadsheets: not among receipts, whose folder Athena reads whole."""
    return f"findings-csv/{receipt.removeprefix(RECEIPTS).removesuffix('.json')}.csv"


def upload(upload_id: str) -> str:
    """Where it stands which landing key an upload is for, and who asked for it."""
    return f"{UPLOADS}{upload_id}.json"


def method(method_id: MethodId) -> str:
    """Where the parsed documents of an accepted method stand."""
    return f"methods/{method_id}.json"


def peers(peers_id: ReleaseId) -> str:
    """Where a computed set of peer groups stands."""
    return f"peers/{peers_id}.parquet"


def characteristics(peers_id: ReleaseId) -> str:
    """Where stands what a set of peer groups was made from: every trust's characteristics."""
    return f"characteristics/{peers_id}.parquet"


def findings(peers_id: ReleaseId) -> str:
    """Where stands what the checks across files found, in the snapshot that a set of peer groups was made from."""
    return f"findings/{peers_id}.parquet"


def snapshot(snapshot_id: SnapshotId) -> str:
    """Where a snapshot of the landing bucket stands."""
    return f"snapshots/{snapshot_id}.json"


def table_folder(table: str) -> str:
    """Where all releases' tables of one kind stand: Athena reads whole folders."""
    return f"tables/{table}/"


def release(release_id: ReleaseId, name: str) -> str:
    """One object of a release: `opportunities.parquet`, `manifest.json`, …"""
    if name.endswith(".parquet"):
        return f"{table_folder(name.removesuffix('.parquet'))}release_id={release_id}/{name}"
    return f"{RELEASES}{release_id}/{name}"


def export(release_id: ReleaseId, name: str) -> str:
    """A table of a release written anew in another form, where it is too large for one answer of the API."""
    return f"exports/{release_id}/{name}"


def trial_file(file_id: FileId) -> str:
    """Where the typed table of an accepted dry-run file stands: never among the curated ones."""
    return f"{DRY_RUNS}files/{file_id}.parquet"


def trial(release_id: ReleaseId, name: str) -> str:
    """One object of a private run, by the id of the release that would come of it."""
    return f"{DRY_RUNS}{release_id}/{name}"


def channel(name: str) -> str:
    """A channel's pointer."""
    return f"channels/{name}.json"


def shown(channel_name: str, sequence: int, at: str, release_id: ReleaseId) -> str:
    """What a channel showed before its present pointer: the newest first in S3's order, told by the name alone."""
    return f"{HISTORY}{channel_name}/{_LAST_SEQUENCE - sequence:010d}/{at}/{release_id}.json"


class ShownName(NamedTuple):
    """The key of an earlier pointer, read back; `at` as it was given."""

    sequence: int
    at: str
    release_id: ReleaseId


def shown_name(key: str) -> ShownName:
    """Read the key of an earlier pointer back into its parts."""
    _, _, inverted, at, name = key.split("/")
    return ShownName(_LAST_SEQUENCE - int(inverted), at, ReleaseId(name.removesuffix(".json")))


def comparison(current: ReleaseId, preview: ReleaseId) -> str:
    """Where the comparison of two releases stands, the current and the preview one."""
    return f"comparisons/{current}/{preview}.json"


def release_id(files: Mapping[str, str], method_id: MethodId, build: int) -> ReleaseId:
    """What a release is called: current file_ids by slot, method, build, and nothing else."""
    return ReleaseId(content_id({"files": dict(files), "method": method_id, "build": build}))
