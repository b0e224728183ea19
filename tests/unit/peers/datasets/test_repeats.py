"""Periods that repeat the one before."""

import pytest

from functions.peers.datasets.repeats import figures_by_label, repeated
from shared.facts.apply_findings import FindingRow
from shared.method.load import load
from tests.support.facts_of import facts_of
from tests.support.pipeline.small import METHOD_TEXT

WORK = load(METHOD_TEXT).datasets["work"]
DAYS = {"2025-01": "2025-01-01,2025-01-31", "2025-02": "2025-02-01,2025-02-28", "2025-03": "2025-03-01,2025-03-31"}


def told(*months: list[float]) -> list[FindingRow]:
    """Of months with a figure of each code. It does not matter into how many frames the codes' measures are cut."""
    lines = [
        f"X{n:02},{DAYS[f'2025-0{month}']},{measure},{value},2025-0{month}\n"
        for month, values in enumerate(months, 1)
        for n, value in enumerate(values)
        for measure in (["cost", "area"][n % 2],)
    ]
    table = facts_of(work="code,period_start,period_end,measure,value,period\n" + "".join(lines)).tables["work"]
    table = table.astype({"code": "category", "measure": "category"})
    whole = [*repeated([figures_by_label(table)], WORK)]
    parts = [table[table["measure"] == measure] for measure in ("cost", "area")]
    assert [*repeated([figures_by_label(part) for part in parts], WORK)] == whole
    return whole


def test_a_period_that_equals_the_one_before_is_told() -> None:
    """18 of 20 figures are nine tenths."""
    first = [float(n) for n in range(1, 21)]
    (one,) = told(first, [0.5, 0.6, *first[2:]])
    assert (one["severity"], one["rule"], one["period"]) == ("warning", "repeated_period", "2025-02")
    assert "18 of 20 figures are the same as in 2025-01" in one["message"]
    assert "If so, land the file of 2025-02" in one["message"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([float(n) for n in range(1, 21)], [0.5, 0.6, 0.7, *(float(n) for n in range(4, 21))]),  # 17 of 20
        ([float(n) for n in range(1, 20)], [float(n) for n in range(1, 20)]),  # 19 figures are too few to tell
        ([0.0] * 30, [0.0] * 30),  # zeros say nothing
    ],
)
def test_periods_that_differ_enough_or_have_little_in_common_are_not(first: list[float], second: list[float]) -> None:
    assert told(first, second) == []


def test_only_neighbours_in_time_are_compared() -> None:
    same, other = [float(n) for n in range(1, 21)], [float(n) + 0.5 for n in range(1, 21)]
    assert told(same, other, same) == []
