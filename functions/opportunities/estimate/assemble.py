"""The tables of a release that exist only for all metrics together, from their series."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from functions.opportunities.arrays import Flags, Floats, Whole
from functions.opportunities.compare.order import ranks
from functions.opportunities.figures.figures import COMPACT_METRICS, COMPACT_TREND
from functions.opportunities.figures.scope import Scope
from functions.opportunities.kept.series_tables import Series
from functions.opportunities.tables.grid import nullable_ranks
from functions.opportunities.tables.unit_table import ORDER as UNIT_ORDER
from shared.compute import pc
from shared.method.method import Method
from shared.statuses import OpportunityStatus
from shared.tables import DISTRIBUTION, METRICS, OPPORTUNITIES, TOTALS, UNITS, Reordered


class Assembled(NamedTuple):
    """Tables of the schemas METRICS (`latest`: the newest window of each metric), OPPORTUNITIES, DISTRIBUTION, TOTALS,
    UNITS and TRUSTS: level by level, sorted by trust, id and last day. The largest are made a part at a time."""

    latest: Reordered
    opportunities: Reordered
    distribution: pa.Table
    totals: pa.Table
    units: pa.Table
    trusts: pa.Table

    def makes_a_release(self, method: Method) -> bool:
        """Whether there is anything to publish: a figure or, of a method without metrics, an organisation."""
        return bool(self.latest.num_rows if method.metrics else self.trusts.num_rows)


def assemble(scope: Scope, series: Mapping[str, Series]) -> Assembled:
    """The tables of a release. `series`: those of every metric."""
    metrics = [*dict.fromkeys(shard.metric for shard in scope.plan.shards)]
    order = _Order(scope, {name: series[name] for name in metrics})
    latest, cases, distribution, totals = (
        pa.concat_tables([schema.empty_table(), *(getattr(series[name], column) for name in metrics)])
        for column, schema in (
            ("metrics", COMPACT_METRICS),
            ("cases", COMPACT_TREND),
            ("distribution", DISTRIBUTION),
            ("totals", TOTALS),
        )
    )
    units = [
        pa.concat_tables([UNITS.empty_table(), *(series[name].units[nth] for name in metrics)])
        for nth, _ in enumerate(scope.levels)
    ]
    return Assembled(
        Reordered(latest.unify_dictionaries().combine_chunks(), order.metrics(), METRICS),
        _ranked(cases.unify_dictionaries().combine_chunks(), order.cases(), scope),
        Reordered(distribution.combine_chunks(), _by_level(distribution, scope), DISTRIBUTION).whole(),
        Reordered(totals.combine_chunks(), order.totals(), TOTALS).whole(),
        pa.concat_tables([of_level.sort_by(UNIT_ORDER) for of_level in units]).combine_chunks(),
        scope.trusts(),
    )


class _Opportunity(NamedTuple):
    """One opportunity: its place among its metric's, of how many, the first rows of these in `cases` and `totals`, and
    how many windows have totals."""

    name: str
    nth: int
    of: int
    cases: int
    totals: int
    windows: int


class _Order:
    """Which rows of the series' tables, one after the other, follow each other in the release's: level by level, trust
    by trust."""

    def __init__(self, scope: Scope, series: Mapping[str, Series]) -> None:
        self._levels = scope.levels
        self._trusts = [len(level.codes) for level in scope.levels]
        self._metrics: list[int] = []
        self._cases: list[_Opportunity] = []
        metrics = cases = totals = 0
        for metric, one in series.items():
            own = [name for name, _ in scope.plan.opportunities[metric]]
            windows = one.totals.num_rows // max(len(own) * len(self._levels), 1)
            for nth, name in enumerate(own):
                self._cases.append(_Opportunity(name, nth, len(own), cases, totals, windows))
            self._metrics += [metrics] if one.metrics.num_rows else []
            metrics += one.metrics.num_rows
            cases += one.cases.num_rows
            totals += one.totals.num_rows
        self._cases.sort(key=lambda case: case.name)

    def metrics(self) -> Whole:
        """For METRICS: by trust and metric."""
        firsts = np.array(self._metrics, dtype=np.int64)
        parts = []
        for nth, trusts in enumerate(self._trusts):
            parts.append(firsts + sum(self._trusts[:nth]) + np.arange(trusts)[:, None])
        return _joined(parts)

    def cases(self) -> Whole:
        """For OPPORTUNITIES: by trust and opportunity, of the trusts that have opportunities."""
        parts = []
        for nth, level in enumerate(self._levels):
            before = sum(self._trusts[:nth])
            firsts = [case.cases + case.of * before + case.nth * self._trusts[nth] for case in self._cases]
            parts.append(np.array(firsts, dtype=np.int64) + np.array(level.listed, dtype=np.int64)[:, None])
        return _joined(parts)

    def totals(self) -> Whole:
        """For TOTALS: by opportunity and last day."""
        each = len(self._levels)
        parts = [
            case.totals + case.nth + case.of * (level + each * np.arange(case.windows))
            for level in range(each)
            for case in self._cases
        ]
        return _joined(parts)


def _joined(parts: Sequence[Whole]) -> Whole:
    return np.concatenate([np.empty(0, dtype=np.int64), *(part.ravel() for part in parts)])


def _by_level(table: pa.Table, scope: Scope) -> Whole:
    """The rows of each level together, otherwise in the order in which they are."""
    place = {level.id: nth for nth, level in enumerate(scope.levels)}
    return np.argsort([place[level] for level in table["level"].to_pylist()], kind="stable")


def _ranked(cases: pa.Table, places: Whole, scope: Scope) -> Reordered:
    """The table OPPORTUNITIES: rows of the schema TREND, with the ranks of each trust's opportunities."""
    status: Flags = pc.equal(cases["status"], OpportunityStatus.OPPORTUNITY).to_numpy()
    cash, units, denominator = (_floats(cases, name) for name in ("cash_per_year_upper", "units_upper", "denominator"))
    share = np.divide(units, denominator, out=np.full(len(units), np.nan), where=denominator > 0)
    each = len(scope.method.opportunities) if len(places) else 1
    at = places.reshape(-1, each)
    rank = np.zeros(cases.num_rows, dtype=np.int64)
    rank[at] = ranks(status[at], cash[at], share[at])
    ranked = cases.append_column("rank", nullable_ranks(rank))
    return Reordered(ranked.select(OPPORTUNITIES.names), places, OPPORTUNITIES)


def _floats(table: pa.Table, name: str) -> Floats:
    floats: Floats = table[name].to_numpy()
    return floats
