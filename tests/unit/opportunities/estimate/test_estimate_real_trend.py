"""The real files over every window held, against the oracle; and mergers and changes of type known to have been."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from functions.opportunities.figures.breaks import Takeovers, TrustTypes
from functions.opportunities.measure.plan import Case
from functions.opportunities.measure.windows import HeldWindow
from functions.peers.groups import peer_groups
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.load import bundle, from_documents, parse
from shared.method.method import Document, Method
from shared.method.terms import Period
from tests.oracles import real_files
from tests.oracles.opportunities import Fact, Programme
from tests.support.agreement import assert_agrees
from tests.support.curated import curated
from tests.support.paths import METHOD, REAL_DATA, needs_real_data
from tests.support.pipeline.estimated import Estimate, estimate
from tests.support.real_facts import with_published_peers

pytestmark = needs_real_data

LANDING = REAL_DATA / "landing"
PROFILES = {"2023-24": date(2024, 3, 31), "2024-25": date(2025, 3, 31)}
WEEE = {
    "title": "Cost of electrical waste by weight",
    "numerator": ["eric_trust_profile.weee_waste_cost"],
    "denominator": ["eric_trust_profile.weee_waste_weight"],
    "unit": "GBP per tonne",
    "numerator_unit": "GBP",
    "denominator_unit": "tonne",
    "direction": "lower_is_better",
    "zero_numerator": "missing",
    "plausibility": {"group": "profile_type"},
}
COST: dict[str, Any] = {
    "title": "Electrical waste", "category": "estates", "what": "w", "why": "w", "explanation": "e", "metric": "weee",
    "comparator": "profile_type", "lower": {"rule": "median"}, "upper": {"rule": "quantile", "q": 0.25},
    "fallback": "national", "unit": "GBP", "native": "cash", "cash": {"unit": "GBP"}, "overlap_group": "estates",
    "sources": ["a test"],
}  # fmt: skip
TARGET = {"comparator": "target", "lower": None, "fallback": None}
LESS = {"upper": {"rule": "target", "period": {"financial_year": "2023-24"}, "percent_off": 10}}


@pytest.fixture(scope="module")
def rules() -> Method:
    """The shipped metrics of monthly files with shorter windows, and one of the two newest years of estates returns."""
    shipped: dict[str, dict[str, Any]] = {}
    for _, content in parse(bundle(METHOD)):
        for kind, found in content.items():
            shipped.setdefault(kind, {}).update(found if kind != "dataset" else {found["id"]: found})
    sickness = shipped["metrics"]["sickness_absence"] | {"window": {"months": 3, "at_least": 2}}
    groups = shipped["peer_groups"]
    profile_type = groups["estate_type"] | {"attribute": "eric_trust_profile.trust_type"}
    metrics = {
        "sickness_absence": sickness,
        "ae_over_four_hours": shipped["metrics"]["ae_over_four_hours"],
        "weee": WEEE,
    }
    names = ("sickness_absence", "ae_over_four_hours")
    opportunities = {name: shipped["opportunities"][name] for name in names}
    return with_published_peers(
        from_documents(
            [
                Document("p", {"programme": shipped["programme"]}),
                *(Document(name, {"dataset": found}) for name, found in shipped["dataset"].items()),
                Document("m", {"metrics": metrics}),
                Document("g", {"peer_groups": groups | {"profile_type": profile_type}}),
                Document("o", {"opportunities": opportunities | {"weee": COST, "weee_less": COST | TARGET | LESS}}),
                *(Document(kind, {kind: shipped[kind]}) for kind in ("prices", "overlap_groups")),
            ]
        )
    )


@pytest.fixture(scope="module")
def facts(rules: Method) -> Facts:
    return curated(LANDING, rules)


@pytest.fixture(scope="module")
def estimated(facts: Facts, rules: Method) -> Estimate:
    return estimate(facts, peer_groups(facts, rules, Population(facts, rules.programme)), rules)


def profiles() -> Iterator[Fact]:
    """Electrical waste and trust types of both years, by the csv module alone."""
    for label, last in PROFILES.items():
        days = (date(last.year - 1, 4, 1), last)
        (file,) = (LANDING / "eric_trust_profile" / label).glob("*.csv")
        text = file.read_bytes()
        lines = text.decode("utf-8-sig" if label == "2023-24" else "cp1252", "replace").splitlines()
        for row in csv.DictReader(lines):
            cells = {name.split(" (")[0]: cell.strip() for name, cell in row.items() if name and cell is not None}
            code = cells["Trust Code"]
            if not code:
                continue
            yield Fact("eric_trust_profile", code, *days, "trust_type", "value", text=cells["Trust Type"], label=label)
            weight = cells.get("WEEE waste weight") or cells.get("WEEE waste volume") or ""
            for name, cell in (("weee_waste_cost", cells["WEEE waste cost"]), ("weee_waste_weight", weight)):
                yield _stated(code, days, name, cell.replace(",", ""), label)


def _stated(code: str, days: tuple[date, date], measure: str, cell: str, label: str) -> Fact:
    try:
        return Fact("eric_trust_profile", code, *days, measure, "value", float(cell), label=label)
    except ValueError:
        state = "not_applicable" if cell == "Not Applicable" else "missing"
        return Fact("eric_trust_profile", code, *days, measure, state, label=label)


def test_every_window_of_the_real_files_agrees_with_the_oracle(estimated: Estimate, rules: Method) -> None:
    read = real_files.facts(LANDING)
    read += profiles()
    programme = Programme(read, real_files.peers(REAL_DATA), rules)
    assert [len(programme.held[name]) for name in ("sickness_absence", "ae_over_four_hours", "weee")] == [5, 2, 2]
    assert_agrees(estimated, programme)


def case(before: date, last: date, rules: Method) -> Case:
    """The waste of two years apart."""
    windows = [HeldWindow((Period(day, date(day.year - 1, 4, 1)),)) for day in (before, last)]
    one, metric = rules.opportunities["weee_less"], rules.metrics["weee"]
    return Case("weee_less", one, metric, windows[1], windows[0], 0, (None, None))


def test_forty_trusts_became_another_type_between_2015_16_and_2023_24(
    estimated: Estimate, facts: Facts, rules: Method
) -> None:
    trusts = trusts_of(estimated)
    cases = [case(date(2016, 3, 31), date(2024, 3, 31), rules), case(date(2024, 3, 31), date(2025, 3, 31), rules)]
    changed = TrustTypes(trusts, facts, rules).changed(cases)
    assert changed.sum(axis=0).tolist() == [40, 0]
    assert changed[trusts.get_loc("RDU"), 0]  # from a medium to a large acute trust


@pytest.mark.parametrize(
    ("before", "last", "merged", "alone"),
    [
        (date(2017, 3, 31), date(2018, 3, 31), {"R0A"}, {"RDU", "RAJ"}),  # Manchester, October 2017
        (date(2019, 3, 31), date(2020, 3, 31), set(), {"R0A"}),
        (date(2020, 3, 31), date(2021, 3, 31), {"R0D", "RA7", "RAJ", "RH5"}, {"R0A", "RDU"}),
        (date(2021, 3, 31), date(2022, 3, 31), {"R0A"}, {"RAJ"}),
        (date(2022, 3, 31), date(2023, 3, 31), set(), {"RH5"}),
        (date(2023, 3, 31), date(2024, 3, 31), {"RH5", "RBN"}, {"R0A"}),  # both added by the method
    ],
)
def test_known_mergers_break_the_series_in_their_year(
    estimated: Estimate, facts: Facts, rules: Method, before: date, last: date, merged: set[str], alone: set[str]
) -> None:
    trusts = trusts_of(estimated)
    takeovers = Takeovers(list(trusts), Population(facts, rules.programme).successors)
    found = takeovers.since_the_window_before([case(before, last, rules)])[:, 0]
    broken = set(trusts[found])
    assert merged <= broken
    assert not alone & broken


def trusts_of(estimated: Estimate) -> pd.Index:
    return pd.Index(sorted({row["trust_code"] for row in estimated.metrics.to_pylist()}), dtype="str")
