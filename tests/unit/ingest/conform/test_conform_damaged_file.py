"""The damaged file: it is rejected, and its findings name what is truly damaged.

A slip of text-to-columns cut whole numbers at their thousands and wrote the pieces over the cells to the right, and
cut five names at their commas. Every row still has the right width.
"""

from functools import cache

from tests.oracles.slow_reader import figure
from tests.support.conforming import conformed
from tests.support.paths import REAL_DATA, needs_real_data

pytestmark = needs_real_data

DAMAGED = REAL_DATA / "damaged"
FILE = "eric_trust/2016-17/ERIC-2016-17.csv"
CUT_ZONE = slice(23, 45)  # where whole numbers were written over their neighbours, three digits a cell


@cache
def damage():
    """The damaged file by hand: for each line, the places of its cells, and which are visibly wrong."""
    rows = [line.split("$") for line in (DAMAGED / FILE).read_text("utf-8").splitlines()]
    return rows[1], dict(enumerate(rows[2:], 3))


def test_the_damaged_file_is_rejected():
    result = conformed(DAMAGED, FILE)
    assert result.table is None
    assert len(result.findings.detail) == 200
    assert all(finding.severity == "error" for finding in result.findings.detail)


def test_rows_whose_text_was_shifted_are_named_with_their_columns():
    headings, rows = damage()
    shifted = {number for number, cells in rows.items() if cells[2].startswith(" ")}  # the rest of a name with a comma
    assert shifted == {56, 137, 140, 189, 190}
    first_site, first_pound = headings[4], headings[23]
    told = {(finding.row, finding.column, finding.sample) for finding in conformed(DAMAGED, FILE).findings.detail}
    for number in shifted:
        assert (number, first_site, rows[number][4]) in told
        assert (number, first_pound, rows[number][23]) in told


def test_every_column_of_pounds_in_the_cut_zone_is_named():
    headings, _ = damage()
    pounds = {heading for heading in headings[CUT_ZONE] if heading.endswith("(£)")}
    told = {finding.column for finding in conformed(DAMAGED, FILE).findings.detail if finding.rule == "split_thousands"}
    assert told == pounds
    assert len(pounds) == 11


def test_every_cell_that_is_out_of_its_range_is_counted():
    headings, rows = damage()
    limits = {
        "Number of deaths resulting from fire(s) (No.)": 100,
        "Number of people injured resulting from fire(s) (No.)": 200,
        "Number of patients sustaining injuries during evacuation (No.)": 200,
    }
    endings = ("(m²)", "(m³)", "(%)", "(No.)", "(kWh)", "(Tonnes)", "(WTE)", "(Hectares)", "(Watts)", "(MW)")
    wrong = 0
    for cells in rows.values():
        for heading, cell in zip(headings, cells, strict=True):
            number = figure(cell)
            if number is None:
                continue
            most = limits.get(heading, 100 if heading.endswith("(%)") else float("inf"))
            wrong += number > most or (number < 0 and heading.endswith(endings))
    counts = {count.rule: count.number for count in conformed(DAMAGED, FILE).findings.counts}
    assert counts["range"] == wrong


def test_how_many_damaged_rows_are_named():
    """All 236 are damaged: the year before, no trust's largest investment was below £500,000.

    Errors name 214 of them; the warning about capital investment, or the error that a part of it is no number, all.
    """
    headings, rows = damage()
    improving = headings.index("Capital investment for improving existing buildings (£)")
    assert len(rows) == 236
    assert max(figure(cells[improving]) or 0 for cells in rows.values()) < 1000
    counts = {count.rule: count.number for count in conformed(DAMAGED, FILE).findings.counts}
    shifted = 5  # rows in which one of the five investments is no number
    assert counts["some_capital_investment"] == 236 - shifted


def test_figures_of_the_damaged_file_that_are_sound_pass():
    """The damage is in the cells named: no finding speaks of a column that is right in every row."""
    told = {finding.column for finding in conformed(DAMAGED, FILE).findings.detail}
    assert told.isdisjoint(
        {"Gross internal floor area (m²)", "Cleaning service cost (£)", "Energy costs (all energy supplies) (£)"}
    )
