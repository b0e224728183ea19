"""The log of landed files as a look remembers it: in groups, one for each period of a dataset.

A group's text has all that is known of its keys. What follows from it under a method is a pure function of the text and
the method, so it is kept as long as the text is the same, and no longer.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from shared import keys
from shared.ids import MethodId
from shared.keys import VerdictName, key_hash
from shared.landed import Landed
from shared.landing.history import Log
from shared.landing.parts import Excluded, Replaced, SlotFile
from shared.landing.snapshot import Snapshot, SnapshotResult
from shared.landing.verdicts import CONFORM_BUILD

LOOK_BUILD = 1
"""Raise it when other files could follow from the same log, or when it is remembered in another form: the log is then
read in full. A test compares the code with the digest recorded for this number."""

FORM = f"{LOOK_BUILD}.{CONFORM_BUILD}"
"""What is remembered in another form counts as forgotten. Verdicts are under other rules if CONFORM_BUILD is raised."""


class KeyLog(NamedTuple):
    """A landing key's history, newest first, and its verdicts: `<dataset>/<contract id>` → version → outcome."""

    history: list[Landed]
    verdicts: dict[str, dict[str, str]]

    def add(self, name: VerdictName) -> None:
        """Add a verdict on one of the versions."""
        self.verdicts.setdefault(f"{name.dataset}/{name.contract_id}", {})[name.version_id] = name.outcome


def log_of(key_logs: Mapping[str, KeyLog]) -> Log:
    """The log of some keys."""
    history = [entry for key_log in key_logs.values() for entry in key_log.history]
    names = [
        VerdictName(dataset, contract_id, key_hash(key), version, outcome)
        for key, key_log in key_logs.items()
        for rules, outcomes in key_log.verdicts.items()
        for dataset, contract_id in [rules.split("/")]
        for version, outcome in outcomes.items()
    ]
    return Log(history, names)


class GroupResult(BaseModel):
    """What follows from a group under a method: see `Snapshot` and `SnapshotResult`."""

    model_config = ConfigDict(frozen=True)

    files: tuple[SlotFile, ...]
    left_out: tuple[Excluded, ...]
    replaced: tuple[Replaced, ...]
    unjudged: tuple[str, ...]
    rereading: bool

    @classmethod
    def of(cls, result: SnapshotResult) -> Self:
        """The result of a look at the group alone."""
        snapshot, unjudged, rereading = result
        return cls(
            files=snapshot.files,
            left_out=snapshot.left_out,
            replaced=snapshot.replaced,
            unjudged=tuple(unjudged),
            rereading=rereading,
        )


class Group(BaseModel):
    """The keys of one period of a dataset: their log as text, how many versions and verdicts it has, and what follows
    under each method in force."""

    model_config = ConfigDict(frozen=True)

    text: str
    size: int
    results: dict[MethodId, GroupResult] = {}

    @classmethod
    def of(cls, key_logs: Mapping[str, KeyLog]) -> Self:
        """The group of some keys. The same log gives the same text."""
        plain = {
            key: [
                [[entry.version_id, entry.at.isoformat(), entry.deleted] for entry in key_logs[key].history],
                key_logs[key].verdicts,
            ]
            for key in key_logs
        }
        size = sum(len(one.history) + sum(map(len, one.verdicts.values())) for one in key_logs.values())
        return cls(text=json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False), size=size)

    def key_logs(self) -> dict[str, KeyLog]:
        """The log of each key."""
        return {
            key: KeyLog(
                [Landed(key, version, datetime.fromisoformat(at), deleted) for version, at, deleted in history],
                verdicts,
            )
            for key, (history, verdicts) in json.loads(self.text).items()
        }


class RememberedLog(BaseModel):
    """All groups, and keys that divide listings into parts of about the same length (none if they are short)."""

    model_config = ConfigDict(frozen=True)

    form: str
    groups: dict[str, Group]
    landing_bounds: tuple[str, ...] = ()
    verdict_bounds: tuple[str, ...] = ()

    def result(self, method_id: MethodId) -> SnapshotResult:
        """The result of a look at all groups, from the results of each."""
        results = [group.results[method_id] for group in self.groups.values()]
        snapshot = Snapshot(
            method_id=method_id,
            files=tuple(sorted((file for one in results for file in one.files), key=lambda file: file.slot)),
            left_out=tuple(sorted((left for one in results for left in one.left_out), key=lambda left: left.file.slot)),
            replaced=tuple(sorted((lost for one in results for lost in one.replaced), key=lambda lost: lost.file.slot)),
        )
        unjudged = sorted(key for one in results for key in one.unjudged)
        return SnapshotResult(snapshot, unjudged, any(one.rereading for one in results))

    def size(self) -> int:
        """The number of versions, delete markers and verdicts."""
        return sum(group.size for group in self.groups.values())

    def covers(self, methods: Collection[MethodId]) -> bool:
        """Whether all groups have a result under these methods: verdicts under them were looked for."""
        return all(group.results.keys() >= set(methods) for group in self.groups.values())

    def unjudged(self) -> set[str]:
        """The keys that had no verdict under one of the methods."""
        results = (result for group in self.groups.values() for result in group.results.values())
        return {key for result in results for key in result.unjudged}


def group_of(key: str) -> str:
    """The name of a landing key's group: its first two folders."""
    return "/".join(key.split("/", 2)[:2])


def is_file(key: str) -> bool:
    """Whether a landing key is one of a data file, well named or not: of others nothing is remembered."""
    return not key.startswith(keys.NOT_FILES)


def changed_keys(before: RememberedLog, after: RememberedLog) -> set[str]:
    """The keys of which the two differ."""
    return set(_changed_keys(before, after))


def _changed_keys(before: RememberedLog, after: RememberedLog) -> Iterator[str]:
    for name in before.groups.keys() | after.groups.keys():
        groups = before.groups.get(name), after.groups.get(name)
        if not all(groups) or len({group.text for group in groups if group}) > 1:
            one, other = (group.key_logs() if group else {} for group in groups)
            yield from (key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
