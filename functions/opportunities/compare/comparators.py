"""A trust's comparators: the peers table as places among the trusts, and attributes by period."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.compare.benchmarks import benchmarks
from shared.facts.facts import Facts
from shared.method.opportunities import NATIONAL, Benchmark
from shared.method.peer_groups import NationalGroup, PeerGroup, SameAttributeGroup
from shared.method.terms import Period
from shared.statuses import PeerRole

_SHORT = 33
"""Up to this number of trusts with the same text are listed one by one, all at once, which is faster than each such
group by itself. More are compared in order of size, so that memory does not grow with their square."""


class GroupMembers(NamedTuple):
    """`places` (t × k): the comparators' places among the trusts, -1 for none. `has_set` (t): in the group at all.
    `alike`: places of trusts that are each other's comparators, and have none in `places`."""

    places: Whole
    has_set: Flags
    alike: Sequence[Whole] = ()


class GroupBenchmarks(NamedTuple):
    """For t trusts in m columns: how many comparators have a value, and whether there is a peer set at all (both
    t × m); benchmarks, and those with one comparator left out, as in `Benchmarks`."""

    counts: Whole
    has_set: Flags
    benchmarks: Floats
    left_out: Floats


class Among(NamedTuple):
    """t × m: how many of a trust's comparators are better than it, how many are equal, and how many there are."""

    better: Whole
    equal: Whole
    total: Whole


_PAIR = ["group_id", "trust_code", "peer_code"]


class _Key(NamedTuple):
    group: str
    period: Period | None
    itself: bool = False


class PeerSets:
    """`peers`: columns group_id, trust_code, peer_code, role of the table PEERS."""

    def __init__(self, peers: pd.DataFrame, trusts: pd.Index, facts: Facts, groups: Mapping[str, PeerGroup]) -> None:
        own = peers["trust_code"] == peers["peer_code"]
        pairs = peers[(peers["role"] != PeerRole.RUNNER_UP) & ~own].drop_duplicates(_PAIR)
        self._no_pairs = pairs.iloc[:0]
        self._pairs = {str(group): rows for group, rows in pairs.groupby("group_id")}
        self._trusts, self._facts, self.groups = trusts, facts, groups
        self._members: dict[_Key, GroupMembers] = {}
        self._attribute_periods: dict[str, list[Period]] = {}
        self._period_of: dict[tuple[str, Period], Period | None] = {}

    def benchmarks(
        self,
        values: Floats,
        groups: Sequence[str | None],
        periods: Sequence[Period | None],
        ends: Sequence[Sequence[Benchmark]],
        lower_is_better: Flags,
        *,
        itself: Sequence[bool] | None = None,
        leaving_out: bool = False,
    ) -> GroupBenchmarks:
        """Benchmarks of each column of `values` (t × m) in its group as it was in its period; none for the group None.

        `itself`: whether each trust is one of its own comparators; by default none is. Columns of one group and period
        are computed together.
        """
        keys = self._keys(groups, periods, itself or [False] * len(groups))
        shape = values.shape
        left_out = np.full((2 if leaving_out else 0, len(ends), *shape), np.nan)
        result = GroupBenchmarks(
            np.zeros(shape, np.int64), np.ones(shape, bool), np.full(left_out.shape[1:], np.nan), left_out
        )
        for key in dict.fromkeys(filter(None, keys)):
            columns = [column for column, other in enumerate(keys) if other == key]
            members = self._of(key)
            rules = [[end[column] for column in columns] for end in ends]
            part = benchmarks(
                values[:, columns],
                self._places(key),
                rules,
                lower_is_better[columns],
                alike=() if members is None else members.alike,
                itself=key.itself,
                leaving_out=leaving_out,
            )
            result.counts[:, columns] = part.counts
            result.benchmarks[..., columns] = part.benchmarks
            result.left_out[..., columns] = part.left_out
            if members is not None:
                result.has_set[:, columns] = members.has_set[:, None]
        return result

    def among(
        self, own: Floats, others: Floats, groups: Sequence[str | None], periods: Sequence[Period | None]
    ) -> Among:
        """How the comparators compare with each trust itself. `own` and `others` (t × m): small is good, NaN is no
        value; there are no comparators in the group None."""
        result = Among(*(np.zeros(own.shape, np.int64) for _ in Among._fields))
        keys = self._keys(groups, periods, [False] * len(groups))
        for key in dict.fromkeys(filter(None, keys)):
            columns = [column for column, other in enumerate(keys) if other == key]
            mine, theirs, members = own[:, columns], others[:, columns], self._of(key)
            if members is None:
                for table, part in zip(result, _among_all(mine, theirs), strict=True):
                    table[:, columns] = part
                continue
            padded = np.vstack([theirs, np.full((1, len(columns)), np.nan)])
            for place in members.places.T:
                result.better[:, columns] += padded[place] < mine
                result.equal[:, columns] += padded[place] == mine
                result.total[:, columns] += ~np.isnan(padded[place])
            for group in members.alike:
                for table, part in zip(result, _among_all(mine[group], theirs[group]), strict=True):
                    table[np.ix_(group, columns)] = part
        return result

    def _keys(
        self, groups: Sequence[str | None], periods: Sequence[Period | None], itself: Sequence[bool]
    ) -> list[_Key | None]:
        return [
            self._key(group, period)._replace(itself=own) if group else None
            for group, period, own in zip(groups, periods, itself, strict=True)
        ]

    def _places(self, key: _Key) -> Whole | None:
        """The places of each trust's comparators (t × k), with its own last if it is one of them; None for all."""
        members = self._of(key)
        if members is None or not key.itself:
            return None if members is None else members.places
        listed = members.has_set.copy()
        listed[[place for group in members.alike for place in group]] = False
        own = np.where(listed, np.arange(len(members.places)), -1)
        return np.hstack([members.places, own[:, None]])

    def _key(self, group: str, period: Period | None) -> _Key:
        """A group and, if it depends on an attribute that changes, the attribute's period with the last day."""
        definition = self.groups.get(group)
        if period is None or not isinstance(definition, SameAttributeGroup):
            return _Key(group, None)
        return _Key(group, self.period_of(group, period))

    def period_of(self, group: str, period: Period | None) -> Period | None:
        """The period of a group's attribute with the last day of a period; None for a group without an attribute."""
        definition = self.groups.get(group)
        if period is None or not isinstance(definition, SameAttributeGroup):
            return None
        if group not in self._attribute_periods:
            self._attribute_periods[group] = [period for period, _ in self._facts.first_of(definition.attributes)]
        if (group, period) not in self._period_of:
            held = (one for one in self._attribute_periods[group] if one.start <= period.end <= one.end)
            self._period_of[group, period] = max(held, default=None)
        return self._period_of[group, period]

    def _of(self, key: _Key) -> GroupMembers | None:
        """None for all trusts."""
        if key.group == NATIONAL or isinstance(self.groups.get(key.group), NationalGroup):
            return None
        if (pair := _Key(key.group, key.period)) not in self._members:
            self._members[pair] = self._read(key.group, key.period)
        return self._members[pair]

    def _read(self, group: str, period: Period | None) -> GroupMembers:
        definition = self.groups.get(group)
        if isinstance(definition, SameAttributeGroup):
            ref = dict(self._facts.first_of(definition.attributes)).get(period) if period else None
            rows = self._facts.at(ref, period) if ref and period else None
            texts = None if rows is None else rows.loc[rows["state"] == "value", "text"].reindex(self._trusts)
            return _with_same_text(np.full(len(self._trusts), -1) if texts is None else pd.factorize(texts)[0])
        pairs = self._pairs.get(group, self._no_pairs)
        trust = self._trusts.get_indexer(pd.Index(pairs["trust_code"]))
        peer = self._trusts.get_indexer(pd.Index(pairs["peer_code"]))
        # A trust without a mutual peer has a group that is too small.
        has_set = np.bincount(trust[trust >= 0], minlength=len(self._trusts)) > 0
        is_peer = pairs["role"].to_numpy() == PeerRole.PEER
        return GroupMembers(_padded(trust[is_peer], peer[is_peer], len(self._trusts)), has_set)


def _with_same_text(numbers: Whole) -> GroupMembers:
    """The members of a group by attribute. `numbers` (t): equal for trusts with the same text, -1 for none.

    A trust that is alone with its text has a group that is too small; a trust without a text has no group.
    """
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers + 1, minlength=1))
    groups = np.split(order, ends[:-1])[1:]
    short = [group for group in groups if len(group) <= _SHORT]
    places = np.full((len(numbers), max(1, *(len(group) - 1 for group in short), 1)), -1, dtype=np.int64)
    for group in short:
        n = len(group)
        places[group, : n - 1] = np.broadcast_to(group, (n, n))[~np.eye(n, dtype=bool)].reshape(n, n - 1)
    return GroupMembers(places, numbers >= 0, [group for group in groups if len(group) > _SHORT])


def _among_all(own: Floats, others: Floats) -> Among:
    """How each of some trusts compares with the others of them. `own` and `others` (t × m) as in `PeerSets.among`."""
    result = Among(*(np.zeros(own.shape, np.int64) for _ in Among._fields))
    known = ~np.isnan(others)
    ordered, itself = np.sort(others, axis=0), known & (others == own)  # NaN last
    for column in range(own.shape[1]):
        values = ordered[: known[:, column].sum(), column]
        below = np.searchsorted(values, own[:, column], "left")
        result.better[:, column] = below
        result.equal[:, column] = np.searchsorted(values, own[:, column], "right") - below - itself[:, column]
        result.total[:, column] = len(values) - known[:, column]
    return result


def _padded(trust: Whole, peer: Whole, trusts: int) -> Whole:
    """Pairs of places as one row for each trust, filled up with -1, without the pairs of a trust without rows (-1)."""
    known = (trust >= 0) & (peer >= 0)
    order = np.lexsort((peer[known], trust[known]))
    trust, peer = trust[known][order], peer[known][order]
    counts = np.bincount(trust, minlength=trusts)
    places = np.full((trusts, max(1, int(counts.max(initial=0)))), -1, dtype=np.int64)
    first = np.cumsum(counts) - counts
    places[trust, np.arange(len(trust)) - first[trust]] = peer
    return places
