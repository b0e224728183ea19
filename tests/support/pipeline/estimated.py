"""All figures of a programme, of facts in memory: nothing is kept, and every window is in one table."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa

from functions.opportunities.estimate.assemble import assemble
from functions.opportunities.estimate.compute import compute
from functions.opportunities.figures.scope import Scope
from functions.opportunities.kept.series_tables import Series, metrics_of, trend_of
from shared.facts.facts import Facts
from shared.method.method import Method
from shared.tables import METRICS, TREND
from tests.support.facts_of import WholeFacts


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


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method, over every window held. `peers` has the schema PEERS."""
    source = WholeFacts(facts, method)
    scope = Scope.of(source, peers, method)
    by_metric: Mapping[str, list[Any]] = {
        name: [tables for _, tables in own]
        for name, own in groupby(compute(source, scope, scope.plan.shards), key=lambda one: one[0].metric)
    }
    found = assemble(scope, {name: Series.of(shards) for name, shards in by_metric.items()})
    trusts, levels = [len(level.codes) for level in scope.levels], [level.id for level in scope.levels]
    metrics = [METRICS.empty_table(), *(metrics_of(shards).whole() for shards in by_metric.values())]
    trend = [TREND.empty_table(), *(trend_of(shards, trusts).whole() for shards in by_metric.values())]
    return Estimate(
        by_trust(pa.concat_tables(metrics), "metric_id", levels),
        found.opportunities.whole(),
        by_trust(pa.concat_tables(trend), "opportunity_id", levels),
        found.distribution,
        found.totals,
        found.units,
        found.trusts,
    )


def by_trust(table: pa.Table, name: str, levels: list[str | None]) -> pa.Table:
    """Rows level by level, sorted by trust, an id and the last day, and otherwise as they are."""
    rows = table.to_pylist()
    order = sorted(
        range(len(rows)),
        key=lambda nth: (
            levels.index(rows[nth]["level"]),
            *(rows[nth][column] for column in ("trust_code", name, "period_end")),
            nth,
        ),
    )
    return table.take(pa.array(order, pa.int64())).combine_chunks()
