"""A release's tables computed at once and row by row: all facts in memory, all windows as one block, nothing kept.

It shares the arithmetic of each column with what it is compared with, not how facts are read, how shards are cut, named
and kept, nor how tables are put in order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from functions.opportunities.figures.figures import Figures
from functions.opportunities.figures.scope import Level, Scope, measures_of
from functions.opportunities.measure.measures import LandedMeasures
from functions.opportunities.tables.grid import Grid
from functions.opportunities.tables.summary_tables import distribution_table, totals_table
from functions.opportunities.tables.unit_table import units_table
from shared.facts.facts import Facts
from shared.method.method import Method
from shared.tables import DISTRIBUTION, METRICS, OPPORTUNITIES, TOTALS, TREND, UNITS
from tests.support.facts_of import WholeFacts


def at_once(facts: Facts, peers: pa.Table, method: Method) -> Mapping[str, pa.Table]:
    """The tables that opportunities computes, by name. `facts`: findings applied."""
    scope = Scope.of(WholeFacts(facts, method), peers, method)
    landed = LandedMeasures(facts, measures_of(method))
    columns = scope.plan.columns(scope.plan.shards)
    parts: dict[str, list[pa.Table]] = {
        name: [schema.empty_table()]
        for name, schema in (
            ("metrics", METRICS), ("opportunities", OPPORTUNITIES), ("trend", TREND), ("distribution", DISTRIBUTION),
            ("totals", TOTALS), ("units", UNITS),
        )
    }  # fmt: skip
    for level, measures in zip(scope.levels, scope.measures(landed), strict=True):
        figures = Figures(method, level, columns, measures)
        held = [place for place in columns.published if columns.spans[place].window.periods]
        everyone = range(len(level.codes))
        spans = [columns.spans[place] for place in held]
        parts["metrics"].append(_table(figures.of_metrics(), everyone, held, METRICS))
        parts["distribution"].append(distribution_table(level.id, spans, figures.comparable[:, held]))
        if columns.cases:
            for name, table in _of_cases(figures, level, scope).items():
                parts[name].append(table)
    return {name: pa.concat_tables(tables).combine_chunks() for name, tables in parts.items()} | {
        "trusts": scope.trusts()
    }


def _of_cases(figures: Figures, level: Level, scope: Scope) -> Mapping[str, pa.Table]:
    cases, columns = figures.of_cases(), figures.columns
    held = [place for place, case in enumerate(columns.cases) if case.window.periods]
    newest = sorted(columns.newest_cases)
    listed = [place for place, code in enumerate(level.codes) if code in {*level.with_opportunities}]
    all_windows = cases.pick(range(len(level.codes)), held)
    shown = [columns.cases[place] for place in newest]
    rows = [*_ranked(_rows(cases, listed, newest))]
    return {
        "opportunities": pa.Table.from_pylist(rows, OPPORTUNITIES),
        "trend": _table(cases, range(len(level.codes)), held, TREND),
        "totals": totals_table(level.id, all_windows),
        "units": units_table(shown, cases.pick(listed, newest), figures.measures, level.facts, level.members),
    }


def _ranked(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each trust's opportunities by annual cash, then those without by their share of the trust's denominator."""
    by_trust: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_trust.setdefault(row["trust_code"], []).append(row)
    for own in by_trust.values():
        ranked = [row for row in own if row["status"] == "opportunity"]
        ranked.sort(key=lambda row: (*_size(row), row["opportunity_id"]))
        place = {row["opportunity_id"]: nth for nth, row in enumerate(ranked, 1)}
        yield from (row | {"rank": place.get(row["opportunity_id"])} for row in own)


def _size(row: Mapping[str, Any]) -> tuple[bool, float]:
    cash = row["cash_per_year_upper"]
    if cash is not None:
        return False, -cash
    share = row["units_upper"] / row["denominator"] if row["denominator"] else None
    return True, np.inf if share is None else -share


def _table(grid: Grid, trusts: Sequence[int], columns: Sequence[int], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([*_rows(grid, trusts, columns)], schema)


def _rows(grid: Grid, trusts: Sequence[int], columns: Sequence[int]) -> Iterator[dict[str, Any]]:
    for trust in trusts:
        for column in columns:
            row = {name: values[trust] for name, values in grid.by_trust.items()}
            row |= {name: values[column] for name, values in grid.by_column.items()}
            row |= {name: _plain(cells[trust, column]) for name, cells in grid.cells.items()}
            for name, flags in grid.lists.items():
                row[name] = [flag for flag, on in flags.items() if on[trust, column]]
            yield row


def _plain(cell: Any) -> Any:
    value = cell.item() if isinstance(cell, np.generic) else cell
    return None if isinstance(value, float) and np.isnan(value) else value
