"""What the landing bucket says now: its history with the verdicts on it, the methods in force, the current files.

The landing bucket is the log and this is its reading: a pure function of two listings, so whoever reads later
never knows less. Nothing here depends on the order in which events arrived.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared import acts, keys, tables
from shared.acts import Decided, LandedAct, ReadAct
from shared.errors import NotReady
from shared.facts import Facts
from shared.keys import CURRENT, PREVIEW, REJECTED, Slot, VerdictName, content_id, key_hash
from shared.method.load import Method
from shared.parts import STATEMENT, LeftOut, SlotFile, Stated, contested, settle
from shared.store import Landed, Store
from shared.verdicts import Rules, method_rules_for, rules_for

if TYPE_CHECKING:
    import pandas as pd


class Log:
    """One look at the landing bucket's history (newest entry of each key first) and at the verdicts."""

    def __init__(
        self,
        history: Sequence[Landed],
        verdicts: Sequence[VerdictName],
        read_act: ReadAct = lambda _: None,
    ) -> None:
        self.history = history
        self._read_act = read_act
        self._outcomes = {(v.dataset, v.contract_id, v.key_hash, v.version_id): v.outcome for v in verdicts}
        self._judged = {(v.key_hash, v.version_id) for v in verdicts}

    @classmethod
    def read(cls, landing: Store, data: Store) -> "Log":
        """List the landing bucket first: a verdict that is missing then only means that ingest has yet to come."""
        return cls._of(landing, data, ("",))

    @classmethod
    def of_methods(cls, landing: Store, data: Store) -> "Log":
        """The same of methods and acts alone: what it takes to know which methods are in force."""
        return cls._of(landing, data, (keys.ACTS_PREFIX, keys.METHOD_PREFIX), f"{method_rules_for().dataset}/")

    @classmethod
    def _of(cls, landing: Store, data: Store, prefixes: Sequence[str], of_verdicts: str = "") -> "Log":
        history = [entry for prefix in prefixes for entry in landing.history(prefix)]
        names = [keys.verdict_name(name) for name in data.names(keys.VERDICTS + of_verdicts)]
        return cls(history, names, acts.reader(landing))

    def only(self, versions: Collection[tuple[str, str]]) -> "Log":
        """The log as if nothing but these versions, by landing key and version id, had ever been landed."""
        wanted = set(versions)
        log = copy(self)
        log.history = [entry for entry in self.history if (entry.key, entry.version_id) in wanted]
        return log

    def outcome(self, entry: Landed, rules: Rules) -> str | None:
        """A file_id (or method_id), `rejected`, or None while there is no verdict under these rules."""
        return self._outcomes.get((rules.dataset, rules.contract_id, key_hash(entry.key), entry.version_id))

    def judged_before(self, entry: Landed) -> bool:
        """Whether some earlier build or method has a verdict on this version."""
        return (key_hash(entry.key), entry.version_id) in self._judged

    def by_key(self) -> Iterator[tuple[str, list[Landed]]]:
        """Each key with its live versions, newest first: those above its newest delete marker."""
        for key, entries in groupby(self.history, key=lambda entry: entry.key):
            live = []
            for entry in entries:
                if entry.deleted:
                    break
                live.append(entry)
            yield key, live

    def acts(self) -> Iterator[LandedAct]:
        """The acts that were not withdrawn, newest first; each is read when it is reached. What is landed over an act
        and is none leaves it as it was."""
        numbered = [(number, live) for key, live in self.by_key() if (number := acts.number_of(key))]
        for _, live in sorted(numbered, reverse=True):
            act = next(filter(None, map(self._read_act, live)), None)
            if act:
                yield act

    def last_act(self) -> int:
        """The highest number any act ever had, withdrawn or not; 0 before the first."""
        return max((acts.number_of(entry.key) or 0 for entry in self.history), default=0)


class Snapshot(BaseModel):
    """The current file of every slot under one method, in slot order, and the files left out of it."""

    model_config = ConfigDict(frozen=True)

    method_id: str
    files: tuple[SlotFile, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def snapshot_id(self) -> str:
        """Content id, provenance included: two landings of the same bytes are two snapshots."""
        return content_id(self.model_dump(mode="json"))

    def file_ids(self) -> dict[str, str]:
        """What results depend on: slot → file_id, without provenance.

        Which of two overlapping parts is left out depends on when they were landed, which is no content. So files left
        out are named as such: without that, two landings in opposite order would be one release with two results.
        """
        used = {str(file.slot): file.file_id for file in self.files}
        return used | {f"{left.file.slot} left out": left.file.file_id for left in self.left_out}


class Look(NamedTuple):
    """A snapshot, the landing keys that still want a verdict, and whether files are being read anew."""

    snapshot: Snapshot
    unjudged: list[str]
    rereading: bool


class InForce(NamedTuple):
    """channel → method_id, and what operators decided about the current one, if anything."""

    methods: dict[str, str]
    decided: Decided | None


def in_force(log: Log) -> InForce:
    """Which methods the channels follow, and what operators decided.

    The current method is the one that was promoted (or rolled back to) last, else the first accepted; the preview is
    the newest accepted, if that is another. NotReady while there is none, or while a method that could be the one
    still lacks its verdict: which is first must not depend on which was judged first.
    """
    accepted, waiting = _accepted(log)
    decided = acts.decided(log.acts(), accepted, waiting)
    if not accepted:
        raise NotReady("no method has been landed and accepted yet")
    current = decided.method_id if decided else accepted[0]
    newest = accepted[-1]
    return InForce({CURRENT: current} | ({PREVIEW: newest} if newest != current else {}), decided)


def methods_in_force(log: Log) -> dict[str, str]:
    """channel → method_id; NotReady like `in_force`."""
    return in_force(log).methods


def accepted_methods(log: Log) -> list[str]:
    """The accepted methods that were not withdrawn, as landed one after the other; NotReady like `in_force`."""
    return _accepted(log)[0]


def _accepted(log: Log) -> tuple[list[str], bool]:
    """The accepted methods, as landed one after the other, and whether one of those landed has yet to be judged."""
    rules = method_rules_for()
    landed = sorted(
        ((entry.at, entry.key, -place, entry) for key, live in log.by_key() if key.startswith(keys.METHOD_PREFIX)
         for place, entry in enumerate(live)),
    )  # fmt: skip
    accepted: list[str] = []
    waiting = False
    for *_, entry in landed:
        outcome = log.outcome(entry, rules)
        if outcome is None and not accepted:
            raise NotReady(f"the method {entry.key} has no verdict yet")
        if outcome is None:
            waiting = True
        elif outcome != REJECTED:
            accepted.append(outcome)
    return accepted, waiting


def unjudged_methods(log: Log) -> list[str]:
    """The keys of landed methods that still want a verdict."""
    rules = method_rules_for()
    return [
        key
        for key, live in log.by_key()
        if key.startswith(keys.METHOD_PREFIX) and any(log.outcome(entry, rules) is None for entry in live)
    ]


def take(log: Log, method_id: str, method: Method, stated: Stated) -> Look:
    """The current file of every slot.

    A key's file is its newest accepted version above its newest delete marker, a slot's the newest of its keys'
    by (landed at, key): a rejected or unjudged version leaves the one before it current. Where a period comes in
    parts, `settle` has the last word, and may go back to any version; relations add up to one list, in which
    repeats count once.
    """
    keyed = [
        (key, rules, live)
        for key, live in log.by_key()
        if live and not key.startswith(keys.NOT_FILES)
        for rules in [rules_for(key, method)]
    ]
    in_parts = contested(
        [rules.slot for _, rules, _ in keyed if rules.slot and rules.contract and not rules.contract.relation]
    )
    candidates: dict[Slot, list[tuple[datetime, str, int, SlotFile]]] = {}
    unjudged: list[str] = []
    rereading = False
    for key, rules, live in keyed:
        for place, entry in enumerate(live):
            outcome = log.outcome(entry, rules)
            if outcome is None:
                unjudged.append(key)
                rereading = rereading or log.judged_before(entry)
            elif outcome != REJECTED and rules.slot is not None:
                file = SlotFile(
                    **rules.slot._asdict(),
                    file_id=outcome,
                    landing_key=key,
                    version_id=entry.version_id,
                    landed_at=entry.at,
                )
                candidates.setdefault(rules.slot, []).append((entry.at, key, -place, file))
                if rules.slot not in in_parts:
                    break
    newest_first = {slot: [file for *_, file in sorted(found, reverse=True)] for slot, found in candidates.items()}
    whole = [found[0] for slot, found in newest_first.items() if slot not in in_parts]
    parts = settle({slot: found for slot, found in newest_first.items() if slot in in_parts}, stated)
    files = tuple(sorted([*whole, *parts.files], key=lambda file: file.slot))
    snapshot = Snapshot(method_id=method_id, files=files, left_out=parts.left_out)
    return Look(snapshot, list(dict.fromkeys(unjudged)), rereading)


def read_method(data: Store, method_id: str) -> Method:
    """An accepted method, by id; a warm function parses each once, for content ids never change meaning."""
    return _read_method(data.bucket, method_id)


@cache
def _read_method(bucket: str, method_id: str) -> Method:
    return Method.from_json(Store(bucket).get(keys.method(method_id)).body)


def statements(data: Store) -> Stated:
    """Reads what accepted files state; a warm function reads each once."""
    return lambda file_id: _statements(data.bucket, file_id)


@lru_cache(maxsize=64)
def _statements(bucket: str, file_id: str) -> "pd.DataFrame":
    table = tables.from_bytes(Store(bucket).get(keys.curated(file_id)).body)
    return table.select(STATEMENT).to_pandas()


def read_facts(data: Store, snapshot: Snapshot) -> tuple[Facts, Mapping[str, Mapping[str, str]]]:
    """The curated tables of a snapshot as Facts, and each file's metadata by file_id."""
    import pandas as pd

    frames: dict[str, list[pd.DataFrame]] = {}
    about: dict[str, Mapping[str, str]] = {}
    read = data.get_all([keys.curated(file.file_id) for file in snapshot.files])
    for file, stored in zip(snapshot.files, read, strict=True):
        table = tables.from_bytes(stored.body)
        about[file.file_id] = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
        frames.setdefault(file.dataset, []).append(table.to_pandas().assign(period=file.period))
    return Facts({dataset: pd.concat(parts, ignore_index=True) for dataset, parts in frames.items()}), about
