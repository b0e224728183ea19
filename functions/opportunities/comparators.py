"""Whom a trust is compared with: the peers table as index pairs, by group and period."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shared.facts import Facts, Period, Ref
from shared.method.load import Method
from shared.method.peer_groups import SameAttributeGroup

Whole = NDArray[np.int64]
FEWEST = 5
"""So many values a group needs before its median says what is plausible."""


class Sets:
    """`peers`: columns group_id, trust_code, peer_code, role, period. Trusts and peers become places in `trusts`."""

    fewest = FEWEST

    def __init__(self, peers: pd.DataFrame, trusts: Sequence[str], facts: Facts, method: Method) -> None:
        self._facts, self._method = facts, method
        self._codes = pd.Index(trusts)
        members = peers[(peers["role"] == "peer") & (peers["trust_code"] != peers["peer_code"])]
        self._groups = dict(iter(members.groupby("group_id")))

    def pairs(self, group: str, period: Period) -> tuple[Whole, Whole]:
        """(trust, peer) places of a group's pairs; of the given period where its attribute is dated."""
        trust, peer = self._both(group, period)
        known = (trust >= 0) & (peer >= 0)
        return trust[known], peer[known]

    def has_set(self, group: str, period: Period) -> NDArray[np.bool_]:
        """Which trusts are in the group at all, even where they are its only member."""
        found = np.zeros(len(self._codes), dtype=bool)
        definition = self._method.peer_groups.get(group)
        if isinstance(definition, SameAttributeGroup):
            stated = self._facts.at(Ref.parse(definition.attribute), period)["text"].reindex(self._codes)
            return stated.notna().to_numpy(dtype=bool)
        trust, _ = self._both(group, period)
        found[trust[trust >= 0]] = True
        return found

    def _both(self, group: str, period: Period) -> tuple[Whole, Whole]:
        members = self._groups.get(group)
        if members is None:
            nobody = np.zeros(0, dtype=np.int64)
            return nobody, nobody
        definition = self._method.peer_groups.get(group)
        if isinstance(definition, SameAttributeGroup):
            ref = Ref.parse(definition.attribute)
            at = self._facts.at(ref, period)
            label = str(at["period"].iloc[-1]) if len(at) else ""
            members = members[members["period"] == label]
        return self._codes.get_indexer(members["trust_code"]), self._codes.get_indexer(members["peer_code"])
