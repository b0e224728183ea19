"""The tables of a release, from the series of its metrics."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Floats, Whole
from functions.opportunities.compare.order import ranks
from functions.opportunities.estimate.figures import NEWEST, LevelTables
from functions.opportunities.estimate.scope import Scope
from functions.opportunities.shards.compute import Series
from functions.opportunities.tables.grid import nullable_ranks
from functions.opportunities.tables.unit_table import ORDER as UNIT_ORDER
from shared.method.method import Method
from shared.statuses import OpportunityStatus
from shared.tables import DISTRIBUTION, METRICS, OPPORTUNITIES, TOTALS, TREND, UNITS


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


def assemble(scope: Scope, series: Mapping[str, Series]) -> Estimate:
    """The tables of a release. `series`: every metric's."""
    parts: list[list[pa.Table]] = [[] for _ in range(6)]
    for nth, level in enumerate(scope.levels):
        of_level = {name: series[name][nth] for name in sorted(series)}
        tables = _of_level(scope, of_level, len(level.codes), len(level.with_opportunities))
        for part, table in zip(parts, tables, strict=True):
            part.append(table)
    return Estimate(*(pa.concat_tables(part).combine_chunks() for part in parts), scope.trusts())


def _of_level(scope: Scope, series: Mapping[str, LevelTables], trusts: int, listed: int) -> Iterator[pa.Table]:
    metrics = _interleaved([one.metrics for one in series.values()], METRICS, trusts)
    ids = {name: sorted(one for one, its in scope.method.opportunities.items() if its.metric == name) for name in series}
    opportunities = _interleaved([one.newest for one in series.values()], NEWEST, listed, [*ids.values()])
    yield metrics
    yield _ranked(opportunities, listed)
    yield _interleaved([one.trend for one in series.values()], TREND, trusts, [*ids.values()])
    yield _concatenated([one.distribution for one in series.values()], DISTRIBUTION)
    yield _interleaved([one.totals for one in series.values()], TOTALS, 1, [*ids.values()])
    yield _concatenated([one.units for one in series.values()], UNITS).sort_by(UNIT_ORDER)


def _concatenated(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables])


def _interleaved(
    tables: Sequence[pa.Table], schema: pa.Schema, trusts: int, ids: Sequence[Sequence[str]] | None = None
) -> pa.Table:
    """Tables that are sorted by trust, as one that is. Each has the same number of rows for each of the trusts.

    `ids`: of each table the opportunities that it has, with the same number of rows each; these are put in order."""
    whole = _concatenated(tables, schema)
    if not whole.num_rows:
        return whole
    widths = [table.num_rows // trusts for table in tables]
    first = np.cumsum([0, *(table.num_rows for table in tables)])
    columns: list[tuple[str, Whole, int]] = []
    for nth, width in enumerate(widths):
        own = [""] if ids is None else ids[nth]
        for place, name in enumerate(own if width else []):
            each = width // len(own)
            columns.append((name, first[nth] + place * each + np.arange(each), width))
    if ids is not None:
        columns.sort(key=lambda column: column[0])
    start = np.concatenate([at for _, at, _ in columns])
    step = np.concatenate([np.full(len(at), width) for _, at, width in columns])
    order = start + step * np.arange(trusts)[:, None]
    return whole.take(pa.array(order.ravel()))


def _ranked(newest: pa.Table, trusts: int) -> pa.Table:
    """The table OPPORTUNITIES of a level: `newest` (schema NEWEST) with the ranks of each trust's opportunities."""
    if not newest.num_rows:
        return OPPORTUNITIES.empty_table()
    is_opportunity = np.array(newest["status"].to_pylist()) == OpportunityStatus.OPPORTUNITY
    cash, units, denominator = (_floats(newest, name) for name in ("cash_per_year_upper", "units_upper", "denominator"))
    share = np.divide(units, denominator, out=np.full(len(units), np.nan), where=denominator > 0)
    rank = ranks(*(part.reshape(trusts, -1) for part in (is_opportunity, cash, share)))
    place = OPPORTUNITIES.get_field_index("rank")
    return newest.add_column(place, OPPORTUNITIES.field("rank"), nullable_ranks(rank))


def _floats(table: pa.Table, name: str) -> Floats:
    floats: Floats = table[name].to_numpy()
    return floats
