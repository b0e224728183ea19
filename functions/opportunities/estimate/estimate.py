"""Estimate: facts, peers and a method in; metrics, opportunities, their trend and trusts out. Pure.

Each level of organisations is computed on its own: nothing is compared or added up across levels.

Every trust × opportunity has a row, and a row without a figure has a status that says why. Nothing is ever summed over
opportunities: they overlap. All arithmetic is on arrays of t trusts × c columns: a column is a metric over one of its
windows, or a case, which is an opportunity over one of them.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Floats
from functions.opportunities.compare.assess import compare
from functions.opportunities.compare.chance import compared as compare_by_chance
from functions.opportunities.compare.chance import within_chance
from functions.opportunities.compare.comparators import PeerSets
from functions.opportunities.compare.order import ranks
from functions.opportunities.compare.plausibility import judge
from functions.opportunities.compare.standing import Standing, among_peers, comparable, national
from functions.opportunities.estimate.breaks import (
    DEFINITION_CHANGED,
    MERGED,
    TYPE_CHANGED,
    Takeovers,
    TrustTypes,
    redefined,
)
from functions.opportunities.estimate.data_warnings import data_warnings
from functions.opportunities.estimate.worth import annual_cash, at_national_price, factors
from functions.opportunities.measure.levels import LevelMeasures
from functions.opportunities.measure.measures import LandedMeasures, TrustMeasures
from functions.opportunities.measure.metrics import measure
from functions.opportunities.measure.plan import ComputationPlan, plan
from functions.opportunities.measure.windows import MetricWindow
from functions.opportunities.tables.grid import Grid, nullable_ranks
from functions.opportunities.tables.summary_tables import distribution_table, totals_table
from functions.opportunities.tables.trust_table import names_of, trusts_table, trusts_with_rows
from functions.opportunities.tables.unit_table import units_table
from shared.facts.facts import Facts
from shared.facts.levels import facts_of_level
from shared.facts.population import Population
from shared.method.method import Method
from shared.method.opportunities import NATIONAL, Expression
from shared.statuses import OpportunityStatus
from shared.tables import METRICS, OPPORTUNITIES, RELEASE_TABLES, TREND


class Estimate(NamedTuple):
    """Tables of the schemas METRICS, OPPORTUNITIES, TREND, DISTRIBUTION, TOTALS, UNITS and TRUSTS: level by level,
    sorted by trust, id and last day."""

    metrics: pa.Table
    opportunities: pa.Table
    trend: pa.Table
    distribution: pa.Table
    totals: pa.Table
    units: pa.Table
    trusts: pa.Table

    def makes_a_release(self, method: Method) -> bool:
        """Whether there is anything to publish: a figure or, of a method without metrics, an organisation."""
        return bool(self.metrics.num_rows if method.metrics else self.trusts.num_rows)


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method, over every window held. `peers` has the schema PEERS."""
    population = Population(facts, method.programme)
    landed = LandedMeasures(facts, _measures(method), population.is_above)
    planned = plan(landed, method)
    trusts = trusts_with_rows(landed, planned.spans, population) if method.metrics else population.everyone()
    newest = trusts_with_rows(landed, (planned.spans[place] for place in planned.newest), population)
    measures = TrustMeasures(landed, trusts)
    inputs = _Inputs(peers, method, planned)
    own = _Level(method.programme.population.level, facts, population, names_of(facts, population), measures, newest)
    parts = [_estimate(_Work(inputs, own))]
    for level in method.programme.population.levels[1:]:
        above = population.of_level(level)
        members = {code: other for code in trusts if (other := population.member_of(level.id, code)) is not None}
        codes = sorted(above.registered)
        of_members = LevelMeasures(landed, codes, measures, members)
        made = facts_of_level(facts, level, population, method)
        names = {code: own.names.get(code) for code in trusts}
        parts.append(_estimate(_Work(inputs, _Level(level.id, made, above, above.names, of_members, codes, names))))
    return Estimate(*(pa.concat_tables(tables).combine_chunks() for tables in zip(*parts, strict=True)))


def _estimate(work: "_Work") -> Estimate:
    """The tables of one level."""
    level = work.level
    trusts = trusts_table(level.id, work.trusts, level.names, level.facts, work.method, level.population)
    distribution = distribution_table(level.id, *work.published())
    if not work.method.opportunities:
        none = {name: RELEASE_TABLES[name].empty_table() for name in ("opportunities", "trend", "totals", "units")}
        return Estimate(metrics=work.metrics_table(), distribution=distribution, trusts=trusts, **none)
    cases = work.cases()
    with_periods = [place for place, case in enumerate(work.plan.cases) if case.window.periods]
    newest = cases.pick(work.with_opportunities(), work.plan.newest_cases)
    is_opportunity = newest.cells["status"] == OpportunityStatus.OPPORTUNITY
    rank = ranks(is_opportunity, newest.cells["cash_per_year_upper"], newest.cells["share"])
    all_windows = cases.pick(range(len(work.trusts)), with_periods)
    return Estimate(
        work.metrics_table(),
        newest.table(OPPORTUNITIES, rank=nullable_ranks(rank)),
        all_windows.table(TREND),
        distribution,
        totals_table(level.id, all_windows),
        units_table(
            [work.plan.cases[place] for place in work.plan.newest_cases],
            newest,
            work.measures,
            level.facts,
            level.members,
        ),
        trusts,
    )


class _Inputs(NamedTuple):
    """What all levels share."""

    peers: pa.Table
    method: Method
    plan: ComputationPlan


class _Level(NamedTuple):
    """What belongs to one level: its facts, organisations, names and measures, the codes that have opportunities and,
    above the first level, the name of each member."""

    id: str | None
    facts: Facts
    population: Population
    names: Mapping[str, str]
    measures: TrustMeasures
    with_opportunities: Sequence[str]
    members: Mapping[str, str | None] | None = None


class _Work:
    """The t trusts with data in any window, and the figures of every column."""

    def __init__(self, inputs: _Inputs, level: _Level) -> None:
        peers, method, self.plan = inputs
        self.method, self.level, self.measures = method, level, level.measures
        self.trusts = [str(code) for code in self.measures.trusts]
        facts = level.facts
        pairs = peers.select(["group_id", "trust_code", "peer_code", "role", "period"]).to_pandas()
        self.sets = PeerSets(pairs, self.measures.trusts, facts, method.peer_groups)
        self.metrics = measure(self.plan.spans, self.measures)
        self.judged = judge(self.metrics, self.sets)
        self.comparable = comparable(self.metrics, self.judged)
        self.standing = national(self.comparable, [span.metric for span in self.plan.spans])
        self.takeovers = Takeovers(self.trusts, level.population.successors)
        self.types = TrustTypes(self.measures.trusts, facts, method)

    def with_opportunities(self) -> list[int]:
        """Places of the trusts that have opportunities: those registered, and those with data in a newest window."""
        place = {code: place for place, code in enumerate(self.trusts)}
        return [place[code] for code in self.level.with_opportunities]

    def published(self) -> tuple[list[MetricWindow], Floats]:
        """The metrics over the windows with data, and their comparable values (t × those)."""
        places = self._published()
        return [self.plan.spans[place] for place in places], self.comparable[:, places]

    def _published(self) -> list[int]:
        return [place for place in self.plan.published if self.metrics.periods[place]]

    def metrics_table(self) -> pa.Table:
        """Every trust × every metric × every window held."""
        spans, periods = self.plan.spans, self.metrics.periods
        figures = Grid(
            {"trust_code": self.trusts, "level": [self.level.id] * len(self.trusts)},
            {
                "metric_id": [span.name for span in spans],
                "period_start": [period and period.start for period in periods],
                "period_end": [period and period.end for period in periods],
                "sources": [self.measures.datasets(span.metric.sources, span.window.periods) for span in spans],
            },
            {
                "value": self.metrics.value,
                "numerator": self.metrics.numerator,
                "denominator": self.metrics.denominator,
                "status": self.judged.status,
                **_named(self.standing),
            },
            {},
        )
        return figures.pick(range(len(self.trusts)), self._published()).table(METRICS)

    def cases(self) -> Grid:
        """Every trust × every opportunity over every window: what is published, and the figures for the ranks."""
        cases, metrics = self.plan.cases, self.metrics
        of = [case.of for case in cases]
        periods = [metrics.periods[place] for place in of]
        value, days = metrics.value[:, of], metrics.days[:, of]
        numerator, denominator = metrics.numerator[:, of], metrics.denominator[:, of]
        compared = compare(cases, metrics, self.judged, self.sets, self.measures)
        per_unit = denominator / np.array([case.metric.scale for case in cases])
        units = {"lower": compared.gap_lower * per_unit, "upper": compared.gap_upper * per_unit}
        worth = factors(cases, self.method.prices, days, self.measures)
        # Adding 0.0 turns the -0.0 of no gap at a negative price into 0.0.
        money = {
            f"{name}_{end}": amount * factor + 0.0 for name, factor in worth.items() for end, amount in units.items()
        }
        distances = {"lower": compared.distance_lower, "upper": compared.distance_upper}
        chance = compare_by_chance(cases, numerator, denominator, compared.upper, compared.distance_upper)
        standing = Standing(*(part[:, of] for part in self.standing))
        peers = among_peers(cases, self.comparable[:, of], self.sets, self.method.programme.peer_group)
        single = np.array([case.opportunity.single for case in cases], dtype=bool)
        return Grid(
            {
                "trust_code": self.trusts,
                "trust_name": [self.level.names.get(code) for code in self.trusts],
                "level": [self.level.id] * len(self.trusts),
            },
            {
                "opportunity_id": [case.name for case in cases],
                "category": [case.opportunity.category for case in cases],
                "period_start": [period and period.start for period in periods],
                "period_end": [period and period.end for period in periods],
                "unit": [case.opportunity.unit for case in cases],
                "activity_unit": [case.opportunity.activity and case.opportunity.activity.unit for case in cases],
                "overlap_group": [case.opportunity.overlap_group for case in cases],
            },
            {
                "status": compared.status,
                "comparator": np.where(compared.fell_back, NATIONAL, [case.opportunity.comparator for case in cases]),
                "comparator_count": compared.counts,
                "value": value,
                "numerator": numerator,
                "denominator": denominator,
                "benchmark_lower": compared.lower,
                "benchmark_upper": compared.upper,
                "gap_lower": compared.gap_lower,
                "gap_upper": compared.gap_upper,
                "units_lower": units["lower"],
                "units_upper": units["upper"],
                "robust_low": compared.robust_low * per_unit,
                "robust_high": compared.robust_high * per_unit,
                "within_chance": within_chance(chance, compared.status == OpportunityStatus.OPPORTUNITY),
                "compared": chance,
                **_named(standing),
                "peer_rank": peers.rank,
                "peer_of": peers.of,
                "peer_percentile": peers.percentile,
                "peer_median": peers.peer_median,
                "peer_quartile": peers.peer_quartile,
                "national_median": peers.national_median,
                "national_quartile": peers.national_quartile,
                **money,
                **{f"{name}_per_unit": factor for name, factor in worth.items()},
                **{f"cash_per_year_{end}": annual_cash(cases, money[f"cash_{end}"], days) for end in units},
                **{f"distance_{end}": distance for end, distance in distances.items()},
                **{
                    f"distance_cash_{end}": distance * per_unit * worth[Expression.CASH]
                    for end, distance in distances.items()
                },
                "share": np.divide(units["upper"], denominator, out=np.full_like(value, np.nan), where=denominator > 0),
            },
            {
                "flags": {
                    "check_data": self.judged.check[:, of],
                    "data_warning": data_warnings(cases, metrics, self.measures),
                    "fallback_national": compared.fell_back,
                    "national_price": at_national_price(cases, self.measures) & ~np.isnan(money["cash_upper"]),
                    "predecessor_form": self.takeovers.after(cases) & ~np.isnan(value),
                    "single_value": np.broadcast_to(single, value.shape),
                },
                "breaks": {
                    MERGED: self.takeovers.since_the_window_before(cases),
                    TYPE_CHANGED: self.types.changed(cases),
                    DEFINITION_CHANGED: np.broadcast_to(redefined(cases), value.shape),
                },
            },
        )


def _named(standing: Standing) -> dict[str, Floats]:
    return {
        "national_rank": standing.rank,
        "national_of": standing.of,
        "percentile": standing.percentile,
        "quartile": standing.quartile,
        "band": standing.band,
    }


def _measures(method: Method) -> set[str]:
    metrics = (metric.measures() for metric in method.metrics.values())
    return {*chain(*metrics, *(opportunity.measures() for opportunity in method.opportunities.values()))}
