"""Zip archives: workbooks and other documents are zip archives too, and publishers zip large CSV files."""

import io
import zipfile

from functions.ingest.conform import kinds, limits
from functions.ingest.conform.source import GZIP, PARQUET, ZIP, Unreadable
from shared.findings import listed, quoted

DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What zipfile raises where an archive is damaged, compressed in an unknown way or encrypted."""

_OF_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 1


def is_workbook(body: bytes) -> bool:
    """Whether a zip archive is an .xlsx workbook, or too damaged to tell. Unreadable if it is another document, or does
    not contain exactly one file."""
    if body.count(b"PK\1\2") > limits.WORKBOOK_PARTS:
        return True  # said with the limits of workbooks
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if kinds.main_part(archive):
                return True
            if kind := kinds.package(archive):
                raise Unreadable("format", f"this is {kind}; save it as .xlsx or CSV and land it again.")
            only_file(archive)
    except DAMAGED:
        return True
    return False


def only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file of an archive, files that operating systems add aside; Unreadable if there is not exactly one that
    can be read."""
    files = [each for each in archive.infolist() if not each.is_dir() and not _of_a_system(each.filename)]
    if len(files) != 1:
        names = f" ({listed([quoted(each.filename) for each in files], 5)})" if files else ""
        text = f"the zip archive contains {len(files) or 'no'} files{names}; land one file in an archive of its own."
        raise Unreadable("zip", text)
    (file,) = files
    if file.flag_bits & _ENCRYPTED:
        raise Unreadable("zip", "the zip archive is protected with a password; zip the file without one.")
    with archive.open(file) as inside:
        if inside.read(4).startswith((GZIP, ZIP, PARQUET)):
            text = f"the zip archive contains {quoted(file.filename)}, which is not a CSV file; land that file itself."
            raise Unreadable("zip", text)
    return file


def _of_a_system(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith(_OF_SYSTEMS) or last in _OF_SYSTEMS or last.startswith("._")
