"""Estimate: facts, peers and a method in; metrics, opportunities and trusts out. Pure.

Every trust × opportunity has a row, and where there is no figure its status says why. Nothing is ever summed over
opportunities: they overlap. All arithmetic is on arrays of t trusts × m metrics or t trusts × o opportunities.
"""

from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from functions.opportunities.comparators import Sets
from functions.opportunities.comparison import OPPORTUNITY, compare
from functions.opportunities.landed import Columns, Landed
from functions.opportunities.metrics import Measured, measure, window_of
from functions.opportunities.plausibility import Judged, judge
from functions.opportunities.ranking import ranks
from functions.opportunities.rows import lists, ranked, rows
from functions.opportunities.trusts import names_of, predecessor_form, trusts_table, who
from functions.opportunities.worth import annual_cash, factors
from shared.facts import Facts
from shared.method.load import Method
from shared.method.opportunities import NATIONAL
from shared.population import Population
from shared.tables import METRICS, OPPORTUNITIES


class Estimate(NamedTuple):
    """Tables of the schemas METRICS, OPPORTUNITIES and TRUSTS, sorted by trust and id."""

    metrics: pa.Table
    opportunities: pa.Table
    trusts: pa.Table


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method. `peers` has the schema PEERS."""
    population = Population(facts, method.programme)
    landed = Landed(facts, _measures(method))
    windows = {
        name: window_of(landed, metric.window, metric.measures()) for name, metric in sorted(method.metrics.items())
    }
    trusts = who(landed, method, windows, population)
    columns = Columns(landed, trusts)
    measured = measure(method.metrics, windows, columns)
    pairs = peers.select(["group_id", "trust_code", "peer_code", "role", "period"]).to_pandas()
    sets = Sets(pairs, columns.trusts, facts, method.peer_groups)
    judged = judge(measured, sets)
    names = names_of(facts, population)
    return Estimate(
        _metrics_table(trusts, measured, judged),
        _opportunities_table(trusts, names, method, measured, judged, sets, columns, population),
        trusts_table(trusts, names, facts, method, population),
    )


def _measures(method: Method) -> set[str]:
    metrics = (metric.measures() for metric in method.metrics.values())
    return {*chain(*metrics, *(opportunity.measures() for opportunity in method.opportunities.values()))}


def _metrics_table(trusts: list[str], measured: Measured, judged: Judged) -> pa.Table:
    """Every trust × every metric that has a window."""
    held = [name for name, window in measured.windows.items() if window.period]
    places = [measured.place[name] for name in held]
    periods = [measured.windows[name].period for name in held]
    return rows(
        METRICS,
        {"trust_code": trusts},
        {
            "metric_id": held,
            "period_start": [period and period.start for period in periods],
            "period_end": [period and period.end for period in periods],
        },
        {
            "value": measured.value[:, places],
            "numerator": measured.numerator[:, places],
            "denominator": measured.denominator[:, places],
            "status": judged.status[:, places],
        },
    )


def _opportunities_table(
    trusts: list[str],
    names: Mapping[str, str],
    method: Method,
    measured: Measured,
    judged: Judged,
    sets: Sets,
    columns: Columns,
    population: Population,
) -> pa.Table:
    """Every trust × every opportunity."""
    ids = sorted(method.opportunities)
    opportunities = [method.opportunities[name] for name in ids]
    of = [measured.place[one.metric] for one in opportunities]
    windows = [measured.windows[one.metric] for one in opportunities]
    periods = [window.period for window in windows]
    value, denominator, days = measured.value[:, of], measured.denominator[:, of], measured.days[:, of]
    compared = compare(opportunities, measured, judged, sets, columns)
    per_unit = denominator / np.array([method.metrics[one.metric].scale for one in opportunities])
    units = {"lower": compared.gap_lower * per_unit, "upper": compared.gap_upper * per_unit}
    worth = factors(opportunities, method.prices, days, windows, columns)
    money = {f"{name}_{end}": amount * factor for name, factor in worth.items() for end, amount in units.items()}
    share = np.divide(units["upper"], denominator, out=np.full(value.shape, np.nan), where=denominator > 0)
    rank = ranks(compared.status == OPPORTUNITY, annual_cash(opportunities, money["cash_upper"], days), share)
    comparator = np.where(compared.fell_back, NATIONAL, [one.comparator for one in opportunities])
    flags = {
        "check_data": judged.check[:, of],
        "fallback_national": compared.fell_back,
        "predecessor_form": predecessor_form(trusts, periods, population) & ~np.isnan(value),
        "single_value": np.broadcast_to(np.array([one.single for one in opportunities], dtype=bool), value.shape),
    }
    return rows(
        OPPORTUNITIES,
        {"trust_code": trusts, "trust_name": [names.get(code) for code in trusts]},
        {
            "opportunity_id": ids,
            "category": [one.category for one in opportunities],
            "period_start": [period and period.start for period in periods],
            "period_end": [period and period.end for period in periods],
            "unit": [one.unit for one in opportunities],
            "activity_unit": [one.activity and one.activity.unit for one in opportunities],
            "overlap_group": [one.overlap_group for one in opportunities],
        },
        {
            "status": compared.status,
            "comparator": comparator,
            "comparator_count": compared.counts,
            "flags": lists(flags),
            "value": value,
            "numerator": measured.numerator[:, of],
            "denominator": denominator,
            "benchmark_lower": compared.lower,
            "benchmark_upper": compared.upper,
            "gap_lower": compared.gap_lower,
            "gap_upper": compared.gap_upper,
            "units_lower": units["lower"],
            "units_upper": units["upper"],
            "rank": ranked(rank),
            **money,
        },
    )
