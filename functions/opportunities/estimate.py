"""Estimate: facts, peers and a method in; metrics, opportunities and trusts out. Pure, and arrays over trusts.

Every trust × opportunity has a row, and where there is no figure its status says why. Nothing is ever summed over
opportunities: they overlap.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from functions.opportunities import metrics as m
from functions.opportunities.benchmarks import Comparators, EveryoneElse, Listed, benchmark
from functions.opportunities.comparators import Sets
from functions.opportunities.metrics import Measured, measure
from functions.opportunities.trusts import names_of, trusts_table, who
from functions.opportunities.worth import worth
from shared.facts import Facts, Ref
from shared.method.load import Method
from shared.method.measures import Metric
from shared.method.opportunities import NATIONAL, TARGET, Benchmark, Opportunity
from shared.population import Population
from shared.tables import METRICS, OPPORTUNITIES

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Estimate(NamedTuple):
    """Tables of the schemas METRICS, OPPORTUNITIES and TRUSTS, sorted."""

    metrics: pa.Table
    opportunities: pa.Table
    trusts: pa.Table


class _Compared(NamedTuple):
    """An opportunity for t trusts: benchmarks and clipped gaps (lower ≤ upper), and how they came about."""

    status: NDArray[np.object_]
    comparator: NDArray[np.object_]
    count: NDArray[np.int64]
    fallback: Flags
    lower: Floats
    upper: Floats
    gap_lower: Floats
    gap_upper: Floats


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method. `peers` has the schema PEERS."""
    population = Population(facts, method.programme)
    trusts = who(facts, method, population)
    sets = Sets(
        peers.select(["group_id", "trust_code", "peer_code", "role", "period_end"]).to_pandas(), trusts, facts, method
    )
    measured = {
        name: found for name, metric in method.metrics.items() if (found := measure(metric, facts, trusts, sets))
    }
    names = names_of(facts, population)
    parts = [
        _opportunity(name, opportunity, method, facts, trusts, sets, measured.get(opportunity.metric), population)
        for name, opportunity in method.opportunities.items()
    ]
    table = pd.concat(parts or [pd.DataFrame(columns=OPPORTUNITIES.names)], ignore_index=True)
    table["trust_name"] = table["trust_code"].map(names)
    table["rank"] = _ranks(table)
    table = table.sort_values(["trust_code", "opportunity_id"], kind="stable")
    return Estimate(
        _metrics_table(measured, trusts),
        pa.Table.from_pandas(
            table[OPPORTUNITIES.names], schema=OPPORTUNITIES, preserve_index=False
        ).replace_schema_metadata(),
        trusts_table(trusts, facts, method, population, names),
    )


def _metrics_table(measured: dict[str, Measured], trusts: list[str]) -> pa.Table:
    parts = [
        pd.DataFrame(
            {
                "trust_code": trusts,
                "metric_id": name,
                "period_start": found.window.period.start,
                "period_end": found.window.period.end,
                "value": found.value,
                "numerator": found.numerator,
                "denominator": found.denominator,
                "status": found.status,
            }
        )[found.stated]
        for name, found in measured.items()
    ]
    table = pd.concat(parts or [pd.DataFrame(columns=METRICS.names)], ignore_index=True)
    table = table.sort_values(["trust_code", "metric_id"], kind="stable")
    return pa.Table.from_pandas(table, schema=METRICS, preserve_index=False).replace_schema_metadata()


def _opportunity(
    name: str,
    opportunity: Opportunity,
    method: Method,
    facts: Facts,
    trusts: list[str],
    sets: Sets,
    found: Measured | None,
    population: Population,
) -> pd.DataFrame:
    head = {
        "trust_code": trusts,
        "opportunity_id": name,
        "category": opportunity.category,
        "unit": opportunity.unit,
        "activity_unit": opportunity.activity.unit if opportunity.activity else None,
        "overlap_group": opportunity.overlap_group,
    }
    if found is None:  # nothing was landed for this metric: everyone's row says so
        empty = pd.DataFrame(head).reindex(columns=[*OPPORTUNITIES.names, "annual", "share"])
        flags = [["single_value"] if opportunity.single else []] * len(trusts)
        return empty.assign(status=m.NO_DATA, comparator=opportunity.comparator, comparator_count=0, flags=flags)
    metric = method.metrics[opportunity.metric]
    compared = _compare(opportunity, metric, facts, trusts, sets, found)
    units = [np.where(np.isnan(gap), np.nan, gap / metric.scale * found.denominator)
             for gap in (compared.gap_lower, compared.gap_upper)]  # fmt: skip
    told = worth(opportunity, method, facts, trusts, found.window, units)
    period = found.window.period
    merged = np.array([bool(population.successors.took_over_after(code, period.end)) for code in trusts])
    flags = {
        "single_value": np.full(len(trusts), opportunity.single),
        "fallback_national": compared.fallback,
        "check_data": found.check,
        "predecessor_form": merged & found.stated,
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        share = units[1] / found.denominator
    return pd.DataFrame(
        head
        | {
            "period_start": period.start,
            "period_end": period.end,
            "status": compared.status,
            "comparator": compared.comparator,
            "comparator_count": compared.count,
            "flags": [[flag for flag, on in sorted(flags.items()) if on[i]] for i in range(len(trusts))],
            "value": found.value,
            "numerator": found.numerator,
            "denominator": found.denominator,
            "benchmark_lower": compared.lower,
            "benchmark_upper": compared.upper,
            "gap_lower": compared.gap_lower,
            "gap_upper": compared.gap_upper,
            "units_lower": units[0],
            "units_upper": units[1],
            "annual": told["cash_upper"] * (1.0 if _annual(opportunity) else 365 / found.window.days),
            "share": share,
        }
        | told
    )


def _annual(opportunity: Opportunity) -> bool:
    return opportunity.cash is not None and opportunity.cash.annual


def _compare(
    opportunity: Opportunity, metric: Metric, facts: Facts, trusts: list[str], sets: Sets, found: Measured
) -> _Compared:
    """Benchmarks, gaps and statuses, in the order of the statuses: the first that applies."""
    n = len(trusts)
    ok = found.status == m.OK
    lower_is_better = metric.direction == "lower_is_better"
    rules = (opportunity.lower or opportunity.upper, opportunity.upper)
    fallback, has_set, enough = np.zeros(n, dtype=bool), np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    comparator = np.full(n, opportunity.comparator, dtype=object)
    if opportunity.comparator == TARGET:
        count = np.zeros(n, dtype=np.int64)
        marks = [_target(rule, facts, trusts, found) for rule in rules]
    else:
        everyone = _everyone(found.value, ok)
        chosen: Comparators = everyone
        if opportunity.comparator != NATIONAL:
            trust, peer = sets.pairs(opportunity.comparator, found.window.newest)
            valued = ok[peer]
            chosen = Listed(n, trust[valued], found.value[peer][valued])
            has_set = sets.has_set(opportunity.comparator, found.window.newest)
        marks = [benchmark(rule, chosen, lower_is_better) for rule in rules]
        count = chosen.count
        enough = count >= opportunity.minimum_comparators
        if opportunity.fallback and opportunity.comparator != NATIONAL:
            fallback = has_set & ~enough & (everyone.count >= opportunity.minimum_comparators)
            marks = [np.where(fallback, benchmark(rule, everyone, lower_is_better), mark)
                     for rule, mark in zip(rules, marks, strict=True)]  # fmt: skip
            count = np.where(fallback, everyone.count, count)
            comparator[fallback] = NATIONAL
            enough |= fallback
    status = found.status.copy()
    open_ = ok
    for reason, fails in (
        ("no_data", np.isnan(marks[1]) & (opportunity.comparator == TARGET)),
        ("not_comparable", np.full(n, not metric.comparable)),
        ("no_peer_set", ~has_set),
        ("insufficient_comparators", ~enough),
    ):
        status[open_ & fails] = reason
        open_ = open_ & ~fails
    gaps = [
        np.where(open_, np.maximum(0.0, (found.value - mark) * (1 if lower_is_better else -1)), np.nan)
        for mark in marks
    ]
    swap = gaps[0] > gaps[1]
    gap_lower, gap_upper = np.minimum(*gaps), np.maximum(*gaps)
    lower, upper = np.where(swap, marks[1], marks[0]), np.where(swap, marks[0], marks[1])
    status[open_] = np.where(gap_upper[open_] > 0, "opportunity", "at_or_better_than_benchmark")
    fallback = fallback & open_
    comparator[~fallback] = opportunity.comparator
    return _Compared(
        status, comparator, count, fallback,
        np.where(open_, lower, np.nan), np.where(open_, upper, np.nan), gap_lower, gap_upper,
    )  # fmt: skip


def _everyone(value: Floats, ok: Flags) -> EveryoneElse:
    has = np.flatnonzero(ok)
    own = np.full(len(value), -1, dtype=np.int64)
    own[has] = np.arange(len(has))
    return EveryoneElse(value[has], own)


def _target(rule: Benchmark, facts: Facts, trusts: list[str], found: Measured) -> Floats:
    """A constant, or the trust's own measure: that of the window's newest period or, failing that, the newest held."""
    if rule.measure is None:
        return np.full(len(trusts), float(rule.value or 0.0))
    ref = Ref.parse(rule.measure)
    held = facts.periods(ref)
    if not held:
        return np.full(len(trusts), np.nan)
    period = found.window.newest if found.window.newest in held else held[-1]
    own: Floats = facts.at(ref, period)["value"].reindex(pd.Index(trusts)).to_numpy(dtype=float)
    return rule.times * own


def _ranks(table: pd.DataFrame) -> pd.Series:
    """1 is the biggest: by annual upper cash, then those without cash by their share of the trust's denominator."""
    counted = table[table["status"] == "opportunity"]
    keys = pd.DataFrame(
        {
            "trust": counted["trust_code"],
            "no_cash": counted["annual"].isna(),
            "size": -counted["annual"].astype(float).fillna(counted["share"].astype(float)),
            "id": counted["opportunity_id"],
        }
    ).sort_values(["trust", "no_cash", "size", "id"], kind="stable")
    return (keys.groupby("trust").cumcount() + 1).reindex(table.index).astype("Int32")
