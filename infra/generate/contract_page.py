"""docs/contracts.md: what a supplier may land, made from the method."""

from collections.abc import Iterable, Iterator
from datetime import date

from functions.api.explain.contract_sentences import check_phrase, required_phrase, way_phrase
from functions.ingest.conform import limits
from infra.generate.parts import MARK
from infra.template import ROOT
from shared.findings import IN_DETAIL
from shared.method.contracts import LABEL, ColumnPlace, Dataset, Measure, Numbers, PeriodRule
from shared.method.load import bundle, load
from shared.method.prices import PRICES

COMMITTED = ROOT / "docs" / "contracts.md"

_A_DAY = date(2024, 9, 30)

_PREFACE = """\
# What suppliers may land

{mark} from `method/datasets/`. Change those files, not this page.

A file is landed in the landing bucket as `<dataset>/<period>/<file>`, or as `<dataset>/<period>/<part>/<file>` where a
period comes in parts. Names of folders hold letters, digits, `_`, `.` and `-`; the file may be called anything. Within
seconds there is a receipt in the data bucket, `receipts/<landing key>/<version>.json`, and its findings for a
spreadsheet, `findings-csv/<landing key>/<version>.csv`.

- `make check-file DATASET=… PERIOD=… FILE=…` gives the same receipt before you land the file, without any access.
- The receipt of a file landed as `dry-run/<dataset>/<period>/<file>` says what the file would change. Nothing of it is
  published.
- A file whose name begins with `_` or `.` is read like any other, but queries in Athena do not find its receipt.

A finding of severity **error** rejects the file: none of its figures are used, and the previous file stays current.
Correct what the finding names and land the file again, under the same key or another of the same period. A **warning**
rejects nothing: the figures are published, and all that is computed from them carries the flag `data_warning`. The
first {in_detail} findings are listed in full; all are counted.

## Every file

- Headings must be within the first 30 rows. Case, spaces and a broken `£` or `²` do not matter. Columns may be in any
  order, and columns that are not listed below are not read.
- Figures have a point for decimals, and thousands with commas or without. What cannot be read is never guessed.
- An empty cell is a missing figure, and so are the markers that the dataset lists. Zero is a figure.
- Text is UTF-8 (with or without its mark), UTF-16 with its mark, or else Windows-1252.
- A CSV may be compressed with gzip, or be the only file of a zip archive.
- Of a workbook, the sheet with the dataset's headings is read, whatever its name; a hidden sheet never is. Formulas are
  never evaluated.
- {limits} Land larger files in parts.

| rule | severity | what to do |
|---|---|---|"""

_RULES = (
    ("landing_key", "error", "Land the file under `<dataset>/<period>/<file>`, in the folder of a dataset below."),
    ("period_label", "error", "Write the folder of the period as the dataset below shows."),
    ("future_period", "error", "Correct the period, or land the file once that period has begun."),
    ("empty_file", "error", "Export the file again: it is empty."),
    ("too_large", "error", "Land the file in parts; save a workbook as CSV."),
    ("too_many_values", "error", "Land the file in parts."),
    ("bomb", "error", "Land the file unpacked: it unpacks to more than is reasonable."),
    ("format", "error", "Save the file as CSV or .xlsx, with the delimiter of the dataset."),
    ("other_dataset", "error", "Land the file in the dataset that the message names."),
    ("zip", "error", "Land one CSV file in a zip archive of its own, without a password."),
    ("encoding, nul_bytes", "error", "Save the file as UTF-8."),
    ("quotes, huge_field, too_wide", "error", "Pair the quotation marks; land the table and nothing else."),
    ("codec", "error", "Write the parquet file with snappy, gzip or no compression; polars writes zstd by default."),
    ("gzip, workbook, parquet", "error", "The file is damaged, or is no plain table: write it again."),
    ("header, columns", "error", "Give the columns the headings below, in one row of their own."),
    ("sheets", "error", "Put all rows on one sheet that is not hidden, or remove the other sheets."),
    (
        "missing_column",
        "error, or warning where a column is not required",
        "Add the column; check the suggestion in `did you mean`.",
    ),
    ("duplicate_heading", "error", "Keep the one right column of those with the same heading."),
    ("row_width", "error", "Give the row as many cells as the header; quote cells that hold the delimiter."),
    ("repeated_headings", "error", "Remove the rows that repeat the headings."),
    ("note", "error; a warning where it may be a code", "Remove notes from the table and from its cells."),
    ("looks_like_total", "warning", "Remove the row that adds up the others: it is not read."),
    ("no_code, code", "error", "Give the organisation's code as the register writes it."),
    ("no_unit", "error", "Give the code of the site, or of what else the rows of the dataset are about."),
    ("differs_by_unit", "error", "Give all rows of an organisation the same attribute, such as its type."),
    ("duplicate_row", "error", "Keep one row of those that state the same organisation, period and measure."),
    ("period, period_text", "error", "Correct the cell, or land the file under the period that its rows name."),
    ("not_a_number", "error", "Write a number, or leave the cell empty if there is no figure."),
    ("not_finite", "error", "Clear a `NaN` or an infinity; correct a figure too large to be a number."),
    ("brackets, currency_sign, percent_sign", "error", "Write the number alone, a negative one with a minus sign."),
    ("thousands", "error", "Write the number without commas."),
    ("leading_zero, split_thousands", "error", "Restore numbers that were split at their thousands: export again."),
    ("formula", "error", "Put the formula's result in the cell: formulas are never evaluated."),
    ("excel_error", "error", "Correct the formula whose error the cell shows, or type what belongs there."),
    (
        "suppressed, symbol, dash",
        "error",
        "Write the dataset's own marker for a figure that is suppressed, missing or does not apply.",
    ),
    ("percent_scale", "warning", "Multiply percentages by 100 if they were written as parts of 1."),
    ("no_way", "warning", "Add the columns that the sum needs, if the year has them."),
    ("unknown_part", "warning", "Ask the operators to add the new column to the contract."),
    ("date, long_text", "error", "Write the day as below; shorten the text."),
    ("range", "error", "Correct the figure, or its unit."),
    ("key, too_many_keys", "error", "Say in every row what it is about, as the dataset below shows."),
    ("no_rows_of_measure", "warning", "Land the whole file, or have the keys in the contract checked."),
    ("unknown_measure, too_many_measures", "error", "Name a measure of the dataset; mind `did you mean`."),
    ("unlisted_measure", "warning", "Correct the name, or have the measure added to the contract."),
    ("total", "error", "Land the whole file: its rows do not add up to its total."),
    ("too_few_rows", "error", "Land the whole file."),
    ("overlap", "error, across files", "Take out of one part what another part of the period states too."),
    ("unknown_trust, mistyped_code", "warning, across files", "Correct the code, or land a newer register."),
    ("not_trusts", "warning, across files", "Nothing, unless one of the organisations belongs to the programme."),
    (
        "repeated_period",
        "warning, across files",
        "Land the file of the period, if that of the one before was landed again.",
    ),
    ("replaced_file", "warning, across files", "Land the whole file, if organisations are missing by mistake."),
    ("ambiguous_code", "error, across files", "Give the organisation of the further level a code of its own."),
    ("contradicted_succession", "warning, across files", "Correct the succession, or land a newer register."),
    ("unknown_peer", "warning, across files", "Correct the code in the list of peers."),
    ("coverage, figures", "warning, across files", "Land the whole file: much of the period before is missing."),
    ("drift", "error or warning, across files", "Correct the unit of the figures that are many times too large."),
)
"""The rules of findings, with remedies. A dataset's own checks are in its section."""

_PRICE_RULES = (
    ("unknown_price", "error", "Name a price of the method; mind `did you mean`."),
    ("price_unit", "error", "Convert the value to the unit that the price has in the method, and write that unit."),
    ("price_value", "error", "Write a value above 0."),
    (
        "no_source, no_price_year",
        "error",
        "Write the source and the year: every answer that uses the price names them.",
    ),
    ("price_status", "error", "Write `published` or `illustrative`."),
    ("price_size", "warning", "Check the unit: the value is ten times the method's or more, or a tenth or less."),
)

_EXAMPLES = {
    "month": ("one month", "2024-09", "September 2024"),
    "quarter": ("one quarter", "2019-20-Q4", "the last quarter of 2019-20"),
    "financial_year": ("one financial year", "2015-16", "2015-16"),
    "year": ("one calendar year", "2025", "2025"),
    "edition": ("the edition of a year or of a month", "2025-12", "the edition of December 2025"),
    "span": ("several years or months", "2022-04_2025-08", "April 2022 to August 2025"),
    "name": ("a name of your choice", "my_list", "a list that has no period"),
}
_FORMATS = {
    "csv": "CSV (also in gzip or zip)",
    "xlsx": "Excel workbook (.xlsx)",
    "parquet": "parquet (plain columns, compressed with snappy or gzip or not at all)",
}
_STATES = {"missing": "missing", "not_applicable": "does not apply", "suppressed": "suppressed"}


def page(datasets: Iterable[Dataset]) -> str:
    """The whole page, Markdown."""
    return "\n".join([*_preface(), *(line for one in datasets for line in _section(one))]) + "\n"


def shipped() -> str:
    """The page of the repository's own method."""
    return page(sorted(load(bundle(ROOT / "method")).datasets.values(), key=lambda dataset: dataset.id))


def _preface() -> list[str]:
    sizes = (
        f"At most {limits.LARGEST >> 20} MB, packed or not (a workbook {limits.LARGEST_WORKBOOK >> 20} MB), "
        f"{limits.COLUMNS:,} columns, {limits.LINES:,} lines and {limits.CELLS:,} figures and attributes."
    )
    rules = [f"| `{rule}` | {severity} | {remedy} |" for rule, severity, remedy in _RULES]
    return [*_PREFACE.format(mark=MARK, in_detail=IN_DETAIL, limits=sizes).splitlines(), *rules]


def _section(dataset: Dataset) -> Iterator[str]:
    yield from ["", f"## {dataset.id}", "", f"{dataset.title}. Source: {dataset.source}. {dataset.licence}.", ""]
    yield from _where(dataset)
    yield from ["", "| column | heading | aliases | holds | required |", "|---|---|---|---|---|", *_columns(dataset)]
    yield from _derived(dataset)
    yield from _families(dataset)
    yield from _checks(dataset)
    yield from _prices(dataset)
    yield from _expectations(dataset)


def _where(dataset: Dataset) -> Iterator[str]:
    period, layout = dataset.period, dataset.layout
    what, example, spoken = _EXAMPLES[period.kind]
    starts = f", which begins on the first day of month {period.year_starts}" if "financial" in what else ""
    yield f"- Land it as `{dataset.id}/<period>/<file>`. The period is {what}{starts}:"
    yield f"  `{dataset.id}/{example}/…` for {spoken}."
    yield f"- Formats: {'; '.join(_FORMATS[form] for form in layout.formats)}."
    if "csv" in layout.formats:
        delimiters = [{"\t": "tab"}.get(mark, f"`{mark}`") for mark in layout.delimiters]
        yield f"- Delimiters of a CSV: {' or '.join(delimiters)}."
    if layout.header is False:
        yield f"- No header row; {layout.columns} columns, counted from 1."
    elif layout.header == "optional":
        yield f"- The header row may be missing; the file then has {layout.columns} columns in the order below."
    if dataset.unit:
        yield (
            f"- Each row is about one {dataset.unit.called}, whose code is in {_called(dataset.unit)}. Two "
            f"organisations may have {dataset.unit.plural} of the same code. Attributes must be the same in all rows "
            "of an organisation, unless the table says otherwise."
        )
    for rule in dataset.elsewhere:
        heading = f"with a column `{rule.having}`" if rule.having else f"without a column `{rule.lacking}`"
        names = " or ".join(f"`{name}`" for name in rule.datasets)
        yield f"- Land a file {heading} as {names} (`other_dataset`, error)."
    if period.in_file:
        yield f"- Each row names its period in {_called(period)}, {_written(period)}.{_within(period)}"
    if dataset.long:
        also = "; measures that are not listed are taken with a warning" if dataset.long.open else ""
        measure, value = _called(dataset.long.measure), _called(dataset.long.value)
        yield f"- One figure a row: {measure} names the measure, {value} holds it{also}."
    if dataset.keyed:
        together = " Rows with the same key add up." if dataset.keyed.repeated == "sum" else ""
        yield (
            f"- In each row, {_called(dataset.keyed.key)} says what it is about{_looks(dataset.keyed.key.pattern)}. A "
            "measure is the sum of a column over an organisation's rows with the measure's keys; rows with other keys "
            f"are not used.{together}"
        )
    counts = [f"`{name}`" for name, measure in dataset.measures.items() if measure.absent == "zero"]
    if counts:
        yield (
            f"- Land complete files: an organisation without a row for {', '.join(counts)} has 0 in the file's "
            "period, and not a missing figure."
        )
    key = [
        "price" if dataset.id == PRICES else "organisation",
        *([dataset.unit.called] if dataset.unit else ()),
        *["period"] * period.in_file,
        *["measure"] * (dataset.long is not None),
        *["key"] * (dataset.keyed is not None),
    ]
    if dataset.relation:
        yield "- An organisation may have several rows, each with another text."
    elif dataset.keyed is None or dataset.keyed.repeated == "error":
        yield f"- One row for each {' and '.join(key)} (`duplicate_row`, error)."
    if layout.currency:
        yield f"- Figures may carry the sign {layout.currency}."
    if dataset.markers:
        marks = [f"`{mark}` ({_STATES[state]})" for mark, state in dataset.markers.items()]
        yield f"- In place of a figure: {', '.join(marks)}, or an empty cell (missing)."
    if dataset.totals:
        totals = ", ".join(f"`{total}`" for total in dataset.totals)
        yield f"- A row whose code is {totals} is a total, which is compared with the sum of the rows."


def _written(period: PeriodRule) -> str:
    forms = ["as in the folder's name" if form == LABEL else f"as `{_A_DAY:{form}}`" for form in period.formats]
    return " or ".join(dict.fromkeys([*forms, f"as `{_A_DAY}`"]))


def _within(period: PeriodRule) -> str:
    return "" if period.free else " It has to lie within the folder's period."


def _columns(dataset: Dataset) -> Iterator[str]:
    code = "the id of a price of the method" if dataset.id == PRICES else "the organisation's code"
    yield _row("`code`", dataset.code, f"{code}, `{dataset.code.pattern}`", "yes")
    if dataset.unit:
        yield _row("`unit`", dataset.unit, f"the code of the {dataset.unit.called}", "yes")
    if dataset.keyed:
        yield _row("`key`", dataset.keyed.key, "what the row is about", "yes")
    for name, measure in dataset.measures.items():
        if dataset.keyed:
            column = dataset.keyed.values[measure.value or ""]
            yield _row(f"`{name}`", column, f"{_numbers(column)}{_keys(measure)}", "yes")
        elif dataset.long:
            yield f"| `{name}` | (in the column of measures) |  | {_holds(measure)} | no |"
        else:
            yield _row(f"`{name}`", measure, _holds(measure), required_phrase(dataset, measure))


def _looks(pattern: str | None) -> str:
    return f", as `{pattern}`" if pattern else ""


def _keys(measure: Measure) -> str:
    """Which rows are added up."""
    keys, without = (" or ".join(f"`{key}`" for key in keys) for keys in (measure.of_keys, measure.but_not))
    return f"; keys {keys or '`*`'}{f', but not {without}' if without else ''}"


def _row(name: str, place: ColumnPlace, holds: str, required: str) -> str:
    aliases = "; ".join(place.aliases)
    return "| " + " | ".join([name, place.title, aliases, holds, required]).replace("\n", " ") + " |"


def _holds(measure: Measure) -> str:
    if measure.of_unit:
        return f"{_content(measure)}, which may differ from row to row"
    return _content(measure) + (f", of `{measure.share_of}`" if measure.share_of else "")


def _content(measure: Measure) -> str:
    match measure.type:
        case "number":
            return _numbers(measure)
        case "date":
            return f"a day, as {' or '.join(f'`{_A_DAY:{form}}`' for form in (*measure.formats, '%Y-%m-%d'))}"
        case kind:
            return {"text": "text", "code": "a code"}[kind]


def _numbers(numbers: Numbers) -> str:
    ends = [
        f"{word} {value:,.6g}"
        for word, value in (("from", numbers.minimum), ("to", numbers.maximum))
        if value is not None
    ]
    return ", ".join([numbers.unit or "number", *ends])


def _derived(dataset: Dataset) -> Iterator[str]:
    if dataset.derived:
        yield from ["", "Computed from the columns of a row, in the first way whose columns the file has:", ""]
        for name, derived in dataset.derived.items():
            ways = "; or else ".join(way_phrase(way) for way in derived.ways)
            yield f"- {derived.title}, `{name}` ({derived.unit}): {ways}"


def _families(dataset: Dataset) -> Iterator[str]:
    if dataset.families:
        yield from ["", "Columns that are not listed are checked by how their heading ends:", ""]
        for family in dataset.families:
            yield f"- `{family.ending}`: {_numbers(family)}"


def _checks(dataset: Dataset) -> Iterator[str]:
    if dataset.checks:
        yield from ["", "| check | severity | rule | reason |", "|---|---|---|---|"]
        for rule, check in dataset.checks.items():
            yield f"| `{rule}` | {check.severity} | {check_phrase(check, dataset)} | {check.because} |"


def _prices(dataset: Dataset) -> Iterator[str]:
    if dataset.id == PRICES:
        yield from ["", "Each row replaces one price of the method, from the next release on. Of a price in several"]
        yield "periods, that of the newest counts. Prices are compared with the method:"
        yield from ["", "| rule | severity | what to do |", "|---|---|---|"]
        yield from (f"| `{rule}` | {severity} | {remedy} |" for rule, severity, remedy in _PRICE_RULES)


def _expectations(dataset: Dataset) -> Iterator[str]:
    least = dataset.expects
    yield from [
        "",
        f"- At least {least.minimum_rows} row{'s' * (least.minimum_rows > 1)} of data (`too_few_rows`, error).",
    ]
    values = dataset.keyed.values.values() if dataset.keyed else ()
    numbers: tuple[Numbers, ...] = (*dataset.families, *dataset.measures.values(), *values)
    for unit, size in sorted({(each.unit or "", each.largest_at_least) for each in numbers if each.largest_at_least}):
        yield (
            f"- If a column in {unit} has 20 figures or more and none reaches {size:,.12g}, they were split at the "
            "thousands separator (`split_thousands`, error): export the file again."
        )
    if least.coverage is not None:
        yield (
            f"- At least {least.coverage:.0%} of the codes of the period before that have not closed since "
            "(`coverage`, warning across files): land the whole file."
        )
    if least.figures is not None:
        yield f"- At least {least.figures:.0%} as many figures as the period before (`figures`, warning across files)."
    if least.drift is not None:
        yield (
            f"- No measure whose total is {least.drift:g} times larger or smaller than in the period before (`drift`, "
            "error across files): its values for that period are not used until the unit is corrected."
        )
    if least.drift_of_one is not None:
        yield (
            f"- No organisation's figure {least.drift_of_one:g} times larger or smaller than in the period before "
            "(`drift`, warning across files)."
        )


def _called(place: ColumnPlace) -> str:
    return f"the column `{place.heading}`" if place.heading is not None else place.title
