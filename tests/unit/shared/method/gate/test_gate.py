"""The quality gate: the shipped method passes, and each kind of fault is a sentence with file, path and remedy."""

from datetime import UTC, datetime

import pytest

from functions.ingest.judge import judge_method
from shared.landed import Landed
from shared.method.load import MethodFaults, bundle, from_documents, judged
from tests.support.method_changes import (
    BEDS,
    CLEANING,
    ESTATES,
    FINANCE,
    METRIC,
    PEERS,
    SHIPPED,
    SICKNESS,
    SPACE,
    STAYS,
    UNUSED_SPACE,
    WAU,
    Change,
    Content,
    documents,
    given,
    within,
    without,
)
from tests.support.paths import METHOD

PRODUCT = {"measure": "eric_site.hard_fm_cost", "of": "eric_site.gross_internal_floor_area"}
RATE = {
    "title": "Cost of the alternative", "numerator": ["eric_trust.hard_fm_cost"], "unit": "GBP per m2",
    "denominator": ["eric_trust.occupied_floor_area"],
}  # fmt: skip
PERCENT_OF_AREA = {"measure": "eric_trust.empty_floor_area_percent", "of": "eric_trust.occupied_floor_area"}


def faults(*changes: tuple[tuple[str, ...], Change]) -> list[str]:
    with pytest.raises(MethodFaults) as caught:
        judged(documents(*changes))
    return list(caught.value.faults)


def test_the_shipped_method_passes() -> None:
    assert judged(documents()) == from_documents(SHIPPED)


@pytest.mark.parametrize(
    ("part", "change", "where", "said"),
    [
        # Sums of like units
        (METRIC, given(numerator=["eric_trust.occupied_floor_area"]), "numerator[0]",
         "eric_trust.occupied_floor_area is in m2, but numerator_unit is GBP; name a measure in GBP, or correct "
         "numerator_unit"),
        (METRIC, given(denominator=["eric_trust.inpatient_main_meals"]), "denominator[0]",
         "eric_trust.inpatient_main_meals is in meal, but denominator_unit is m2; name a measure in m2, or correct "
         "denominator_unit"),
        (METRIC, given(numerator=["eric_trust.cleaning_service_cost", "eric_trust.cleaning_staff"]), "numerator[1]",
         "eric_trust.cleaning_staff is in WTE"),
        (SPACE, given(numerator=[PERCENT_OF_AREA]), "numerator[0]",
         "eric_trust.empty_floor_area_percent × eric_trust.occupied_floor_area is in percent × m2, but "
         "numerator_unit is m2; write times: 0.01 to convert it"),
        # Rows about units
        (METRIC, given(denominator=["eric_trust.occupied_floor_area"]), "",
         "the rows of eric_site are about sites, so both sums need measures of eric_site alone"),
        (METRIC, given(numerator=["eric_site.visitor_parking_fee"]), "numerator[0]",
         "eric_site.visitor_parking_fee is in GBP per hour, which does not add up over units"),
        (ESTATES, lambda part: part["elsewhere"][0].update(datasets=["eric_sites"]), "elsewhere[0].datasets[0]",
         "there is no dataset called 'eric_sites'"),
        # Texts that peers are preferred by
        (PEERS, given(prefer={"measure": "ods_trusts.nowhere", "among": 60}), "prefer.measure",
         "there is no measure of ods_trusts called 'nowhere'"),
        (PEERS, given(prefer={"measure": "ods_trusts.region", "among": 60,
                              "then": [{"measure": "eric_trust.cleaning_staff"}]}),
         "prefer.then[0].measure", "eric_trust.cleaning_staff is a number"),
        # A metric's unit and scale
        (METRIC, given(unit="GBP per meal"), "unit",
         "'GBP per meal' is not the unit of GBP divided by m2; write GBP per m2, or correct those units"),
        (METRIC, given(unit="share"), "unit", "'share' is not the unit of GBP divided by m2"),
        (FINANCE, given(unit="GBP per £100 of income"), "scale",
         "GBP divided by GBP, times 100,000,000, is not in 'GBP per £100 of income', which needs a scale of 100; "
         "correct the scale or the unit"),
        (FINANCE, given(scale=100), "scale", "GBP divided by GBP, times 100, is not in 'GBP per £100m of income'"),
        (FINANCE, given(unit="m2 per 100m m2"), "unit", "'m2 per 100m m2' is not the unit of GBP divided by GBP"),
        (METRIC, given(chance="proportion"), "chance",
         "GBP is not a part of m2, so this is not a proportion; take chance out"),
        # Opportunities: units, targets, routes
        (CLEANING, given(unit="m2"), "unit", "the unit is m2, but a gap times the denominator is in GBP"),
        (UNUSED_SPACE, given(upper={"rule": "target", "value": 2.5}), "upper.value",
         "the target of 2.5 share is outside the metric's range, 0 to 1; correct it (write a share as 0.22, not 22)"),
        (STAYS, given(upper={"rule": "target", "measure": "trust_measures.income"}), "upper.measure",
         "trust_measures.income is in GBP, but the metric is in share; name a measure in share"),
        (STAYS, given(upper={"rule": "target", "measure": "sickness_absence.sickness_absence_rate"}), "upper.times",
         "sickness_absence.sickness_absence_rate is in percent, but the metric is in share; write times: 0.01 for "
         "the whole measure, or less for a part of it"),
        (STAYS, within("cash", times="wau"), "cash.unit",
         "bed days times wau (GBP per weighted activity unit) is not in GBP; correct the unit, or name another price"),
        (STAYS, within("cash", unit="EUR"), "cash.unit",
         "cash must be in GBP, the programme's currency, not in EUR; correct the unit"),
        (STAYS, within("activity", unit="patients"), "activity.unit", "bed days is not in patients"),
        (SICKNESS, within("staff", per_day=False), "staff.unit", "FTE days is not in WTE"),
        (SICKNESS, within("cash", unit="GBP"), "cash.unit",
         "WTE times wte_cost (GBP per WTE and year) is not in GBP"),
        (SICKNESS, within("cash", annual=False), "cash.annual",
         "the unit is 'GBP per year', which does not agree with annual; write annual: true"),
        (UNUSED_SPACE, lambda part: part["cash"]["own_rate"].update(denominator=["eric_trust.laundry_pieces"]),
         "cash.own_rate.unit", "'GBP per m2' is not the unit of GBP divided by piece"),
        (UNUSED_SPACE, lambda part: part["cash"]["own_rate"].update(numerator=[PRODUCT]),
         "cash.own_rate.unit", "'GBP per m2' is not the unit of GBP × m2 divided by m2"),
        # Currency
        (("programme.yaml", "programme"), given(currency="pounds"), "currency",
         "'pounds' is not a code of ISO 4217; write one, such as EUR or SEK"),
        (METRIC, given(unit="£ per m2"), "unit",
         "'£ per m2' does not begin with GBP; write the code first, as in 'GBP per m2'"),
        (UNUSED_SPACE, lambda part: part["cash"]["own_rate"].update(less=RATE | {"unit": "£ per m2"}),
         "cash.own_rate.less.unit", "'£ per m2' does not begin with GBP; write the code first, as in 'GBP per m2'"),
        (UNUSED_SPACE, lambda part: part["cash"]["own_rate"].update(less=RATE | {"less": RATE | {"unit": "EUR"}}),
         "cash.own_rate.less.less.unit", "'EUR' has EUR, and the programme's currency is GBP"),
        (METRIC, given(unit="EUR per m2"), "unit",
         "'EUR per m2' has EUR, and the programme's currency is GBP; name measures in GBP and write it here"),
        (CLEANING, given(upper={"rule": "quantile", "q": 0.75}), "upper", "the quantile 0.75 is on the worse side"),
        (CLEANING, given(lower={"rule": "quantile", "q": 0.1}), "lower",
         "the lower benchmark must be the modest one, and"),
        (WAU, given(unit="GBP"), "unit", "'GBP' is not the unit of a price; write what one of something costs"),
        # What readers need
        (CLEANING, given(explanation=" "), "explanation", "this is blank; explain it in plain sentences"),
        (CLEANING, given(why="Because"), "why", "this does not end with a full stop; finish the sentence"),
        (CLEANING, without("explanation"), "explanation", "this is missing; add it"),
        (CLEANING, without("overlap_group"), "overlap_group", "this is missing; add it"),
        (METRIC, without("direction"), "direction", "this is missing; add it"),
        (CLEANING, given(sources=[""]), "sources[0]", "this is blank; write the text that readers should see"),
        (ESTATES, lambda part: part["kept"][0].update(because=""), "kept[0].because", "this is blank"),
        # References
        (CLEANING, given(overlap_group="estate"), "overlap_group",
         "there is no overlap group called 'estate'; define it, or name one of beds,"),
        (BEDS, given(also=["beets"]), "also[0]", "there is no overlap group called 'beets'; define it, or name one of"),
        (METRIC, given(numerator=["eric_trust.trust_type"]), "numerator[0]",
         "eric_trust.trust_type is text, and a number is needed here; name another measure"),
        (("programme.yaml", "programme"), given(peer_group="similar"), "peer_group",
         "there is no peer group called 'similar'"),
        (("programme.yaml", "programme"),
         lambda part: part["population"]["trust_register"]["trust_where"].update(measure="county"),
         "population.trust_register.trust_where.measure", "there is no measure of ods_trusts called 'county'"),
        # Nothing without a use
        (("prices.yaml", "prices", "day_case"), without("kept"), "",
         "no route uses this price; use it, take it out, or give a reason in kept"),
        (WAU, given(kept="To look at."), "kept", "this price is used, so it needs no reason to be kept; take kept out"),
        (ESTATES, lambda part: part["kept"].pop(0), "measures",
         "nothing uses name, region; use them, take them out, or give a reason in kept"),
        (("datasets/general_acute_beds.yaml", "dataset"), without("kept"), "",
         "nothing uses this dataset; use it, take it out, or give a reason in kept"),
        (ESTATES, lambda part: part["kept"][0]["measures"].append("energy_cost"), "kept[0].measures[2]",
         "'energy_cost' names no unused measure; take it out"),
    ],
)  # fmt: skip
def test_a_fault_names_file_path_and_remedy(part: tuple[str, ...], change: Change, where: str, said: str) -> None:
    file, *keys = part
    expected = f"{file}: {'.'.join([*keys, *([where] if where else [])])}: {said}"
    told = faults((part, change))
    assert any(fault.startswith(expected) for fault in told), told


def test_an_own_rate_of_percentages_of_an_area_is_converted_by_its_constant() -> None:
    """A percentage of an area over the area: a hundredth of it counts, which the constant says."""
    percent = {"measure": "eric_trust.empty_floor_area_percent", "of": "eric_trust.occupied_floor_area"}
    rate = {"numerator": ["eric_trust.hard_fm_cost"], "unit": "GBP per m2", "otherwise": []}

    def of_the_rate(denominator: dict[str, object]) -> list[str]:
        change = rate | {"denominator": [denominator]}
        found = faults((UNUSED_SPACE, lambda part: part["cash"]["own_rate"].update(change)))
        return [fault for fault in found if "own_rate" in fault]

    (wrong,) = of_the_rate(percent)
    assert "cash.own_rate.scale: GBP divided by percent × m2, times 1, is not in 'GBP per m2'" in wrong
    assert of_the_rate(percent | {"times": 0.01}) == []


def test_a_group_that_nothing_is_left_in_is_told_of_and_a_metric_without_opportunities_may_stay() -> None:
    opportunities = ("opportunities/procurement.yaml", "opportunities")
    assert faults((opportunities, without("procurement_price_variance"))) == [
        "overlap_groups.yaml: overlap_groups.procurement: no opportunity is in this group; add one, or take the "
        "group out",
    ]


def test_a_metric_without_a_direction_has_no_opportunities() -> None:
    assert faults((METRIC, given(direction="neither"))) == [
        "opportunities/estates.yaml: opportunities.cleaning_cost.metric: no value of this metric is better than "
        "another, so it has no opportunities; set its direction"
    ]


def test_a_quantile_on_the_worse_side_is_let_in_if_it_is_meant() -> None:
    worst = {"rule": "quantile", "q": 0.9}
    assert "write q: 0.1, or worse_side: true if it is meant" in faults((CLEANING, given(lower=worst)))[0]
    changed = documents((CLEANING, given(lower=worst | {"worse_side": True})))
    assert judged(changed).opportunities["cleaning_cost"].lower is not None


def test_all_faults_are_told_at_once_even_where_a_definition_cannot_be_read() -> None:
    told = faults(
        (METRIC, without("direction")),
        (CLEANING, given(sources=[""])),
        (FINANCE, given(scale=100)),
        (("overlap_groups.yaml", "overlap_groups", "beds"), given(also=["beets"])),
    )
    assert [fault.partition(": ")[0] for fault in told] == [
        "metrics/estates.yaml", "overlap_groups.yaml", "metrics/corporate.yaml", "opportunities/estates.yaml",
    ]  # fmt: skip


def test_what_names_a_definition_that_cannot_be_read_is_not_at_fault_itself() -> None:
    assert faults((METRIC, without("direction"))) == [
        "metrics/estates.yaml: metrics.cleaning_cost.direction: this is missing; add it"
    ]


def test_a_programme_that_cannot_be_read_does_not_hide_other_faults() -> None:
    told = faults((("programme.yaml", "programme"), without("currency")), (CLEANING, given(why="")))
    assert [fault.partition(": ")[0] for fault in told] == ["programme.yaml", "opportunities/estates.yaml"]


def test_only_a_landing_is_judged_so_that_a_later_gate_does_not_stop_a_method_in_use() -> None:
    assert from_documents(documents((FINANCE, given(scale=100)))).metrics["finance_cost"].scale == 100


@pytest.mark.parametrize("window", [{}, {"months": 6}])
def test_an_annual_price_divides_only_what_was_counted_over_a_year(window: Content) -> None:
    """£ of a month, or of six, divided by the cost of a year's work is no number of people."""
    (fault,) = faults(*staff_from_cash_of(window))
    assert fault.startswith("opportunities/emergency.yaml: opportunities.ae_over_four_hours.staff.unit: GBP divided by")


@pytest.mark.parametrize("window", [{"months": 12}, {"financial_year": True}])
def test_an_annual_price_divides_what_a_year_came_to(window: Content) -> None:
    assert judged(documents(*staff_from_cash_of(window)))


def staff_from_cash_of(window: Content) -> list[tuple[tuple[str, ...], Change]]:
    """Monthly attendances over a window, priced, and the pounds divided by the cost of a year's work."""
    cash = {"of": "activity", "times": "ae_attendance", "unit": "GBP"}
    staff = {"of": "cash", "divide_by": "wte_cost", "unit": "WTE"}
    return [
        (("opportunities/emergency.yaml", "opportunities", "ae_over_four_hours"), given(cash=cash, staff=staff)),
        (("metrics/activity.yaml", "metrics", "ae_over_four_hours"), given(window=window)),
        (("prices.yaml", "prices", "ae_attendance"), without("kept")),
    ]


def test_a_landed_method_with_faults_is_rejected_with_each_of_them_in_its_receipt() -> None:
    text = bundle(METHOD).replace("scale: 100000000", "scale: 100")
    entry = Landed("method/2/method.yaml", "v1", datetime(2025, 1, 1, tzinfo=UTC), False)
    judgement = judge_method(entry, text.encode())
    assert judgement.derived is None
    assert judgement.receipt.status == "rejected"
    assert [finding.message.partition(": GBP divided")[0] for finding in judgement.receipt.findings] == [
        f"metrics/corporate.yaml: metrics.{name}.scale" for name in ("finance_cost", "hr_cost", "payroll_cost")
    ]
