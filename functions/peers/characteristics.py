"""What trusts are compared by: each nearest group's variables, and the attributes that peers must share."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.distances import Numbers
from functions.peers.nearest import scaled
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.peer_groups import NearestGroup, SameAttributeGroup, SuccessorRule
from shared.method.terms import Ref
from shared.tables import CHARACTERISTICS, of_columns

if TYPE_CHECKING:
    from shared.method.method import Method

type StandsFor = Callable[[str], Sequence[str]]
"""Who is listed where a code is near: itself, the trusts that took over, or nobody."""


class Characteristics(NamedTuple):
    """Trusts in code order, their values (n × m, NaN = missing), and the label and last day of each of the m variables'
    period; None for one that was never landed."""

    codes: list[str]
    matrix: Numbers
    periods: list[tuple[str, date] | None]

    @property
    def period(self) -> str:
        """The labels of all periods, each once."""
        return ", ".join(dict.fromkeys(period[0] for period in self.periods if period))

    @property
    def period_end(self) -> date:
        """The newest day of any."""
        return max(period[1] for period in self.periods if period)


def characteristics(facts: Facts, method: "Method") -> pa.Table:
    """What every pair of trusts was compared by: schema `CHARACTERISTICS`, by group, period, trust and variable."""
    population = Population(facts, method.programme)
    tables = [CHARACTERISTICS.empty_table()]
    for group_id, group in sorted(method.peer_groups.items()):
        if isinstance(group, NearestGroup):
            tables.append(_of_nearest(group_id, group, facts, population))
        elif isinstance(group, SameAttributeGroup):
            tables += [
                _of_attribute(group_id, group, stated) for stated in attribute_by_period(group, facts, population)
            ]
    return pa.concat_tables(tables).combine_chunks()


def known(group: NearestGroup, facts: Facts, population: Population) -> Characteristics | None:
    """The newest values of a group's variables, each dataset at its own newest period; None if none is landed."""
    refs = [Ref.parse(variable.measure) for variable in group.variables]
    newest = {
        name: facts.newest([ref for ref in refs if ref.dataset == name]) for name in {ref.dataset for ref in refs}
    }
    columns: list[pd.Series] = []
    periods: list[tuple[str, date] | None] = []
    for ref in refs:
        period = newest[ref.dataset]
        if period is None:
            columns.append(pd.Series(dtype=float))
            periods.append(None)
            continue
        rows = facts.at(ref, period)
        columns.append(rows["value"].where(rows["state"] == "value").astype(float))
        periods.append((facts.label(ref.dataset, period), period.end))
    table = pd.concat(columns, axis=1, keys=range(len(refs)))
    table = table.dropna(how="all")  # who states none of them has no characteristics, and must not pass for a zero
    table = table[[population.is_trust(str(code)) for code in table.index]].sort_index()
    if table.empty:
        return None
    return Characteristics([str(code) for code in table.index], table.to_numpy(float), periods)


def stands_for(rule: SuccessorRule, facts: Facts, population: Population) -> StandsFor:
    """Who is listed for a code by a group's rule; nobody where a trust closed and no other took over."""
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


def shared_texts(group: NearestGroup, codes: list[str], who: StandsFor, facts: Facts) -> list[str | None] | None:
    """What each code states of the attribute that a group's candidates must share; None where there is none to share.

    A code without a text, as it has merged since, takes that of whoever stands for it, if they agree.
    """
    if group.within is None:
        return None
    texts = _newest_text(facts, Ref.parse(group.within))
    stated = []
    for code in codes:
        inherited = {texts.get(each) for each in who(code)}
        stated.append(texts.get(code) or (inherited.pop() if len(inherited) == 1 else None))
    return stated


def _newest_text(facts: Facts, ref: Ref) -> dict[str, str]:
    """An attribute in its newest period: code → text, where stated."""
    period = facts.newest([ref])
    rows = facts.at(ref, period) if period is not None else facts.rows(ref).set_index("code")
    return {str(code): text for code, text in rows.loc[rows["state"] == "value", "text"].items()}


class Stated(NamedTuple):
    """The texts of an attribute in one period, by trust."""

    period: str
    period_end: date
    texts: pd.Series


def attribute_by_period(group: SameAttributeGroup, facts: Facts, population: Population) -> Iterator[Stated]:
    """What trusts stated, period by period, oldest first."""
    ref = Ref.parse(group.attribute)
    for period in facts.periods(ref):
        rows = facts.at(ref, period)
        texts = rows.loc[(rows["state"] == "value") & rows["text"].notna(), "text"].sort_index()
        texts = texts[[population.is_trust(str(code)) for code in texts.index]]
        yield Stated(facts.label(ref.dataset, period), period.end, texts)


def _of_nearest(group_id: str, group: NearestGroup, facts: Facts, population: Population) -> pa.Table:
    found = known(group, facts, population)
    if found is None:
        return CHARACTERISTICS.empty_table()
    who = stands_for(group.successors, facts, population)
    texts = shared_texts(group, found.codes, who, facts) or [None] * len(found.codes)
    n, m = found.matrix.shape
    labels, ends = zip(*(period or (None, None) for period in found.periods), strict=True)
    return of_columns(
        CHARACTERISTICS,
        n * m,
        group_id=[group_id] * (n * m),
        trust_code=np.repeat(found.codes, m),
        measure=[Ref.parse(variable.measure).measure for variable in group.variables] * n,
        value=pa.array(found.matrix.ravel(), from_pandas=True),
        scaled=pa.array(scaled(found.matrix, group).ravel(), from_pandas=True),
        weight=[variable.weight for variable in group.variables] * n,
        attribute=[text for text in texts for _ in range(m)],
        stands_for=[sorted(set(who(code))) for code in found.codes for _ in range(m)],
        period=list(labels) * n,
        period_end=list(ends) * n,
    )


def _of_attribute(group_id: str, group: SameAttributeGroup, stated: Stated) -> pa.Table:
    n = len(stated.texts)
    return of_columns(
        CHARACTERISTICS,
        n,
        group_id=[group_id] * n,
        trust_code=[str(code) for code in stated.texts.index],
        measure=[Ref.parse(group.attribute).measure] * n,
        attribute=stated.texts.tolist(),
        period=[stated.period] * n,
        period_end=[stated.period_end] * n,
    )
