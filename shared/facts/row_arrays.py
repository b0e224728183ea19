"""A long table's columns as numbers, so that millions of rows are compared without a Python loop over them."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

type Places = NDArray[np.int64]


class Encoded[T](NamedTuple):
    """A column of n rows: `place` (n) of each row's value among the distinct `values`, -1 where there is none."""

    place: Places
    values: list[T]

    def among(self, chosen: Collection[T]) -> NDArray[np.bool_]:
        """Which rows have one of some values."""
        return np.array([*(value in chosen for value in self.values), False])[self.place]


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """A frame whose categories are plain values, which are ordered by value and can be any."""
    of_categories = table.select_dtypes("category").columns
    return table.astype(dict.fromkeys(of_categories, object))


class Days(NamedTuple):
    """The label of a slot with the days of a period in its file; None for rows without days."""

    label: str
    end: date | None
    start: date | None


def encoded(column: "pd.Series[Any]") -> Encoded[Any]:
    """A column's distinct values, and where each row has which."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return Encoded(column.cat.codes.to_numpy().astype(np.int64), column.cat.categories.tolist())
    place, values = pd.factorize(column)
    return Encoded(place.astype(np.int64, copy=False), list(values))


def encoded_days(table: pd.DataFrame) -> Encoded[Days]:
    """The distinct `Days` of a dataset's long table in the order of their first rows, and where each row has which."""
    columns = [encoded(table[name]) for name in ("period", "period_end", "period_start")]
    shape = [len(column.values) + 1 for column in columns]  # the last place is that of no value, -1
    place, distinct = pd.factorize(np.ravel_multi_index([column.place for column in columns], shape, mode="wrap"))
    parts = zip(
        *(
            [(*column.values, None)[each] for each in places.tolist()]
            for column, places in zip(columns, np.unravel_index(distinct, shape), strict=True)
        ),
        strict=True,
    )
    return Encoded(place.astype(np.int64, copy=False), [Days(*part) for part in parts])
