"""What all shards of a release share: the plan, and each level's organisations with what they are compared by."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, Protocol, Self

import pandas as pd
import pyarrow as pa

from functions.opportunities.compare.comparators import PeerSets
from functions.opportunities.figures.breaks import Takeovers, TrustTypes
from functions.opportunities.measure.levels import LevelMeasures
from functions.opportunities.measure.measures import LandedMeasures, TrustMeasures
from functions.opportunities.measure.plan import Plan, plan
from functions.opportunities.measure.survey import DatasetSurvey, Survey
from functions.opportunities.tables.trust_table import names_of, trusts_table, trusts_with_rows
from shared.facts.facts import Facts
from shared.facts.levels import facts_of_level
from shared.facts.population import Population
from shared.method.method import Method
from shared.method.terms import Period

type Pairs = Iterable[tuple[str, Period]]
"""Measures by their full names, and periods."""


class FactSource(Protocol):
    """Facts that are read a part at a time, findings applied. `texts` has every row of the measures that are texts."""

    @property
    def texts(self) -> Facts:
        """All texts that organisations are known, named and grouped by."""

    @property
    def surveys(self) -> Mapping[str, DatasetSurvey]:
        """Dataset → which organisations have which figures."""

    def facts(self, pairs: Pairs) -> Facts:
        """Facts that have every row of some measures and periods, and maybe others."""


class Level(NamedTuple):
    """One level: its facts (texts), organisations and their names, the codes that have rows (t) and those that have
    opportunities, and what is needed to compare them. `members`: above the first level, each member's name;
    `belongs`: the organisation of each code of the first level."""

    id: str | None
    facts: Facts
    population: Population
    names: Mapping[str, str]
    codes: Sequence[str]
    with_opportunities: Sequence[str]
    sets: PeerSets
    takeovers: Takeovers
    types: TrustTypes
    members: Mapping[str, str | None] | None
    belongs: Mapping[str, str]

    @property
    def listed(self) -> list[int]:
        """The places among its codes of those that have opportunities."""
        place = {code: nth for nth, code in enumerate(self.codes)}
        return [place[code] for code in self.with_opportunities]


class Scope(NamedTuple):
    """`levels`: the programme's own organisations first."""

    method: Method
    held: Survey
    plan: Plan
    levels: Sequence[Level]

    @classmethod
    def of(cls, source: FactSource, peers: pa.Table, method: Method) -> Self:
        """The scope of a method and its facts. `peers` has the schema PEERS."""
        population = Population(source.texts, method.programme)
        held = Survey(source.surveys, population.is_above)
        planned = plan(held, method)
        codes = trusts_with_rows(held, planned.spans(), population) if method.metrics else population.everyone()
        newest = trusts_with_rows(held, planned.newest_spans(), population)
        pairs = peers.select(["group_id", "trust_code", "peer_code", "role", "period"]).to_pandas()
        names = names_of(source.texts, population)

        def level(
            id: str | None,  # noqa: A002
            facts: Facts,
            who: Population,
            names: Mapping[str, str],
            codes: Sequence[str],
            newest: Sequence[str],
            members: Mapping[str, str | None] | None = None,
            belongs: Mapping[str, str] | None = None,
        ) -> Level:
            index = pd.Index([*codes], dtype="str")
            sets = PeerSets(pairs, index, facts, method.peer_groups)
            takeovers, types = Takeovers(codes, who.successors), TrustTypes(index, facts, method)
            return Level(id, facts, who, names, codes, newest, sets, takeovers, types, members, belongs or {})

        levels = [level(method.programme.population.level, source.texts, population, names, codes, newest)]
        for above in method.programme.population.levels[1:]:
            who = population.of_level(above)
            belongs = {code: other for code in codes if (other := population.member_of(above.id, code)) is not None}
            made = facts_of_level(source.texts, above, population, method)
            registered = sorted(who.registered)
            members = {code: names.get(code) for code in codes}
            levels.append(level(above.id, made, who, who.names, registered, registered, members, belongs))
        return cls(method, held, planned, levels)

    def measures(self, landed: LandedMeasures) -> list[TrustMeasures]:
        """Each level's measures."""
        own = TrustMeasures(landed, self.levels[0].codes, self.held)
        above = (LevelMeasures(landed, level.codes, own, level.belongs) for level in self.levels[1:])
        return [own, *above]

    def trusts(self) -> pa.Table:
        """The table TRUSTS, level by level."""
        tables = (
            trusts_table(one.id, one.codes, one.names, one.facts, self.method, one.population) for one in self.levels
        )
        return pa.concat_tables(tables).combine_chunks()


def measures_of(method: Method) -> set[str]:
    """Every measure that figures are computed from, by its full name."""
    metrics = (metric.measures() for metric in method.metrics.values())
    return {*chain(*metrics, *(opportunity.measures() for opportunity in method.opportunities.values()))}
