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

    def table(self, schema: pa.Schema, **more: "pa.Array[Any]") -> pa.Table:
        """One row for each pair, trust by trust; NaN becomes null. `more`: finished arrays of t · c."""
        trusts, columns = (len(next(iter(labels.values()))) for labels in (self.by_trust, self.by_column))
        arrays: dict[str, Any] = {name: _objects(values).repeat(columns) for name, values in self.by_trust.items()}
        arrays |= {name: np.tile(_objects(values), trusts) for name, values in self.by_column.items()}
        arrays |= {name: values.ravel() for name, values in self.cells.items()}
        arrays |= {name: lists(flags) for name, flags in self.lists.items()} | more
        typed = [pa.array(arrays[field.name], field.type, from_pandas=True) for field in schema]
        return pa.Table.from_arrays(typed, schema=schema)


def lists(flags: Mapping[str, Flags]) -> "pa.Array[Any]":
    """For each cell, the names of the flags that are set (each t × c), in the order of `flags`."""
    on = np.stack([flag.ravel() for flag in flags.values()], axis=1)
    ends = pa.array(np.concatenate([[0], np.cumsum(on.sum(axis=1))]), pa.int32())
    names = np.broadcast_to(np.array([*flags]), on.shape)[on]
    return pa.ListArray.from_arrays(ends, pa.array(names, pa.string()))


def nullable_ranks(rank: NDArray[np.int64]) -> "pa.Array[Any]":
    """Ranks, with null instead of 0."""
    return pa.array(rank.ravel(), pa.int32(), mask=rank.ravel() == 0)


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects
