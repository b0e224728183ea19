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
_COMPARED = 500  # headings; the time grows with the square of their number


class FileColumn(NamedTuple):
    """A column of the landed file: its position from 0, and its heading as landed, or a name if it has none."""

    at: int
    title: str


class ColumnPlan(NamedTuple):
    """Which column holds what. The file has `width` columns, and rows of data from line `first_line` on."""

    width: int
    first_line: int
    code: FileColumn
    period: FileColumn | None
    measure: FileColumn | None
    value: FileColumn | None
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
    """The table in the first source that has the most of the contract's columns; None, with findings, if none has any.

    Unreadable if no source has any and one of them could not be read.
    """
    if not contract.layout.header:
        return _table_without_header(sources, contract, findings)
    headings = {key for place in contract.places.values() for key in place.keys}
    best: tuple[int, Source, Row] | None = None
    rival_sheets = 0
    seen: list[str] = []
    faults: list[Unreadable] = []
    for source in sources:
        most_in_source = 0
        for row in _first_rows(source, faults):
            keys = [heading_key(cell) for cell in row.cells]
            seen += [cell.strip() for cell in row.cells if cell.strip()]
            recognised = len(headings.intersection(keys)) if contract.code.keys.intersection(keys) else 0
            most_in_source = max(most_in_source, recognised)
            if recognised > (best[0] if best else 0):
                best, rival_sheets = (recognised, source, row), 0
        if best and source.sheet and source is not best[1] and most_in_source == best[0]:
            rival_sheets += 1
    if best is None and faults:
        raise faults[0]
    if best is None:
        heading = f"{contract.code.title!r}{did_you_mean(contract.code.keys, seen)}"
        text = f"none of the first {SEARCHED} rows has the heading {heading}; put the dataset's headings in one row."
        findings.add("error", "header", text)
        return None
    _, source, row = best
    if rival_sheets:
        text = (
            f"{rival_sheets + 1} sheets have the headings of the dataset; put all rows on one sheet, or remove the "
            "other sheets."
        )
        findings.add("error", "sheets", text)
        return None
    plan = _plan(row, contract, findings)
    if contract.long and (plan.measure is None or plan.value is None):
        return None
    if not contract.long and not plan.measures:
        text = f"of the columns of {contract.id}, the file has only {plan.code.title!r}; land a file of this dataset."
        findings.add("error", "header", text, row=row.line)
        return None
    return LandedTable(source, plan)


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
            plan = ColumnPlan(width, first_line, at["code"], at.get("period"), None, None, measures, [], others)
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
    _add_missing(contract, chosen, unread, header.line, findings)

    families = [(column, family) for column in unread if (family := contract.family(titles[column.at]))]
    checked = {column.at for column, _ in families}
    return ColumnPlan(
        width=len(columns),
        first_line=header.line + 1,
        code=chosen["code"],
        period=chosen.get("period"),
        measure=chosen.get("measure"),
        value=chosen.get("value"),
        measures={name: chosen[f"measures.{name}"] for name in contract.measures if f"measures.{name}" in chosen},
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
        if isinstance(place, Measure) and not place.required:
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
