"""What of the data bucket is needed, and in which order the rest is deleted. Decided by keys alone; pure."""

import re
from collections.abc import Collection
from enum import Enum
from typing import NamedTuple

from shared import keys
from shared.ids import PATTERN
from shared.releases.write import MANIFEST


class Life(Enum):
    """How long objects of a kind stay."""

    STAYS = "stays"
    """Always: it is read whatever readers see, or it cannot be made again."""
    NAMED = "named"
    """As long as a release that is kept names it."""
    EXPIRES = "expires"
    """A lifecycle rule of the template deletes it, whatever names it: it is made again, or is not needed by then."""


class Kind(NamedTuple):
    """The objects under a prefix: what they are, and who needs them."""

    prefix: str
    life: Life
    what: str


KINDS = (
    Kind("channels/", Life.STAYS, "which releases are current: everything"),
    Kind(keys.HISTORY, Life.STAYS, "which releases were current: readers, rollback; in no other place"),
    Kind(keys.COMPARISONS, Life.NAMED, "previews compared with current releases: operators"),
    Kind(keys.RELEASES, Life.NAMED, "a release's manifest, method, shards, tables in a second order: readers"),
    Kind("tables/", Life.NAMED, "tables of releases: readers, Athena"),
    Kind("exports/", Life.NAMED, "tables as other files: readers; written again on request"),
    Kind("peers/", Life.NAMED, "peer groups from which a release is made"),
    Kind("characteristics/", Life.NAMED, "what those were made from: a release"),
    Kind("findings/", Life.NAMED, "findings across files from which a release is made"),
    Kind("snapshots/", Life.NAMED, "the files of a release: rollback"),
    Kind(keys.SHARDS, Life.NAMED, "what a release needs of a metric: the next release; computed again if missing"),
    Kind(keys.SERIES, Life.NAMED, "a metric's rows of the tables metrics and trend: the next release; likewise"),
    Kind("groups/", Life.EXPIRES, "single peer groups: the next release; computed again if missing"),
    Kind("datasets/", Life.EXPIRES, "what peers knows of datasets: the next release; made again if missing"),
    Kind("draws/", Life.EXPIRES, "counted draws of large peer groups, until the group is computed"),
    Kind("plans/", Life.EXPIRES, "items of the state machine's executions, until they are computed"),
    Kind("surveys/", Life.EXPIRES, "what files have: the next release; made again if missing"),
    Kind("curated/", Life.STAYS, "accepted files: the next release; a withdrawal brings earlier ones back"),
    Kind(keys.VERDICTS, Life.STAYS, "the outcome of each landed file: the next release"),
    Kind("methods/", Life.STAYS, "accepted methods: the next release, rollback"),
    Kind(keys.RECEIPTS, Life.STAYS, "receipts: suppliers"),
    Kind("receipt-index/", Life.STAYS, "lists of receipts: suppliers"),
    Kind("findings-csv/", Life.STAYS, "findings of receipts as CSV: suppliers"),
    Kind(keys.DRY_RUNS, Life.EXPIRES, "files of dry runs and what they would result in"),
    Kind(keys.UPLOADS, Life.EXPIRES, "requested uploads: ingest; in no other place"),
    Kind(keys.FEEDBACK, Life.STAYS, "readers' feedback: operators; in no other place"),
    Kind("log/", Life.STAYS, "what peers last saw of the landing bucket"),
)
_ID = re.compile(rf"(?<![0-9a-f]){PATTERN}(?![0-9a-f])")


def kind_of(key: str) -> Kind | None:
    """The kind of an object of the data bucket; None if it is not Headroom's."""
    return next((kind for kind in KINDS if key.startswith(kind.prefix)), None)


def ids_of(key: str) -> list[str]:
    """The ids that a key has."""
    return _ID.findall(key)


def needed(key: str, kept: Collection[str]) -> bool:
    """Whether an object has to stay. `kept`: the ids of the releases that are kept, and of the snapshots and series of
    shards that these name. An object without an id, or of no known kind, stays."""
    kind = kind_of(key)
    return kind is None or kind.life is not Life.NAMED or all(one in kept for one in ids_of(key))


def is_manifest(key: str) -> bool:
    """Whether an object is the manifest of a release."""
    return key.startswith(keys.RELEASES) and key.endswith(f"/{MANIFEST}")


def in_turn(key: str) -> tuple[int, str]:
    """The place of a key in the order of deletion.

    A release ends with its manifest, so that goes before all else: without it no reader, operator or function takes the
    release for a whole one. Peers end with `peers/`, which says that their characteristics and findings exist; a series
    ends with `shards/`, which says that its tables exist.
    """
    if key.startswith(keys.RELEASES):
        return (0 if is_manifest(key) else 1, key)
    return (2 if key.startswith(("peers/", keys.SHARDS)) else 3, key)
