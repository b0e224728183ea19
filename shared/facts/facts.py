"""The facts of one snapshot: every current file's long table, by dataset, with look-ups by measure and period.

Pure: no clock, no storage. Peers and opportunities compute from it and from nothing else. pandas is imported inside the
functions that need it, because it is slow to import and some functions need only the names.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from shared.method.terms import Period, Ref
from shared.tables import CURATED

if TYPE_CHECKING:
    import pandas as pd

    from shared.facts.placed import Placed
    from shared.method.contracts import Dataset


class Facts:
    """`tables`: dataset → long frame (columns of `shared.tables.CURATED` plus `period`, the slot's label). `contracts`:
    theirs; `datasets`: of those whose rows are about units.

    Look-ups are by organisation: rows about its units are added up first (see `shared.facts.roll_up`). The rows of a
    dataset are in slot order. If files of two slots state the same code, day and measure (a file of many months and its
    successor), the later slot's row counts.
    """

    def __init__(self, tables: Mapping[str, "pd.DataFrame"], datasets: "Mapping[str, Dataset] | None" = None) -> None:
        self.tables = tables
        self.contracts = {name: one for name, one in (datasets or {}).items() if name in tables}
        self.datasets = {name: one for name, one in self.contracts.items() if one.unit}
        self._by_dataset: dict[str, Placed] = {}

    @cached_property
    def by_organisation(self) -> "Mapping[str, pd.DataFrame]":
        """`tables` with one row for each organisation, period and measure of every file."""
        if not self.datasets:
            return self.tables
        from shared.facts.roll_up import rolled_up

        return {
            name: rolled_up(table, self.datasets[name]) if name in self.datasets else table
            for name, table in self.tables.items()
        }

    @cached_property
    def zero_where_absent(self) -> "Mapping[Ref, frozenset[Period]]":
        """The measures that are zero for an organisation without a row, and the periods in which.

        Those of which any file of the dataset has a figure, unless the measure has rows but no figure: then it was
        removed by a check across files, or suppressed for everyone.
        """
        zero: dict[Ref, frozenset[Period]] = {}
        for name, contract in self.contracts.items():
            table = self.tables[name]
            for measure in (measure for measure, one in contract.measures.items() if one.absent == "zero"):
                own = table[table["measure"] == measure]
                unknown = _periods(own) - _periods(own[own["state"] == "value"])
                zero[Ref(name, measure)] = _periods(table[table["state"] == "value"]) - unknown
        return zero

    def rows(self, ref: Ref) -> "pd.DataFrame":
        """Every row of a measure, all periods, in slot order; no rows if none was landed."""
        return self._placed(ref.dataset).rows(ref.measure)

    def periods(self, ref: Ref) -> Sequence[Period]:
        """The periods of a measure's rows, oldest first."""
        return self._placed(ref.dataset).periods(ref.measure)

    def _placed(self, dataset: str) -> "Placed":
        if dataset not in self._by_dataset:
            import pandas as pd

            from shared.facts.placed import Placed

            nothing = pd.DataFrame(columns=[*CURATED.names, "period"])
            self._by_dataset[dataset] = Placed(self.by_organisation.get(dataset, nothing))
        return self._by_dataset[dataset]

    def first_of(self, names: Sequence[str]) -> list[tuple[Period, Ref]]:
        """The periods of several measures, oldest first, each with the first of the measures that has rows in it."""
        refs = [Ref.parse(name) for name in reversed(names)]
        return sorted({period: ref for ref in refs for period in self.periods(ref)}.items())

    def at(self, ref: Ref, period: Period) -> "pd.DataFrame":
        """A measure in one period: index code; columns value, text, state, row, period. One row per code."""
        return self._placed(ref.dataset).at(ref.measure, period)

    def newest(self, refs: Sequence[Ref]) -> Period | None:
        """The newest period for which one of the measures has rows; None if none has."""
        return max((period for ref in refs for period in self.periods(ref)), default=None)

    def newest_day(self, successions: str | None) -> date:
        """The newest day of any figure. The dataset `successions` (if any) does not count: it may have dates in the
        future."""
        days = [table["period_end"].dropna() for dataset, table in self.tables.items() if dataset != successions]
        return max((rows.max() for rows in days if len(rows)), default=date.max)

    def reporting(self, without: Collection[str]) -> frozenset[str]:
        """The codes that have a figure in any dataset but these."""
        tables = [table for dataset, table in self.tables.items() if dataset not in without]
        codes = (table.loc[(table["state"] == "value") & table["value"].notna(), "code"].unique() for table in tables)
        return frozenset(str(code) for each in codes for code in each)

    def label(self, dataset: str, period: Period) -> str:
        """The label of the slot whose file has a period, such as `2015-16`; the latest slot if several have it."""
        table = self.tables[dataset]
        rows = table[(table["period_end"] == period.end) & (table["period_start"] == period.start)]
        return str(rows["period"].iloc[-1])


def _periods(rows: "pd.DataFrame") -> frozenset[Period]:
    days = rows.loc[rows["period_end"].notna(), ["period_end", "period_start"]].drop_duplicates()
    return frozenset(Period(end, start) for end, start in days.itertuples(index=False))
