"""Categories on landed measures: a figure of each worked by hand from the sample's cells, and the oracle on all.

The expected figures are worked from the text of the landed file with Python's `statistics` alone, whose inclusive
quartiles are the type 7 that the method asks for. Only who is a peer of whom is taken from the product.
"""

import csv
import statistics
from collections.abc import Callable
from typing import Any

import pytest

from functions.peers.groups import peer_groups
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.load import bundle, load
from shared.method.method import Method
from tests.oracles.opportunities import Fact, Pair, Programme
from tests.support.agreement import assert_agrees
from tests.support.curated import curated
from tests.support.paths import METHOD, SAMPLES
from tests.support.pipeline.estimated import Estimate, estimate
from tests.support.small_programme import opportunity_rows

LANDED = SAMPLES / "trust_measures" / "2024-25" / "trust_measures_2024-25.csv"
Cells = dict[str, dict[str, float]]
Ratio = Callable[[dict[str, float]], float]


@pytest.fixture(scope="module")
def cells() -> Cells:
    """Trust → measure → figure; what is no figure is left out."""
    found: Cells = {}
    with LANDED.open(encoding="ascii") as file:
        for row in csv.DictReader(file):
            if row["value"].replace(".", "").isdigit():
                found.setdefault(row["trust_code"], {})[row["measure"]] = float(row["value"])
    found.pop("QI4")  # a board, not a trust
    return found


@pytest.fixture(scope="module")
def rules() -> Method:
    return load(bundle(METHOD))


@pytest.fixture(scope="module")
def facts(rules: Method) -> Facts:
    return curated(SAMPLES, rules)


@pytest.fixture(scope="module")
def pairs(facts: Facts, rules: Method) -> Any:
    return peer_groups(facts, rules, Population(facts, rules.programme))


@pytest.fixture(scope="module")
def estimated(facts: Facts, pairs: Any, rules: Method) -> Estimate:
    return estimate(facts, pairs, rules)


@pytest.fixture(scope="module")
def rows(estimated: Estimate) -> dict[tuple[str, str], dict[str, Any]]:
    return opportunity_rows(estimated)


def holds(row: dict[str, Any], **expected: Any) -> None:
    assert {name: row[name] for name in expected} == {
        name: pytest.approx(figure, rel=1e-9) if isinstance(figure, float) else figure
        for name, figure in expected.items()
    }


def test_theatres_hold_the_cases_that_85_percent_utilisation_would(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    """RI1 did 7,825 cases and lost 589.4 + 910.4 + 1,507.8: 3,007.6 of 10,832.6, or 27.76 %, and 12.76 % too many."""
    too_many = 3_007.6 - 0.15 * 10_832.6
    assert too_many == pytest.approx(1_382.71)
    holds(
        rows["RI1", "theatre_cases_lost"], status="opportunity", value=3_007.6 / 10_832.6, units_upper=too_many,
        activity_upper=too_many, activity_unit="theatre cases", cash_upper=too_many * 738, flags=["single_value"],
    )  # fmt: skip


def test_cases_lost_agree_with_capped_utilisation_by_the_clock(
    rows: dict[tuple[str, str], dict[str, Any]], cells: Cells
) -> None:
    """85 % of RI1's 1,028,860 planned minutes is more than the 743,208 used, at 743,208 / 7,825 minutes a case."""
    ri1 = cells["RI1"]
    minutes = 0.85 * ri1["theatre_planned_minutes"] - ri1["theatre_touch_minutes"]
    cases = minutes / (ri1["theatre_touch_minutes"] / ri1["theatre_cases"])
    assert rows["RI1", "theatre_cases_lost"]["units_upper"] == pytest.approx(cases, rel=1e-3)


def test_long_stays_are_held_against_the_trusts_own_target(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    """RIA: 63,793 of 458,502 bed days, and its own target is 11.46 %."""
    days = 63_793 - 0.1146 * 458_502
    holds(
        rows["RIA", "long_stay_bed_days"], status="opportunity", comparator="target", value=63_793 / 458_502,
        benchmark_lower=0.1146, benchmark_upper=0.1146, activity_upper=days, cash_upper=days * 313, staff_upper=None,
    )  # fmt: skip


def test_day_cases_are_held_against_85_percent(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    """RIA: 37,746 day cases and 8,011 with a stay make 45,757, of which 85 % are 38,893.45."""
    holds(
        rows["RIA", "day_case_rate"], status="opportunity", value=37_746 / 45_757, units_upper=1_147.45,
        activity_unit="admissions", cash_upper=1_147.45 * 313,
    )  # fmt: skip
    assert rows["RI1", "day_case_rate"]["status"] == "at_or_better_than_benchmark"  # 15,002 of 17,017: 88 %


@pytest.mark.parametrize("function", ["finance", "hr", "payroll"])
def test_corporate_services_are_held_against_the_mean_of_all_others(
    rows: dict[tuple[str, str], dict[str, Any]], cells: Cells, function: str
) -> None:
    def per_100m(trust: str) -> float:
        return cells[trust][f"{function}_cost"] / (cells[trust]["income"] / 100_000_000)

    mean = statistics.fmean(per_100m(trust) for trust in cells if trust != "RI1")
    gain = cells["RI1"][f"{function}_cost"] - mean * cells["RI1"]["income"] / 100_000_000
    holds(
        rows["RI1", f"{function}_cost"], status="opportunity", comparator="national", comparator_count=len(cells) - 1,
        value=per_100m("RI1"), benchmark_lower=mean, benchmark_upper=mean, units_upper=gain, cash_upper=gain,
        activity_upper=gain / 3_500, staff_upper=gain / 50_000,
    )  # fmt: skip


def test_the_finance_function_costs_hundreds_of_thousands_per_100m_of_income(
    rows: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """The scale in figures: RI1 spends £2,146,955 of £343,579,838, which is £624,878 of each £100m and not £0.62."""
    assert round(rows["RI1", "finance_cost"]["value"]) == 624_878


RATIOS: dict[str, Ratio] = {
    "pathology_cost": lambda trust: trust["pathology_cost"] / trust["pathology_tests"],
    "imaging_cost": lambda trust: trust["imaging_cost"] / trust["imaging_reports"],
    "agency_spend": lambda trust: trust["agency_spend"] / trust["pay_spend"],
    "nursing_pay": lambda trust: trust["nursing_pay"] / trust["weighted_activity_units"],
    "medical_pay": lambda trust: trust["medical_pay"] / trust["weighted_activity_units"],
}
BASES = {
    "pathology_cost": "pathology_tests",
    "imaging_cost": "imaging_reports",
    "agency_spend": "pay_spend",
    "nursing_pay": "weighted_activity_units",
    "medical_pay": "weighted_activity_units",
}


@pytest.mark.parametrize("name", RATIOS)
def test_costs_are_held_against_the_median_and_the_best_quarter_of_the_recommended_peers(
    rows: dict[tuple[str, str], dict[str, Any]], cells: Cells, pairs: Any, name: str
) -> None:
    peers = {
        row["peer_code"]
        for row in pairs.to_pylist()
        if (row["group_id"], row["trust_code"], row["role"]) == ("recommended", "RBI", "peer")
    }
    values = []
    for peer in sorted(peers & cells.keys()):
        try:
            values.append(RATIOS[name](cells[peer]))
        except KeyError:
            continue  # not applicable to it, or not stated
    assert len(values) >= 5
    own, base = RATIOS[name](cells["RBI"]), cells["RBI"][BASES[name]]
    median, best = statistics.median(values), statistics.quantiles(values, n=4, method="inclusive")[0]
    gains = [max(0.0, own - mark) * base for mark in (median, best)]
    holds(
        rows["RBI", name], comparator="recommended", comparator_count=len(values), value=own, benchmark_lower=median,
        benchmark_upper=best, cash_lower=gains[0], cash_upper=gains[1], activity_upper=gains[1] / 3_500,
        staff_upper=gains[1] / 50_000,
    )  # fmt: skip


def test_savings_on_medicines_are_those_still_to_be_delivered(rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    """RI1 delivered £999,864 of the £1,350,040 that it set itself."""
    holds(
        rows["RI1", "top_medicines_savings"], status="opportunity", value=999_864 / 1_350_040, benchmark_upper=1.0,
        cash_lower=350_176.0, cash_upper=350_176.0,
    )  # fmt: skip


def test_price_variance_is_held_against_all_trusts(rows: dict[tuple[str, str], dict[str, Any]], cells: Cells) -> None:
    """RI1 paid £1,414,127 above the lowest prices on £32,719,945."""
    values = [
        figures["procurement_price_variance"] / figures["procurement_spend"]
        for trust, figures in cells.items()
        if trust != "RI1"
    ]
    best = statistics.quantiles(values, n=4, method="inclusive")[0]
    holds(
        rows["RI1", "procurement_price_variance"], comparator="national", value=1_414_127 / 32_719_945,
        benchmark_lower=statistics.median(values), cash_lower=0.0, cash_upper=1_414_127 - best * 32_719_945,
    )  # fmt: skip


def test_every_row_of_the_samples_agrees_with_the_oracle(
    estimated: Estimate, facts: Facts, pairs: Any, rules: Method
) -> None:
    names = ("code", "period_start", "period_end", "measure", "state", "value", "text", "period")
    landed = [
        Fact(dataset, *(row[name] for name in names), row["unit"] if isinstance(row["unit"], str) else None)
        for dataset, table in facts.tables.items()
        for row in table.to_dict("records")
    ]
    told = [
        Pair(row["group_id"], row["trust_code"], row["peer_code"], row["role"], row["period"])
        for row in pairs.to_pylist()
    ]
    assert_agrees(estimated, Programme(landed, told, rules))
