"""Finding the header, and in it the columns that a contract names."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from functions.ingest.conform.formats import Row, Source, Unreadable
from shared.findings import Findings, listed
from shared.method.contracts import Dataset, Family, Measure, heading_key

SEARCHED = 30
"""A header stands within so many rows from the top; what is above it (sections, titles, notes) is skipped."""

_LONGEST = 200  # characters of a heading that findings repeat
_ALIKE = 0.75
_COMPARED = 500  # headings; comparing is quadratic


class Column(NamedTuple):
    """A column of the landed file: its position from 0, and its heading as landed (or how to call it)."""

    at: int
    title: str


class Plan(NamedTuple):
    """Which column is which; `width` of them in all, the rows of data from `first_line` on."""

    width: int
    first_line: int
    code: Column
    period: Column | None
    measure: Column | None
    value: Column | None
    measures: Mapping[str, Column]
    families: Sequence[tuple[Column, Family]]
    not_read: Sequence[str]

    def column(self, measure: str) -> Column:
        """Where a measure's figures stand."""
        return self.value if self.value is not None else self.measures[measure]


class Table(NamedTuple):
    """The source that holds the table asked for, and where in it what stands."""

    source: Source
    plan: Plan

    def rows(self) -> Iterator[Row]:
        """The rows below the header."""
        return (row for row in self.source.rows() if row.line >= self.plan.first_line)


def find_table(sources: Sequence[Source], contract: Dataset, findings: Findings) -> Table | None:
    """The table in the first source that shows most of the contract's columns; None, with findings, if none does."""
    if not contract.layout.header:
        return _without_header(sources, contract, findings)
    known = {key for place in contract.places.values() for key in place.keys}
    best: tuple[int, Source, Row] | None = None
    rivals = 0
    seen: list[str] = []
    faults: list[Unreadable] = []
    for source in sources:
        shown = 0
        for row in _first_rows(source, faults):
            keys = [heading_key(cell) for cell in row.cells]
            seen += [cell.strip() for cell in row.cells if cell.strip()]
            recognised = len(known.intersection(keys)) if contract.code.keys.intersection(keys) else 0
            shown = max(shown, recognised)
            if recognised > (best[0] if best else 0):
                best, rivals = (recognised, source, row), 0
        if best and source.sheet and source is not best[1] and shown == best[0]:
            rivals += 1
    if best is None and faults:
        raise faults[0]
    if best is None:
        wanted = contract.code.title
        findings.add(
            "error",
            "header",
            f"no row among the first {SEARCHED} has the heading {wanted!r}{meant(contract.code.keys, seen)}; "
            "the headings have to be those of the dataset, in a row of their own.",
        )
        return None
    _, source, row = best
    if rivals:
        text = f"{rivals + 1} sheets have the headings of the dataset; put all rows on one sheet, or remove the others."
        findings.add("error", "sheets", text)
        return None
    plan = _plan(row, contract, findings)
    if contract.long and (plan.measure is None or plan.value is None):
        return None
    if not contract.long and not plan.measures:
        text = f"of the columns of {contract.id} only {plan.code.title!r} is there; land a file of this dataset."
        findings.add("error", "header", text, row=row.line)
        return None
    return Table(source, plan)


def _without_header(sources: Sequence[Source], contract: Dataset, findings: Findings) -> Table | None:
    places, width = contract.places, contract.layout.columns or 0
    widths = []
    faults: list[Unreadable] = []
    for source in sources:
        first = next(_first_rows(source, faults), Row(1, []))
        widths.append(len(first.cells))
        if len(first.cells) == width or (source.padded and len(first.cells) < width):
            at = {name: Column((place.at or 1) - 1, place.title) for name, place in places.items()}
            measures = {name: at[f"measures.{name}"] for name in contract.measures}
            read = {column.at for column in at.values()}
            others = [f"column {nth + 1}" for nth in range(width) if nth not in read]
            first_line = 2 if source.titled else 1
            plan = Plan(width, first_line, at["code"], at.get("period"), None, None, measures, [], others)
            return Table(source, plan)
    if faults:
        raise faults[0]
    found = max(widths, default=0)
    text = f"the first row has {found} columns where {width} are expected; export the file anew."
    findings.add("error", "columns", text, row=1)
    return None


def _first_rows(source: Source, faults: list[Unreadable]) -> Iterator[Row]:
    """The rows to search. What cannot be read with one delimiter may be well with another."""
    try:
        yield from islice(source.rows(), SEARCHED)
    except Unreadable as fault:
        faults.append(fault)


def _plan(header: Row, contract: Dataset, findings: Findings) -> Plan:
    titles = [" ".join(cell.split()) for cell in header.cells]
    while titles and not titles[-1]:
        titles.pop()
    columns = [Column(at, title[:_LONGEST] or f"column {at + 1} (no heading)") for at, title in enumerate(titles)]
    landed: dict[str, list[Column]] = {}
    for column, title in zip(columns, titles, strict=True):
        landed.setdefault(heading_key(title), []).append(column)

    found: dict[str, Column] = {}
    for name, place in contract.places.items():
        matching = [column for key in sorted(place.keys) for column in landed.get(key, [])]
        if matching:
            found[name] = min(matching)
    read = {column.at for column in found.values()}
    unread = [column for column in columns if column.at not in read]
    _tell_missing(contract, found, unread, header.line, findings)
    _tell_repeated(contract, landed, found, header.line, findings)

    families = [(column, family) for column in unread if (family := contract.family(titles[column.at]))]
    checked = {column.at for column, _ in families}
    return Plan(
        width=len(columns),
        first_line=header.line + 1,
        code=found["code"],
        period=found.get("period"),
        measure=found.get("measure"),
        value=found.get("value"),
        measures={name: found[f"measures.{name}"] for name in contract.measures if f"measures.{name}" in found},
        families=families,
        not_read=[column.title for column in unread if column.at not in checked],
    )


def _tell_missing(
    contract: Dataset, found: Mapping[str, Column], unread: Sequence[Column], line: int, findings: Findings
) -> None:
    others = [column.title for column in unread]
    for name, place in contract.places.items():
        if name in found:
            continue
        text = f"the column {place.title!r} is missing{meant(place.keys, others)}; "
        if isinstance(place, Measure) and not place.required:
            findings.add("warning", "missing_column", text + "what is computed from it will have no data.", row=line)
        else:
            findings.add("error", "missing_column", text + "add it, or give it its heading back.", row=line)


def _tell_repeated(
    contract: Dataset,
    landed: Mapping[str, Sequence[Column]],
    found: Mapping[str, Column],
    line: int,
    findings: Findings,
) -> None:
    for name, place in contract.places.items():
        matching = [column for key in place.keys for column in landed.get(key, [])]
        if name in found and len(matching) > 1:
            titles = listed([column.title for column in sorted(matching)])
            text = f"{len(matching)} columns are headed so ({titles}); keep the right one."
            findings.add("error", "duplicate_heading", text, row=line, column=found[name].title)


def meant(keys: Iterable[str], titles: Sequence[str]) -> str:
    """` (did you mean …?)` for the heading most like one of the keys, in whatever order its words are; or nothing."""
    close: list[tuple[float, str]] = []
    for spelt in (heading_key, _words):
        by_key = {spelt(title): title for title in titles[:_COMPARED]}
        for key in map(spelt, sorted(keys)):
            for match in difflib.get_close_matches(key, by_key, n=1, cutoff=_ALIKE):
                close.append((difflib.SequenceMatcher(None, match, key).ratio(), by_key[match]))
    return f" (did you mean {max(close)[1]!r}?)" if close else ""


def _words(heading: str) -> str:
    return " ".join(sorted(re.findall(r"[^\W_]+", heading_key(heading))))
