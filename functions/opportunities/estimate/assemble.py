"""The tables of a release, from the series of its metrics."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Floats, Whole
from functions.opportunities.compare.order import ranks
from functions.opportunities.figures.figures import COMPACT_METRICS, COMPACT_TREND, ShardTables
from functions.opportunities.figures.scope import Scope
from functions.opportunities.measure.plan import Shard
from functions.opportunities.tables.grid import nullable_ranks
from functions.opportunities.tables.unit_table import ORDER as UNIT_ORDER
from shared.method.method import Method
from shared.statuses import OpportunityStatus
from shared.tables import DISTRIBUTION, METRICS, OPPORTUNITIES, TOTALS, TREND, UNITS, Reordered


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


class Assembled(NamedTuple):
    """The same tables; the two largest are made a part at a time."""

    metrics: Reordered
    opportunities: pa.Table
    trend: Reordered
    distribution: pa.Table
    totals: pa.Table
    units: pa.Table
    trusts: pa.Table

    def makes_a_release(self, method: Method) -> bool:
        """Whether there is anything to publish: a figure or, of a method without metrics, an organisation."""
        return bool(len(self.metrics.places) if method.metrics else self.trusts.num_rows)

    def whole(self) -> Estimate:
        """All tables at once."""
        return Estimate(*(one.whole() if isinstance(one, Reordered) else one for one in self))


def assemble(scope: Scope, tables: Mapping[Shard, ShardTables]) -> Assembled:
    """The tables of a release. `tables`: those of every shard."""
    order = _Order(scope, tables)
    metrics, cases, distribution, totals = (
        pa.concat_tables([schema.empty_table(), *(getattr(tables[shard], name) for shard in scope.plan.shards)])
        for name, schema in (
            ("metrics", COMPACT_METRICS),
            ("cases", COMPACT_TREND),
            ("distribution", DISTRIBUTION),
            ("totals", TOTALS),
        )
    )
    units = [
        pa.concat_tables([UNITS.empty_table(), *(tables[shard].units[nth] for shard in scope.plan.shards)])
        for nth, _ in enumerate(scope.levels)
    ]
    cases = cases.unify_dictionaries()
    return Assembled(
        Reordered(metrics.unify_dictionaries(), order.metrics(), METRICS),
        _ranked(Reordered(cases, order.newest(), TREND).whole(), scope),
        Reordered(cases, order.trend(), TREND),
        Reordered(distribution, _by_level(distribution, scope), DISTRIBUTION).whole(),
        Reordered(totals, order.totals(), TOTALS).whole(),
        pa.concat_tables([of_level.sort_by(UNIT_ORDER) for of_level in units]).combine_chunks(),
        scope.trusts(),
    )


class _Opportunity(NamedTuple):
    """One opportunity in one shard: its place among the shard's, of how many, and the first rows of the shard."""

    name: str
    shard: Shard
    nth: int
    of: int
    cases: int
    totals: int


class _Order:
    """Which rows of the shards' tables, one after the other, follow each other in the release's: level by level, trust
    by trust."""

    def __init__(self, scope: Scope, tables: Mapping[Shard, ShardTables]) -> None:
        self._levels = scope.levels
        self._trusts = [len(level.codes) for level in scope.levels]
        self._metrics: list[int] = []
        self._cases: list[_Opportunity] = []
        metrics = cases = totals = 0
        for shard in scope.plan.shards:
            own = [name for name, _ in scope.plan.opportunities[shard.metric]]
            self._cases += [_Opportunity(name, shard, nth, len(own), cases, totals) for nth, name in enumerate(own)]
            self._metrics += [metrics] if shard.window.periods else []
            metrics += tables[shard].metrics.num_rows
            cases += tables[shard].cases.num_rows
            totals += tables[shard].totals.num_rows
        self._cases.sort(key=lambda case: case.name)

    def metrics(self) -> Whole:
        """For METRICS: by trust, metric and last day."""
        firsts = np.array(self._metrics, dtype=np.int64)
        parts = []
        for nth, trusts in enumerate(self._trusts):
            parts.append(firsts + sum(self._trusts[:nth]) + np.arange(trusts)[:, None])
        return _joined(parts)

    def trend(self) -> Whole:
        """For TREND: by trust, opportunity and last day."""
        everyone = [range(trusts) for trusts in self._trusts]
        return self._of_cases([case for case in self._cases if case.shard.window.periods], everyone)

    def newest(self) -> Whole:
        """For OPPORTUNITIES: by trust and opportunity, of the trusts that have opportunities."""
        return self._of_cases([case for case in self._cases if case.shard.newest], [one.listed for one in self._levels])

    def totals(self) -> Whole:
        """For TOTALS: by opportunity and last day."""
        held = [case for case in self._cases if case.shard.window.periods]
        levels = range(len(self._levels))
        return np.array([case.totals + level * case.of + case.nth for level in levels for case in held], dtype=np.int64)

    def _of_cases(self, cases: Sequence[_Opportunity], places: Sequence[Sequence[int]]) -> Whole:
        parts = []
        for nth, trusts in enumerate(self._trusts):
            before = sum(self._trusts[:nth])
            firsts = [case.cases + case.of * before + case.nth * trusts for case in cases]
            parts.append(np.array(firsts, dtype=np.int64) + np.array(places[nth], dtype=np.int64)[:, None])
        return _joined(parts)


def _joined(parts: Sequence[Whole]) -> Whole:
    return np.concatenate([np.empty(0, dtype=np.int64), *(part.ravel() for part in parts)])


def _by_level(table: pa.Table, scope: Scope) -> Whole:
    """The rows of each level together, otherwise in the order in which they are."""
    place = {level.id: nth for nth, level in enumerate(scope.levels)}
    return np.argsort([place[level] for level in table["level"].to_pylist()], kind="stable")


def _ranked(newest: pa.Table, scope: Scope) -> pa.Table:
    """The table OPPORTUNITIES: rows of the schema TREND, with the ranks of each trust's opportunities."""
    is_opportunity = np.array(newest["status"].to_pylist()) == OpportunityStatus.OPPORTUNITY
    cash, units, denominator = (_floats(newest, name) for name in ("cash_per_year_upper", "units_upper", "denominator"))
    share = np.divide(units, denominator, out=np.full(len(units), np.nan), where=denominator > 0)
    each = len(scope.method.opportunities) if newest.num_rows else 1
    rank = ranks(is_opportunity.reshape(-1, each), cash.reshape(-1, each), share.reshape(-1, each))
    columns = {name: newest[name] for name in newest.column_names if name != "breaks"} | {"rank": nullable_ranks(rank)}
    return pa.Table.from_arrays([columns[name] for name in OPPORTUNITIES.names], schema=OPPORTUNITIES)


def _floats(table: pa.Table, name: str) -> Floats:
    floats: Floats = table[name].to_numpy()
    return floats
