"""A small contract and files for it, for the tests of conform."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from functions.ingest.conform.conform import Conformed, conform
from shared.keys import Slot, slot_of
from shared.method.contracts import Dataset
from shared.method.load import bundle, load
from tests.support.paths import METHOD

HEADER = "Code,Name,Cost (£),Floor (m²),Used (m²),Share (%)"
GIVEN: dict[str, Any] = {
    "id": "estates",
    "title": "Estates",
    "source": "A test",
    "licence": "None",
    "period": {"kind": "financial_year", "year_starts": 4},
    "layout": {"currency": "£"},
    "code": {"heading": "Code", "pattern": "[A-Z0-9]{3,5}"},
    "markers": {"Not Applicable": "not_applicable", "NA": "missing", "*": "suppressed"},
    "totals": ["TOTAL"],
    "families": [
        {"ending": "(£)", "unit": "GBP", "largest_at_least": 1000},
        {"ending": "(m²)", "unit": "m2", "minimum": 0},
        {"ending": "(%)", "unit": "percent", "minimum": 0, "maximum": 100},
    ],
    "measures": {
        "name": {"heading": "Name", "type": "text"},
        "cost": {"heading": "Cost (£)", "minimum": 0},
        "floor": {"heading": "Floor (m²)"},
        "used": {"heading": "Used (m²)"},
        "share": {"heading": "Share (%)"},
    },
    "checks": {"used_within_floor": {"sum": ["used"], "at_most": ["floor"], "because": "Used floor is part of it."}},
}
LONG: dict[str, Any] = GIVEN | {
    "id": "figures",
    "families": [],
    "totals": [],
    "period": {"kind": "financial_year", "year_starts": 4, "heading": "period", "formats": ["label"]},
    "long": {"measure": {"heading": "measure"}, "value": {"heading": "value"}},
    "measures": {"beds": {"unit": "bed", "minimum": 0}, "wards": {"unit": "ward"}},
    "checks": {"beds_per_ward": {"sum": ["beds"], "per": ["wards"], "at_most": 60, "because": "Wards are small."}},
}
SLOT = Slot("estates", "2015-16")
START, END = date(2015, 4, 1), date(2016, 3, 31)


def contract(**changes: Any) -> Dataset:
    """The small contract with some of its parts exchanged."""
    return Dataset.model_validate(GIVEN | changes)


def body(*rows: str, header: str = HEADER) -> bytes:
    """A CSV file of these lines."""
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def read(content: bytes, dataset: Dataset | None = None, slot: Slot = SLOT) -> Conformed:
    """Conform to the small contract or another."""
    return conform(content, slot, "estates.csv", dataset or contract())


def facts(result: Conformed) -> dict[tuple[Any, ...], Any]:
    """(code, measure) → value or text, or (state,) where there is neither."""
    assert result.table is not None, [finding.message for finding in result.findings.detail]
    return {
        (row["code"], row["measure"]): row["value"] if row["value"] is not None else row["text"] or (row["state"],)
        for row in result.table.to_pylist()
    }


def rules(result: Conformed) -> list[tuple[Any, ...]]:
    """(severity, rule, row, column) of every finding told."""
    return [(each.severity, each.rule, each.row, each.column) for each in result.findings.detail]


def workbook(rows: Sequence[Sequence[Any]], *sheets: Sequence[Sequence[Any]]) -> bytes:
    """An .xlsx of these rows, other sheets standing before them."""
    book = Workbook()
    book.remove(book.active)
    for content in (*sheets, rows):
        sheet = book.create_sheet()
        for row in content:
            sheet.append(list(row))
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def workbook_of(sheets: Mapping[str, Sequence[Sequence[Any]]], change: Callable[[Any], None] = lambda _: None) -> bytes:
    """An .xlsx of named sheets; `change` is then called with the last one."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    change(book.worksheets[-1])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def parquet(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """A parquet file of these columns."""
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink)
    return sink.getvalue()


@cache
def datasets() -> dict[str, Dataset]:
    """The contracts of the repository's method."""
    return load(bundle(METHOD)).datasets


@cache
def conformed(root: Path, path: str) -> Conformed:
    """A file of a landing folder under its own contract."""
    slot = slot_of(path)
    return conform((root / path).read_bytes(), slot, path.rsplit("/", 1)[-1], datasets()[slot.dataset])


def files_of(root: Path) -> list[str]:
    """The landing keys of a folder."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
