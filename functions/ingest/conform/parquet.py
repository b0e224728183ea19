"""Parquet files with one plain value in each cell."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from functions.ingest.conform import limits
from functions.ingest.conform.source import Row, Source, Unreadable, bomb, shortened_error, too_wide
from shared.findings import quoted
from shared.tables import require_codecs

CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP")
"""How the columns of a file may be compressed, whatever else this build of Arrow can read."""

_CELLS_AT_ONCE = 100_000

require_codecs("snappy", "gzip")


def parquet_source(body: bytes) -> Source:
    """The table of a parquet file; Unreadable if it is damaged, too large, or in a type or codec that is not
    accepted."""
    try:
        file = pq.ParquetFile(io.BytesIO(body))
        schema = file.schema_arrow
        if not len(schema):
            raise Unreadable("empty_file", "the parquet file has no columns; export it again and land it.")
        for field in schema:
            _check_type(field)
        if len(schema) > limits.COLUMNS:
            raise too_wide(1)
        groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > limits.LARGEST:
            raise bomb(limits.LARGEST)
        _check_codecs(file)
    except Unreadable:
        raise
    except Exception as error:  # Arrow raises errors of many types on a damaged file
        raise _unreadable(error) from None
    texts = [field.name for field in schema if _is_text(field.type)]
    return Source(partial(_rows, body, texts), titled=True)


def _check_type(field: "pa.Field[Any]") -> None:
    name, kind = quoted(field.name), field.type
    if pa.types.is_duration(kind):
        text = f"the column {name} holds durations; write them as numbers, in the unit that the contract states."
        raise Unreadable("parquet", text)
    if pa.types.is_nested(kind) or pa.types.is_fixed_size_binary(kind):
        what = "is nested" if pa.types.is_nested(kind) else "holds bytes"
        raise Unreadable("parquet", f"the column {name} {what}; write one plain value in each cell.")


def _check_codecs(file: pq.ParquetFile) -> None:
    """Unreadable where a column is compressed in a way that is not accepted.

    A row of each group is read first. Where a column's metadata contradict each other (as where its statistics count
    nulls that its schema does not allow), both reading and `RowGroupMetaData.column` fail: reading by an exception,
    `column` by ending the process, because pyarrow does not catch the C++ exception there.
    """
    for at in range(file.metadata.num_row_groups):
        if next(file.iter_batches(1, [at], use_threads=False), None) is None:
            continue  # without rows nothing is read, so nothing is known to be safe, nor is anything decompressed
        group = file.metadata.row_group(at)
        for place, name in enumerate(file.schema_arrow.names):
            codec = group.column(place).compression
            if codec not in CODECS:
                text = f"the column {quoted(name)} is compressed with {codec.lower()}, which is not accepted; "
                raise Unreadable("codec", text + "write the file with snappy.")


def _is_text(kind: pa.DataType) -> bool:
    """Whether values may be of any length. Such a column is read as a dictionary, which holds each value once."""
    return str(kind) in ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")


def _unreadable(error: Exception) -> Unreadable:
    what = shortened_error(error)
    if isinstance(error, pa.ArrowNotImplementedError):
        text = f"the parquet file uses what is not supported here ({what}); write plain columns with snappy."
        return Unreadable("parquet", text)
    return Unreadable("parquet", f"the parquet file is damaged ({what}); write it again.")


def _rows(body: bytes, texts: list[str]) -> Iterator[Row]:
    """The headings count as row 1, so that the first record is row 2 as in a CSV of it."""
    try:
        file = pq.ParquetFile(io.BytesIO(body), read_dictionary=texts)
        yield Row(1, file.schema_arrow.names)
        line, characters = 2, 0
        at_once = max(1, _CELLS_AT_ONCE // len(file.schema_arrow))
        for batch in file.iter_batches(batch_size=at_once, use_threads=False):
            for cells in zip(*(_as_text(column) for column in batch.columns), strict=True):
                size = sum(map(len, cells))
                characters += size
                if characters > limits.LARGEST:
                    raise bomb(limits.LARGEST)
                yield Row(line, cells, size)
                line += 1
    except Unreadable:
        raise
    except Exception as error:
        raise _unreadable(error) from None


def _as_text(column: "pa.Array[Any]") -> list[str]:
    if not isinstance(column, pa.DictionaryArray):
        return ["" if text is None else text for text in column.cast(pa.string()).to_pylist()]
    texts = ["" if text is None else text for text in column.dictionary.cast(pa.string()).to_pylist()]
    if max(map(len, texts), default=0) > limits.CELL:
        text = f"a cell is longer than {limits.CELL:,} characters; check that the file is a table."
        raise Unreadable("huge_field", text)
    return ["" if index is None else texts[index] for index in column.indices.to_pylist()]
