"""Several tables as one object."""

import io
import zipfile
from collections.abc import Mapping

import pyarrow as pa

from shared import tables


def to_bytes(bundle: Mapping[str, pa.Table]) -> bytes:
    """A zip archive of parquet files; the same tables give the same bytes."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, table in bundle.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.parquet"), tables.to_bytes(table))
    return sink.getvalue()


def from_bytes(body: bytes) -> dict[str, pa.Table]:
    """The tables that `to_bytes` wrote."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {
            info.filename.removesuffix(".parquet"): tables.from_bytes(archive.read(info)) for info in archive.infolist()
        }
