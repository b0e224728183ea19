"""The picture of the page: its topmost rows are kept as they are."""

import struct
import zlib

import pytest

from infra.generate.screenshot import cropped

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(rows: bytes, width: int, height: int, kind: int = 2) -> bytes:
    """Rows with a filter byte each, their data in two chunks."""
    data = zlib.compress(rows)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        (b"IDAT", data[:5]),
        (b"IDAT", data[5:]),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


ROWS = bytes(range(7)) + bytes(range(10, 17)) + bytes(range(20, 27))  # three rows of two pixels


def test_topmost_rows_are_kept() -> None:
    picture = cropped(png(ROWS, 2, 3), 2)
    assert picture == SIGNATURE + picture[8:]
    assert struct.unpack(">II", picture[16:24]) == (2, 2)
    (length,) = struct.unpack(">I", picture[33:37])
    assert picture[37:41] == b"IDAT"
    assert zlib.decompress(picture[41 : 41 + length]) == ROWS[:14]
    assert picture.endswith(struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND")))


def test_a_picture_with_fewer_rows_stays_whole() -> None:
    assert struct.unpack(">II", cropped(png(ROWS, 2, 3), 9)[16:24]) == (2, 3)


def test_another_kind_of_png_is_refused() -> None:
    with pytest.raises(ValueError, match="8-bit RGB"):
        cropped(png(ROWS, 2, 3, kind=6), 2)
