"""Ingest: the largest sample file, every cell checked against its contract, compared with reading it without checks."""

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from benchmarks.harness import OURS, Arrays, Case, System
from functions.ingest.conform.conform import conform
from shared.keys import slot_of
from shared.method.contracts import Dataset
from shared.method.load import bundle, load

ROOT = Path(__file__).parents[1]
LANDING = ROOT / "samples" / "landing"
KEY = "trust_measures/2024-25/trust_measures_2024-25.csv"


class Made(NamedTuple):
    """A file, its bytes and its contract."""

    path: Path
    body: bytes
    contract: Dataset


def make() -> Made:
    """The file, and its contract of the shipped method."""
    path = LANDING / KEY
    return Made(path, path.read_bytes(), load(bundle(ROOT / "method")).datasets[slot_of(KEY).dataset])


def _ours(made: Made) -> int:
    return conform(made.body, slot_of(KEY), made.path.name, made.contract).rows_read


def _in_pandas(made: Made) -> int:
    return len(pd.read_csv(BytesIO(made.body), dtype=str))


def _in_duckdb(made: Made) -> int:
    return len(duckdb.connect().execute("select * from read_csv($1, all_varchar=true)", [str(made.path)]).fetchall())


def _arrays(rows: int) -> Arrays:
    return {"rows": np.array([rows])}


def _same(made: Made) -> Made:
    return made


CASES = [
    Case(
        name="ingest",
        size="1 file",
        make=make,
        systems={
            OURS: System(_same, _ours, _arrays),
            "pandas": System(_same, _in_pandas, _arrays),
            "duckdb": System(_same, _in_duckdb, _arrays),
        },
    )
]
