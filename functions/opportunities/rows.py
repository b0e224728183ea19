"""From arrays of trusts × columns to a table with one row for each pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.opportunities.benchmarks import Flags


def rows(
    schema: pa.Schema,
    by_trust: Mapping[str, Sequence[Any]],
    by_column: Mapping[str, Sequence[Any]],
    cells: Mapping[str, "NDArray[Any] | pa.Array[Any]"],
) -> pa.Table:
    """A table of t × c rows, trust by trust. NaN becomes null.

    `by_trust` has t entries each, `by_column` c, `cells` t × c (or a finished Arrow array of t · c).
    """
    trusts, columns = (len(next(iter(given.values()))) for given in (by_trust, by_column))
    found: dict[str, Any] = {name: _objects(values).repeat(columns) for name, values in by_trust.items()}
    found |= {name: np.tile(_objects(values), trusts) for name, values in by_column.items()}
    found |= {name: values if isinstance(values, pa.Array) else values.ravel() for name, values in cells.items()}
    arrays = [pa.array(found[field.name], field.type, from_pandas=True) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def lists(flags: Mapping[str, Flags]) -> "pa.Array[Any]":
    """For each cell the names of the flags that are set (each t × c), in the order given."""
    on = np.stack([flag.ravel() for flag in flags.values()], axis=1)
    ends = pa.array(np.concatenate([[0], np.cumsum(on.sum(axis=1))]), pa.int32())
    names = np.broadcast_to(np.array([*flags]), on.shape)[on]
    return pa.ListArray.from_arrays(ends, pa.array(names, pa.string()))


def ranked(rank: NDArray[np.int64]) -> "pa.Array[Any]":
    """Ranks, null where there is none (0)."""
    return pa.array(rank.ravel(), pa.int32(), mask=rank.ravel() == 0)


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
