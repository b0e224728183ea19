"""Every peer group of a method as rows of one table: who is compared with whom."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.nearest import Neighbours, Standing, nearest
from functions.peers.ranking import Counts, Numbers
from functions.peers.stability import stability
from shared.facts import Facts, Ref
from shared.method.peer_groups import LandedListGroup, NearestGroup, SameAttributeGroup, SuccessorRule
from shared.population import Population
from shared.tables import PEERS

if TYPE_CHECKING:
    from shared.method.load import Method

_ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("group_id", "period_end", "trust_code", "role", "rank", "peer_code")
]


def peer_groups(facts: Facts, method: "Method") -> pa.Table:
    """The members of every group but the national one: schema `PEERS`, sorted by its keys."""
    programme = method.programme
    population = Population(facts, programme)
    tables = [PEERS.empty_table()]
    for group_id, group in method.peer_groups.items():
        if isinstance(group, NearestGroup):
            tables.append(_nearest(group_id, group, facts, population))
        elif isinstance(group, SameAttributeGroup):
            tables.append(_members(group_id, _same_attribute(group, facts, population)))
        elif isinstance(group, LandedListGroup):
            tables.append(_members(group_id, _landed_list(group, facts)))
    return pa.concat_tables(tables).sort_by(_ORDER).combine_chunks()


class Characteristics(NamedTuple):
    """Trusts in code order, their values (n × m, NaN = missing) and the label of the period they are from."""

    codes: list[str]
    matrix: Numbers
    period: str
    period_end: date


def _characteristics(group: NearestGroup, facts: Facts, population: Population) -> Characteristics | None:
    """The newest values of a group's variables, each dataset at its own newest period; None if none is landed."""
    refs = [Ref.parse(variable.measure) for variable in group.variables]
    newest = {
        name: facts.newest([ref for ref in refs if ref.dataset == name]) for name in {ref.dataset for ref in refs}
    }
    columns, labels, ends = [], [], []
    for ref in refs:
        period = newest[ref.dataset]
        if period is None:
            columns.append(pd.Series(dtype=float))
            continue
        rows = facts.at(ref, period)
        columns.append(rows["value"].where(rows["state"] == "value").astype(float))
        labels.append(facts.label(ref.dataset, period))
        ends.append(period.end)
    table = pd.concat(columns, axis=1, keys=range(len(refs)))
    table = table.dropna(how="all")  # who states none of them has no characteristics, and must not pass for a zero
    table = table[[population.is_trust(str(code)) for code in table.index]].sort_index()
    if table.empty:
        return None
    named = ", ".join(dict.fromkeys(labels))
    return Characteristics([str(code) for code in table.index], table.to_numpy(float), named, max(ends))


def _nearest(group_id: str, group: NearestGroup, facts: Facts, population: Population) -> pa.Table:
    known = _characteristics(group, facts, population)
    if known is None:
        return PEERS.empty_table()
    stands_for = _stands_for(group.successors, facts, population)
    listed, standing = _standing(known.codes, stands_for)
    if not listed:
        return PEERS.empty_table()
    alike = _alike(known.codes, stands_for, _newest_text(facts, Ref.parse(group.within))) if group.within else None
    found = nearest(known.matrix, group, standing, alike)
    firm = stability(known.matrix, group, found, standing, alike)
    return _ranked(group_id, group, known, listed, found, firm)


def _stands_for(rule: SuccessorRule, facts: Facts, population: Population) -> Callable[[str], Sequence[str]]:
    """Who is listed where a code is near: itself, the trusts that took over, or nobody where it closed without any."""
    if rule.rule == "listed":
        return lambda code: rule.pairs.get(code, (code,))
    if rule.rule == "none":
        return lambda code: (code,)
    at = _newest_day(facts, population.successors_dataset)
    gone = {code for code, last in population.closed.items() if last < at}
    return lambda code: [
        each for each in population.successors.present(code, at) if each not in gone and population.is_trust(each)
    ]


def _newest_day(facts: Facts, aside: str) -> date:
    """The newest day that figures are held for; successions may be dated ahead and do not count (dataset `aside`)."""
    days = [table["period_end"].dropna() for dataset, table in facts.tables.items() if dataset != aside]
    return max((rows.max() for rows in days if len(rows)), default=date.max)


def _standing(codes: list[str], stands_for: Callable[[str], Sequence[str]]) -> tuple[list[str], Standing]:
    """The codes that lists may name, sorted, and how trusts stand for them."""
    named = [sorted(set(stands_for(code))) for code in codes]
    listed = sorted({each for group in named for each in group})
    place = {code: t for t, code in enumerate(listed)}
    width = max(map(len, named), default=0) or 1
    stands = np.full((len(codes), width), -1, dtype=np.intp)
    for p, group in enumerate(named):
        stands[p, : len(group)] = [place[each] for each in group]
    itself = np.array([[place.get(code, -1)] for code in codes], dtype=np.intp)
    return listed, Standing(stands, np.hstack([itself, stands]))


def _newest_text(facts: Facts, ref: Ref) -> dict[str, str]:
    """An attribute in its newest period: code → text, where stated."""
    period = facts.newest([ref])
    rows = facts.at(ref, period) if period is not None else facts.rows(ref).set_index("code")
    return {str(code): text for code, text in rows.loc[rows["state"] == "value", "text"].items()}


def _alike(codes: list[str], stands_for: Callable[[str], Sequence[str]], texts: dict[str, str]) -> Counts:
    """Equal numbers for equal texts, -1 for none.

    A code without a text, as it has merged since, takes that of whoever stands for it, if they agree.
    """
    stated = []
    for code in codes:
        inherited = {texts.get(each) for each in stands_for(code)}
        stated.append(texts.get(code) or (inherited.pop() if len(inherited) == 1 else None))
    return pd.factorize(pd.Series(stated, dtype="str"))[0]


def _ranked(
    group_id: str, group: NearestGroup, known: Characteristics, listed: list[str], found: Neighbours, firm: Numbers
) -> pa.Table:
    n = len(found.row)
    names = np.array([Ref.parse(variable.measure).measure for variable in group.variables])
    held = ~np.isnan(found.contributions)
    shares = pa.MapArray.from_arrays(
        np.r_[0, held.sum(axis=1).cumsum()].astype(np.int32),
        pa.array(np.broadcast_to(names, held.shape)[held], pa.string()),
        pa.array(found.contributions[held]),
    )
    return _table(
        n,
        group_id=[group_id] * n,
        trust_code=np.array(known.codes)[found.row],
        rank=found.rank,
        peer_code=np.array(listed)[found.peer],
        distance=found.distance,
        variables_used=found.variables_used,
        stability=pa.array(firm, from_pandas=True),
        contributions=shares,
        role=np.where(found.runner_up, "runner_up", "peer"),
        period=[known.period] * n,
        period_end=[known.period_end] * n,
    )


class Members(NamedTuple):
    """Trusts and their peers, unranked, of one period; `period_end` is None for a list, which has no days."""

    period: str
    period_end: date | None
    trust_codes: Sequence[str]
    peer_codes: Sequence[str]


def _same_attribute(group: SameAttributeGroup, facts: Facts, population: Population) -> Iterator[Members]:
    ref = Ref.parse(group.attribute)
    for period in facts.periods(ref):
        rows = facts.at(ref, period)
        texts = rows.loc[(rows["state"] == "value") & rows["text"].notna(), "text"]
        texts = texts[[population.is_trust(str(code)) for code in texts.index]]
        alike = pd.DataFrame({"code": texts.index, "text": texts.to_numpy()})
        pairs = alike.merge(alike, on="text", suffixes=("", "_peer"))
        pairs = pairs[pairs["code"] != pairs["code_peer"]]
        yield Members(facts.label(ref.dataset, period), period.end, pairs["code"].tolist(), pairs["code_peer"].tolist())


def _landed_list(group: LandedListGroup, facts: Facts) -> Iterator[Members]:
    rows = facts.rows(Ref.parse(group.measure))
    pairs = rows.loc[(rows["period"] == group.list) & (rows["state"] == "value"), ["code", "text"]].drop_duplicates()
    pairs = pairs[pairs["code"] != pairs["text"]]
    yield Members(group.list, None, pairs["code"].tolist(), pairs["text"].tolist())


def _members(group_id: str, parts: Iterator[Members]) -> pa.Table:
    tables = [PEERS.empty_table()]
    for part in parts:
        n = len(part.trust_codes)
        tables.append(
            _table(
                n,
                group_id=[group_id] * n,
                trust_code=part.trust_codes,
                peer_code=part.peer_codes,
                role=["peer"] * n,
                period=[part.period] * n,
                period_end=[part.period_end] * n,
            )
        )
    return pa.concat_tables(tables)


def _table(rows: int, **columns: Any) -> pa.Table:
    """Rows of `PEERS`; columns not given are null."""
    return pa.table(
        {
            field.name: pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in PEERS
        },
        schema=PEERS,
    )
