"""The figures of some shards, at one level: arrays of t trusts × c columns, and the tables that they make.

Every trust × opportunity has a row, and a row without a figure has a status that says why. Nothing is ever summed over
opportunities: they overlap. A column is a metric over one of its windows, or a case, which is an opportunity over one
of them. No column depends on another, so that shards can be computed in any order and any number at once.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Floats
from functions.opportunities.compare.assess import compare
from functions.opportunities.compare.chance import compared as compare_by_chance
from functions.opportunities.compare.chance import within_chance
from functions.opportunities.compare.plausibility import judge
from functions.opportunities.compare.standing import Standing, among_peers, comparable, national
from functions.opportunities.figures.breaks import DEFINITION_CHANGED, MERGED, TYPE_CHANGED, redefined
from functions.opportunities.figures.data_warnings import data_warnings
from functions.opportunities.figures.scope import Level
from functions.opportunities.figures.worth import annual_cash, at_national_price, factors
from functions.opportunities.measure.measures import TrustMeasures
from functions.opportunities.measure.metrics import measure
from functions.opportunities.measure.plan import Columns
from functions.opportunities.tables.grid import Grid
from functions.opportunities.tables.summary_tables import distribution_table, totals_table
from functions.opportunities.tables.unit_table import units_table
from shared.method.method import Method
from shared.method.opportunities import NATIONAL, Expression
from shared.statuses import OpportunityStatus
from shared.tables import METRICS, TOTALS, TREND, UNITS, compact

COMPACT_METRICS, COMPACT_TREND = compact(METRICS), compact(TREND)


class ShardTables(NamedTuple):
    """The tables of one shard, level by level. `metrics` has a row for each trust, `cases` (schema TREND) for each
    opportunity and trust, both compact, `totals` for each opportunity; `distribution` has one if there is any value,
    `units` (a table for each level) those of the newest window. `metrics` and `totals` are empty if the window has no
    periods."""

    metrics: pa.Table
    cases: pa.Table
    distribution: pa.Table
    totals: pa.Table
    units: Sequence[pa.Table]

    @classmethod
    def of_levels(cls, levels: Sequence[Self]) -> Self:
        """The tables of all levels as one."""
        metrics, cases, distribution, totals = (
            pa.concat_tables([getattr(one, name) for one in levels]) for name in cls._fields[:4]
        )
        return cls(metrics, cases, distribution, totals, [table for one in levels for table in one.units])


class Figures:
    """The figures of some columns for the organisations of one level."""

    def __init__(self, method: Method, level: Level, columns: Columns, measures: TrustMeasures) -> None:
        self.method, self.level, self.columns, self.measures = method, level, columns, measures
        self.metrics = measure(columns.spans, measures)
        self.judged = judge(self.metrics, level.sets)
        self.comparable = comparable(self.metrics, self.judged)
        self.standing = national(self.comparable, [span.metric for span in columns.spans])

    def tables(self) -> Iterator[ShardTables]:
        """The tables of each shard, in the order of the columns' shards."""
        metrics = self.of_metrics().table(COMPACT_METRICS)
        cases = self.of_cases() if self.columns.cases else None
        trusts, row = len(self.level.codes), 0
        rows = COMPACT_TREND.empty_table() if cases is None else cases.table(COMPACT_TREND)
        for place, own in zip(self.columns.published, self.columns.cases_of, strict=True):
            held = self.columns.spans[place].window.periods
            figures = metrics.slice(place * trusts, trusts if held else 0)
            totals, units = TOTALS.empty_table(), UNITS.empty_table()
            if cases is not None and held:
                of_shard = cases.pick(range(trusts), own)
                totals = totals_table(self.level.id, of_shard)
            last = [nth for nth in own if nth in self.columns.newest_cases]
            if cases is not None and last:
                listed = cases.pick(self.level.listed, last)
                newest = [self.columns.cases[nth] for nth in last]
                units = units_table(newest, listed, self.measures, self.level.facts, self.level.members)
            distribution = distribution_table(self.level.id, [self.columns.spans[place]], self.comparable[:, [place]])
            yield ShardTables(figures, rows.slice(row, trusts * len(own)), distribution, totals, [units])
            row += trusts * len(own)

    def of_metrics(self) -> Grid:
        """Every trust × every metric × every window held."""
        spans, periods = self.columns.spans, self.metrics.periods
        return Grid(
            {"trust_code": self.level.codes, "level": [self.level.id] * len(self.level.codes)},
            {
                "metric_id": [span.name for span in spans],
                "period_start": [period and period.start for period in periods],
                "period_end": [period and period.end for period in periods],
                "sources": [self.measures.held.datasets(span.metric.sources, span.window.periods) for span in spans],
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

    def of_cases(self) -> Grid:
        """Every trust × every opportunity over every window: what is published, and the figures for the ranks."""
        cases, metrics = self.columns.cases, self.metrics
        of = [case.of for case in cases]
        periods = [metrics.periods[place] for place in of]
        value, days = metrics.value[:, of], metrics.days[:, of]
        numerator, denominator = metrics.numerator[:, of], metrics.denominator[:, of]
        compared = compare(cases, metrics, self.judged, self.level.sets, self.measures)
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
        peers = among_peers(cases, self.comparable[:, of], self.level.sets, self.method.programme.peer_group)
        comparators = np.array([case.opportunity.comparator for case in cases], dtype=object)  # texts are not copied
        single = np.array([case.opportunity.single for case in cases], dtype=bool)
        return Grid(
            {
                "trust_code": self.level.codes,
                "trust_name": [self.level.names.get(code) for code in self.level.codes],
                "level": [self.level.id] * len(self.level.codes),
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
                "comparator": np.where(compared.fell_back, NATIONAL, comparators),
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
            },
            {
                "flags": {
                    "check_data": self.judged.check[:, of],
                    "data_warning": data_warnings(cases, metrics, self.measures),
                    "fallback_national": compared.fell_back,
                    "national_price": at_national_price(cases, self.measures) & ~np.isnan(money["cash_upper"]),
                    "predecessor_form": self.level.takeovers.after(cases) & ~np.isnan(value),
                    "single_value": np.broadcast_to(single, value.shape),
                },
                "breaks": {
                    MERGED: self.level.takeovers.since_the_window_before(cases),
                    TYPE_CHANGED: self.level.types.changed(cases),
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
