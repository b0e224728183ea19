"""From arrays of trusts × columns to a table with one row for each pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.opportunities.arrays import Flags


@dataclass(frozen=True)
class Grid:
    """Figures of t trusts × c columns: `by_trust` has t entries each, `by_column` c, `cells` t × c.

    `lists`: for each list, the names that a cell may have in it, and whether it has (each t × c).
    """

    by_trust: Mapping[str, Sequence[Any]]
    by_column: Mapping[str, Sequence[Any]]
    cells: Mapping[str, NDArray[Any]]
    lists: Mapping[str, Mapping[str, Flags]]

    def pick(self, trusts: Sequence[int], columns: Sequence[int]) -> "Grid":
        """The figures of some trusts and columns, by place."""
        at = np.ix_(np.array(trusts, dtype=np.int64), np.array(columns, dtype=np.int64))
        return Grid(
            {name: [values[place] for place in trusts] for name, values in self.by_trust.items()},
            {name: [values[place] for place in columns] for name, values in self.by_column.items()},
            {name: values[at] for name, values in self.cells.items()},
            {name: {flag: on[at] for flag, on in flags.items()} for name, flags in self.lists.items()},
        )

    def table(self, schema: pa.Schema) -> pa.Table:
        """One row for each pair, column by column; NaN becomes null. `schema` may be compact."""
        trusts, columns = (len(next(iter(labels.values()))) for labels in (self.by_trust, self.by_column))
        trust, column = np.tile(np.arange(trusts), columns), np.repeat(np.arange(columns), trusts)
        arrays: list[Any] = []
        for field in schema:
            if field.name in self.by_trust:
                arrays.append(_repeated(self.by_trust[field.name], trust, field.type))
            elif field.name in self.by_column:
                arrays.append(_repeated(self.by_column[field.name], column, field.type))
            elif field.name in self.cells:
                cells = self.cells[field.name].T.ravel()
                plain = field.type.value_type if isinstance(field.type, pa.DictionaryType) else field.type
                array: Any = pa.array(cells, plain, from_pandas=True)
                arrays.append(array if plain == field.type else array.dictionary_encode())
            else:
                arrays.append(_lists(self.lists[field.name]))
        return pa.Table.from_arrays(arrays, schema=schema)


def _repeated(values: Sequence[Any], places: NDArray[np.int64], kind: pa.DataType) -> "pa.Array[Any]":
    rows = pa.array(places)
    array: Any = pa.array(values, kind)
    if isinstance(kind, pa.DictionaryType):
        array = pa.array(values, kind.value_type).dictionary_encode()
    repeated: pa.Array[Any] = array.take(rows)
    return repeated


def _lists(flags: Mapping[str, Flags]) -> "pa.Array[Any]":
    """For each cell, column by column, the names of the flags that are set (each t × c), in the order of `flags`."""
    on = np.stack([flag.T.ravel() for flag in flags.values()], axis=1)
    ends = pa.array(np.concatenate([[0], np.cumsum(on.sum(axis=1))]), pa.int32())
    names = np.broadcast_to(np.array([*flags]), on.shape)[on]
    return pa.ListArray.from_arrays(ends, pa.array(names, pa.string()))


def nullable_ranks(rank: NDArray[np.int64]) -> "pa.Array[Any]":
    """Ranks, with null instead of 0."""
    return pa.array(rank.ravel(), pa.int32(), mask=rank.ravel() == 0)
