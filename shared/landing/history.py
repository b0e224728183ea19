"""The landing bucket's history with the verdicts on it, and the methods in force."""

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from itertools import groupby
from typing import NamedTuple

from shared import keys
from shared.errors import NotReady
from shared.ids import MethodId
from shared.keys import CURRENT, PREVIEW, VerdictName, key_hash
from shared.landed import Landed
from shared.landing import decisions
from shared.landing.decisions import Decided, LandedDecision, ReadDecision
from shared.landing.verdicts import Rules, method_rules_for
from shared.statuses import FileStatus


class Log:
    """One look at the landing bucket's history (newest entry of each key first) and at the verdicts."""

    def __init__(
        self,
        history: Sequence[Landed],
        verdicts: Sequence[VerdictName],
        read_act: ReadDecision = lambda _: None,
    ) -> None:
        self.history = history
        self._read_act = read_act
        self._outcomes = {(v.dataset, v.contract_id, v.key_hash, v.version_id): v.outcome for v in verdicts}
        self._judged = {(v.key_hash, v.version_id) for v in verdicts}

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

    def acts(self) -> Iterator[LandedDecision]:
        """The acts that were not withdrawn, newest first; each is read when it is reached. What is landed over an act
        and is none leaves it as it was."""
        numbered = [(number, live) for key, live in self.by_key() if (number := decisions.number_of(key))]
        for _, live in sorted(numbered, reverse=True):
            act = next(filter(None, map(self._read_act, live)), None)
            if act:
                yield act

    def last_act(self) -> int:
        """The highest number any act ever had, withdrawn or not; 0 before the first."""
        return max((decisions.number_of(entry.key) or 0 for entry in self.history), default=0)


class InForce(NamedTuple):
    """channel → method_id, and what operators decided about the current one, if anything."""

    methods: dict[str, MethodId]
    decided: Decided | None


def in_force(log: Log) -> InForce:
    """Which methods the channels follow, and what operators decided.

    The current method is the one that was promoted (or rolled back to) last, else the first accepted; the preview is
    the newest accepted, if that is another. NotReady while there is none, or while a method that could be the one
    still lacks its verdict: which is first must not depend on which was judged first.
    """
    accepted, waiting = _accepted(log)
    decided = decisions.decided(log.acts(), accepted, waiting)
    if not accepted:
        raise NotReady("no method has been landed and accepted yet")
    current = decided.method_id if decided else accepted[0]
    newest = accepted[-1]
    return InForce({CURRENT: current} | ({PREVIEW: newest} if newest != current else {}), decided)


def methods_in_force(log: Log) -> dict[str, MethodId]:
    """channel → method_id; NotReady like `in_force`."""
    return in_force(log).methods


def accepted_methods(log: Log) -> list[MethodId]:
    """The accepted methods that were not withdrawn, as landed one after the other; NotReady like `in_force`."""
    return _accepted(log)[0]


def _accepted(log: Log) -> tuple[list[MethodId], bool]:
    """The accepted methods, as landed one after the other, and whether one of those landed has yet to be judged."""
    rules = method_rules_for()
    landed = sorted(
        ((entry.at, entry.key, -place, entry) for key, live in log.by_key() if key.startswith(keys.METHOD_PREFIX)
         for place, entry in enumerate(live)),
    )  # fmt: skip
    accepted: list[MethodId] = []
    waiting = False
    for *_, entry in landed:
        outcome = log.outcome(entry, rules)
        if outcome is None and not accepted:
            raise NotReady(f"the method {entry.key} has no verdict yet")
        if outcome is None:
            waiting = True
        elif outcome != FileStatus.REJECTED:
            accepted.append(MethodId(outcome))
    return accepted, waiting


def unjudged_methods(log: Log) -> list[str]:
    """The keys of landed methods that still want a verdict."""
    rules = method_rules_for()
    return [
        key
        for key, live in log.by_key()
        if key.startswith(keys.METHOD_PREFIX) and any(log.outcome(entry, rules) is None for entry in live)
    ]
