"""What a file is, by its first bytes and by the parts of a zip archive, whatever its name says."""

import io
import re
import zipfile
from collections.abc import Iterator

from functions.ingest.conform import limits
from functions.ingest.conform.source import GZIP, PARQUET, ZIP, Unreadable
from shared.findings import listed, quoted

CONTENT_TYPES = "[Content_Types].xml"
_SIGNATURES = {
    b"%PDF": "a PDF",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}
_OLE = b"\xd0\xcf\x11\xe0"
_START = 4096  # bytes that are looked at
_LFS = b"version https://git-lfs.github.com/spec/"

WORKBOOK = re.compile(
    r"spreadsheetml\.(?:sheet|template)\.main\+xml|ms-excel\.(?:sheet|template)\.macroEnabled\.main\+xml"
)
"""The content type of an .xlsx workbook's main part."""

_PACKAGES = {
    "spreadsheetml": "an Excel workbook without sheets",
    "wordprocessingml": "a Word document",
    "presentationml": "a PowerPoint presentation",
}


def refused(body: bytes) -> str | None:
    """A sentence that says what a file is and what to land instead; None if it may be a table."""
    for signature, kind in _SIGNATURES.items():
        if body.startswith(signature):
            return f"this is {kind}; save it as CSV or .xlsx and land it again."
    if body.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in body:
            return "the workbook is protected with a password (or marked read-only); save it without and land it again."
        return "this is an old Excel workbook (.xls); save it as CSV or .xlsx and land it again."
    return next(_texts(body[:_START].removeprefix(b"\xef\xbb\xbf").lstrip()), None)


def _texts(start: bytes) -> Iterator[str]:
    """The same for a text, from its first character that is not a blank."""
    if re.match(rb"(?i)(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", start):
        yield "this is a web page; download the file itself, after signing in if necessary, and land it."
    elif re.match(rb"<(\?xml|Error>)", start):
        code = re.search(rb"<Error>.*?<Code>(\w{1,60})</Code>", start, re.DOTALL)
        said = f" (the download failed: {code[1].decode()})" if code else ""
        yield f"this is an XML document{said}; land the file as CSV, .xlsx or parquet."
    elif re.match(rb"""(\{\s*("|\})|\[\s*(\{|\[|\]))""", start):
        yield "this is JSON, such as a service answers if a download fails; land the file as CSV, .xlsx or parquet."
    elif start.startswith(_LFS):
        yield "this is a Git LFS pointer, not the file; download the file itself and land it."


def package(archive: zipfile.ZipFile) -> str | None:
    """What a zip archive is, as a noun phrase, if it is a document other than an .xlsx workbook; else None."""
    names = archive.namelist()
    if "mimetype" in names and archive.read("mimetype")[:60].startswith(b"application/vnd.oasis.opendocument."):
        return (
            "an OpenDocument spreadsheet (.ods)"
            if b"spreadsheet" in archive.read("mimetype")
            else "an OpenDocument file"
        )
    if CONTENT_TYPES not in names:
        return None
    types = archive.read(CONTENT_TYPES).decode("utf-8", "replace")
    if WORKBOOK.search(types):
        return None
    if any(name.endswith("workbook.bin") for name in names):
        return "an Excel binary workbook (.xlsb)"
    return next((kind for key, kind in _PACKAGES.items() if key in types), "a document")


def main_part(archive: zipfile.ZipFile) -> bool:
    """Whether a zip archive is an .xlsx workbook."""
    return CONTENT_TYPES in archive.namelist() and package(archive) is None


DAMAGED = (zipfile.BadZipFile, RuntimeError)
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
            if main_part(archive):
                return True
            if kind := package(archive):
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
        if inside.read(4).startswith((GZIP, *ZIP, PARQUET)):
            text = f"the zip archive contains {quoted(file.filename)}, which is not a CSV file; land that file itself."
            raise Unreadable("zip", text)
    return file


def _of_a_system(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith(_OF_SYSTEMS) or last in _OF_SYSTEMS or last.startswith("._")
