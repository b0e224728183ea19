"""What the generators of all sample programmes share: invented places, CSV, and writing files to a folder."""

import argparse
import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

PLACES = (
    "Almost Bay", "Ashen Hollow", "Border Dale", "Calmer Wold", "Dunmarrow", "Elbowick", "Even Keel", "Far Peninsula",
    "Ferrywold", "Four Becks", "Goosefoot", "Great Fretting", "Hearthside", "Hobnail", "Isle of Fret", "Lantern Hill",
    "Little Haddock", "Little Otter", "Long Hedge", "Marrowby", "Mickle Hollow", "Much Fretting", "Nether Ossing",
    "Nowhere", "Over Ossing", "Penny Ferry", "Puddlewick", "Stillwater", "Tuppenny Bridge", "Upper Thistle",
    "Wetherless", "Yonder",
)  # fmt: skip


def as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows, the header first, as CSV with line feeds."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by landing key under the folder, over whatever has the same name."""
    for key, content in files.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def command(description: str, committed: Path, files: Mapping[str, bytes]) -> None:
    """The command of a generator: `[--out DIR]`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=committed, help="folder to write to (default: %(default)s)")
    write(parser.parse_args().out, files)
