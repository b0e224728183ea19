"""Whose peers differ between two releases, group by group: of groups by attribute without their pairs, of which there
would be the square of the organisations."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.releases.contents import Contents, PeerPeriod, age
from shared.statuses import PeerRole

_PAIR = ("role", "trust_code", "peer_code", "period_end", "period")
_NONE: frozenset[str] = frozenset()


class PeerMove(NamedTuple):
    """A trust's peers in one group that differ: the labels of the two periods, and the codes in order."""

    group: str
    trust: str
    then: str | None
    now: str | None
    came: Sequence[str]
    went: Sequence[str]


class _Sets:
    """The peers of everyone in one group of one release. `labels` of the periods in which a trust has peers, oldest
    first. `shared`: all that are alike have one set, of which each is a peer of the others."""

    def __init__(self, contents: Contents, group: str) -> None:
        self.labels: dict[str, list[str | None]] = {}
        self._sets: dict[tuple[str, str | None], frozenset[str]] = {}
        self.shared = bool(contents.alike(group))
        by_period = _alike(contents, group) if self.shared else _paired(contents, group)
        for period in sorted(by_period, key=age):
            label = period[1]
            for trust, codes in by_period[period].items():
                if (trust, label) not in self._sets:
                    self.labels.setdefault(trust, []).append(label)
                self._sets[trust, label] = codes

    def of(self, trust: str, label: str | None) -> frozenset[str]:
        """A trust's peers in a period; if sets are `shared`, and the trust itself."""
        return self._sets.get((trust, label), _NONE)


def _paired(contents: Contents, group: str) -> dict[PeerPeriod, dict[str, frozenset[str]]]:
    codes: dict[PeerPeriod, dict[str, set[str]]] = {}
    for role, trust, peer, end, label in contents.where("peers", *_PAIR, group_id=group):
        if role == PeerRole.PEER:
            codes.setdefault((end, label), {}).setdefault(trust, set()).add(peer)
    return {
        period: {trust: frozenset(peers) for trust, peers in by_trust.items()} for period, by_trust in codes.items()
    }


def _alike(contents: Contents, group: str) -> dict[PeerPeriod, dict[str, frozenset[str]]]:
    """All that have a text share one set."""
    return {
        period: {code: alike for alike in by_text.values() if len(alike) > 1 for code in alike}
        for period, by_text in contents.classes(group).items()
    }


def peer_moves(before: Contents, after: Contents) -> Iterator[PeerMove]:
    """Sets of the same period compared, of the programme's own organisations; a newest period that is new, with the one
    that was newest."""
    above = before.above | after.above
    for group in sorted(before.groups | after.groups):
        old, new = _Sets(before, group), _Sets(after, group)
        differences: dict[tuple[frozenset[str], frozenset[str]], tuple[list[str], list[str]]] = {}
        for trust in old.labels.keys() | new.labels.keys():
            if trust in above:
                continue
            for then, now in _compared(old.labels.get(trust, ()), new.labels.get(trust, ())):
                was, has = old.of(trust, then), new.of(trust, now)
                if (was, has) not in differences:
                    differences[was, has] = sorted(has - was), sorted(was - has)
                came, went = differences[was, has]
                if old.shared or new.shared:
                    came, went = _without(came, trust), _without(went, trust)
                if came or went:
                    yield PeerMove(group, trust, then, now, came, went)


def _compared(old: Sequence[str | None], new: Sequence[str | None]) -> set[tuple[str | None, str | None]]:
    """The labels of the periods to compare, of those in which a trust has peers, oldest first."""
    pairs = {(label, label) for label in old if label in new}
    newest = tuple(next(reversed(labels), None) for labels in (old, new))
    if not old or not new or newest[0] != newest[1]:
        pairs.add((newest[0], newest[1]))
    return pairs


def _without(codes: list[str], trust: str) -> list[str]:
    place = bisect_left(codes, trust)
    return codes[:place] + codes[place + 1 :] if codes[place : place + 1] == [trust] else codes
