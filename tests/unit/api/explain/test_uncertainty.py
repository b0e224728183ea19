"""What a receipt says of doubt: leaving out one comparator, and chance."""

from typing import Any

import pytest

from functions.api.explain.uncertainty import chance, robustness
from shared.method.measures import Metric
from shared.method.names import Organisation
from shared.method.opportunities import Opportunity
from tests.support.api.programme import METRICS, OPPORTUNITIES
from tests.support.api.rows import COST, row

TRUST = Organisation(one="trust", many="trusts")
SEEN = Metric.model_validate(METRICS["seen"])
SICKNESS = Opportunity.model_validate(OPPORTUNITIES["sickness_absence"])
SPACE = Opportunity.model_validate(OPPORTUNITIES["space_target"])


def told(low: float, high: float, definition: Opportunity = COST, **given: Any) -> str:
    figures = {"comparator_count": 31, "robust_low": low, "robust_high": high, "unit": "GBP", "cash_per_unit": 1.0}
    found = robustness(row("opportunity", **(figures | given)), definition)
    assert found is not None
    return found.words


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (4_000_400.0, 5_301_000.0, "the gain is between £4m and £5.3m"),
        (0.0, 700_000.0, "the gain is up to £700,000"),
        (618_000.0, 618_000.0, "the gain is still £618,000"),
        (0.0, 0.0, "there is still no gain"),
    ],
)
def test_the_range_is_told_in_a_sentence(low: float, high: float, said: str) -> None:
    assert told(low, high) == f"If any one of the 31 comparators is left out, {said}."


def test_the_range_is_told_in_the_native_expression_and_given_in_each() -> None:
    sick = {"unit": "FTE days", "staff_per_unit": 1 / 366, "cash_per_unit": 50_000 / 366}
    assert told(7320, 9150, SICKNESS, **sick).endswith("is between 20 and 25 WTE.")
    found = robustness(row("opportunity", comparator_count=3, robust_low=7320.0, robust_high=9150.0, **sick), SICKNESS)
    assert found is not None
    assert (found.units.low, found.units.high, found.units.unit) == (7320, 9150, "FTE days")
    assert found.staff is not None
    assert found.cash is not None
    assert (found.staff.low, found.staff.high, found.staff.unit) == pytest.approx((20, 25, "WTE"))
    assert (found.cash.low, found.cash.high) == pytest.approx((1_000_000, 1_250_000))
    assert found.activity is None


def test_without_a_rate_of_its_own_the_range_stays_in_its_unit() -> None:
    found = told(100.0, 200.0, SPACE, unit="m2", cash_per_unit=None)
    assert found.endswith("is between 100 and 200 m².")


def test_a_target_and_a_release_of_before_have_no_range() -> None:
    assert robustness(row("opportunity", comparator_count=0, unit="m2"), SPACE) is None
    before = {name: cell for name, cell in row("opportunity").items() if not name.startswith(("robust", "within"))}
    assert robustness(before, COST) is None
    assert chance(before, SEEN, TRUST) is None


def reached(within: bool | None, metric: Metric = SEEN, **given: Any) -> Any:
    # 500 of 1,000: Wilson's interval is 0.4691 to 0.5309.
    figures = {
        "value": 0.5,
        "numerator": 500.0,
        "denominator": 1000.0,
        "benchmark_upper": 0.53,
        "comparator": "national",
    }
    return chance(row("opportunity", within_chance=within, **(figures | given)), metric, TRUST)


def test_the_interval_is_stated_with_its_name_its_ends_and_what_it_reaches() -> None:
    found = reached(True)
    assert (found.name, found.confidence, found.within_chance) == ("Wilson", 0.95, True)
    assert (found.value.low, found.value.high) == pytest.approx((0.4691, 0.5309), abs=5e-5)
    assert found.words == (
        "The gap may be due to chance: the 95% Wilson interval of this trust's own value, 46.91 to 53.09%, "
        "reaches the ambitious benchmark of 53%."
    )


def test_more_than_chance_is_said_as_plainly() -> None:
    said = reached(False, benchmark_upper=0.85, comparator="target", flags=["single_value"]).words
    assert said.startswith("The gap is greater than chance: the 95% Wilson interval")
    assert said.endswith("does not reach the target of 85%.")


def test_counts_are_told_by_byar_in_the_units_of_the_value() -> None:
    falls = Metric.model_validate(METRICS["finance"] | {"chance": "count"})
    # 40 events: Byar 28.573 to 54.470; on 1,000 and times 100.
    found = reached(True, falls, numerator=40.0)
    assert found.name == "Byar"
    assert (found.value.low, found.value.high) == pytest.approx((2.8573, 5.4470), abs=5e-5)


def test_nothing_is_said_of_chance_where_the_row_says_nothing() -> None:
    assert reached(None) is None
