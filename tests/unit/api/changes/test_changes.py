"""What changed between two releases: each part by hand, what cannot be split, and how it is said."""

from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from functions.api.changes import Change, ComparedRelease, FigureChange, changes
from shared.releases.contents import Contents
from shared.releases.kept import Kept
from tests.oracles.opportunities import Pair
from tests.support.released import NEAR, held, priced
from tests.support.small_programme import (
    ALIKE,
    CODES,
    TEN_TO_SEVENTY,
    figures,
    method,
    target,
    texts,
    with_cost,
)

NOTHING = dict.fromkeys(("own_value", "benchmark_moved", "comparators_changed", "method_changed"), 0.0)


def between(before: ComparedRelease, after: ComparedRelease, trust: str = "T07") -> Change:
    """The one opportunity's change."""
    (found,) = changes(before, after, trust)
    return found


def figure(change: Change, name: str) -> FigureChange:
    return next(one for one in change.figures if one.figure == name)


def parts(change: Change, name: str) -> dict[str, float]:
    """The parts that are not nothing."""
    found = figure(change, name).parts
    assert found is not None, figure(change, name)
    return {part: amount for part, amount in asdict(found).items() if abs(amount) > 1e-9}


BEFORE = held(TEN_TO_SEVENTY)
"""T07 has 70 GBP per m2 on 10 m2; the others 10 to 60: a median of 35 and a 0.25 quantile of 22.5."""


# ---- one part at a time ----------------------------------------------------------------------------------------------


def test_nothing_changed() -> None:
    change = between(BEFORE, BEFORE)
    assert (figure(change, "cash_lower").before, figure(change, "cash_upper").after) == (350, 475)
    assert all(one.total == 0 and one.parts is not None and asdict(one.parts) == NOTHING for one in change.figures)
    assert (change.came, change.went, change.notes) == ((), (), ())
    assert change.sentence == "Unchanged at £475."


def test_own_value() -> None:
    change = between(BEFORE, held(with_cost("T07", 900)))
    assert parts(change, "cash_lower") == parts(change, "cash_upper") == {"own_value": 200}
    assert change.sentence == "Up £200 to £675: own value +£200."


def test_own_denominator_is_own_value() -> None:
    after = held([*TEN_TO_SEVENTY, *figures("area", {"T07": 5})])  # 700 on 5 m2
    assert parts(between(BEFORE, after), "units_lower") == {"own_value": (140 - 35) * 5 - 350}


def test_benchmark_moves_with_the_values_of_the_same_comparators() -> None:
    after = held([*TEN_TO_SEVENTY, *figures("cost", {"T03": 200})])  # 10 20 20 40 50 60: 30 and 20
    change = between(BEFORE, after)
    assert parts(change, "cash_lower") == {"benchmark_moved": 50}
    assert parts(change, "cash_upper") == {"benchmark_moved": 25}
    assert (change.came, change.went) == ((), ())


def test_comparator_that_left_the_set() -> None:
    pairs = [pair for pair in NEAR if pair.peer != "T01"]  # 20 to 60: 40 and 30
    change = between(BEFORE, held(TEN_TO_SEVENTY, pairs=pairs))
    assert parts(change, "cash_lower") == {"comparators_changed": -50}
    assert parts(change, "cash_upper") == {"comparators_changed": -75}
    assert (change.came, change.went) == ((), ("T01",))


@pytest.mark.parametrize("back", [False, True])
def test_comparator_that_lost_or_gained_its_value_is_the_comparator_set(back: bool) -> None:
    releases = [BEFORE, held(with_cost("T01", "missing"))]
    change = between(*(reversed(releases) if back else releases))
    sign = -1 if back else 1
    assert parts(change, "cash_lower") == {"comparators_changed": -50 * sign}
    assert (change.came, change.went) == ((("T01",), ()) if back else ((), ("T01",)))


def test_peers_that_are_all_new_leave_nothing_to_the_same_comparators_when_those_lost_their_values() -> None:
    codes = [f"T1{number}" for number in range(6)]
    facts = figures("cost", dict.fromkeys(codes, 300)) + figures("area", dict.fromkeys(codes, 10))
    own = [row for row in TEN_TO_SEVENTY if row.code == "T07"]
    change = between(BEFORE, held(facts + own, pairs=[Pair("near", "T07", code) for code in codes]))
    assert parts(change, "cash_lower") == {"comparators_changed": 50}
    assert change.came == tuple(codes)


def test_values_move_first_where_the_earlier_comparators_still_have_them() -> None:
    """All peers are new, and the earlier ones went up by 100: that much would have happened anyhow."""
    codes = [f"T1{number}" for number in range(6)]
    facts = figures("cost", dict.fromkeys(codes, 500)) + figures("area", dict.fromkeys(codes, 10))
    dearer = figures("cost", {code: 100 * number + 100 for number, code in enumerate(CODES[:6], 1)})
    change = between(BEFORE, held([*TEN_TO_SEVENTY, *dearer, *facts], pairs=[Pair("near", "T07", c) for c in codes]))
    assert parts(change, "cash_lower") == {"benchmark_moved": -100, "comparators_changed": -50}


def test_fallback_is_the_comparator_set() -> None:
    rules = method(None, {"cost": {"comparator": "kind", "fallback": "national"}})
    kinds, pairs = (
        texts("kind", dict.fromkeys(CODES, "A") | {"T01": "B"}),
        [pair for pair in ALIKE if pair.peer != "T01"],
    )
    wider = figures("cost", {"T08": 700, "T09": 700}) + figures("area", {"T08": 10, "T09": 10})
    before = held(TEN_TO_SEVENTY + kinds + wider, rules, pairs)  # 20 to 60: 40 and 30
    lost = figures("cost", {"T06": "missing"})
    change = between(before, held(TEN_TO_SEVENTY + kinds + wider + lost, rules, pairs))  # 10 to 50, 70, 70: 40 and 25
    assert (change.before_comparator, change.after_comparator) == ("kind", "national")
    assert parts(change, "cash_upper") == {"comparators_changed": 50}
    assert (change.came, change.went) == (("T01", "T08", "T09"), ("T06",))
    assert "The comparator is now national; it was kind." in change.notes


def test_other_group_is_the_comparator_set_although_the_method_chose_it() -> None:
    after = held(TEN_TO_SEVENTY, method(None, {"cost": {"comparator": "all_trusts"}}), NEAR)
    fewer = held(TEN_TO_SEVENTY, pairs=[pair for pair in NEAR if pair.peer != "T01"])
    assert parts(between(fewer, after), "cash_lower") == {"comparators_changed": 50}


def test_group_by_an_attribute_is_that_of_the_period_compared() -> None:
    rules, kinds = method(None, {"cost": {"comparator": "kind"}}), texts("kind", dict.fromkeys(CODES, "A"))
    others = [Pair("kind", "T07", "T01", "peer", label) for label in ("2019-20", "2021-22")]
    before = held(TEN_TO_SEVENTY + kinds, rules, ALIKE + others)
    fewer = [pair for pair in ALIKE if pair.peer != "T01"]
    apart = texts("kind", dict.fromkeys(CODES, "A") | {"T01": "B"})
    change = between(before, held(TEN_TO_SEVENTY + apart, rules, fewer + others))
    assert parts(change, "cash_lower") == {"comparators_changed": -50}


def test_where_more_is_better_the_gap_is_to_those_above() -> None:
    """T01 has 10; the best two of the others are 70 and 60."""
    rules = method(
        {"cost": {"direction": "higher_is_better"}},
        {"cost": {"lower": {"rule": "median"}, "upper": {"rule": "mean_of_best", "n": 2}}},
    )
    change = between(
        held(TEN_TO_SEVENTY, rules), held(TEN_TO_SEVENTY + figures("cost", {"T01": 150, "T07": 900}), rules), "T01"
    )
    assert figure(change, "cash_upper").before == (65 - 10) * 10
    assert parts(change, "cash_upper") == {"own_value": -50, "benchmark_moved": 100}


@pytest.mark.parametrize(
    ("metric", "opportunity", "lower", "upper"),
    [
        ({}, {"upper": {"rule": "mean_of_best", "n": 2}}, 0, 75),  # 15 for 22.5
        ({}, {"lower": {"rule": "mean"}, "upper": {"rule": "quantile", "q": 0.1}}, 0, 75),  # 35 and 15
        ({}, {"lower": None}, 125, 0),  # the upper benchmark alone
        ({"scale": 1000}, {}, 0, 0),
        ({}, {"comparator": "target", "lower": None, "upper": {"rule": "target", "value": 20}}, 150, 25),
    ],
)
def test_method_that_changed(metric: dict[str, Any], opportunity: dict[str, Any], lower: float, upper: float) -> None:
    change = between(BEFORE, held(TEN_TO_SEVENTY, method({"cost": metric}, {"cost": opportunity})))
    assert parts(change, "cash_lower") == pytest.approx({"method_changed": lower} if lower else {})
    assert parts(change, "cash_upper") == pytest.approx({"method_changed": upper} if upper else {})


def test_minimum_denominator_is_the_method_and_not_the_comparators_it_cost() -> None:
    area = figures("area", {"T01": 5}) + figures("cost", {"T01": 50})  # still 10 GBP per m2
    before = held(TEN_TO_SEVENTY + area)
    after = held(TEN_TO_SEVENTY + area, method({"cost": {"minimum_denominator": 10}}))
    change = between(before, after)
    assert parts(change, "cash_lower") == {"method_changed": -50}
    assert change.went == ("T01",)
    assert parts(between(after, before), "cash_lower") == {"method_changed": 50}


def test_minimum_of_comparators_is_the_method() -> None:
    settings = {"comparator": "kind", "fallback": "national"}
    kinds, pairs = (
        texts("kind", dict.fromkeys(CODES, "A") | {"T01": "B"}),
        [pair for pair in ALIKE if pair.peer != "T01"],
    )
    before = held(TEN_TO_SEVENTY + kinds, method(None, {"cost": settings}), pairs)  # 20 to 60
    after = held(TEN_TO_SEVENTY + kinds, method(None, {"cost": settings | {"minimum_comparators": 6}}), pairs)
    assert parts(between(before, after), "cash_lower") == {"method_changed": 50}


WITH_STAFF = {"staff": {"of": "cash", "divide_by": "wte", "unit": "WTE"}}


def test_price_is_the_method_at_the_later_units() -> None:
    rules = method(None, {"cost": WITH_STAFF})
    change = between(held(TEN_TO_SEVENTY, rules), held(with_cost("T07", 900), priced(rules, wte=100)))
    assert parts(change, "cash_lower") == {"own_value": 200}
    assert parts(change, "staff_lower") == pytest.approx(
        {"own_value": 200 / 50, "method_changed": 550 / 100 - 550 / 50}
    )
    assert change.notes == ("The price wte is now 100; it was 50.",)


OWN_RATE = {
    "cash": {
        "unit": "GBP",
        "own_rate": {"title": "r", "unit": "u", "numerator": ["estate.other"], "denominator": ["estate.area"]},
    }
}


def test_own_rate_is_own_value() -> None:
    rules = method(None, {"cost": OWN_RATE})
    before = held(TEN_TO_SEVENTY + figures("other", {"T07": 30}), rules)
    after = held(TEN_TO_SEVENTY + figures("other", {"T07": 40}), rules)
    change = between(before, after)
    assert parts(change, "cash_lower") == {"own_value": 350 * 4 - 350 * 3}
    assert parts(change, "units_lower") == {}


OR_NATIONAL: dict[str, Any] = {
    "cash": {"unit": "GBP", "own_rate": OWN_RATE["cash"]["own_rate"] | {"otherwise_national": True}}
}


@pytest.mark.parametrize(
    ("before", "after", "was", "now"),
    [
        # T07 has no price of its own: that of T01 and T02 together, who have 10 m2 each.
        ({"T01": 20, "T02": 40}, {"T01": 40, "T02": 60}, 3, 5),
        # It gets one of its own, which those of the others would not have given; and loses it.
        ({"T01": 20, "T02": 40}, {"T01": 20, "T02": 40, "T07": 80}, 3, 8),
        ({"T01": 20, "T02": 40, "T07": 80}, {"T01": 20, "T02": 40}, 8, 3),
    ],
)
def test_national_price_is_the_price_and_not_own_value(
    before: dict[str, float], after: dict[str, float], was: float, now: float
) -> None:
    rules = method(None, {"cost": OR_NATIONAL})
    sides = [held(with_cost("T07", 700 if side is before else 900) + figures("other", side), rules)
             for side in (before, after)]  # fmt: skip
    change = between(*sides)
    # Gaps to 35, on 10 m2: 350 and 550 units.
    assert figure(change, "cash_lower").before == 350 * was
    assert parts(change, "cash_lower") == {"own_value": 200 * was, "method_changed": 550 * (now - was)}


def test_own_rate_that_could_be_the_national_one_is_own_value() -> None:
    rules = method(None, {"cost": OR_NATIONAL})
    sides = [held(TEN_TO_SEVENTY + figures("other", {"T01": 20, "T07": other}), rules) for other in (30, 40)]
    assert parts(between(*sides), "cash_lower") == {"own_value": 350 * 4 - 350 * 3}


def test_own_rate_of_another_definition_stands_under_the_method() -> None:
    facts = [*TEN_TO_SEVENTY, *figures("other", {"T07": 30}), *figures("target", {"T07": 50})]
    rate = OWN_RATE["cash"]["own_rate"] | {"numerator": ["estate.target"]}  # type: ignore[operator]
    other = {"cash": {"unit": "GBP", "own_rate": rate}}
    change = between(held(facts, method(None, {"cost": OWN_RATE})), held(facts, method(None, {"cost": other})))
    assert parts(change, "cash_lower") == {"method_changed": 350 * 5 - 350 * 3}
    assert "The conversion to cash has changed." in change.notes[0]


def test_own_target_that_moved_is_the_benchmark() -> None:
    rules = method(None, {"cost": target(measure="estate.target", times=0.5)})
    before = held(TEN_TO_SEVENTY + figures("target", {"T07": 100}), rules)
    after = held(TEN_TO_SEVENTY + figures("target", {"T07": 80}), rules)
    assert parts(between(before, after), "cash_upper") == {"benchmark_moved": 100}


def test_constant_target_and_another_rule_for_an_own_one_are_the_method() -> None:
    constants = [held(TEN_TO_SEVENTY, method(None, {"cost": target(value=value)})) for value in (30, 40)]
    assert parts(between(*constants), "cash_upper") == {"method_changed": -100}
    facts = [TEN_TO_SEVENTY + figures("target", {"T07": value}) for value in (100, 80)]
    rules = [method(None, {"cost": target(measure="estate.target", times=times)}) for times in (0.5, 0.25)]
    change = between(held(facts[0], rules[0]), held(facts[1], rules[1]))  # from 50 to 20
    assert parts(change, "cash_upper") == {"method_changed": 300}
    assert "cannot be separated" in change.notes[0]


def test_metric_of_another_definition_is_the_method_whole_and_says_so() -> None:
    facts = with_cost("T07", 900) + figures("other", dict.fromkeys(CODES, 20))
    change = between(BEFORE, held(facts, method({"cost": {"denominator": ["estate.other"]}})))
    total = (45 - 17.5) * 20 - 350
    assert parts(change, "cash_lower") == {"method_changed": total}
    assert "The whole change is counted as price or method" in change.notes[0]


@pytest.mark.parametrize(
    ("measure", "settings", "part"),
    [
        ("cost", {"of_keys": ("0501",)}, "method_changed"),
        ("cost", {"but_not": ("0501",)}, "method_changed"),
        ("area", {"value": "items"}, "method_changed"),
        ("area", {"absent": "zero"}, "method_changed"),
        ("cost", {"heading": "Cost"}, "own_value"),
        ("target", {"of_keys": ("0501",)}, "own_value"),  # of another metric
    ],
)
def test_measure_of_another_meaning_is_the_method_whole(measure: str, settings: dict[str, Any], part: str) -> None:
    rules = method()
    estate = rules.datasets["estate"]
    measures = estate.measures | {measure: estate.measures[measure].model_copy(update=settings)}
    later = held(with_cost("T07", 900))
    changed = rules.model_copy(
        update={"datasets": rules.datasets | {"estate": estate.model_copy(update={"measures": measures})}}
    )
    change = between(BEFORE, ComparedRelease(changed, later.contents))
    assert parts(change, "cash_lower") == {part: 200}
    assert any("The metric's definition has changed" in note for note in change.notes) == (part == "method_changed")


def test_own_rate_of_a_measure_of_another_meaning_is_the_method() -> None:
    rules = method(None, {"cost": OWN_RATE})
    sides = [held(TEN_TO_SEVENTY + figures("other", {"T07": other}), rules) for other in (30, 40)]
    estate = rules.datasets["estate"]
    measures = estate.measures | {"other": estate.measures["other"].model_copy(update={"of_keys": ("0501",)})}
    changed = rules.model_copy(
        update={"datasets": rules.datasets | {"estate": estate.model_copy(update={"measures": measures})}}
    )
    change = between(sides[0], ComparedRelease(changed, sides[1].contents))
    assert parts(change, "cash_lower") == {"method_changed": 350 * 4 - 350 * 3}


def test_newer_period_is_carried_by_own_value_and_benchmark() -> None:
    days = (date(2021, 4, 1), date(2022, 3, 31))
    dearer = {code: 100 * number + 100 for number, code in enumerate(CODES, 1)}
    newer = figures("cost", dearer, days=days) + figures("area", dict.fromkeys(CODES, 10), days=days)
    change = between(BEFORE, held(TEN_TO_SEVENTY + newer))
    assert parts(change, "cash_lower") == {"own_value": 100, "benchmark_moved": -100}
    assert change.sentence == "Unchanged at £475: own value +£100, benchmark −£100."
    assert change.notes == (
        "The earlier figure is for 1 April 2020 to 31 March 2021, the later for 1 April 2021 to 31 March 2022. "
        "The change between the two periods is counted as own value and benchmark.",
    )


def test_everything_at_once() -> None:
    """On the modest end: 350; own value 80: 450; without T01 the median is 40: 400; T04 at 45 makes it 45: 350; T08
    at 0 makes it 37.5: 425; and the mean is 205 / 6."""
    cost = figures("cost", {"T01": "missing", "T04": 450, "T07": 800, "T08": 0})
    rules = method(None, {"cost": {"lower": {"rule": "mean"}}})
    after = held([*TEN_TO_SEVENTY, *cost, *figures("area", {"T08": 10})], rules, [*NEAR, Pair("near", "T07", "T08")])
    change = between(BEFORE, after)
    assert parts(change, "cash_lower") == pytest.approx(
        {
            "own_value": 100,
            "benchmark_moved": -50,
            "comparators_changed": -50 + 75,
            "method_changed": 800 - 2050 / 6 - 425,
        }
    )
    assert figure(change, "cash_lower").total == pytest.approx(800 - 2050 / 6 - 350)
    assert (change.came, change.went) == (("T08",), ("T01",))


# ---- figures that cannot be split -----------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [False, True])
def test_figure_that_appears_or_vanishes_has_neither_total_nor_parts(back: bool) -> None:
    releases = [BEFORE, held(with_cost("T07", "missing"))]
    change = between(*(reversed(releases) if back else releases))
    statuses = ["opportunity", "no_data"]
    assert [change.before_status, change.after_status] == (statuses[::-1] if back else statuses)
    one = figure(change, "cash_upper")
    assert (one.total, one.parts, one.before, one.after) == (None, None, None if back else 475, 475 if back else None)
    which = "earlier" if back else "later"
    assert one.reason == f"There is no figure in the {which} release: part of its data is missing."
    told = "The later figure is £475." if back else "The earlier figure was £475."
    assert change.sentence == f"{one.reason} {told}"


def test_trust_without_a_row_is_told_from_one_without_a_figure() -> None:
    (change,) = changes(BEFORE, held([row for row in TEN_TO_SEVENTY if row.code != "T07"]), "T07")
    assert (change.before_status, change.after_status) == ("opportunity", None)
    assert figure(change, "cash_upper").reason == "There is no figure in the later release: it is not in the release."
    assert changes(BEFORE, BEFORE, "T40") == []


def test_other_unit_and_route_that_is_gone_have_no_total() -> None:
    rules = [{"unit": "GBP"}, {"unit": "GBP per year"}]
    releases = [held(TEN_TO_SEVENTY, method(None, {"cost": {"cash": cash}})) for cash in rules]
    change = between(*releases)
    assert figure(change, "cash_upper").total is None
    assert figure(change, "cash_upper").reason == "Its unit is now GBP per year; it was GBP."
    assert parts(change, "units_upper") == {}
    gone = between(held(TEN_TO_SEVENTY, method(None, {"cost": WITH_STAFF})), BEFORE)
    assert figure(gone, "staff_upper").reason == "The later release's method has no conversion to staff."


def test_release_without_what_a_unit_comes_to_is_split_in_its_units_only() -> None:
    old = held(TEN_TO_SEVENTY, mend=lambda table: table.drop_columns(["cash_per_unit", "staff_per_unit"]))
    change = between(old, held(with_cost("T07", 900)))
    assert parts(change, "units_lower") == {"own_value": 200}
    one = figure(change, "cash_lower")
    assert (one.total, one.parts) == (200, None)
    assert one.reason == "The earlier release has no amount per unit for cash."


@pytest.mark.parametrize("column", ["benchmark_upper", "units_lower", "cash_upper"])
def test_figure_that_does_not_come_out_again_is_never_split(column: str) -> None:
    def wrong(table: pa.Table) -> pa.Table:
        cells = [cell and cell * (1 + 1e-6) for cell in table[column].to_pylist()]
        return table.set_column(table.column_names.index(column), column, pa.array(cells, pa.float64()))

    change = between(BEFORE, held(with_cost("T07", 900), mend=wrong))
    assert all(one.parts is None and "cannot be reproduced" in str(one.reason) for one in change.figures)
    assert figure(change, "units_upper").total == 200


def test_sentence_says_small_figures_with_the_decimals_they_need() -> None:
    staff = {"native": "staff", "cash": None, "staff": {"divide_by": "wte", "unit": "WTE"}}
    rules = method(None, {"cost": staff})
    change = between(held(TEN_TO_SEVENTY, rules), held(with_cost("T07", 900), rules))
    assert change.sentence == "Up 4.0 WTE to 13.5 WTE: own value +4.0 WTE."


def test_changes_since_one_release_do_not_depend_on_those_since_another() -> None:
    """A process keeps what it looked up of all releases."""
    kept = Kept(1 << 27)
    first, second, last = (
        ComparedRelease(one.method, Contents(one.contents._read, kept, name))
        for name, one in (
            ("first", held(with_cost("T01", "missing"))),
            ("second", held(with_cost("T02", "missing"))),
            ("last", held(TEN_TO_SEVENTY)),
        )
    )
    assert between(first, last).came == ("T01",)
    found = between(second, last)
    assert found.came == ("T02",)
    # The 0.25 quantile is 30 of 10, 30, 40, 50, 60; with 20 it is 22.5.
    assert parts(found, "cash_upper") == {"comparators_changed": 75.0}
    assert between(last, second).went == ("T02",)
    assert between(last, first).went == ("T01",)
