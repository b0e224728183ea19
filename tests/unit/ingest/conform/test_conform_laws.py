"""Laws of conform: what must not matter does not, and what it reads is what a slow reader reads."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.slow_reader import figure
from tests.support.conforming import HEADER, body, facts, parquet, read, workbook

PENNIES = st.integers(0, 10**11).map(lambda pennies: pennies / 100)  # as many digits as a workbook keeps
FIGURES = st.one_of(st.just(None), st.integers(0, 10**9), PENNIES)
SHARES = st.one_of(st.just(None), st.integers(0, 100))
ROWS = st.lists(
    st.tuples(
        st.from_regex("R[A-Z]{2}", fullmatch=True), st.text("abc ÉÜ,\"'\n", max_size=8), FIGURES, FIGURES, SHARES
    ).filter(lambda row: bool(row[1].strip()) or any(cell is not None for cell in row[2:])),  # else it is a note
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
)

LAW = settings(max_examples=60, deadline=None, derandomize=True)


def quoted(cell: object, separators: bool = False) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return '"' + cell.replace('"', '""') + '"'
    return f'"{cell:,}"' if separators else repr(cell)


def table(rows, order=(0, 1, 2, 3, 4, 5), separators=False) -> bytes:
    """As CSV, its columns in another order; the used area is left out, so that no check speaks."""
    titles = HEADER.split(",")
    lines = []
    for code, name, cost, floor, share in rows:
        cells = [quoted(cell, separators) for cell in (code, name, cost, floor, None, share)]
        lines.append(",".join(cells[at] for at in order))
    return body(*lines, header=",".join(titles[at] for at in order))


@LAW
@given(ROWS, st.randoms())
def test_the_order_of_rows_matters_to_nothing_but_their_numbers(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert read(table(shuffled)).table.drop_columns("row").equals(read(table(rows)).table.drop_columns("row"))


@LAW
@given(ROWS, st.permutations(range(6)))
def test_the_order_of_columns_does_not_matter(rows, order):
    assert read(table(rows, order)).table.equals(read(table(rows)).table)


@LAW
@given(ROWS)
def test_thousands_separators_do_not_matter(rows):
    assert read(table(rows, separators=True)).table.equals(read(table(rows)).table)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ROWS)
def test_the_format_does_not_matter(rows):
    expected = facts(read(table(rows)))
    titles = HEADER.split(",")
    records = [[code, name, cost, floor, None, share] for code, name, cost, floor, share in rows]
    assert facts(read(gzip.compress(table(rows)))) == expected
    assert facts(read(workbook([titles, *records]))) == expected
    columns = list(zip(*records, strict=True))
    numbers = {
        title: [None if cell is None else float(cell) for cell in column]
        for title, column in zip(titles[2:], columns[2:], strict=True)
    }
    assert facts(read(parquet({"Code": columns[0], "Name": columns[1]} | numbers))) == expected


@LAW
@given(ROWS)
def test_figures_arrive_as_they_were_sent(rows):
    found = facts(read(table(rows)))
    for code, _, cost, floor, share in rows:
        for measure, sent in (("cost", cost), ("floor", floor), ("share", share)):
            assert found[code, measure] == (("missing",) if sent is None else sent)


CELL = st.one_of(
    st.text("0123456789,.+-£eE()% n", max_size=12),
    st.text(max_size=6),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers().map(lambda number: f"{number:,}"),
)


@LAW
@given(CELL)
def test_a_cell_is_the_number_a_slow_reader_reads_or_none(cell):
    if "\0" in cell or cell.strip().casefold() in ("", "na", "*", "not applicable"):
        return
    result = read(b"".join([body(), f"RAA,One,1,{quoted(cell)},NA,1\n".encode(errors="replace")]))
    cell = cell.encode(errors="replace").decode()
    expected = figure(cell, "£")
    if expected is None or expected < 0:
        assert result.table is None
        assert [finding.column for finding in result.findings.detail] == ["Floor (m²)"]
    else:
        assert facts(result)["RAA", "floor"] == expected


WHOLE = body("RAA,One,1,1,1,1")
ROWS_OF_IT = [HEADER.split(","), ["RAA", "One", 1, 1, 1, 1]]
FILES = {
    "csv": WHOLE,
    "workbook": workbook(ROWS_OF_IT),
    "gzip": gzip.compress(WHOLE, mtime=0),
    "parquet": parquet(dict(zip(ROWS_OF_IT[0], ([cell] for cell in ROWS_OF_IT[1]), strict=True))),
}
STARTS = (
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08\x00",
    b"PK\x03\x04",
    b"PAR1",
    b"PAR1\x15\x04",
    body(),
    WHOLE,
)


@LAW
@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_end_in_a_table_or_in_an_error(start, rest):
    result = read(start + rest)
    assert (result.table is None) == (result.findings.errors > 0)


@LAW
@given(st.data())
@pytest.mark.parametrize("kind", FILES)
def test_any_damage_ends_in_a_table_or_in_an_error(kind, data):
    whole = FILES[kind]
    at = data.draw(st.integers(0, len(whole) - 1))
    result = read(whole[:at] + data.draw(st.binary(min_size=1, max_size=4)) + whole[at + 1 :])
    assert (result.table is None) == (result.findings.errors > 0)
