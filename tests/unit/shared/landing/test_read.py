"""Reading what files state: once each, and never more kept than a bound."""

from collections import Counter
from typing import Any, cast

import pyarrow as pa
import pytest

from shared.landing import read
from shared.landing.parts import STATEMENT


class Files:
    """A bucket of files with three rows each, which counts how often each is read."""

    def __init__(self) -> None:
        self.reads: Counter[str] = Counter()

    def read_table(self, key: str) -> pa.Table:
        self.reads[key] += 1
        return pa.table({name: pa.array([key] * 3) for name in [*STATEMENT, "value"]})


def passes(files: Files) -> list[int]:
    statements = read.statements(cast(Any, files))
    for _ in range(2):
        for name in "abcd":
            table = statements(cast(Any, name))
            assert table.column_names == STATEMENT
            assert table["code"].to_pylist() == [f"curated/{name}.parquet"] * 3
    return [files.reads[f"curated/{name}.parquet"] for name in "abcd"]


def test_file_is_read_once_in_a_look() -> None:
    assert passes(Files()) == [1, 1, 1, 1]


def test_files_beyond_the_bound_are_read_again_and_those_kept_are_not_chased_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read, "_MOST_KEPT", 7)
    assert passes(Files()) == [1, 1, 2, 2]
