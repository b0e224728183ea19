"""The facts of one snapshot: every current file's long table, by dataset, ready to be asked for a measure.

Pure: no clock, no storage. Peers and opportunities both compute from it and from nothing else. pandas is imported where
it is used: contracts name periods in functions that have no time for it.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from shared.method.terms import Period, Ref
from shared.tables import CURATED

if TYPE_CHECKING:
    import pandas as pd


class Facts:
    """`tables`: dataset → long frame (columns of `shared.tables.CURATED` plus `period`, the slot's label).

    The rows of a dataset stand in slot order, so where two files of different periods state the same code,
    day and measure (a file of many months and its successor) the later slot's row is the one that counts.
    """

    def __init__(self, tables: Mapping[str, "pd.DataFrame"]) -> None:
        self.tables = tables

    @cached_property
    def _by_measure(self) -> "dict[Ref, pd.DataFrame]":
        return {
            Ref(dataset, str(measure)): rows
            for dataset, table in self.tables.items()
            for measure, rows in table.groupby("measure", sort=True)
        }

    def rows(self, ref: Ref) -> "pd.DataFrame":
        """Every row of a measure, all periods, in slot order; empty if none was landed."""
        found = self._by_measure.get(ref)
        if found is not None:
            return found
        import pandas as pd

        return pd.DataFrame(columns=[*CURATED.names, "period"])

    def periods(self, ref: Ref) -> list[Period]:
        """The periods held of a measure, oldest first."""
        pairs = self.rows(ref)[["period_end", "period_start"]].drop_duplicates()
        return sorted(Period(end, start) for end, start in pairs.itertuples(index=False))

    def at(self, ref: Ref, period: Period) -> "pd.DataFrame":
        """A measure in one period: index code; columns value, text, state, row, period. One row per code."""
        rows = self.rows(ref)
        chosen = rows[(rows["period_end"] == period.end) & (rows["period_start"] == period.start)]
        return chosen.drop_duplicates("code", keep="last").set_index("code").sort_index()

    def newest(self, refs: Sequence[Ref]) -> Period | None:
        """The newest period in which any of the measures was stated."""
        return max((period for ref in refs for period in self.periods(ref)), default=None)

    def label(self, dataset: str, period: Period) -> str:
        """The slot label a period came under, such as `2015-16`."""
        table = self.tables[dataset]
        held = table[(table["period_end"] == period.end) & (table["period_start"] == period.start)]
        return str(held["period"].iloc[-1])
