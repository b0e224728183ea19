"""A long file of items, rolled up, gives the figures that OpenPrescribing's own tests expect.

Source: ebmdatalab/openprescribing, frontend/tests/commands/test_import_measures.py and its fixture
T201509PDPI+BNFT_formatted.csv (commits 04070af and 0c95cf0, 2017): 12 rows of one medicine as brand and as generic, of
seven practices in three commissioning groups, one practice that prescribed neither, one of another setting, and the
percentiles and savings at deciles that follow.
"""

from typing import Any

import pytest

from functions.peers.compute import compute
from shared.facts.apply_findings import apply_findings
from shared.ids import MethodId
from shared.landing.snapshot import Snapshot
from shared.method.load import load
from tests.support.curated import curated
from tests.support.facts_of import known_of
from tests.support.pipeline.estimated import Estimate, estimate

BRAND, GENERIC, OTHER = "0703021Q0BBAAAA", "0703021Q0AAAAAA", "0408010A0BBAAAA"
ITEMS = [
    ("C84001", BRAND, 10, "1000.00", 1000), ("C84001", GENERIC, 100, "1000.00", 10000),
    ("C84024", BRAND, 100, "10000.00", 10000), ("C84024", GENERIC, 200, "2000.00", 20000),
    ("B82005", BRAND, 700, "70000.00", 70000), ("B82005", GENERIC, 300, "3000.00", 30000),
    ("A85017", BRAND, 10, "1000.00", 1000), ("A86030", GENERIC, 10, "100.00", 1000),
    ("C83051", BRAND, 15, "1500.00", 1500), ("C83051", GENERIC, 200, "2000.00", 20000),
    ("C83019", BRAND, 20, "2000.00", 2000), ("C83019", GENERIC, 150, "1500.00", 15000),
    ("Y00581", GENERIC, 300, "3000.00", 30000),
    ("C84001", OTHER, 10, "100000", 5), ("B82010", OTHER, 1, "1", 1),
]  # fmt: skip
GROUPS = {"C83051": "04D", "C83019": "03T"}
"""All other practices are of 02Q."""

METHOD = """\
programme:
  id: prescribing
  name: Prescribing
  description: Brand against generic.
  currency: GBP
  organisation: {one: practice, many: practices}
  population:
    trust_register: {dataset: practices, name: name, trust_where: {measure: setting, pattern: ^4$}}
    levels:
      - {id: practice}
      - {id: ccg, measure: ccg, organisation: {one: commissioning group, many: commissioning groups}}
--- # practices.yaml
dataset:
  id: practices
  title: Practices
  source: invented
  licence: none
  period: {kind: year}
  code: {heading: code, pattern: "[A-Z][0-9]{5}"}
  measures:
    name: {heading: name, type: text}
    ccg: {heading: ccg, type: text}
    setting: {heading: setting, type: text}
--- # items.yaml
dataset:
  id: items
  title: Items
  source: invented
  licence: none
  period: {kind: month}
  code: {heading: practice, pattern: "[A-Z][0-9]{5}"}
  keyed:
    key: {heading: bnf_code, pattern: "[0-9]{7}[0-9A-Z]{8}"}
    values:
      quantity: {heading: quantity, unit: tablet, minimum: 0, absent: zero}
      cost: {heading: actual_cost, unit: GBP, absent: zero}
    repeated: sum
  measures:
    brand: {value: quantity, of_keys: [0703021Q0B*]}
    generic: {value: quantity, of_keys: [0703021Q0*], but_not: [0703021Q0B*]}
    both: {value: quantity, of_keys: [0703021Q0*]}
    brand_cost: {value: cost, of_keys: [0703021Q0B*]}
    generic_cost: {value: cost, of_keys: [0703021Q0*], but_not: [0703021Q0B*]}
--- # metrics.yaml
metrics:
  brand_share:
    title: Share of the brand
    numerator: [items.brand]
    denominator: [items.both]
    unit: fraction
    numerator_unit: tablet
    denominator_unit: tablet
    direction: lower_is_better
    standing: {percentile: percent_rank, turned: false}
    plausibility: {minimum: 0, maximum: 1}
--- # overlap_groups.yaml
overlap_groups:
  brand: {title: Brand, explanation: The same tablets.}
--- # opportunities.yaml
opportunities:
"""
OPPORTUNITY = """\
  at_{percent}:
    title: As practices at the decile
    category: brand
    what: Compares the share of the brand.
    why: The generic is cheaper.
    explanation: Each practice is compared with a decile of all.
    metric: brand_share
    comparator: national
    including_itself: true
    minimum_comparators: 1
    upper: {{rule: quantile, q: 0.{percent}{worse}}}
    unit: tablet
    native: cash
    cash:
      unit: GBP
      own_rate:
        title: Brand less generic
        numerator: [items.brand_cost]
        denominator: [items.brand]
        unit: GBP per tablet
        otherwise_national: true
        less:
          title: Generic
          numerator: [items.generic_cost]
          denominator: [items.generic]
          unit: GBP per tablet
          otherwise_national: true
    overlap_group: brand
    sources: [invented]
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Estimate:
    """The figures, from the bytes of two files."""
    deciles = (OPPORTUNITY.format(percent=p, worse=", worse_side: true" if p > 50 else "") for p in range(10, 100, 10))
    method = load(METHOD + "".join(deciles))
    register = ["code,name,ccg,setting"]
    for code in sorted({code for code, *_ in ITEMS}):
        register.append(f"{code},Practice,{GROUPS.get(code, '02Q')},{1 if code == 'Y00581' else 4}")
    items = ["practice,bnf_code,items,actual_cost,quantity"]
    items += [f"{code},{key},{number},{cost},{quantity}" for code, key, number, cost, quantity in ITEMS]
    landing = tmp_path_factory.mktemp("landing")
    for key, lines in (("practices/2015/a.csv", register), ("items/2015-09/a.csv", items)):
        (landing / key).parent.mkdir(parents=True)
        (landing / key).write_text("\n".join(lines), encoding="utf-8")
    facts = curated(landing, method)
    peers = compute(known_of(facts, method), Snapshot(method_id=MethodId("m"), files=()), method)
    return estimate(apply_findings(facts, peers.findings), peers.peers, method)


def metric(found: Estimate, code: str) -> dict[str, Any]:
    return next(row for row in found.metrics.to_pylist() if row["trust_code"] == code)


@pytest.mark.parametrize(
    ("code", "numerator", "denominator", "value", "percentile"),
    [
        ("C84001", 1000, 11000, 0.0909, 33.33),
        ("A85017", 1000, 1000, 1, 100),
        ("A86030", 0, 1000, 0, 0),
        ("C83051", 1500, 21500, 0.0698, 16.67),
        ("C83019", 2000, 17000, 0.1176, 50),
        ("B82010", 0, 0, None, None),
        ("02Q", 82000, 143000, 0.5734, 100),
        ("04D", 1500, 21500, 0.0698, 0),
        ("03T", 2000, 17000, 0.1176, 50),
    ],
)
def test_values_and_percentiles_of_practices_and_groups(
    found: Estimate, code: str, numerator: float, denominator: float, value: float | None, percentile: float | None
) -> None:
    row = metric(found, code)
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert row["value"] == pytest.approx(value, abs=5e-5)
    assert row["percentile"] == pytest.approx(percentile, abs=5e-3)


def test_a_practice_of_another_setting_has_no_figures(found: Estimate) -> None:
    assert "Y00581" not in {row["trust_code"] for row in found.metrics.to_pylist()}


@pytest.mark.parametrize(
    ("level", "deciles"),
    [
        ("practice", {1: 0.0419, 2: 0.0740, 5: 0.1176, 7: 0.4067, 9: 0.8200}),
        ("ccg", {1: 0.0793, 3: 0.0985, 5: 0.1176, 8: 0.3911, 9: 0.4823}),
    ],
)
def test_deciles_of_each_level(found: Estimate, level: str, deciles: dict[int, float]) -> None:
    (row,) = [row for row in found.distribution.to_pylist() if row["level"] == level]
    assert {nth: round(row[f"decile_{nth}"], 4) for nth in deciles} == deciles


@pytest.mark.parametrize(
    ("code", "savings"),
    [
        ("C84001", {10: 485.58, 20: 167.44, 50: -264.71, 70: -3126.00, 90: -7218.00}),
        ("A85017", {10: 862.33, 90: 162.00}),
        ("A86030", {10: -37.67, 90: -738.00}),
        ("C83051", {10: 540.00, 90: -14517.00}),
        ("C83019", {10: 1159.53, 90: -10746.00}),
        ("02Q", {10: 63588.51, 30: 61123.67, 50: 58658.82, 80: 23463.53, 90: 11731.76}),
    ],
)
def test_savings_at_deciles_with_their_sign(found: Estimate, code: str, savings: dict[int, float]) -> None:
    rows = {row["opportunity_id"]: row for row in found.opportunities.to_pylist() if row["trust_code"] == code}
    told = {decile: round(rows[f"at_{decile}"]["distance_cash_upper"], 2) for decile in savings}
    assert told == savings


@pytest.mark.parametrize(
    ("level", "totals"),
    [
        ("practice", {10: 70149.77, 20: 65011.21, 50: 59029.41, 70: 26934.00, 90: 162.00}),
        ("ccg", {10: 64174.56, 30: 61416.69, 50: 58658.82, 80: 23463.53, 90: 11731.76}),
    ],
)
def test_national_totals_of_each_level(found: Estimate, level: str, totals: dict[int, float]) -> None:
    rows = {row["opportunity_id"]: row for row in found.totals.to_pylist() if row["level"] == level}
    assert {decile: round(rows[f"at_{decile}"]["cash_upper"], 2) for decile in totals} == totals
