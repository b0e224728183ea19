"""Ingest: every cell checked against its contract, compared with reading the same file without checks.

The largest sample file; a return by site of the size of the real one; and a zip archive of 80 MB unzipped.
"""

import csv
import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

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
MEASURES = "trust_measures/2024-25/trust_measures_2024-25.csv"
SITES = "eric_site/2024-25/ERIC_2024-25_site.csv"
_SITES, _TRUSTS = 2_869, 209  # of the return of 2023-24
_UNZIPPED = 80 * 2**20


class Made(NamedTuple):
    """A file to be landed, its bytes and its contract."""

    key: str
    body: bytes
    contract: Dataset


def make(key: str, body: bytes | None = None) -> Made:
    """A sample file, or other bytes in its place, and its contract of the shipped method."""
    datasets = load(bundle(ROOT / "method")).datasets
    return Made(key, body or (LANDING / key).read_bytes(), datasets[slot_of(key).dataset])


def make_sites() -> Made:
    """As many sites and trusts as the real return has: rows of the sample with other codes."""
    headings, *rows = csv.reader(io.StringIO((LANDING / SITES).read_text("cp1252")))
    code, site = headings.index("Trust Code"), headings.index("Site Code")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    for nth in range(_SITES):
        trust = nth % _TRUSTS
        row = [*rows[trust % len(rows)]]
        row[code], row[site] = f"Q{trust:03}", f"Q{trust:03}{nth // _TRUSTS:02}"
        writer.writerow(row)
    return make(SITES, text.getvalue().encode("cp1252"))


def make_zip() -> Made:
    """A zip archive with one long CSV of 80 MB."""
    header, *lines = (LANDING / MEASURES).read_text("utf-8").splitlines(keepends=True)
    first = lines[0].partition(",")[0]
    of_one = [line.partition(",")[2] for line in lines if line.startswith(f"{first},")]
    text = io.StringIO()
    text.write(header)
    nth = 0
    while text.tell() < _UNZIPPED:
        text.writelines(f"Q{nth:06},{rest}" for rest in of_one)
        nth += 1
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("measures.csv", text.getvalue())
    return make(MEASURES, sink.getvalue())


def _ours(made: Made) -> int:
    found = conform(made.body, slot_of(made.key), "file.csv", made.contract)
    if found.table is None:
        raise ValueError(found.findings)
    return found.rows_read


def _in_pandas(made: Made) -> int:
    zipped: Literal["zip"] | None = "zip" if zipfile.is_zipfile(io.BytesIO(made.body)) else None
    return len(pd.read_csv(io.BytesIO(made.body), dtype=str, encoding="cp1252", compression=zipped))


def _in_duckdb(made: Made) -> int:
    path = str(LANDING / made.key)
    return len(duckdb.connect().execute("select * from read_csv($1, all_varchar=true)", [path]).fetchall())


def _arrays(rows: int) -> Arrays:
    return {"rows": np.array([rows])}


def _same(made: Made) -> Made:
    return made


def _case(name: str, size: str, made: Callable[[], Made], **others: Callable[[Made], int]) -> Case:
    systems = {OURS: _ours, **others}
    return Case(name, size, made, {system: System(_same, run, _arrays) for system, run in systems.items()})


CASES = [
    _case("ingest", "1 file", partial(make, MEASURES), pandas=_in_pandas, duckdb=_in_duckdb),
    _case("ingest_sites", f"{_SITES:,} sites", make_sites, pandas=_in_pandas),
    _case("ingest_zip", "80 MB unzipped", make_zip, pandas=_in_pandas),
]
