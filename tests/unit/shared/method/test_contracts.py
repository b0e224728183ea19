"""Contracts: what they refuse, what they inherit, and how they read periods."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.method.contracts import Dataset, heading_key
from shared.method.load import MethodFaults, bundle, load
from shared.method.periods import month_of, read_label
from shared.method.terms import Period
from tests.support.conforming import GIVEN, LONG, contract
from tests.support.paths import METHOD


def faults(**changes) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        contract(**changes)
    return [".".join(map(str, fault["loc"])) + ": " + fault["msg"] for fault in caught.value.errors()]


@pytest.mark.parametrize(
    ("label", "kind", "start", "end"),
    [
        ("2024-09", "month", date(2024, 9, 1), date(2024, 9, 30)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", "month", date(2024, 12, 1), date(2024, 12, 31)),
        ("2019-20-Q4", "quarter", date(2020, 1, 1), date(2020, 3, 31)),
        ("2019-20-Q1", "quarter", date(2019, 4, 1), date(2019, 6, 30)),
        ("2015-16", "financial_year", date(2015, 4, 1), date(2016, 3, 31)),
        ("1999-00", "financial_year", date(1999, 4, 1), date(2000, 3, 31)),
        ("2025", "year", date(2025, 1, 1), date(2025, 12, 31)),
        ("2022-04_2025", "span", date(2022, 4, 1), date(2025, 12, 31)),
        ("2022-04_2025-08", "span", date(2022, 4, 1), date(2025, 8, 31)),
        ("2022_2022-01-15", "span", date(2022, 1, 1), date(2022, 1, 15)),
    ],
)
def test_labels_are_whole_periods(label, kind, start, end):
    assert read_label(label, kind, 4) == Period(end, start)


def test_a_name_is_no_period():
    assert read_label("trust_peer_finder", "name", 4) is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("2024-13", "month"),
        ("2024-9", "month"),
        ("2015-17", "financial_year"),
        ("2015", "financial_year"),
        ("0000", "year"),
        ("2011-12", "quarter"),
        ("2011-12-Q5", "quarter"),
        ("2025-26", "year"),
        ("2025_2022", "span"),
        ("2022-02-30_2023", "span"),
        ("2022-04", "span"),
        ("9999-12", "month"),
        ("0000-00", "month"),
        ("9999-00", "financial_year"),
        ("２０２４-09", "month"),
    ],
)
def test_labels_that_are_none_say_how_to_write_one(label, kind):
    with pytest.raises(ValueError, match=f"^'{label}' .*; write it like "):
        read_label(label, kind, 4)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_a_month_holds_its_days_and_no_others(day):
    month = month_of(day)
    assert month.start <= day <= month.end
    assert (month.start.day, month.end.month) == (1, day.month)
    assert month.end.toordinal() + 1 == month_of(date.fromordinal(month.end.toordinal() + 1)).start.toordinal()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cost (£)", "cost  (\N{REPLACEMENT CHARACTER})"),
        ("Floor (m²)", " Floor (mÂ²) "),
        ("Floor (m²)", "floor (m2)"),
        ("Volume (m³)", "Volume (M3)"),
        ("Cost (£)", "Cost\n(?)"),
        ("Cost – total", "cost - total"),
    ],
)
def test_headings_that_look_alike_are_alike(one, other):
    assert heading_key(one) == heading_key(other)


def test_a_measure_inherits_what_its_family_promises():
    measures = contract().measures
    assert (measures["share"].unit, measures["share"].minimum, measures["share"].maximum) == ("percent", 0, 100)
    assert (measures["cost"].unit, measures["cost"].minimum, measures["cost"].largest_at_least) == ("GBP", 0, 1000)


def test_a_measure_may_refuse_what_its_family_promises():
    own = GIVEN["measures"] | {"cost": {"heading": "Cost (£)", "unit": "GBP per hour", "largest_at_least": None}}
    assert contract(measures=own).measures["cost"].largest_at_least is None
    assert contract(measures=own).measures["cost"].unit == "GBP per hour"


def test_a_contract_survives_being_written_and_read():
    assert Dataset.model_validate_json(contract().model_dump_json()) == contract()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mesures": {}}, "mesures: Extra inputs are not permitted"),
        (
            {"measures": GIVEN["measures"] | {"beds": {"heading": "Beds"}}},
            "measures.beds: Value error, a number needs a unit",
        ),
        ({"measures": GIVEN["measures"] | {"beds": {"unit": "bed"}}}, "measures.beds: add a heading"),
        (
            {"measures": GIVEN["measures"] | {"Beds!": {"heading": "Beds", "unit": "bed"}}},
            "measures.Beds!.[key]: String should match",
        ),
        (
            {"measures": GIVEN["measures"] | {"costs": {"heading": "cost (£)"}}},
            "measures.costs: measures.cost already has the heading 'cost (?)'",
        ),
        ({"code": {"heading": "Code", "pattern": "["}}, "code.pattern: Value error, '[' is not a regular expression"),
        ({"layout": {"header": False}}, "layout.columns: add the number of columns"),
        (
            {"checks": {"one": {"sum": ["beds"], "at_most": 1, "because": "."}}},
            "checks.one: there is no number called 'beds'",
        ),
        (
            {"checks": {"one": {"sum": ["name"], "at_most": 1, "because": "."}}},
            "checks.one: there is no number called 'name'",
        ),
        (
            {"checks": {"one": {"sum": ["cost"], "because": "."}}},
            "checks.one: Value error, a check needs exactly one of",
        ),
        (
            {"checks": {"one": {"sum": ["cost"], "at_most": 1, "equals": 1, "because": "."}}},
            "checks.one: Value error, a check needs",
        ),
        (
            {"period": {"kind": "month", "heading": "When", "formats": ["%Q"]}},
            "period.formats.0: Value error, '%Q' is not a date format",
        ),
        ({"period": {"kind": "fortnight"}}, "period.kind: Input should be 'month', 'quarter'"),
        ({"markers": {"NA": "unknown"}}, "markers.NA: Input should be 'missing'"),
    ],
)
def test_faults_of_a_contract_name_their_place(changes, said):
    assert any(said in fault for fault in faults(**changes)), faults(**changes)


def test_a_long_contract_has_numbers_only():
    with pytest.raises(ValidationError, match=r"measures\.name: in a long file every measure is a number"):
        Dataset.model_validate(LONG | {"measures": {"name": {"type": "text"}}, "checks": {}})


def test_faults_of_a_method_name_file_path_and_fault():
    text = bundle(METHOD).replace("period: {kind: month, heading: DATE", "period: {kind: moon, heading: DATE")
    with pytest.raises(MethodFaults) as caught:
        load(text)
    said = "datasets/sickness_absence.yaml: dataset.period.kind: Input should be"
    assert any(fault.startswith(said) for fault in caught.value.faults)


def test_every_dataset_of_the_programme_is_there():
    assert set(load(bundle(METHOD)).datasets) == {
        "eric_site",
        "eric_trust",
        "eric_trust_profile",
        "sickness_absence",
        "ae_monthly",
        "outpatients_quarterly",
        "general_acute_beds",
        "ods_trusts",
        "ods_successors",
        "peer_lists",
        "prices",
        "trust_characteristics",
        "trust_measures",
    }
