"""Peer groups: the facts and a method in, the table of peers out. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.nearest import Floats, Neighbours, Space, Whole, nearest, shares, space
from shared.facts import Facts, Period, Ref
from shared.method.load import Method
from shared.method.peer_groups import LandedListGroup, NearestGroup, PeerGroup, SameAttributeGroup
from shared.population import Population
from shared.tables import PEERS

PEER, RUNNER_UP = "peer", "runner_up"


def peer_groups(facts: Facts, method: Method) -> pa.Table:
    """Every group's peers but the national one's, which is everyone: schema `PEERS`, sorted.

    Groups of one attribute have members for each period in which it was stated, as types change; nearest groups use
    the newest period in which any of their variables was. Successions count up to the newest day held.
    """
    population = Population(facts, method.programme)
    parts = [_group(name, group, facts, population) for name, group in method.peer_groups.items()]
    frame = pd.concat([part for part in parts if len(part)] or [_frame([])], ignore_index=True)
    frame = frame.sort_values(["group_id", "period", "trust_code", "role", "rank", "peer_code"], kind="stable")
    return pa.Table.from_pandas(frame[PEERS.names], schema=PEERS, preserve_index=False).replace_schema_metadata(None)


def _group(name: str, group: PeerGroup, facts: Facts, population: Population) -> pd.DataFrame:
    if isinstance(group, NearestGroup):
        found = _nearest(group, facts, population)
    elif isinstance(group, SameAttributeGroup):
        found = _same_attribute(group, facts, population)
    elif isinstance(group, LandedListGroup):
        found = _landed(group, facts)
    else:
        found = _frame([])
    return found.assign(group_id=name)


def _frame(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=[name for name in PEERS.names if name != "group_id"])


# ---- everyone with the same attribute, and lists ------------------------------------------------------------------


def _same_attribute(group: SameAttributeGroup, facts: Facts, population: Population) -> pd.DataFrame:
    ref = Ref.parse(group.attribute)
    parts = []
    for period in facts.periods(ref):
        stated = facts.at(ref, period)
        held = stated[_trusts(stated.index, population) & stated["text"].notna()]
        one = pd.DataFrame({"trust_code": held.index, "attribute": held["text"].to_numpy()})
        pairs = one.merge(one.rename(columns={"trust_code": "peer_code"}), on="attribute")
        pairs = pairs[pairs["trust_code"] != pairs["peer_code"]]
        parts.append(pairs.assign(period=facts.label(ref.dataset, period), period_end=period.end))
    if not parts:
        return _frame([])
    found = pd.concat(parts, ignore_index=True)
    return found.assign(role=PEER).reindex(columns=[name for name in PEERS.names if name != "group_id"])


def _landed(group: LandedListGroup, facts: Facts) -> pd.DataFrame:
    rows = facts.rows(Ref.parse(group.measure))
    rows = rows[(rows["period"] == group.list) & (rows["code"] != rows["text"]) & rows["text"].notna()]
    rows = rows.sort_values(["code", "row"], kind="stable").drop_duplicates(["code", "text"])
    found = pd.DataFrame({"trust_code": rows["code"], "peer_code": rows["text"], "period": rows["period"]})
    found["rank"] = found.groupby("trust_code").cumcount() + 1
    return found.assign(role=PEER).reindex(columns=[name for name in PEERS.names if name != "group_id"])


# ---- nearest ------------------------------------------------------------------------------------------------------


class _Lists(NamedTuple):
    """Finished lists, n × width: place in `codes` of each member (-1: none), the trust it was found as, and its rank.

    `rank` counts members from 1; `runner` says which of them only come after the peers.
    """

    member: Whole
    found_as: Whole
    rank: Whole
    runner: np.ndarray


def _nearest(group: NearestGroup, facts: Facts, population: Population) -> pd.DataFrame:
    refs = [Ref.parse(variable.measure) for variable in group.variables]
    period = facts.newest(refs)
    if period is None:
        return _frame([])
    codes, raw = _characteristics(facts, refs, period, population)
    if len(codes) < 2:
        return _frame([])
    groups = _within(group, facts, codes)
    finish = _Finisher(group, codes, population, _newest_day(facts))
    scaled = space(raw, group.variables, group.missing, group.distance)
    lists = finish(scaled, groups)
    stable = _stability(group, raw, groups, finish, lists)
    trust, place = np.nonzero(lists.member >= 0)
    found_as = lists.found_as[trust, place]
    share, used = shares(scaled, trust, found_as)
    distance = _distance(scaled, trust, found_as)
    labels = [variable.measure.partition(".")[2] for variable in group.variables]
    label = facts.label(refs[0].dataset, period)
    return _frame(
        {
            "trust_code": codes[i],
            "rank": int(lists.rank[i, j]),
            "peer_code": finish.codes[lists.member[i, j]],
            "distance": float(distance[row]),
            "variables_used": int(used[row]),
            "stability": float(stable[i, j]),
            "contributions": list(zip(labels, share[row].tolist(), strict=True)),
            "role": RUNNER_UP if lists.runner[i, j] else PEER,
            "period": label,
            "period_end": period.end,
        }
        for row, (i, j) in enumerate(zip(trust.tolist(), place.tolist(), strict=True))
    )


def _characteristics(
    facts: Facts, refs: Sequence[Ref], period: Period, population: Population
) -> tuple[list[str], Floats]:
    """Trusts in code order and their n × m raw values, NaN where there is none, whatever the reason."""
    columns = [facts.at(ref, period)["value"] for ref in refs]
    table = pd.concat(columns, axis=1, keys=range(len(refs)))
    table = table[_trusts(table.index, population)].sort_index()
    return [str(code) for code in table.index], table.to_numpy(dtype=float)


def _trusts(codes: Iterable[str], population: Population) -> np.ndarray:
    return np.array([population.is_trust(code) for code in codes], dtype=bool)


def _within(group: NearestGroup, facts: Facts, codes: list[str]) -> Whole | None:
    if group.within is None:
        return None
    ref = Ref.parse(group.within)
    period = facts.newest([ref])
    stated = facts.at(ref, period)["text"].reindex(codes) if period else pd.Series(None, index=codes, dtype=object)
    numbers, _ = pd.factorize(stated)
    return np.asarray(numbers, dtype=np.int64)


def _newest_day(facts: Facts) -> date:
    """The newest day that any file speaks of: content, so that the same files always give the same peers."""
    ends = [day for table in facts.tables.values() for day in table["period_end"].unique() if isinstance(day, date)]
    return max(ends, default=date.max)


class _Finisher:
    """Rankings to finished lists: members become who they are now, repeats and oneself are dropped, gaps are refilled."""

    def __init__(self, group: NearestGroup, codes: list[str], population: Population, at: date) -> None:
        self.group = group
        image = [self._now(code, population, at) for code in codes]
        self.codes = sorted({*codes, *(code for codes_now in image for code in codes_now)})
        number = {code: place for place, code in enumerate(self.codes)}
        width = max(map(len, image), default=1) or 1
        self._image = np.full((len(codes), width), -1, dtype=np.int64)
        self._own = np.full((len(codes), width + 1), -2, dtype=np.int64)
        for i, (code, codes_now) in enumerate(zip(codes, image, strict=True)):
            self._image[i, : len(codes_now)] = [number[now] for now in codes_now]
            self._own[i, : len(codes_now) + 1] = [number[code], *(number[now] for now in codes_now)]

    def _now(self, code: str, population: Population, at: date) -> tuple[str, ...]:
        rule = self.group.successors
        if rule.rule == "listed":
            return (rule.pairs.get(code, code),)
        if rule.rule == "dated":
            now = population.successors.present(code, at)
            return tuple(c for c in now if c not in population.closed or population.closed[c] > at)
        return (code,)

    def __call__(self, scaled: Space, groups: Whole | None) -> _Lists:
        """The lists of every trust, deep enough to hold k peers and the runners-up where there are so many."""
        wanted, most = self.group.k + self.group.runners_up, len(self._image) - 1
        depth = wanted + (16 if self._refills else 0)
        while True:
            depth = min(depth, most)
            lists = self._finish(nearest(scaled, depth, groups))
            if not self._refills or depth == most or (lists.member >= 0).sum(axis=1).min() >= wanted:
                return lists
            depth *= 2

    @property
    def _refills(self) -> bool:
        return self.group.successors.rule != "none" and self.group.successors.refill

    def _finish(self, ranking: Neighbours) -> _Lists:
        n, depth = ranking.index.shape
        width = self._image.shape[1]
        member = np.where(ranking.index[:, :, None] >= 0, self._image[ranking.index], -1).reshape(n, depth * width)
        found_as = np.repeat(ranking.index, width, axis=1)
        place = np.repeat(np.arange(depth), width)[None, :]
        keep = (member >= 0) & ~(member[:, :, None] == self._own[:, None, :]).any(axis=2)
        keep &= _first_of_its_kind(np.where(keep, member, -1))
        rank = np.cumsum(keep, axis=1)
        k, last = self.group.k, self.group.k + self.group.runners_up
        order = rank if self._refills else place + 1
        keep &= order <= last
        return _Lists(np.where(keep, member, -1), found_as, rank, keep & (order > k))


def _first_of_its_kind(member: Whole) -> np.ndarray:
    """Which entries of each row have not stood further left."""
    order = np.argsort(member, axis=1, kind="stable")
    ordered = np.take_along_axis(member, order, axis=1)
    repeat = np.zeros_like(ordered, dtype=bool)
    repeat[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    first = np.empty_like(repeat)
    np.put_along_axis(first, order, ~repeat, axis=1)
    return first


def _stability(
    group: NearestGroup,
    raw: Floats,
    groups: Whole | None,
    finish: Callable[[Space, Whole | None], _Lists],
    lists: _Lists,
) -> Floats:
    """How often each member stays (a runner-up: becomes) a peer when all raw values are shaken, rescaled each time."""
    rng = np.random.default_rng(group.stability.seed)
    rows = np.arange(len(raw))[:, None]
    stayed = np.zeros(lists.member.shape)
    width = int(lists.member.max(initial=0)) + len(raw) + 1
    for _ in range(group.stability.draws):
        shaken = raw * (1 + group.stability.noise * rng.standard_normal(raw.shape))
        drawn = finish(space(shaken, group.variables, group.missing, group.distance), groups)
        member = np.zeros((len(raw), width), dtype=bool)
        peer = (drawn.member >= 0) & ~drawn.runner
        member[np.nonzero(peer)[0], drawn.member[peer]] = True
        stayed += member[rows, np.maximum(lists.member, 0)]
    return stayed / group.stability.draws


def _distance(scaled: Space, one: Whole, other: Whole) -> Floats:
    delta = scaled.values[one] - scaled.values[other]
    parts = scaled.weights * (np.abs(delta) if scaled.cityblock else delta**2)
    weight = np.where(np.isnan(delta), 0.0, scaled.weights).sum(axis=1)
    total: Floats = np.nansum(parts, axis=1) / weight
    return total if scaled.cityblock else np.sqrt(total)
