"""Benchmarks: the median and the 0.25 quantile of 10 peers' values, for every organisation and metric."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.generated import Floats, K, Whole, peers, values
from benchmarks.harness import OURS, Arrays, Case, System
from functions.opportunities.compare.benchmarks import benchmarks
from shared.method.opportunities import Benchmark

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SIZES = ((200, 5_000), (2_000, 500), (20_000, 200))
QUANTILES = (0.5, 0.25)


class Made(NamedTuple):
    """Values (organisations × metrics) and places of peers (organisations × 10)."""

    values: Floats
    peers: Whole


def make(organisations: int, metrics: int) -> Made:
    """The input of a size."""
    return Made(values(organisations, metrics), peers(organisations))


# ---- ours ----------------------------------------------------------------------------------------------------------


def _ours(made: Made) -> list[Floats]:
    metrics = made.values.shape[1]
    rules = [Benchmark(rule="median"), Benchmark(rule="quantile", q=QUANTILES[1])]
    ends = [[rule] * metrics for rule in rules]
    return [*benchmarks(made.values, made.peers, ends, np.ones(metrics, dtype=bool)).benchmarks]


def _our_arrays(marks: list[Floats]) -> Arrays:
    return {"lower": marks[0], "upper": marks[1]}


# ---- DuckDB ----------------------------------------------------------------------------------------------------------


def _tables(made: Made) -> "DuckDBPyConnection":
    """`held` (id, list of its values) and `near` (id, p0 … p9). Of the ways tried this is the fastest: ten joins by
    organisation, then unnesting; values in long form, joined and grouped, take two to three times as long."""
    import duckdb  # imported here, so that it does not count in the memory of the other systems

    database = duckdb.connect()
    database.register("frame", pd.DataFrame({"id": np.arange(len(made.values)), "value": [*made.values]}))
    database.execute(
        "create table held as select id, list_transform(value, lambda v: if(isnan(v), null, v)) as value from frame"
    )
    near = pd.DataFrame(made.peers, columns=[f"p{place}" for place in range(K)])
    database.register("frame", near.assign(id=np.arange(len(near))))
    database.execute("create table near as from frame")
    return database


def _in_duckdb(database: "DuckDBPyConnection") -> "DuckDBPyConnection":
    joins = " ".join(f"join held h{place} on h{place}.id = p{place}" for place in range(K))
    unnested = ", ".join(f"unnest(h{place}.value) as v{place}" for place in range(K))
    listed = ", ".join(f"v{place}" for place in range(K))
    statement = f"""
        create or replace temp table found as
        select id, metric, list_aggregate([{listed}], 'quantile_cont', [{QUANTILES[0]}, {QUANTILES[1]}]) as marks
        from (select near.id, unnest(range(len(h0.value))) as metric, {unnested} from near {joins})
    """
    database.execute(statement)
    return database


def _duckdb_arrays(database: "DuckDBPyConnection") -> Arrays:
    result = database.execute(
        "select list(marks[1] order by metric) as lower, list(marks[2] order by metric) as upper "
        "from found group by id order by id"
    ).fetchall()
    lower, upper = (np.array(column, dtype=np.float64) for column in zip(*result, strict=True))
    return {"lower": lower, "upper": upper}


# ---- pandas ----------------------------------------------------------------------------------------------------------


class Frames(NamedTuple):
    """Values with a row an organisation; places of peers, and whose peers they are."""

    values: pd.DataFrame
    peers: Whole
    by: Whole


def _frames(made: Made) -> Frames:
    return Frames(pd.DataFrame(made.values), made.peers.ravel(), np.repeat(np.arange(len(made.peers)), K))


def _in_pandas(frames: Frames) -> pd.DataFrame:
    """Of the ways tried (merged and grouped in long form, one stacked column) the fastest."""
    return frames.values.take(frames.peers).groupby(frames.by).quantile(np.array(QUANTILES))


def _pandas_arrays(result: pd.DataFrame) -> Arrays:
    marks = result.to_numpy().reshape(-1, 2, result.shape[1])
    return {"lower": marks[:, 0], "upper": marks[:, 1]}


# ---- cases -----------------------------------------------------------------------------------------------------------


def case(organisations: int, metrics: int) -> Case:
    """Lower and upper benchmarks at one size."""
    return Case(
        name="benchmarks",
        size=f"{organisations} x {metrics}",
        make=partial(make, organisations, metrics),
        systems={
            OURS: System(Made._make, _ours, _our_arrays),
            "duckdb": System(_tables, _in_duckdb, _duckdb_arrays, aim=5),
            "pandas": System(_frames, _in_pandas, _pandas_arrays, aim=10),
        },
    )


CASES = [case(*size) for size in SIZES]
