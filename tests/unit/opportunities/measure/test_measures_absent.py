"""Counts of complete files: an organisation without a row has zero, and not a missing figure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.method.method import Method
from tests.oracles.opportunities import Fact, Programme
from tests.support.agreement import assert_agrees
from tests.support.small_programme import CODES, YEAR, everyone_near, figures, method, opportunity_rows, registered, run

BEFORE = (date(2019, 4, 1), date(2020, 3, 31))


def counting(rules: Method, *measures: str) -> Method:
    """The method with measures that are zero where they are absent."""
    datasets = dict(rules.datasets)
    for name in measures:
        dataset, _, measure = name.partition(".")
        one = datasets[dataset]
        zero = one.measures[measure].model_copy(update={"absent": "zero"})
        datasets[dataset] = one.model_copy(update={"measures": one.measures | {measure: zero}})
    return rules.model_copy(update={"datasets": datasets})


def with_zeros(rows: Sequence[Fact], *measures: str) -> list[Fact]:
    """The same facts with a row of zero for every organisation, wherever the dataset has any figure in a period, unless
    the measure has rows and no figure in it."""
    more = []
    for name in measures:
        dataset, _, measure = name.partition(".")
        days = {(row.start, row.end) for row in rows if row.dataset == dataset and row.state == "value"}
        for pair in days:
            own = [row for row in rows if (row.dataset, row.measure, row.start, row.end) == (dataset, measure, *pair)]
            if own and all(row.state != "value" for row in own):
                continue
            lacking = {*CODES} - {row.code for row in own}
            more += figures(measure, dict.fromkeys(sorted(lacking), 0), dataset, pair)
    return [*rows, *more]


RULES = method({"cost": {}})


def test_a_numerator_that_is_absent_is_zero_where_there_is_a_denominator() -> None:
    """T03 prescribed none; T07 has no denominator, so it has no value."""
    rows = figures("cost", dict.fromkeys(CODES[:2], 8)) + figures("area", dict.fromkeys(CODES[:6], 4))
    told = opportunity_rows(run(rows, everyone_near(CODES), counting(RULES, "estate.cost")))
    assert [told[code, "cost"]["value"] if (code, "cost") in told else None for code in CODES] == [
        2, 2, 0, 0, 0, 0, None,
    ]  # fmt: skip
    without = opportunity_rows(run(rows, everyone_near(CODES), RULES))
    assert (without["T03", "cost"]["status"], without["T03", "cost"]["value"]) == ("no_data", None)


def test_it_holds_across_datasets_and_only_in_periods_that_were_landed() -> None:
    """The numerator's dataset has no file of 2019-20: nothing is known of that year."""
    rows = figures("cost", {"T01": 8})
    rows += [row for days in (YEAR, BEFORE) for row in figures("held", dict.fromkeys(CODES[:6], 4), "monthly", days)]
    rules = counting(method({"cost": {"denominator": ["monthly.held"]}}), "estate.cost")
    found = run([*rows, *registered(*CODES)], everyone_near(CODES), rules)
    told = {(row["trust_code"], row["period_start"]): row["value"] for row in found.metrics.to_pylist()}
    assert told == {(code, YEAR[0]): value for code, value in zip(CODES, [2, 0, 0, 0, 0, 0, None], strict=True)}


@pytest.mark.parametrize("state", ["missing", "suppressed", "not_applicable"])
def test_a_row_without_a_figure_stays_without_one(state: str) -> None:
    rows = figures("cost", {"T01": 8, "T02": state}) + figures("area", dict.fromkeys(CODES, 4))
    told = opportunity_rows(run(rows, everyone_near(CODES), counting(RULES, "estate.cost")))
    assert told["T02", "cost"]["value"] is None
    assert told["T03", "cost"]["value"] == 0


def test_a_measure_of_which_every_figure_was_removed_is_unknown_for_everyone() -> None:
    rows = figures("cost", {"T01": "missing"}) + figures("area", dict.fromkeys(CODES, 4))
    found = run(rows, everyone_near(CODES), counting(RULES, "estate.cost"))
    assert {row["value"] for row in found.metrics.to_pylist()} <= {None}


def test_a_measure_that_no_file_mentions_is_zero_for_everyone() -> None:
    rows = figures("area", dict.fromkeys(CODES, 4))
    found = run(rows, everyone_near(CODES), counting(RULES, "estate.cost"))
    assert [row["value"] for row in found.metrics.to_pylist()] == [0] * 7
    assert run(rows, everyone_near(CODES), RULES).metrics.num_rows == 0


CELL = st.one_of(st.integers(0, 50), st.sampled_from(("missing", "suppressed")))
LANDED = st.dictionaries(st.sampled_from(CODES), CELL)
LAW = counting(
    method(
        {
            "both": {"numerator": ["estate.cost", "estate.other"]},
            "across": {"numerator": ["monthly.lost"], "denominator": ["monthly.held"], "window": {"months": 2}},
        },
        {"both": {"metric": "both"}, "across": {"metric": "across", "comparator": "national", "fallback": None}},
    ),
    "estate.cost",
    "monthly.lost",
)
MONTHS = [(date(2020, 4, 1), date(2020, 4, 30)), (date(2020, 5, 1), date(2020, 5, 31))]


@settings(max_examples=60, deadline=None)
@given(st.lists(LANDED, min_size=7, max_size=7))
def test_every_figure_agrees_with_rows_of_zero_written_out(landed: list[dict[str, Any]]) -> None:
    cost, area, other, *monthly = landed
    rows = registered(*CODES) + figures("cost", cost) + figures("area", area) + figures("other", other)
    for days, (lost, held) in zip(MONTHS, (monthly[:2], monthly[2:]), strict=True):
        rows += figures("lost", lost, "monthly", days) + figures("held", held, "monthly", days)
    found = run(rows, everyone_near(CODES), LAW)
    expected = Programme(with_zeros(rows, "estate.cost", "monthly.lost"), everyone_near(CODES), LAW)
    assert_agrees(found, expected)
