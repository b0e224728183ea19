"""The facts of a further level: what its organisations are compared by, made of the rows of their members.

Figures of metrics are not made here: metrics add up their own numerators and denominators.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import cast

import pandas as pd

from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.facts.roll_up import KEY, added, weighted
from shared.method.method import Method
from shared.method.peer_groups import NearestGroup, SameAttributeGroup
from shared.method.programme import Level
from shared.method.terms import Ref


def facts_of_level(facts: Facts, level: Level, population: Population, method: Method) -> Facts:
    """For the measures by which organisations are compared (variables and texts of nearest groups, attributes, types):
    the rows that files have for an organisation of the level itself; else the sum over its members, a percentage
    weighted by what it is a percentage of, and a text that all members share. A member without a text shares none,
    unless the register says that it had closed, or had not opened, in the period.

    `population` is that of the programme's own organisations. A sum with a missing part is missing. Figures that
    neither add up nor have a weight are left out.
    """
    above = population.of_level(level)
    tables = {}
    for dataset, measures in compared(method):
        table = facts.by_organisation.get(dataset)
        if table is None:
            continue
        codes = [str(code) for code in table["code"].unique()]
        belongs = {code: population.member_of(level.id, code) for code in codes if population.is_trust(code)}
        rows = table[table["measure"].isin(measures)].drop_duplicates(KEY, keep="last")
        own = rows[rows["code"].isin(above.registered)]
        below = rows.assign(unit=rows["code"], code=rows["code"].map(belongs))
        below = below[below["code"].notna()]
        shared = _shared_by_all_members(below, population.members[level.id], population)
        parts = [own, *_made_of_members(below, dataset, facts), shared]
        together = pd.concat([part for part in parts if len(part)] or [rows.iloc[:0]], ignore_index=True)
        tables[dataset] = together.drop_duplicates(KEY, keep="first").assign(unit=None).reindex(columns=table.columns)
    return Facts(tables, facts.contracts)


def _made_of_members(rows: pd.DataFrame, dataset: str, facts: Facts) -> Iterator[pd.DataFrame]:
    contract = facts.contracts.get(dataset)
    measures = {} if contract is None else contract.measures
    adding = {name for name, one in measures.items() if one.adds_up} | (contract.derived.keys() if contract else set())
    yield added(rows[rows["measure"].isin(adding)])
    for name, one in sorted(measures.items()):
        if one.share_of is not None:
            yield weighted(rows, name, one.share_of)


def _shared_by_all_members(rows: pd.DataFrame, members: Mapping[str, str], population: Population) -> pd.DataFrame:
    """The texts that all members have alike, of rows with `unit` a member and `code` the organisation that it belongs
    to, for the members that the register places (`members`) and those that have rows."""
    parts = [rows.iloc[:0]]
    for days, landed in rows.groupby(["period_start", "period_end"], sort=False):
        start, end = cast("tuple[date, date]", days)
        there = {code: whole for code, whole in members.items() if _was_there(code, start, end, population)}
        size = Counter((there | dict(zip(landed["unit"], landed["code"], strict=True))).values())
        texts = landed[landed["text"].notna()]
        by_measure = texts.groupby(KEY)
        alike = by_measure["text"].transform("nunique") == 1
        of_all = by_measure["unit"].transform("nunique") == texts["code"].map(size)
        parts.append(texts[alike & of_all].drop_duplicates(KEY, keep="first"))
    return pd.concat(parts)


def _was_there(code: str, start: date, end: date, population: Population) -> bool:
    opened, closed = population.opened.get(code, date.min), population.closed.get(code, date.max)
    return code in population.registered and opened <= end and closed >= start


def compared(method: Method) -> list[tuple[str, set[str]]]:
    """Dataset → the measures by which its organisations are compared, and what those are percentages of."""
    by_dataset: dict[str, set[str]] = {}
    for name in _named(method):
        ref = Ref.parse(name)
        by_dataset.setdefault(ref.dataset, set()).add(ref.measure)
        measure = method.datasets[ref.dataset].measures.get(ref.measure) if ref.dataset in method.datasets else None
        if measure is not None and measure.share_of is not None:
            by_dataset[ref.dataset].add(measure.share_of)
    return sorted(by_dataset.items())


def _named(method: Method) -> Iterable[str]:
    for group in method.peer_groups.values():
        if isinstance(group, NearestGroup):
            yield from (needed.measure for needed in group.measures())
        elif isinstance(group, SameAttributeGroup):
            yield from group.attributes
    yield from method.programme.population.trust_type
