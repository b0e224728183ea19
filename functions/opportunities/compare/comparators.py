"""Whom a trust is compared with: the peers table as places among the trusts, by group and period."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.compare.benchmarks import benchmarks
from shared.facts.facts import Facts
from shared.method.opportunities import NATIONAL, Benchmark
from shared.method.peer_groups import NationalGroup, PeerGroup, SameAttributeGroup
from shared.method.terms import Period, Ref
from shared.statuses import PeerRole


class Members(NamedTuple):
    """`places` (t × k): the comparators' places among the trusts, -1 for none. `has_set` (t): in the group at all."""

    places: Whole
    has_set: Flags


class Against(NamedTuple):
    """What t trusts are held against in m columns: how many comparators have a value, whether there is a peer set at
    all (both t × m); benchmarks, and those with one comparator left out, as in `Benchmarks`."""

    counts: Whole
    has_set: Flags
    marks: Floats
    left_out: Floats


_PAIR = ["group_id", "period", "trust_code", "peer_code"]


class _Key(NamedTuple):
    group: str
    period: Period | None


class Sets:
    """`peers`: columns group_id, trust_code, peer_code, role, period of the table PEERS."""

    def __init__(self, peers: pd.DataFrame, trusts: pd.Index, facts: Facts, groups: Mapping[str, PeerGroup]) -> None:
        own = peers["trust_code"] == peers["peer_code"]
        pairs = peers[(peers["role"] == PeerRole.PEER) & ~own].drop_duplicates(_PAIR)
        self._nobody = pairs.iloc[:0]
        self._pairs = {str(group): rows for group, rows in pairs.groupby("group_id")}
        self._trusts, self._facts, self._groups = trusts, facts, groups
        self._members: dict[_Key, Members] = {}
        self._stated: dict[str, list[Period]] = {}

    def against(
        self,
        values: Floats,
        groups: Sequence[str | None],
        periods: Sequence[Period | None],
        ends: Sequence[Sequence[Benchmark]],
        lower_is_better: Flags,
        *,
        leaving_out: bool = False,
    ) -> Against:
        """Compare each column of `values` (t × m) within its group as it was in its period; None with nobody.

        Columns of one group and period are taken together.
        """
        keys = [self._key(group, period) if group else None for group, period in zip(groups, periods, strict=True)]
        shape = values.shape
        left_out = np.full((2 if leaving_out else 0, len(ends), *shape), np.nan)
        found = Against(np.zeros(shape, np.int64), np.ones(shape, bool), np.full(left_out.shape[1:], np.nan), left_out)
        for key in dict.fromkeys(filter(None, keys)):
            columns = [column for column, other in enumerate(keys) if other == key]
            members = self._of(key)
            rules = [[end[column] for column in columns] for end in ends]
            places = None if members is None else members.places
            part = benchmarks(values[:, columns], places, rules, lower_is_better[columns], leaving_out=leaving_out)
            found.counts[:, columns] = part.counts
            found.marks[..., columns] = part.marks
            found.left_out[..., columns] = part.left_out
            if members is not None:
                found.has_set[:, columns] = members.has_set[:, None]
        return found

    def _key(self, group: str, period: Period | None) -> _Key:
        """A group and, where it goes by an attribute that changes, the attribute's period that holds the last day."""
        definition = self._groups.get(group)
        if period is None or not isinstance(definition, SameAttributeGroup):
            return _Key(group, None)
        if group not in self._stated:
            self._stated[group] = self._facts.periods(Ref.parse(definition.attribute))
        stated = (one for one in self._stated[group] if one.start <= period.end <= one.end)
        return _Key(group, max(stated, default=None))

    def _of(self, key: _Key) -> Members | None:
        """None for everyone."""
        if key.group == NATIONAL or isinstance(self._groups.get(key.group), NationalGroup):
            return None
        if key not in self._members:
            self._members[key] = self._read(*key)
        return self._members[key]

    def _read(self, group: str, period: Period | None) -> Members:
        pairs, definition = self._pairs.get(group, self._nobody), self._groups.get(group)
        typed = np.zeros(len(self._trusts), dtype=bool)
        if isinstance(definition, SameAttributeGroup):
            ref = Ref.parse(definition.attribute)
            label = self._facts.label(ref.dataset, period) if period else ""
            pairs = pairs.loc[pairs["period"] == label]
            if period is not None:
                typed = self._facts.at(ref, period)["text"].reindex(self._trusts).notna().to_numpy(dtype=bool)
        trust = self._trusts.get_indexer(pd.Index(pairs["trust_code"]))
        peer = self._trusts.get_indexer(pd.Index(pairs["peer_code"]))
        # Being alone in one's type is a group too small; having no type is no group at all.
        has_set = typed | (np.bincount(trust[trust >= 0], minlength=len(typed)) > 0)
        return Members(_padded(trust, peer, len(self._trusts)), has_set)


def _padded(trust: Whole, peer: Whole, trusts: int) -> Whole:
    """Pairs of places as one row a trust, filled up with -1. Pairs with someone who has no row (-1) are left out."""
    known = (trust >= 0) & (peer >= 0)
    order = np.lexsort((peer[known], trust[known]))
    trust, peer = trust[known][order], peer[known][order]
    counts = np.bincount(trust, minlength=trusts)
    places = np.full((trusts, max(1, int(counts.max(initial=0)))), -1, dtype=np.int64)
    first = np.cumsum(counts) - counts
    places[trust, np.arange(len(trust)) - first[trust]] = peer
    return places
