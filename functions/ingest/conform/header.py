"""Finding the header row, and in it the columns that a contract names."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from functions.ingest.conform.source import Row, Source, Unreadable
from shared.findings import Findings, listed
from shared.method.contracts import Dataset, Family, Measure, heading_key

SEARCHED = 30
"""The header is one of the first rows, so many of them. The rows above it (sections, titles, notes) are skipped."""

_LONGEST = 200  # characters of a heading that findings repeat
_SIMILARITY = 0.75
_LOOKED_AT = 1_000
"""Rows of a sheet that are looked at for one that is not empty."""

_DELIMITERS = ";|\t,:$"
_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
_COMPARED = 500  # headings; the time grows with the square of their number


class FileColumn(NamedTuple):
    """A column of the landed file: its position from 0, and its heading as landed, or a name if it has none."""

    at: int
    title: str


class ColumnPlan(NamedTuple):
    """Which column holds what. The file has `width` columns, with these titles (none in a file without headings), and
    rows of data from line `first_line` on. In a keyed file, several of `measures` are sums of the same column."""

    width: int
    titles: Sequence[str]
    first_line: int
    code: FileColumn
    unit: FileColumn | None
    period: FileColumn | None
    measure: FileColumn | None
    value: FileColumn | None
    key: FileColumn | None
    measures: Mapping[str, FileColumn]
    families: Sequence[tuple[FileColumn, Family]]
    not_read: Sequence[str]

    def column(self, measure: str) -> FileColumn:
        """The column that holds a measure's figures."""
        return self.value if self.value is not None else self.measures[measure]


class LandedTable(NamedTuple):
    """The source that holds the dataset's table, and its columns."""

    source: Source
    plan: ColumnPlan

    def rows(self) -> Iterator[Row]:
        """The rows below the header."""
        return (row for row in self.source.rows() if row.line >= self.plan.first_line)


def find_table(sources: Sequence[Source], contract: Dataset, findings: Findings) -> LandedTable | None:
    """The dataset's table; None, with findings, if no source has it or if it could be one of several.

    Of several readings, the first with the most of the contract's columns. Of several sheets, the one that has rows and
    all required headings, or else the most headings; a hidden sheet only if no other has the code's heading.
    Unreadable if no source has any heading and one of them could not be read.
    """
    if contract.layout.header is False:
        return _table_without_header(sources, contract, findings)
    faults: list[Unreadable] = []
    seen: list[Row] = []
    headers = [header for source in sources if (header := _header(source, contract, seen, faults))]
    if not headers and contract.layout.header == "optional":
        return _table_without_header(sources, contract, findings)
    if text := _of_another(headers, seen, contract):
        findings.add("error", "other_dataset", text)
        return None
    if not headers:
        if faults:
            raise faults[0]
        findings.add("error", *_no_header(seen, contract))
        return None
    visible = [header for header in headers if not header.source.hidden]
    with_rows = [header for header in visible or headers if header.has_rows]
    complete = [header for header in with_rows if header.complete]
    if not visible or (len(complete) > 1 and all(header.source.sheet for header in complete)):
        findings.add("error", "sheets", _which_sheet(complete if visible else headers, hidden=not visible))
        return None
    # `max` takes the first of equals, and sources come most likely first.
    best = max(complete or with_rows or visible, key=lambda header: header.recognised)
    findings.sheet = best.source.sheet
    plan = _plan(best.row, contract, findings)
    if contract.long and (plan.measure is None or plan.value is None):
        return None
    if contract.keyed and (plan.key is None or len(plan.measures) < len(contract.measures)):
        return None
    if not contract.long and not plan.measures:
        above = _row_above(best)
        if above is not None:
            text = f"the headings seem to be in two rows ({above.line} and {best.row.line}); put them in one row."
        else:
            only = plan.code.title
            text = f"of the columns of {contract.id}, the file has only {only!r}; land a file of this dataset."
        findings.add("error", "header", text, row=best.row.line)
        return None
    return LandedTable(best.source, plan)


class _Header(NamedTuple):
    """The row of a source that has the most of the contract's headings: how many, whether all those that are required,
    and whether any row follows it."""

    source: Source
    row: Row
    recognised: int
    complete: bool
    has_rows: bool


def _header(source: Source, contract: Dataset, seen: list[Row], faults: list[Unreadable]) -> _Header | None:
    """The header of a source; None if none of its first rows has the code's heading. The rows are added to `seen`."""
    places = contract.places
    headings = {key for place in places.values() for key in place.keys}
    rows = [*_first_rows(source, faults)]
    seen += rows
    best, most = None, 0
    for row in rows:
        keys = {heading_key(cell) for cell in row.cells}
        recognised = len(headings & keys) if contract.code.keys & keys else 0
        if recognised > most:
            best, most = row, recognised
    if best is None:
        return None
    keys = {heading_key(cell) for cell in best.cells}
    required = [place for place in places.values() if not isinstance(place, Measure) or not place.optional]
    complete = all(place.keys & keys for place in required)
    follows = (row for row in islice(source.rows(), _LOOKED_AT) if row.line > best.line)
    has_rows = not source.sheet or any(any(cell.strip() for cell in row.cells) for row in follows)
    return _Header(source, best, most, complete, has_rows)


def _row_above(header: _Header) -> Row | None:
    """The row above the header if it looks like a part of it: it has several cells, but not all, as merged cells do."""
    rows = [row for row in islice(header.source.rows(), SEARCHED) if row.line == header.row.line - 1]
    filled = sum(1 for row in rows for cell in row.cells if cell.strip())
    return rows[0] if 1 < filled < sum(1 for cell in header.row.cells if cell.strip()) else None


def _which_sheet(headers: Sequence[_Header], *, hidden: bool) -> str:
    names = listed([repr(header.source.sheet) for header in headers])
    if hidden:
        return (
            f"the headings of the dataset are on hidden sheets only ({names}); show the right sheet, remove the others."
        )
    return (
        f"{len(headers)} sheets have the headings of the dataset ({names}); put all rows on one, or remove the others."
    )


def _of_another(headers: Sequence[_Header], rows: Sequence[Row], contract: Dataset) -> str | None:
    """The sentence about a file that belongs to another dataset, by the headings that its first rows have."""
    if headers:
        rows = [max(headers, key=lambda header: header.recognised).row]
    keys = {heading_key(cell) for row in rows for cell in row.cells}
    for rule in contract.elsewhere:
        key = heading_key(rule.having or rule.lacking or "")
        similar = did_you_mean([key], [cell for header in headers for cell in header.row.cells])
        if key in keys if rule.having else headers and key not in keys and not similar:
            return f"{rule.because} Land it as {' or '.join(rule.datasets)}, or land a file of {contract.id} here."
    return None


def _no_header(rows: Sequence[Row], contract: Dataset) -> tuple[str, str]:
    """The rule and the text of the finding about a file in which no row has the code's heading."""
    wanted, title = contract.code.keys, repr(contract.code.title)
    for row in rows:
        for delimiter in _DELIMITERS:
            parts = [part for cell in row.cells for part in cell.split(delimiter)]
            if len(parts) > len(row.cells) and wanted.intersection(map(heading_key, parts)):
                accepted = " or ".join(_NAMES.get(each, repr(each)) for each in contract.layout.delimiters)
                return "format", f"the cells are separated by {delimiter!r}; save the file with {accepted} instead."
    seen = [cell.strip() for row in rows for cell in row.cells if cell.strip()]
    text = f"none of the first {SEARCHED} rows has the heading {title}{did_you_mean(wanted, seen)}"
    return "header", f"{text}; put the dataset's headings in one row."


def _table_without_header(sources: Sequence[Source], contract: Dataset, findings: Findings) -> LandedTable | None:
    places, width = contract.places, contract.layout.columns or 0
    widths = []
    faults: list[Unreadable] = []
    for source in sources:
        first = next(_first_rows(source, faults), Row(1, []))
        widths.append(len(first.cells))
        if len(first.cells) == width or (source.padded and len(first.cells) < width):
            at = {name: FileColumn((place.at or 1) - 1, place.title) for name, place in places.items()}
            measures = {name: at[f"measures.{name}"] for name in contract.measures}
            read = {column.at for column in at.values()}
            others = [f"column {nth + 1}" for nth in range(width) if nth not in read]
            first_line = 2 if source.titled else 1
            plan = ColumnPlan(
                width,
                (),
                first_line,
                at["code"],
                at.get("unit"),
                at.get("period"),
                None,
                None,
                None,
                measures,
                [],
                others,
            )
            return LandedTable(source, plan)
    if faults:
        raise faults[0]
    text = f"the first row has {max(widths, default=0)} columns instead of {width}; export the file again."
    findings.add("error", "columns", text, row=1)
    return None


def _first_rows(source: Source, faults: list[Unreadable]) -> Iterator[Row]:
    """The rows to search. A file that cannot be read with one delimiter may be readable with another."""
    try:
        yield from islice(source.rows(), SEARCHED)
    except Unreadable as fault:
        faults.append(fault)


def _plan(header: Row, contract: Dataset, findings: Findings) -> ColumnPlan:
    titles = [" ".join(cell.split()) for cell in header.cells]
    while titles and not titles[-1]:
        titles.pop()
    columns = [FileColumn(at, title[:_LONGEST] or f"column {at + 1} (no heading)") for at, title in enumerate(titles)]
    by_heading: dict[str, list[FileColumn]] = {}
    for column, title in zip(columns, titles, strict=True):
        by_heading.setdefault(heading_key(title), []).append(column)

    chosen: dict[str, FileColumn] = {}
    for name, place in contract.places.items():
        matching = [column for key in sorted(place.keys) for column in by_heading.get(key, [])]
        if matching:
            chosen[name] = min(matching)
        if len(matching) > 1:
            titles_of_matching = listed([column.title for column in sorted(matching)])
            text = f"{len(matching)} columns have a heading of this column ({titles_of_matching}); keep the right one."
            findings.add("error", "duplicate_heading", text, row=header.line, column=chosen[name].title)
    read = {column.at for column in chosen.values()}
    unread = [column for column in columns if column.at not in read]
    if contract.long or contract.keyed or any(name.startswith("measures.") for name in chosen):
        _add_missing(contract, chosen, unread, header.line, findings)

    families = [(column, family) for column in unread if (family := contract.family(titles[column.at]))]
    checked = {column.at for column, _ in families}
    return ColumnPlan(
        width=len(columns),
        titles=titles,
        first_line=header.line + 1,
        code=chosen["code"],
        unit=chosen.get("unit"),
        period=chosen.get("period"),
        measure=chosen.get("measure"),
        value=chosen.get("value"),
        key=chosen.get("key"),
        measures={name: chosen[at] for name in contract.measures if (at := contract.place_of(name)) in chosen},
        families=families,
        not_read=[column.title for column in unread if column.at not in checked],
    )


def _add_missing(
    contract: Dataset,
    chosen: Mapping[str, FileColumn],
    unread: Sequence[FileColumn],
    line: int,
    findings: Findings,
) -> None:
    others = [column.title for column in unread]
    for name, place in contract.places.items():
        if name in chosen:
            continue
        text = f"the column {place.title!r} is missing{did_you_mean(place.keys, others)}; "
        if isinstance(place, Measure) and place.quiet:
            continue
        if isinstance(place, Measure) and place.optional:
            findings.add("warning", "missing_column", text + "figures computed from it will have no data.", row=line)
        else:
            findings.add("error", "missing_column", text + "add it, or correct its heading.", row=line)


def did_you_mean(keys: Iterable[str], titles: Sequence[str]) -> str:
    """` (did you mean …?)` with the heading that is most like one of the keys, whatever the order of its words; or
    nothing."""
    close: list[tuple[float, str]] = []
    for normalised in (heading_key, _sorted_words):
        by_key = {normalised(title): title for title in titles[:_COMPARED]}
        for key in map(normalised, sorted(keys)):
            for match in difflib.get_close_matches(key, by_key, n=1, cutoff=_SIMILARITY):
                close.append((difflib.SequenceMatcher(None, match, key).ratio(), by_key[match]))
    return f" (did you mean {max(close)[1]!r}?)" if close else ""


def _sorted_words(heading: str) -> str:
    return " ".join(sorted(re.findall(r"[^\W_]+", heading_key(heading))))
