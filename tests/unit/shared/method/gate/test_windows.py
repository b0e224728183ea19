"""Windows and baselines that no file could ever fill are faults of a method."""

from typing import Any

import pytest

from shared.method.faults import UnreadableDefinitions
from shared.method.gate.gate import GATE
from shared.method.gate.windows import unreachable
from shared.method.method import Method
from shared.method.programme import Programme
from tests.support.small_programme import PROGRAMME, method, target

MONTHLY: dict[str, Any] = {"numerator": ["monthly.lost"], "denominator": ["monthly.held"]}


def rules(metric: dict[str, Any], named: dict[str, Any] | None = None, year_starts: int = 1) -> Method:
    """Years and quarters of the little programme's files begin in January."""
    one = target(period=named) if named else {}
    programme = Programme.model_validate(PROGRAMME | {"year_starts": year_starts})
    return method({"cost": metric}, {"cost": one}).model_copy(update={"programme": programme})


def faults(*given: Any, **more: Any) -> list[str]:
    return [
        f"{'.'.join(fault.location)}: {fault.message}"
        for fault in unreachable(rules(*given, **more), UnreadableDefinitions())
    ]


@pytest.mark.parametrize(
    "given",
    [
        ({},),
        ({"window": {"months": 12}},),
        ({"window": {"financial_year": True}},),
        (MONTHLY | {"window": {"financial_year": True}},),
        ({}, {"financial_year": "2017-18"}),
        ({}, {"year": 2017}),
        (MONTHLY, {"month": "2017-04"}),
        (MONTHLY, {"quarter": "2017-18-Q2"}),
    ],
)
def test_windows_that_periods_can_fill_pass(given: tuple[Any, ...]) -> None:
    assert faults(*given) == []


def test_months_fill_a_year_whenever_it_begins() -> None:
    assert faults(MONTHLY | {"window": {"financial_year": True}}, {"financial_year": "2017-18"}, year_starts=4) == []


@pytest.mark.parametrize(
    ("given", "year_starts", "said"),
    [
        (({"window": {"months": 11}},), 1, "metrics.cost.window.months: 11 months are shorter than one financial year"),
        (({"window": {"financial_year": True}},), 4, "metrics.cost.window.financial_year: the metric's financial year"),
        (
            ({}, {"month": "2017-04"}),
            1,
            "opportunities.cost.upper.period: the metric's data have one figure for each financial year",
        ),
        (({}, {"financial_year": "2017-18"}), 4, "begins in month 1 and the programme's financial year in month 4"),
        (({}, {"quarter": "2017-18-Q1"}), 1, "which is longer than a quarter; name a longer period"),
    ],
)
def test_windows_that_nothing_fills_are_faults(given: tuple[Any, ...], year_starts: int, said: str) -> None:
    (fault,) = faults(*given, year_starts=year_starts)
    assert said in fault


def test_gate_looks_for_them() -> None:
    assert unreachable in GATE
