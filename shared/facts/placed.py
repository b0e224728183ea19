"""Look-ups in a long table: where it has the rows of a measure, and those of a measure in one period."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from shared.facts.row_arrays import Encoded, Places, encoded
from shared.method.terms import Period


class Placed:
    """A long table, whose columns are read into numbers once."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._measure = encoded(table["measure"])
        self._number = {str(name): place for place, name in enumerate(self._measure.values)}
        self._by_period: dict[str, Mapping[Period, Places]] = {}

    def rows(self, measure: str) -> pd.DataFrame:
        """All rows of a measure."""
        return self._table.take(self._places(measure))

    def periods(self, measure: str) -> list[Period]:
        """The periods of a measure's rows, oldest first."""
        return sorted(self._of(measure))

    def at(self, measure: str, period: Period) -> pd.DataFrame:
        """A measure in one period, by code: of two rows of one code, the later. No rows have no period."""
        known = self._of(measure) if None not in period else {}
        rows = known.get(period, np.empty(0, dtype=np.int64))
        code = self._code[rows]
        in_order = np.argsort(code, kind="stable")
        last = np.append(np.diff(code[in_order]) != 0, True)[: len(rows)]
        return self._by_code.take(rows[in_order[last]])

    def _places(self, measure: str) -> Places:
        return np.flatnonzero(self._measure.place == self._number.get(measure, len(self._number)))

    def _of(self, measure: str) -> Mapping[Period, Places]:
        """Period → the places of a measure's rows."""
        if measure not in self._by_period:
            places = self._places(measure)
            days = self._days.place[places]
            order = np.argsort(days, kind="stable")
            distinct, starts = np.unique(days[order], return_index=True)
            parts = np.split(places[order], starts)[1:]
            self._by_period[measure] = {
                self._days.values[day]: part for day, part in zip(distinct.tolist(), parts, strict=True)
            }
        return self._by_period[measure]

    @cached_property
    def _days(self) -> Encoded[Period]:
        end, start = (encoded(self._table[name]) for name in ("period_end", "period_start"))
        span = len(start.values) + 1
        place, distinct = pd.factorize((end.place + 1) * span + start.place + 1)
        pairs = zip(*np.divmod(distinct, span), strict=True)
        return Encoded(place, [Period((None, *end.values)[one], (None, *start.values)[other]) for one, other in pairs])

    @cached_property
    def _code(self) -> Places:
        """Each row's code as a number; later codes have larger ones."""
        code = encoded(self._table["code"])
        rank = np.empty(len(code.values), dtype=np.int64)
        rank[sorted(range(len(code.values)), key=code.values.__getitem__)] = np.arange(len(code.values))
        return rank[code.place]

    @cached_property
    def _by_code(self) -> pd.DataFrame:
        return self._table.set_index("code")
