"""What checks across files find among the real files, and that they find what must not get past them."""

from collections import Counter
from functools import cache
from typing import Any

import pytest

from functions.peers.checks.across import findings
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.landing.snapshot import Snapshot
from shared.method.load import bundle, load
from shared.method.method import Method
from tests.support.curated import curated
from tests.support.facts_of import known_of
from tests.support.paths import METHOD, REAL_DATA, needs_real_data

pytestmark = needs_real_data


@cache
def rules() -> Method:
    return load(bundle(METHOD))


@cache
def landed() -> Facts:
    return curated(REAL_DATA / "landing", rules())


def told(facts: Facts) -> list[dict[str, Any]]:
    return findings(
        known_of(facts, rules()), Snapshot(method_id="m", files=()), rules(), Population(facts, rules().programme)
    ).to_pylist()


def changed(dataset: str, period: str, measure: str, times: float, code: str | None = None) -> Facts:
    """The real files with one measure of a period (and code) multiplied."""
    table = landed().tables[dataset]
    of = (table["period"] == period) & (table["measure"] == measure)
    if code is not None:
        of &= table["code"] == code
    assert of.any()
    return Facts(landed().tables | {dataset: table.assign(value=table["value"].mask(of, table["value"] * times))})


def test_nothing_in_the_real_files_is_withheld_nor_cut_short_nor_unknown() -> None:
    """Between two periods no total grows or shrinks more than 3.3-fold (injuries from fires)."""
    found = told(landed())
    assert {each["severity"] for each in found} == {"warning"}
    assert not {"coverage", "figures", "unknown_trust", "overlap"} & {each["rule"] for each in found}


def test_what_is_warned_of_in_the_real_files() -> None:
    found = Counter((each["dataset"], each["rule"]) for each in told(landed()))
    # Cleaning above soft FM: 9 trusts; maintenance above hard FM: 6; each is about two figures.
    assert found["eric_trust", "cleaning_within_soft_fm"] == 18
    assert found["eric_trust", "maintenance_within_hard_fm"] == 12
    july = {each["measure"] for each in told(landed()) if each["trust_code"] == "RVY" and "2023-07" in each["period"]}
    assert "general_acute_available" in july, "359 beds became 11 for a month"


@pytest.mark.parametrize("times", [100, 0.01, 60, 1 / 60])
def test_slip_of_a_unit_is_found_even_where_the_true_figure_moved_against_it(times: float) -> None:
    found = told(changed("sickness_absence", "2024-09", "fte_days_lost", times))
    errors = [(each["rule"], each["period"], each["measure"]) for each in found if each["severity"] == "error"]
    assert errors == [("drift", "2024-09", "fte_days_lost")]


def test_slip_of_one_trust_is_a_warning_about_that_trust() -> None:
    before = {each["message"] for each in told(landed())}
    found = told(changed("sickness_absence", "2024-09", "fte_days_lost", 100, code="RXR"))
    (one,) = [each for each in found if each["message"] not in before]
    assert (one["severity"], one["rule"], one["trust_code"], one["period"]) == ("warning", "drift", "RXR", "2024-09")


def test_half_of_the_trusts_are_missed() -> None:
    table = landed().tables["ae_monthly"]
    half = sorted(table["code"].unique())[::2]
    facts = Facts(landed().tables | {"ae_monthly": table[~((table["period"] == "2024-09") & table["code"].isin(half))]})
    (one,) = [each for each in told(facts) if each["rule"] == "coverage"]
    assert (one["severity"], one["period"]) == ("warning", "2024-09")
