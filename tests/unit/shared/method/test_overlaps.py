"""Which opportunities overlap, as the API says it of the shipped method."""

import json

import pytest

from shared.method.load import bundle, documents_json, parse
from shared.method.method import Method, published
from shared.method.overlaps import OverlapGroup, overlapping
from tests.support.paths import METHOD


@pytest.fixture(scope="module")
def method() -> Method:
    return published(json.loads(documents_json(parse(bundle(METHOD)))))


def test_overlap_is_told_on_both_sides(method: Method) -> None:
    for name in method.opportunities:
        others = method.overlapping(name)
        assert name not in others
        assert len(set(others)) == len(others)
        assert all(name in method.overlapping(other) for other in others)


@pytest.mark.parametrize(
    ("name", "overlaps", "does_not"),
    [
        ("cleaning_cost", {"soft_fm_cost", "empty_or_under_used_space"}, {"energy_cost", "nursing_pay"}),
        ("empty_or_under_used_space", {"energy_cost", "cleaning_cost", "non_clinical_space"}, {"imaging_cost"}),
        ("sickness_absence", {"agency_spend", "nursing_pay", "medical_pay", "hr_cost"}, {"cleaning_cost"}),
        ("long_stay_bed_days", {"ae_over_four_hours", "nursing_pay"}, {"day_case_rate", "hr_cost"}),
        ("pathology_cost", {"procurement_price_variance"}, {"imaging_cost"}),
    ],
)
def test_what_shares_pounds_days_or_hours_overlaps_and_nothing_else(
    method: Method, name: str, overlaps: set[str], does_not: set[str]
) -> None:
    found = set(method.overlapping(name))
    assert overlaps <= found
    assert not does_not & found


def test_a_group_that_an_older_release_does_not_declare_overlaps_with_itself() -> None:
    other = OverlapGroup(title="T", explanation="E.", also=("old",))
    assert overlapping({}, "old") == {"old"}
    assert overlapping({"new": other}, "old") == {"old", "new"}
