"""The survey: which organisations have rows and figures for which measures and periods, without the figures.

All that is computed is planned from it, so that figures can be read a part at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from functions.opportunities.arrays import Flags, Whole
from shared.method.measures import Source
from shared.method.terms import Period


class Entry(NamedTuple):
    """A measure in one period: places of the codes that have a row and of those that have a figure, and whether any
    unit has one."""

    rows: Whole
    figures: Whole
    of_units: bool


class DatasetSurvey(NamedTuple):
    """One dataset: its codes, and measure → period → what is held, oldest first. `zero_where_absent`: the periods in
    which a measure is zero for an organisation without a row."""

    codes: Sequence[str]
    entries: Mapping[str, Mapping[Period, Entry]]
    zero_where_absent: Mapping[str, frozenset[Period]]


class Survey:
    """All datasets. `is_above`: whether a code is that of an organisation of a further level; its own rows have no say
    in which periods have figures."""

    def __init__(
        self, datasets: Mapping[str, DatasetSurvey], is_above: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._datasets = datasets
        self._own: dict[str, Flags] = {
            name: np.array([not is_above(code) for code in one.codes], dtype=bool) for name, one in datasets.items()
        }
        self._with_figures: dict[str, frozenset[Period]] = {}

    def zero_where_absent(self, name: str) -> frozenset[Period]:
        """The periods in which a measure is zero for an organisation without a row."""
        dataset, _, measure = name.partition(".")
        one = self._datasets.get(dataset)
        return frozenset() if one is None else one.zero_where_absent.get(measure, frozenset())

    def periods(self, name: str) -> Mapping[Period, Entry]:
        """What is held of a measure, oldest first."""
        dataset, _, measure = name.partition(".")
        one = self._datasets.get(dataset)
        return {} if one is None else one.entries.get(measure, {})

    def with_figures(self, name: str) -> frozenset[Period]:
        """The periods in which any organisation, or unit of one, has a figure."""
        if name not in self._with_figures:
            own = self._own.get(name.partition(".")[0])
            stated = (
                period
                for period, one in self.periods(name).items()
                if one.of_units or (own is not None and own[one.figures].any())
            )
            self._with_figures[name] = frozenset(stated) | self.zero_where_absent(name)
        return self._with_figures[name]

    def source(self, sources: Sequence[Source], period: Period) -> Source | None:
        """The first source of which any organisation has a figure for every measure in a period."""
        return next((one for one in sources if all(period in self.with_figures(name) for name in one.measures)), None)

    def used(self, sources: Sequence[Source], periods: Iterable[Period]) -> Iterator[tuple[str, Period]]:
        """The measures that are read in each period."""
        for period in periods:
            if (source := self.source(sources, period)) is not None:
                yield from ((name, period) for name in source.measures)

    def datasets(self, sources: Sequence[Source], periods: Iterable[Period]) -> list[str]:
        """The datasets that are read in some periods, in alphabetical order."""
        return sorted({name.partition(".")[0] for name, _ in self.used(sources, periods)})

    def mentioned(self, pairs: Iterable[tuple[str, Period]]) -> set[str]:
        """The codes that have a row for any of these measures and periods, with a figure or without."""
        on = {name: np.zeros(len(one.codes), dtype=bool) for name, one in self._datasets.items()}
        for name, period in pairs:
            if (entry := self.periods(name).get(period)) is not None:
                on[name.partition(".")[0]][entry.rows] = True
        places = ((self._datasets[name].codes, np.flatnonzero(rows).tolist()) for name, rows in on.items())
        return {codes[place] for codes, some in places for place in some}
