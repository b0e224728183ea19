"""Nearest peers: the 10 nearest of every organisation over 12 z-scored variables, exact; without stability."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.generated import VARIABLES, Floats, K, Whole, characteristics
from benchmarks.harness import OURS, Arrays, Case, System
from functions.peers.nearest import Neighbours, nearest
from shared.method.peer_groups import NearestGroup

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SIZES = (200, 2_000, 20_000)
_DUCKDB_ROWS, _PANDAS_ROWS = 2_000, 400
"""Rows that are timed instead of all 20,000, which would take minutes: DuckDB with missing values, pandas always."""

_NUMPY_PAIRS, _PANDAS_PAIRS = 2**22, 2**19
"""Pairs a block, for the systems that need a block size; the fastest of the powers of two on this input."""

RECIPE = NearestGroup.model_validate(
    {
        "kind": "nearest",
        "title": "Nearest",
        "explanation": "The benchmark's group.",
        "source": "generated",
        "variables": [{"measure": f"generated.v{place}", "label": f"v{place}"} for place in range(VARIABLES)],
        "k": K,
        "runners_up": 0,
    }
)


class Nearest(NamedTuple):
    """Organisations × 10, nearest first."""

    peer: Whole
    distance: Floats


# ---- ours ----------------------------------------------------------------------------------------------------------


def _ours(matrix: Floats) -> Neighbours:
    return nearest(matrix, RECIPE)


def _our_arrays(result: Neighbours) -> Arrays:
    return Nearest(result.peer.reshape(-1, K), result.distance.reshape(-1, K))._asdict()


# ---- plain NumPy: every pair, a block of rows at a time --------------------------------------------------------------


def _scaled(matrix: Floats) -> Floats:
    scaled: Floats = (matrix - np.nanmean(matrix, axis=0)) / np.nanstd(matrix, axis=0)
    return scaled


def _squares(points: Floats, complete: bool) -> Iterator[tuple[int, Floats]]:
    """First row and mean squared differences (rows × n) of each block."""
    step = max(1, _NUMPY_PAIRS // len(points))
    known = (~np.isnan(points)).astype(float)
    filled = np.nan_to_num(points)
    norm = filled * filled
    for start in range(0, len(points), step):
        rows = slice(start, start + step)
        square = filled[rows] @ filled.T
        square *= -2
        if complete:
            square += norm.sum(axis=1)
            square += norm[rows].sum(axis=1)[:, None]
            square /= VARIABLES
        else:
            square += norm[rows] @ known.T
            square += known[rows] @ norm.T
            shared = known[rows] @ known.T
            square /= np.maximum(shared, 1)
            square[shared < VARIABLES / 2] = np.inf
        yield start, square


def _brute_force(matrix: Floats) -> Nearest:
    result = Nearest(np.empty((len(matrix), K), dtype=np.int64), np.empty((len(matrix), K)))
    for start, square in _squares(_scaled(matrix), not np.isnan(matrix).any()):
        rows = np.arange(len(square))
        square[rows, start + rows] = np.inf
        near = np.argpartition(square, K, axis=1)[:, :K]
        distance = np.sqrt(np.take_along_axis(square, near, axis=1))
        order = np.argsort(distance, axis=1)
        result.peer[start + rows] = np.take_along_axis(near, order, axis=1)
        result.distance[start + rows] = np.take_along_axis(distance, order, axis=1)
    return result


# ---- DuckDB ----------------------------------------------------------------------------------------------------------

_COLUMNS = [f"v{place}" for place in range(VARIABLES)]


def _tables(matrix: Floats) -> "DuckDBPyConnection":
    """The table `raw` (id, v0 … v11), null where missing."""
    frame = _frame(matrix)
    import duckdb  # imported here, so that it does not count in the memory of the other systems

    database = duckdb.connect()
    database.register("frame", frame)
    columns = ", ".join(f"if(isnan({name}), null, {name}) as {name}" for name in _COLUMNS)
    database.execute(f"create table raw as select id, {columns} from frame")
    return database


def _sql(complete: bool, rows: int | None) -> list[str]:
    scaled = ", ".join(f"({name} - avg({name}) over ()) / stddev_pop({name}) over () as {name}" for name in _COLUMNS)
    apart = [f"(one.{name} - other.{name})" for name in _COLUMNS]
    squares = [f"{delta} * {delta}" for delta in apart]
    square = f"({' + '.join(squares)}) / {VARIABLES}"
    if not complete:
        known = " + ".join(f"({delta} is not null)::int" for delta in apart)
        square = f"({' + '.join(f'coalesce({part}, 0)' for part in squares)}) / nullif({known}, 0)"
        square = f"if({known} < {VARIABLES / 2}, 'inf'::double, {square})"
    some = "points" if rows is None else f"(from points where id < {rows})"
    pairs = (
        f"select one.id, other.id as peer, {square} as square from {some} one join points other on one.id <> other.id"
    )
    return [
        f"create or replace temp table points as select id, {scaled} from raw",
        "create or replace temp table found as "
        f"select id, arg_min(peer, square, {K}) as peer, min(square, {K}) as square from ({pairs}) group by id",
    ]


def _in_duckdb(database: "DuckDBPyConnection", complete: bool, rows: int | None) -> "DuckDBPyConnection":
    for statement in _sql(complete, rows):
        database.execute(statement)
    return database


def _duckdb_arrays(database: "DuckDBPyConnection") -> Arrays:
    read = "select id, unnest(peer) as peer, sqrt(unnest(square)) as distance from found order by id, distance"
    result = database.execute(read).fetchnumpy()
    return Nearest(*(np.asarray(result[name]).reshape(-1, K) for name in Nearest._fields))._asdict()


# ---- pandas ----------------------------------------------------------------------------------------------------------


def _frame(matrix: Floats) -> pd.DataFrame:
    return pd.DataFrame(matrix, columns=_COLUMNS).assign(id=np.arange(len(matrix)))


def in_pandas(frame: pd.DataFrame, rows: int | None) -> pd.DataFrame:
    """A cross join of a block of rows with all, and the smallest of each group."""
    points = (frame[_COLUMNS] - frame[_COLUMNS].mean()) / frame[_COLUMNS].std(ddof=0)
    points["id"] = frame["id"]
    step = max(1, _PANDAS_PAIRS // len(points))
    last = len(points) if rows is None else rows
    result = [_block(points.iloc[start : min(start + step, last)], points) for start in range(0, last, step)]
    return pd.concat(result)


def _block(one: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    pairs = one.merge(points, how="cross", suffixes=("", "_other"))
    pairs = pairs[pairs["id"] != pairs["id_other"]]
    squares = pd.DataFrame({name: (pairs[name] - pairs[f"{name}_other"]) ** 2 for name in _COLUMNS})
    total, shared = squares.sum(axis=1), squares.count(axis=1)
    distance = ((total / shared) ** 0.5).where(shared >= VARIABLES / 2, np.inf)
    near = distance.groupby(pairs["id"]).nsmallest(K)
    chosen = near.index.get_level_values(1)
    return pd.DataFrame({"peer": pairs["id_other"].loc[chosen].to_numpy(), "distance": near.to_numpy()})


def _pandas_arrays(result: pd.DataFrame) -> Arrays:
    return Nearest(*(result[name].to_numpy().reshape(-1, K) for name in Nearest._fields))._asdict()


# ---- cases -----------------------------------------------------------------------------------------------------------


def case(organisations: int, missing: float) -> Case:
    """Everyone's peers at one size."""
    largest = organisations == max(SIZES)
    duckdb_rows = _DUCKDB_ROWS if largest and missing else None
    pandas_rows = _PANDAS_ROWS if largest else None
    aim = (1 / 2.5 if missing else 1 / 1.3) if largest else None
    return Case(
        name="peers_5pc_missing" if missing else "peers_complete",
        size=f"{organisations} x {VARIABLES}",
        make=partial(characteristics, organisations, missing),
        systems={
            OURS: System(_same, _ours, _our_arrays),
            "numpy": System(_same, _brute_force, Nearest._asdict, aim=aim),
            "duckdb": System(
                _tables, partial(_in_duckdb, complete=not missing, rows=duckdb_rows), _duckdb_arrays, duckdb_rows
            ),
            "pandas": System(_frame, partial(in_pandas, rows=pandas_rows), _pandas_arrays, pandas_rows),
        },
    )


def _same(made: Any) -> Any:
    return made


CASES = [case(size, missing) for size in SIZES for missing in (0.0, 0.05)]
