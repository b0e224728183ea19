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
from shared.landing.decisions import DecisionsInForce, LandedDecision, ReadDecision
from shared.landing.verdicts import Rules, method_rules_for
from shared.statuses import FileStatus


class Log:
    """The landing bucket's history (each key's newest entry first) and the verdicts, both listed once."""

    def __init__(
        self,
        history: Sequence[Landed],
        verdicts: Sequence[VerdictName],
        read_decision: ReadDecision = lambda _: None,
    ) -> None:
        self.history = history
        self._read_decision = read_decision
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
        """Whether an earlier build or another method gave this version a verdict."""
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

    def decisions(self) -> Iterator[LandedDecision]:
        """The decisions that were not withdrawn, newest first; each is read when it is reached. A later version of a
        decision's key that is not a decision is ignored."""
        numbered = [(number, live) for key, live in self.by_key() if (number := decisions.number_of(key))]
        for _, live in sorted(numbered, reverse=True):
            decision = next(filter(None, map(self._read_decision, live)), None)
            if decision:
                yield decision

    def last_decision(self) -> int:
        """The highest number of any decision, withdrawn or not; 0 before the first."""
        return max((decisions.number_of(entry.key) or 0 for entry in self.history), default=0)


class InForce(NamedTuple):
    """channel → method_id, and the decisions about the current channel; None if there are none."""

    methods: dict[str, MethodId]
    decisions: DecisionsInForce | None


def in_force(log: Log) -> InForce:
    """Which methods the channels follow, and what operators decided.

    The current method is the one that was last promoted or rolled back to; without such a decision, the first accepted
    one. The preview method is the newest accepted one, if that is a different one. NotReady while no method is
    accepted, or while a method that could be the current one has no verdict: the order of judging must not matter.
    """
    accepted, waiting = _accepted(log)
    decided = decisions.decisions_in_force(log.decisions(), accepted, waiting)
    if not accepted:
        raise NotReady("no method has been landed and accepted yet")
    current = decided.method_id if decided else accepted[0]
    newest = accepted[-1]
    return InForce({CURRENT: current} | ({PREVIEW: newest} if newest != current else {}), decided)


def methods_in_force(log: Log) -> dict[str, MethodId]:
    """channel → method_id; NotReady like `in_force`."""
    return in_force(log).methods


def accepted_methods(log: Log) -> list[MethodId]:
    """The accepted methods that were not withdrawn, in order of landing; NotReady like `in_force`."""
    return _accepted(log)[0]


def _accepted(log: Log) -> tuple[list[MethodId], bool]:
    """The accepted methods in order of landing, and whether a landed method still has no verdict."""
    rules = method_rules_for()
    methods = sorted(
        ((entry.at, entry.key, -place, entry) for key, live in log.by_key() if key.startswith(keys.METHOD_PREFIX)
         for place, entry in enumerate(live)),
    )  # fmt: skip
    accepted: list[MethodId] = []
    waiting = False
    for *_, entry in methods:
        outcome = log.outcome(entry, rules)
        if outcome is None and not accepted:
            raise NotReady(f"the method {entry.key} has no verdict yet")
        if outcome is None:
            waiting = True
        elif outcome != FileStatus.REJECTED:
            accepted.append(MethodId(outcome))
    return accepted, waiting


def unjudged_methods(log: Log) -> list[str]:
    """The keys of landed methods that have no verdict yet."""
    rules = method_rules_for()
    return [
        key
        for key, live in log.by_key()
        if key.startswith(keys.METHOD_PREFIX) and any(log.outcome(entry, rules) is None for entry in live)
    ]
