"""The tables DISTRIBUTION and TOTALS: figures of all trusts together."""

from collections.abc import Sequence
from math import fsum
from typing import Any

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Flags, Floats
from functions.opportunities.measure.windows import MetricWindow
from functions.opportunities.tables.grid import Grid
from shared.facts.quantiles import of_ordered
from shared.method.opportunities import EXPRESSIONS
from shared.statuses import OpportunityStatus
from shared.tables import DISTRIBUTION, TOTALS


def distribution_table(level: str | None, spans: Sequence[MetricWindow], values: Floats) -> pa.Table:
    """One row for each metric and window (a column of `values`, t × c: the comparable ones) that has any value."""
    rows = []
    for column, span in enumerate(spans):
        known = values[~np.isnan(values[:, column]), column]
        ordered: list[float] = np.sort(known).tolist()
        period = span.window.period
        if not ordered or period is None:
            continue
        deciles: dict[str, Any] = {f"decile_{nth}": of_ordered(ordered, nth / 10) for nth in range(1, 10)}
        rows.append(
            deciles
            | {
                "level": level,
                "metric_id": span.name,
                "period_start": period.start,
                "period_end": period.end,
                "count": len(ordered),
                "smallest": ordered[0],
                "largest": ordered[-1],
                "lower_quartile": of_ordered(ordered, 0.25),
                "upper_quartile": of_ordered(ordered, 0.75),
                "mean": fsum(ordered) / len(ordered),
            }
        )
    return pa.Table.from_pylist(rows, schema=DISTRIBUTION)


def totals_table(level: str | None, figures: Grid) -> pa.Table:
    """One row for each column of `figures`, the cases: sums over the trusts with an opportunity, never over
    opportunities. Only sums of what is above zero: a trust that is ahead takes nothing from the others."""
    has_gain: Flags = figures.cells["status"] == OpportunityStatus.OPPORTUNITY
    columns: dict[str, Any] = {name: figures.by_column[name] for name in ("opportunity_id", "unit")}
    columns |= {name: figures.by_column[name] for name in ("period_start", "period_end")}
    columns["trusts"] = has_gain.sum(axis=0)
    columns["level"] = [level] * len(columns["opportunity_id"])
    for kind in EXPRESSIONS:
        columns[f"{kind}_trusts"] = (has_gain & (figures.cells[f"{kind}_upper"] > 0)).sum(axis=0)
    for name in TOTALS.names:
        if name not in columns:
            columns[name] = [_sum(part[gain]) for part, gain in zip(figures.cells[name].T, has_gain.T, strict=True)]
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in TOTALS}, schema=TOTALS)


def _sum(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return fsum(known[known > 0]) if len(known) else None
