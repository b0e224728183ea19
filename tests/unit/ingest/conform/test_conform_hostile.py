"""Whatever arrives ends in a table or in a finding that says what to do; never in an exception."""

import base64
import gzip
import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from functions.ingest.conform import limits
from shared.method.contracts import Dataset
from tests.support.conforming import HEADER, LONG, body, contract, facts, parquet, read, rules, workbook

GOOD = "RAA,One,1200,100,80,5.5"


def only(content: bytes, **changes) -> str:
    """The rule of the one finding that rejects these bytes."""
    result = read(content, contract(**changes))
    assert result.table is None
    (finding,) = result.findings.detail
    assert finding.severity == "error"
    assert finding.message.startswith("estates.csv")
    return finding.rule


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\0\0\0\0"])
def test_nothing_at_all(content):
    assert only(content) == "empty_file"


@pytest.mark.parametrize(
    "start", [b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1", b"<!DOCTYPE html><html>", b"<html>", b"7z\xbc\xaf"]
)
def test_other_files(start):
    assert only(start + b"x" * 100) == "format"


def test_nul_bytes():
    assert only(body(GOOD, "RBB,T\0wo,1,1,1,1")) == "nul_bytes"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_encodings(encoding):
    content = body(GOOD.replace("One", "Café £")).decode().encode(encoding)
    assert facts(read(content))["RAA", "name"] == "Café £"


def test_an_encoding_pasted_into_another():
    content = body(GOOD.replace("One", "Café")).replace("(£)".encode(), b"(\xa3)") + "RBB,Très,1,1,1,1\n".encode(
        "cp1252"
    )
    assert facts(read(content))["RAA", "name"] == "Café"
    assert facts(read(content))["RBB", "name"] == "Très"
    assert facts(read(content))["RAA", "cost"] == 1200


def test_utf_16_that_does_not_say_so():
    assert only(body(GOOD).decode().encode("utf-16-le")) == "nul_bytes"


def test_utf_16_that_ends_within_a_character():
    assert only(body(GOOD).decode().encode("utf-16")[:-1]) == "encoding"


def test_a_field_of_ten_megabytes():
    assert only(body(GOOD, f'RBB,"{"x" * 10_000_000}",1,1,1,1')) == "huge_field"
    assert only(body(GOOD, f"RBB,{'x' * 200_000},1,1,1,1")) == "huge_field"


@pytest.mark.parametrize("row", ['RBB,"Two,1,1,1,1', 'RBB,"Two"x,1,1,1,1'])
def test_quotation_marks_that_do_not_pair_up(row):
    assert only(body(GOOD, row, GOOD.replace("RAA", "RCC"))) == "quotes"


def test_more_columns_than_any_table_has():
    assert only(body(GOOD, header=HEADER + ",x" * 2_001)) == "too_wide"


def test_more_rows_than_memory_is_meant_for(monkeypatch):
    monkeypatch.setattr("functions.ingest.conform.limits.CELLS", 50)
    rows = [f"R{number:02},One,1,1,1,1" for number in range(11)]
    assert read(body(*rows[:10])).table is not None
    result = read(body(*rows))
    assert [finding.rule for finding in result.findings.detail] == ["too_many_values"]
    assert result.findings.detail[0].row == 12


def test_more_lines_than_time_is_meant_for(monkeypatch):
    monkeypatch.setattr("functions.ingest.conform.limits.LINES", 100)
    for filling in ("", ",,,,,", "NA,NA,NA,NA,NA,NA"):
        assert only(body(GOOD, *[filling] * 120)) == "too_many_values"


def test_a_workbook_row_far_below_the_last_one(monkeypatch):
    monkeypatch.setattr("functions.ingest.conform.limits.LINES", 100)
    content = changed(workbook([HEADER.split(","), GOOD.split(",")]), b'<row r="2"', b'<row r="1000000000"')
    assert only(content) == "too_many_values"


def test_one_long_text_in_every_cell(monkeypatch):
    """A workbook and a parquet hold a repeated text once: what it comes to when written out is what counts."""
    monkeypatch.setattr(limits, "LARGEST", 100_000)
    rows = [[f"R{number:02}", "x" * 900, 1, 1, 1, 1] for number in range(10, 99)] * 2
    assert only(parquet(dict(zip(HEADER.split(","), zip(*rows, strict=True), strict=True)))) == "bomb"
    assert only(workbook([HEADER.split(","), *rows])) == "bomb"


def test_more_text_than_is_kept(monkeypatch):
    monkeypatch.setattr("functions.ingest.conform.limits.TEXT", 50_000)
    monkeypatch.setattr("functions.ingest.conform.limits.BATCH_CHARACTERS", 10_000)
    rows = [f"R{number},{'x' * 900},1,1,1,1" for number in range(10, 99)]
    assert rules(read(body(*rows)))[0][1] == "too_many_values"
    assert read(body(*rows[:40])).rows_read == 40


def test_small_batches_read_what_large_ones_do(monkeypatch):
    rows = [f"R{number},{'x' * 90},{number}000,1,1,1" for number in range(10, 99)]
    whole = read(body(*rows)).table
    monkeypatch.setattr("functions.ingest.conform.limits.BATCH_CHARACTERS", 500)
    assert read(body(*rows)).table.equals(whole)


@pytest.mark.parametrize(
    ("name", "limit"), [("WORKBOOK_PARTS", 3), ("WORKBOOK_SHEETS", 2), ("SMALL_PART", 300), ("WORKBOOK_CELLS", 11)]
)
def test_a_workbook_that_would_take_too_long_to_open(monkeypatch, name, limit):
    content = workbook([HEADER.split(","), GOOD.split(",")], [["a"]], [["b"]])
    assert facts(read(content))["RAA", "name"] == "One"
    monkeypatch.setattr(limits, name, limit)
    assert only(content) == "too_large"


def test_a_workbook_larger_than_a_workbook_may_be(monkeypatch):
    content = workbook([HEADER.split(","), GOOD.split(",")])
    monkeypatch.setattr(limits, "LARGEST_WORKBOOK", len(content) - 1)
    assert only(content) == "too_large"


def test_a_parquet_larger_than_any_table(monkeypatch):
    sink = io.BytesIO()
    names = HEADER.split(",")
    columns = {"Code": [f"R{number:05}" for number in range(20_000)]} | {name: [0] * 20_000 for name in names[1:]}
    pq.write_table(pa.table(columns), sink, use_dictionary=False)
    assert read(sink.getvalue()).rows_read == 20_000
    monkeypatch.setattr(limits, "LARGEST", 400_000)  # its text has 220,000 characters, its integers 800,000 bytes
    assert only(sink.getvalue()) == "bomb"


def test_a_parquet_of_bytes():
    assert only(parquet(COLUMNS | {"Name": pa.array([b"abc"], pa.binary(3))})) == "parquet"


@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int32(), pa.string())]
)
def test_a_parquet_of_texts_of_any_kind(kind):
    names = pa.array(["One"]).cast(kind)
    assert facts(read(parquet(COLUMNS | {"Name": names})))["RAA", "name"] == "One"


def test_a_heading_as_long_as_a_page():
    result = read(body(GOOD + ",1", header=HEADER + "," + "x" * 90_000))
    assert [len(title) for title in result.columns_not_read] == [200]


def test_a_gzip_bomb(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 2_000_000)
    bomb = gzip.compress(body(GOOD) + b",,,,,\n" * 500_000)
    assert len(bomb) < 10_000
    assert only(bomb) == "bomb"


def test_a_gzip_file_may_be_as_compact_as_tables_are():
    rows = [f"R{number:04},One,1200,100,80,5" for number in range(9_000)]
    assert read(gzip.compress(body(*rows), 9)).rows_read == 9_000


def test_a_file_larger_than_any_table(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 50)
    assert only(body(GOOD)) == "too_large"


@pytest.mark.parametrize(
    "damage",
    [lambda packed: packed[:-9], lambda packed: packed[:30], lambda packed: packed[:12] + b"xxxx" + packed[16:]],
)
def test_a_damaged_gzip_file(damage):
    assert only(damage(gzip.compress(body(GOOD, *[GOOD.replace("RAA", f"R{n}") for n in range(10, 99)])))) == "gzip"


def test_a_gzip_file_of_something_packed():
    assert only(gzip.compress(gzip.compress(body(GOOD)))) == "gzip"
    assert only(gzip.compress(workbook([["Code"]]))) == "gzip"


def test_a_zip_archive_of_another_kind_of_document():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("[Content_Types].xml", "wordprocessingml")
    assert only(sink.getvalue()) == "format"


def test_a_workbook_bomb():
    parts = io.BytesIO(workbook([HEADER.split(","), GOOD.split(",")]))
    sink = io.BytesIO()
    with zipfile.ZipFile(parts) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/worksheets/sheet2.xml", b"0" * 50_000_000)
    assert only(sink.getvalue()) == "bomb"


def test_a_workbook_with_an_entity_bomb():
    parts = io.BytesIO(workbook([HEADER.split(","), GOOD.split(",")]))
    sink = io.BytesIO()
    with zipfile.ZipFile(parts) as old, zipfile.ZipFile(sink, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content.partition(b"?>")[2]
            new.writestr(name, content)
    assert only(sink.getvalue()) == "workbook"


@pytest.mark.parametrize("cut", [4, 100, 2_000, -30])
def test_a_damaged_workbook(cut):
    assert only(workbook([HEADER.split(","), GOOD.split(",")])[:cut]) == "workbook"


def test_a_workbook_that_lies_about_its_size():
    book = workbook([HEADER.split(","), ["RAA", "One", 1200, 100, 80, 5.5]])
    content = changed(book, b'<dimension ref="A1:F2"', b'<dimension ref="A1:XFD1048576"')
    assert facts(read(content))["RAA", "cost"] == 1200


def changed(book: bytes, old: bytes, new: bytes) -> bytes:
    """A workbook with other text in its parts."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as parts, zipfile.ZipFile(sink, "w") as made:
        for name in parts.namelist():
            made.writestr(name, parts.read(name).replace(old, new))
    return sink.getvalue()


def test_error_values_of_a_workbook():
    rows = [HEADER.split(","), ["RAA", "One", "#DIV/0!", 100, 80, True]]
    assert rules(read(workbook(rows))) == [
        ("error", "excel_error", 2, "Cost (£)"),
        ("error", "not_a_number", 2, "Share (%)"),
    ]


COLUMNS = dict(zip(HEADER.split(","), (["RAA"], ["One"], [1200.0], [100], [80], [5.5]), strict=True))


@pytest.mark.parametrize("cut", [4, 40, -3])
def test_a_truncated_parquet(cut):
    assert only(parquet(COLUMNS)[:cut]) == "parquet"


CONTRADICTING = (
    "UEFSMRUAFRoVGiwVAhUAFQYVBhw2ACgDUkFBGANSQUEREQAAAAIAAAACAQMAAABSQUEVBBksNQAYBnNjaGVtYRUCABUMJQAYBENvZGUlAEwcAAAA"
    "FgIZHBkcJgAcFQwZJQYAGRgEQ29kZRUAFgIWXBZcJgg8NgAoA1JBQRgDUkFBEREAGRwVABUAFQIAPBYGGQYZJgACAAAAFlwWAiYIFlwAKCBwYXJx"
    "dWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI0LjAuMBkcHAAAAJgAAABQQVIx"
)
"""A parquet file of one column and row. Its schema allows no nulls and its statistics count them: byte 70, which makes
the column optional, was changed from 2 to 0. `RowGroupMetaData.column` ends the process on it."""


def test_a_parquet_whose_metadata_contradict_each_other():
    assert only(base64.b64decode(CONTRADICTING)) == "parquet"


def test_a_parquet_with_a_nested_schema():
    assert only(parquet(COLUMNS | {"Cost (£)": [[1, 2]]})) == "parquet"


def compressed(codec: str | dict[str, str]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(COLUMNS), sink, compression=codec)
    return sink.getvalue()


@pytest.mark.parametrize("codec", ["snappy", "gzip", "none"])
def test_a_parquet_in_a_codec_that_is_accepted(codec):
    assert facts(read(compressed(codec)))["RAA", "cost"] == 1200


@pytest.mark.parametrize("codec", ["zstd", "lz4", "brotli"])
def test_a_parquet_in_another_codec(codec):
    assert only(compressed(codec)) == "codec"


def test_a_parquet_with_one_column_in_another_codec():
    content = compressed({name: "zstd" if name == "Used (m²)" else "snappy" for name in COLUMNS})
    assert rules(read(content)) == [("error", "codec", None, None)]
    (finding,) = read(content).findings.detail
    text = "the column 'Used (m²)' is compressed with zstd, which is not accepted; write the file with snappy."
    assert finding.message == f"estates.csv: {text}"


@pytest.mark.parametrize("fails", ["metadata", "iter_batches"])
def test_a_parquet_with_something_that_arrow_does_not_support_is_not_called_damaged(monkeypatch, fails):
    class Unsupported(pq.ParquetFile):
        @property
        def metadata(self):
            return self.refuse() if fails == "metadata" else super().metadata

        def iter_batches(self, *_, **__):
            return self.refuse()

        def refuse(self):
            raise pa.ArrowNotImplementedError("Support for codec 'snappy' not built")

    content = parquet(COLUMNS)
    monkeypatch.setattr(pq, "ParquetFile", Unsupported)
    (finding,) = read(content).findings.detail
    assert finding.rule == "parquet"
    assert "damaged" not in finding.message
    assert "not supported here (ArrowNotImplementedError: Support for codec 'snappy' not built)" in finding.message


def test_a_parquet_of_bytes_that_are_no_text():
    assert only(parquet(COLUMNS | {"Name": [b"\xff\xfe"]})) == "parquet"


def test_a_parquet_with_a_huge_text():
    assert only(parquet(COLUMNS | {"Name": ["x" * 100_001]})) == "huge_field"


def test_numbers_of_a_parquet_that_are_none():
    result = read(parquet(COLUMNS | {"Cost (£)": pa.array([float("nan")]), "Used (m²)": [float("inf")]}))
    assert rules(result) == [("error", "not_finite", 2, "Cost (£)"), ("error", "not_finite", 2, "Used (m²)")]


def test_a_column_of_anything_but_measures():
    rows = [f"RAA,2015-16,m{number},1" for number in range(1_100)]
    dataset = Dataset.model_validate(LONG | {"long": LONG["long"] | {"open": True}})
    result = read(body(*rows, header="Code,period,measure,value"), dataset)
    assert [finding.rule for finding in result.findings.detail] == ["too_many_measures"]
