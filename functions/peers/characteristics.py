"""What trusts are compared by: each nearest group's variables, and the attributes that peers must share."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.distances import Counts, Numbers
from functions.peers.nearest import Texts, scaled
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.peer_groups import NearestGroup, SameAttributeGroup, SuccessorRule
from shared.method.terms import Period, Ref
from shared.tables import CHARACTERISTICS, of_columns, taken

if TYPE_CHECKING:
    from shared.method.method import Method

type StandsFor = Callable[[str], Sequence[str]]
"""code → the codes that peer lists name in its place: itself, the trusts that took over, or none."""


class Characteristics(NamedTuple):
    """n trusts in code order, their values (n × m, NaN = missing), and the label and last day of each of the m
    variables' period; None for a variable that was never landed."""

    codes: list[str]
    matrix: Numbers
    periods: list[tuple[str, date] | None]

    @property
    def period(self) -> str:
        """The labels of all periods, each once."""
        return ", ".join(dict.fromkeys(period[0] for period in self.periods if period))

    @property
    def period_end(self) -> date:
        """The newest last day of any period."""
        return max(period[1] for period in self.periods if period)


class NearestFacts(NamedTuple):
    """A nearest group with the values and texts of its organisations. `candidates`: which codes are listed in a code's
    place."""

    group_id: str
    group: NearestGroup
    newest: Characteristics
    candidates: StandsFor
    texts: "GroupTexts"


def nearest_facts(facts: Facts, method: "Method", population: Population) -> list[NearestFacts]:
    """Those of the nearest groups that have values, by group."""
    found = []
    for group_id, group in sorted(method.peer_groups.items()):
        if isinstance(group, NearestGroup) and (newest := newest_values(group, facts, population)) is not None:
            listed = stands_for(group.successors, facts, population)
            candidates = candidates_for(group, listed, facts, population)
            texts = group_texts(group, newest.codes, listed, facts, population)
            found.append(NearestFacts(group_id, group, newest, candidates, texts))
    return found


def characteristics(
    facts: Facts, method: "Method", population: Population, nearest: Sequence[NearestFacts] | None = None
) -> pa.Table:
    """What trusts are compared by: schema `CHARACTERISTICS`, by group, period, trust and variable. `nearest`: what
    `nearest_facts` gives, if it is known."""
    tables = [CHARACTERISTICS.empty_table()]
    known = nearest_facts(facts, method, population) if nearest is None else nearest
    by_group = {one.group_id: one for one in known}
    for group_id, group in sorted(method.peer_groups.items()):
        if group_id in by_group:
            tables.append(_of_nearest(by_group[group_id], facts, population))
        elif isinstance(group, SameAttributeGroup):
            tables += [_of_attribute(group_id, group, texts) for texts in attribute_by_period(group, facts, population)]
    return pa.concat_tables(tables).combine_chunks()


def newest_values(group: NearestGroup, facts: Facts, population: Population) -> Characteristics | None:
    """The newest values of a group's variables, each dataset at the newest period of the population's own rows; None if
    none was landed."""
    refs = [Ref.parse(variable.measure) for variable in group.variables]
    newest = {
        name: _newest(facts, [ref for ref in refs if ref.dataset == name], population)
        for name in {ref.dataset for ref in refs}
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
        figures = np.where((rows["state"] == "value").to_numpy(), rows["value"].to_numpy(np.float64), np.nan)
        columns.append(pd.Series(figures, index=rows.index))
        periods.append((facts.label(ref.dataset, period), period.end))
    table = pd.concat(columns, axis=1, keys=range(len(refs)))
    table = table.dropna(how="all")  # a trust without any value has no characteristics; filling would make it zeros
    for nth, (ref, landed) in enumerate(zip(refs, columns, strict=True)):
        if newest[ref.dataset] in facts.zero_where_absent.get(ref, ()):
            table.loc[~table.index.isin(landed.index), nth] = 0.0
    table = table[[population.is_trust(str(code)) for code in table.index.tolist()]].sort_index()
    if table.empty:
        return None
    return Characteristics([str(code) for code in table.index], table.to_numpy(float), periods)


def _newest(facts: Facts, refs: Sequence[Ref], population: Population) -> Period | None:
    """The newest period for which an organisation of the population has rows: those of another level have no say."""
    periods = (period for ref in refs for period in facts.periods(ref))
    for period in sorted({*periods}, reverse=True):
        if any(population.is_trust(str(code)) for ref in refs for code in facts.at(ref, period).index):
            return period
    return None


def stands_for(rule: SuccessorRule, facts: Facts, population: Population) -> StandsFor:
    """Which codes are listed in a code's place by a group's rule; none if the trust closed and no other took over."""
    if rule.rule == "listed":
        return lambda code: rule.pairs.get(code, (code,))
    if rule.rule == "none":
        return lambda code: (code,)
    today = facts.newest_day(population.successors_dataset)
    closed = {code for code, last_day in population.closed.items() if last_day < today}

    def standing(code: str) -> Sequence[str]:
        present = population.successors.present(code, today)
        if not any(population.is_known(each) for each in present) and code not in closed:
            return (code,)  # the successor is unknown: a finding says so, and the trust stays
        return [each for each in present if each not in closed and population.is_trust(each)]

    return standing


def candidates_for(group: NearestGroup, listed: StandsFor, facts: Facts, population: Population) -> StandsFor:
    """Which codes are listed in a code's place, if only those of a group's candidates may be."""
    rule = group.candidates
    if rule is None:
        return listed
    newest = _newest_texts(facts, Ref.parse(rule.measure), population)
    return lambda code: [each for each in listed(code) if newest.get(each) in rule.only]


class GroupTexts(NamedTuple):
    """The texts of n trusts that a nearest group uses, None where a trust has none: of `within`, None if the group has
    no such attribute, and of each attribute of `prefer`."""

    within: list[str | None] | None
    preferred: list[list[str | None]]

    @property
    def numbered(self) -> Texts:
        """Equal numbers for equal texts."""
        within = None if self.within is None else _numbered(self.within)
        return Texts(within, tuple(_numbered(texts) for texts in self.preferred))


def group_texts(
    group: NearestGroup, codes: list[str], listed: StandsFor, facts: Facts, population: Population
) -> GroupTexts:
    """Each code's texts for the attributes that a group's candidates must share, or by which they are preferred.

    A code without a text, because it has merged since, gets the text of the codes listed in its place, if they agree.
    Texts that a preference does not count are none.
    """

    def texts_of(measure: str, only: Sequence[str] = ()) -> list[str | None]:
        newest = _newest_texts(facts, Ref.parse(measure), population)
        texts: list[str | None] = []
        for code in codes:
            inherited = {newest.get(each) for each in listed(code)}
            text = newest.get(code) or (inherited.pop() if len(inherited) == 1 else None)
            texts.append(text if not only or text in only else None)
        return texts

    return GroupTexts(
        texts_of(group.within) if group.within else None,
        [texts_of(one.measure, one.only) for one in (group.prefer.attributes if group.prefer else ())],
    )


def _numbered(texts: list[str | None]) -> Counts:
    return pd.factorize(pd.Series(texts, dtype="str"))[0]


def _newest_texts(facts: Facts, ref: Ref, population: Population) -> dict[str, str]:
    """An attribute in its newest period: code → text."""
    period = _newest(facts, [ref], population)
    rows = facts.at(ref, period) if period is not None else facts.rows(ref).set_index("code")
    texts = rows.loc[rows["state"] == "value", "text"]
    return {str(code): text for code, text in zip(texts.index.tolist(), texts.tolist(), strict=True)}


class AttributeTexts(NamedTuple):
    """The texts of an attribute in one period, by trust."""

    period: str
    period_end: date
    texts: pd.Series


def attribute_by_period(group: SameAttributeGroup, facts: Facts, population: Population) -> Iterator[AttributeTexts]:
    """The texts of a group's attribute, period by period, oldest first."""
    for period, ref in facts.first_of(group.attributes):
        rows = facts.at(ref, period)
        texts = rows.loc[(rows["state"] == "value") & rows["text"].notna(), "text"].sort_index()
        texts = texts[[population.is_trust(str(code)) for code in texts.index.tolist()]]
        yield AttributeTexts(facts.label(ref.dataset, period), period.end, texts)


def _of_nearest(one: NearestFacts, facts: Facts, population: Population) -> pa.Table:
    group_id, group, newest, candidates, texts = one
    within = texts.within or [None] * len(newest.codes)
    n, m = newest.matrix.shape
    labels, ends = zip(*(period or (None, None) for period in newest.periods), strict=True)
    variables = of_columns(
        CHARACTERISTICS,
        n * m,
        group_id=[group_id] * (n * m),
        trust_code=taken(newest.codes, np.repeat(np.arange(n), m)),
        measure=[Ref.parse(variable.measure).measure for variable in group.variables] * n,
        value=pa.array(newest.matrix.ravel(), from_pandas=True),
        scaled=pa.array(scaled(newest.matrix, group, texts.numbered.within).ravel(), from_pandas=True),
        weight=[variable.weight for variable in group.variables] * n,
        attribute=[text for text in within for _ in range(m)],
        stands_for=[each for code in newest.codes for each in [sorted(set(candidates(code)))] * m],
        period=list(labels) * n,
        period_end=list(ends) * n,
    )
    attributes = [
        (each.name, own)
        for each, own in zip(group.prefer.attributes if group.prefer else (), texts.preferred, strict=True)
    ]
    if group.candidates is not None:
        stated = _newest_texts(facts, Ref.parse(group.candidates.measure), population)
        attributes.append((group.candidates.name, [stated.get(code) for code in newest.codes]))
    return pa.concat_tables(
        [variables]
        + [
            of_columns(
                CHARACTERISTICS,
                n,
                group_id=[group_id] * n,
                trust_code=newest.codes,
                measure=[name] * n,
                attribute=own,
            )
            for name, own in attributes
        ]
    )


def _of_attribute(group_id: str, group: SameAttributeGroup, attribute: AttributeTexts) -> pa.Table:
    n = len(attribute.texts)
    return of_columns(
        CHARACTERISTICS,
        n,
        group_id=[group_id] * n,
        trust_code=[str(code) for code in attribute.texts.index.tolist()],
        measure=[Ref.parse(group.attribute).measure] * n,
        attribute=attribute.texts.tolist(),
        period=[attribute.period] * n,
        period_end=[attribute.period_end] * n,
    )
