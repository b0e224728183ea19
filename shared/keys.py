"""Object keys: how landing keys are read, and the keys of everything that is derived from landed files.

Pure string functions. What is computed is named by its content, so writing it twice changes nothing.
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
"""Prefixes of landing keys that are not data files."""

VERDICTS = "verdicts/"
RECEIPTS = "receipts/"
RELEASES = "releases/"
DRY_RUNS = "dry-runs/"
HISTORY = "history/"
FEEDBACK = "feedback/"
UPLOADS = "uploads/"
COMPARISONS = "comparisons/"
SHARDS = "shards/"
SERIES = "series/"
REMEMBERED_LOG = "log/remembered.json"
"""What the last look at the landing bucket saw."""
IN_NO_LANDING_BUCKET = (HISTORY, FEEDBACK, UPLOADS)
"""What cannot be made again from the landing bucket: the channels' history, readers' feedback, requested uploads."""
CURRENT, PREVIEW = "current", "preview"
CHANNELS = (CURRENT, PREVIEW)

_LONGEST_NAMED = 800
_LAST_SEQUENCE = 9_999_999_999
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Slot(NamedTuple):
    """What a file is about: a dataset, a period, and a part of the period ('' if the file is the whole period)."""

    dataset: str
    period: str
    part: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, self))


class BadKey(ValueError):
    """A landing key that is not `<dataset>/<period>[/<part>]/<file>`; the message names the remedy."""


def slot_of(key: str) -> Slot:
    """The slot that a landing key names; BadKey if it names none."""
    *folders, file = key.split("/")
    if not file or len(folders) not in (2, 3):
        raise BadKey(
            f"The file was landed as {key!r}; land it as <dataset>/<period>/<file>, "
            "or as <dataset>/<period>/<part>/<file> if the period comes in parts."
        )
    for folder in folders:
        if not _NAME.fullmatch(folder):
            raise BadKey(
                f"The folder {folder!r} in {key!r} must start with a letter or digit and have only letters, digits, "
                "'_', '.' and '-'; rename it and land the file again."
            )
    return Slot(*folders)


def key_hash(key: str) -> str:
    """A landing key as one path segment of 16 hex digits: a key may have slashes, spaces and any other character."""
    return digest(key)[:16]


def curated(file_id: FileId) -> str:
    """The key of an accepted file's typed table."""
    return f"curated/{file_id}.parquet"


def verdict(dataset: str, contract_id: str, key: str, version_id: str, outcome: str) -> str:
    """The key of the verdict on one landed version under one contract; `outcome` is a file_id or `rejected`."""
    return f"{verdicts_of(dataset, contract_id, key)}{version_id}/{outcome}"


def verdicts_of(dataset: str, contract_id: str, key: str) -> str:
    """The prefix of the verdicts on all versions of a landing key under one contract."""
    return f"{VERDICTS}{dataset}/{contract_id}/{key_hash(key)}/"


class VerdictName(NamedTuple):
    """The parts of a verdict's key."""

    dataset: str
    contract_id: str
    key_hash: str
    version_id: str
    outcome: str


def verdict_name(key: str) -> VerdictName:
    """The parts of a verdict's key."""
    return VerdictName(*key.removeprefix(VERDICTS).split("/"))


def receipt(key: str, version_id: str) -> str:
    """The key of the supplier's receipt for one landed version.

    S3 allows 1,024 bytes for a key, so a very long landing key is replaced by its hash: otherwise the receipt could not
    be written and the message would end in the dead-letter queue.
    """
    hashed = f"{DRY_RUN_PREFIX if key.startswith(DRY_RUN_PREFIX) else ''}{key_hash(key)}"
    folder = key if len(key.encode()) <= _LONGEST_NAMED else hashed
    return f"{RECEIPTS}{folder}/{version_id}.json"


def findings_csv(receipt: str) -> str:
    """The key of a receipt's findings as CSV. It is outside the receipts' folder, all of which Athena reads."""
    return f"findings-csv/{receipt.removeprefix(RECEIPTS).removesuffix('.json')}.csv"


def upload(upload_id: str) -> str:
    """The key of a requested upload: its landing key, and who requested it."""
    return f"{UPLOADS}{upload_id}.json"


def method(method_id: MethodId) -> str:
    """The key of an accepted method's parsed documents."""
    return f"methods/{method_id}.json"


def peers(peers_id: ReleaseId) -> str:
    """The key of a computed set of peer groups."""
    return f"peers/{peers_id}.parquet"


def group(group_key: str) -> str:
    """The key of one computed peer group, by the content of what it is computed from."""
    return f"groups/{group_key}.parquet"


def begun_group(group_key: str) -> str:
    """The key of a large peer group without its stability, whose draws are counted in parts."""
    return f"draws/{group_key}/begun.parquet"


def draws(group_key: str) -> str:
    """The key of what the draws of a large peer group are counted from."""
    return f"draws/{group_key}/inputs.zip"


def draws_part(group_key: str, start: int, stop: int) -> str:
    """The key of the counts of some draws of a large peer group, from `start` to before `stop`."""
    return f"draws/{group_key}/{start}-{stop}.npy"


def known(known_id: str) -> str:
    """The key of what peers knows of a dataset: its findings, who reports, and what groups are made of."""
    return f"datasets/{known_id}.zip"


def characteristics(peers_id: ReleaseId) -> str:
    """The key of the characteristics of trusts from which a set of peer groups was computed."""
    return f"characteristics/{peers_id}.parquet"


def findings(peers_id: ReleaseId) -> str:
    """The key of the findings across files, for the snapshot from which a set of peer groups was computed."""
    return f"findings/{peers_id}.parquet"


def survey(survey_id: str) -> str:
    """The key of what a dataset's files have: which organisations, measures and periods."""
    return f"surveys/{survey_id}.zip"


def series(series_id: str) -> str:
    """The key of what a release needs of the computed shards of one metric. It is written after the series' tables and
    expires before them, so where it is, they are."""
    return f"{SHARDS}{series_id}.zip"


def series_table(series_id: str, table: str) -> str:
    """The key of a table of all shards of one metric: `metrics` or `trend`."""
    return f"{SERIES}{series_id}/{table}.parquet"


def plan(plan_id: str) -> str:
    """The key of what a state machine's executions compute side by side."""
    return f"plans/{plan_id}.json"


def snapshot(snapshot_id: SnapshotId) -> str:
    """The key of a snapshot of the landing bucket."""
    return f"snapshots/{snapshot_id}.json"


def table_folder(table: str) -> str:
    """The folder of one table of all releases: Athena reads whole folders."""
    return f"tables/{table}/"


def release(release_id: ReleaseId, name: str) -> str:
    """The key of one object of a release: `opportunities.parquet`, `manifest.json`, …"""
    if name.endswith(".parquet"):
        return f"{table_folder(name.removesuffix('.parquet'))}release_id={release_id}/{name}"
    return f"{RELEASES}{release_id}/{name}"


def part(release_id: ReleaseId, table: str, metric: str) -> str:
    """The key of the rows of one metric in a table of a release that has a file for each metric."""
    return f"{table_folder(table)}release_id={release_id}/{metric}.parquet"


def in_order(release_id: ReleaseId, name: str) -> str:
    """The key of a copy of a release's table in another order, outside the folders of tables, which Athena reads."""
    return f"{RELEASES}{release_id}/{name}.parquet"


def export(release_id: ReleaseId, name: str) -> str:
    """The key of a release's table in another format, for tables that are too large for one answer of the API."""
    return f"exports/{release_id}/{name}"


def dry_run_file(file_id: FileId) -> str:
    """The key of an accepted dry-run file's typed table, which is not among the curated ones."""
    return f"{DRY_RUNS}files/{file_id}.parquet"


def dry_run(release_id: ReleaseId, name: str) -> str:
    """The key of one object of a dry run; `release_id` is that of the release it would result in."""
    return f"{DRY_RUNS}{release_id}/{name}"


def channel(name: str) -> str:
    """The key of a channel's pointer."""
    return f"channels/{name}.json"


def earlier_pointer(channel_name: str, sequence: int, at: str, release_id: ReleaseId) -> str:
    """The key of an earlier pointer of a channel. The key alone has its facts, and S3 lists the newest first."""
    return f"{HISTORY}{channel_name}/{_LAST_SEQUENCE - sequence:010d}/{at}/{release_id}.json"


class EarlierPointer(NamedTuple):
    """The parts of an earlier pointer's key; `at` is text."""

    sequence: int
    at: str
    release_id: ReleaseId


def earlier_pointer_name(key: str) -> EarlierPointer:
    """The parts of an earlier pointer's key."""
    _, _, inverted, at, name = key.split("/")
    return EarlierPointer(_LAST_SEQUENCE - int(inverted), at, ReleaseId(name.removesuffix(".json")))


def comparison(current: ReleaseId, preview: ReleaseId) -> str:
    """The key of the comparison of the current release with the preview."""
    return f"{COMPARISONS}{current}/{preview}.json"


def release_id(files: Mapping[str, str], method_id: MethodId, build: int) -> ReleaseId:
    """The id of a release. It depends on its files (slot → file_id), its method and the build, and on nothing else."""
    return ReleaseId(content_id({"files": dict(files), "method": method_id, "build": build}))
