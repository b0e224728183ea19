"""What peers knows of each dataset: all that its groups and its checks across datasets need of the files."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.facts.apply_findings import FindingRow
from shared.facts.facts import Facts
from shared.facts.row_arrays import encoded, encoded_days
from shared.method.contracts import Dataset
from shared.method.terms import Period, Ref
from shared.tables import CURATED, DAY, FINDINGS, FLAG, STRING, WHOLE, columns, compact

HELD = compact(
    columns(period=STRING, period_start=DAY, period_end=DAY, code=STRING, figures=WHOLE, reports=FLAG),
)
ROWS = pa.schema([*(field for field in CURATED if field.name != "warnings"), pa.field("period", STRING)])
_ZERO = columns(measure=STRING, period_start=DAY, period_end=DAY)
_ORDER: Mapping[str, list[tuple[str, Literal["ascending", "descending"]]]] = {
    "findings": [(name, "ascending") for name in ("period", "rule", "measure", "trust_code", "row", "message")],
    "zero": [(name, "ascending") for name in ("measure", "period_end", "period_start")],
}


class Known(NamedTuple):
    """A dataset. It depends on its files, its contract and `needed`, and on no other dataset.

    `held` (schema HELD): for each label, days and code that have rows: how many of these are not missing, and whether
    one is a number. `findings`: what its own periods show. `rows` (columns ROWS): the measures that groups and the
    population are made of, by organisation, without values that findings remove. `zero`: of these measures, those that
    are zero where there is no row, and the periods in which.
    """

    held: pd.DataFrame
    findings: list[FindingRow]
    rows: pd.DataFrame
    zero: Mapping[str, frozenset[Period]]


class KnownFacts(Facts):
    """Facts that have the rows of `Known`; what else is asked of them is known of the files that had the others."""

    def __init__(self, known: Mapping[str, Known], contracts: Mapping[str, Dataset]) -> None:
        super().__init__({name: one.rows for name, one in known.items()}, contracts)
        self.known = known
        self._codes: dict[str, dict[str, set[str]]] = {}
        self._labels: dict[str, dict[Period, str]] = {}
        self._at: dict[tuple[Ref, Period], pd.DataFrame] = {}

    @cached_property
    def by_organisation(self) -> Mapping[str, pd.DataFrame]:
        """The rows, which are by organisation."""
        return self.tables

    @cached_property
    def zero_where_absent(self) -> Mapping[Ref, frozenset[Period]]:
        """See `Facts`."""
        return {
            Ref(name, measure): periods for name, one in self.known.items() for measure, periods in one.zero.items()
        }

    def reporting(self, without: Collection[str]) -> frozenset[str]:
        """See `Facts`."""
        codes = (one.held.loc[one.held["reports"], "code"] for name, one in self.known.items() if name not in without)
        return frozenset(str(code) for each in codes for code in each.unique())

    @cached_property
    def _last_days(self) -> Mapping[str, date]:
        """The last day of each dataset that has days."""
        days = {name: encoded(one.held["period_end"]).values for name, one in self.known.items()}
        return {name: max(ends) for name, ends in days.items() if ends}

    def newest_day(self, successions: str | None) -> date:
        """See `Facts`."""
        return max((day for name, day in self._last_days.items() if name != successions), default=date.max)

    def at(self, ref: Ref, period: Period) -> pd.DataFrame:
        """See `Facts`."""
        if (ref, period) not in self._at:
            self._at[ref, period] = super().at(ref, period)
        return self._at[ref, period]

    def label(self, dataset: str, period: Period) -> str:
        """See `Facts`."""
        if dataset not in self._labels:
            distinct = encoded_days(self.known[dataset].held).values
            self._labels[dataset] = {
                Period(days.end, days.start): str(days.label) for days in distinct if days.end and days.start
            }
        return self._labels[dataset][period]

    def codes_by_label(self, dataset: str) -> Mapping[str, set[str]]:
        """Label → the codes that its file has rows of."""
        if dataset not in self._codes:
            held = self.known[dataset].held
            label, code = encoded(held["period"]), encoded(held["code"])
            names = np.array([str(one) for one in code.values], dtype=object)
            self._codes[dataset] = {
                str(name): set(names[code.place[label.place == place]]) for place, name in enumerate(label.values)
            }
        return self._codes[dataset]


def to_tables(one: Known) -> dict[str, pa.Table]:
    """As tables."""
    zero = [
        {"measure": measure, "period_start": period.start, "period_end": period.end}
        for measure, periods in one.zero.items()
        for period in sorted(periods)
    ]
    return {
        "held": pa.Table.from_pandas(one.held, HELD, preserve_index=False),
        "findings": in_order("findings", pa.Table.from_pylist(one.findings, FINDINGS)),
        "rows": pa.Table.from_pandas(one.rows, ROWS, preserve_index=False),
        "zero": in_order("zero", pa.Table.from_pylist(zero, _ZERO)),
        "measures": pa.table({"measure": pa.array([*one.zero], STRING)}),
    }


def in_order(name: str, table: pa.Table) -> pa.Table:
    """One of the tables, with its rows in the order in which they are kept: that of the files, if not another."""
    table = table.unify_dictionaries()
    return (table.sort_by(_ORDER[name]) if name in _ORDER else table).combine_chunks()


def from_tables(tables: Mapping[str, pa.Table]) -> Known:
    """What `to_tables` wrote."""
    measures: Any = tables["measures"]["measure"].to_pylist()
    zero: dict[str, set[Period]] = {measure: set() for measure in measures}
    for row in tables["zero"].to_pylist():
        zero[row["measure"]].add(Period(row["period_end"], row["period_start"]))
    findings: list[FindingRow] = tables["findings"].drop_columns("file_id").to_pylist()
    return Known(
        as_frame(tables["held"]),
        findings,
        tables["rows"].to_pandas(),
        {measure: frozenset(periods) for measure, periods in zero.items()},
    )


def as_frame(table: pa.Table) -> pd.DataFrame:
    """A table as a frame in which texts and days are categories."""
    for place, field in enumerate(table.schema):
        if field.type in (STRING, DAY):
            table = table.set_column(place, field.name, table[field.name].dictionary_encode())
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame
