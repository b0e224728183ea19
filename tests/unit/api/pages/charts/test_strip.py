"""The strip: every mark gives back its value, labels stay in the frame and apart, and its bars say what kind of gap."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.pages.charts.benchmarks import Named
from functions.api.pages.charts.strip import Quarters, Strip, strip
from tests.support.api.chart_reading import FRAMES, Chart

ALL = tuple(12 + (n * 37 % 59) * 0.8 for n in range(56))
CLEANING = Strip(
    unit="GBP per m2",
    direction="lower_is_better",
    own=Named("This trust", 39.33),
    modest=Named("Modest", 37.3),
    ambitious=Named("Ambitious", 33.54),
    comparators=(29.8, 32.9, 35.4, 39.2, 41.2, 55.7),
    comparators_caption="6 comparators",
    everyone=ALL,
    everyone_caption="All 56 trusts",
    quarters=Quarters(23.0, 35.8, 47.0),
)
NATIONAL = Strip(
    unit="share",
    direction="lower_is_better",
    own=Named("This trust", 0.0599),
    modest=Named("Modest", 0.0654),
    ambitious=Named("Ambitious", 0.0572),
    everyone=tuple(value / 600 for value in ALL),
    everyone_caption="All 56 trusts",
    quarters=Quarters(0.0572, 0.0651, 0.0821),
    interval=(0.058, 0.0618),
)
LONG = "The integrated care partnership of the northern valleys and the adjoining districts of the western coast"


def read(chart: Strip) -> Chart:
    return Chart(strip(chart, "A sentence."))


def assert_fits(drawn: Chart) -> None:
    assert drawn.outside() == []
    assert drawn.collisions() == []


def test_every_mark_gives_back_its_value() -> None:
    drawn = read(CLEANING)
    near = pytest.approx
    slack = drawn.range() / 1000
    assert drawn.values("c-me") == [near((39.33, 39.33), abs=slack)]
    assert drawn.values("c-solid") == [near((37.3, 39.33), abs=slack)]
    assert drawn.values("c-pale") == [near((33.54, 37.3), abs=slack)]
    assert drawn.values("c-line-modest") == [near((37.3, 37.3), abs=slack)]
    assert drawn.values("c-line-ambitious") == [near((33.54, 33.54), abs=slack)]
    assert [low for low, _ in drawn.values("c-dot")] == near(list(CLEANING.comparators), abs=slack)
    assert drawn.values("c-band") == [near((23.0, 47.0), abs=slack)]
    assert drawn.values("c-median") == [near((35.8, 35.8), abs=slack)]
    assert drawn.values("c-me-line") == [near((39.33, 39.33), abs=slack)]
    assert drawn.of("c-whisker", "c-ahead", "c-chance", "c-decile") == []


def test_the_histogram_counts_every_value() -> None:
    drawn = read(CLEANING)
    middles = [(left + right) / 2 for left, right in drawn.values("c-bin")]
    half = min(after - before for before, after in pairwise(middles)) / 2
    counts = [sum(middle - half <= value < middle + half for value in ALL) for middle in middles]
    heights = [float(bar.get("height", "nan")) for bar in drawn.of("c-bin")]
    assert sum(counts) == 56
    assert heights == pytest.approx([max(3, max(heights) * count / max(counts)) for count in counts], abs=0.01)
    assert len(heights) <= 44


def test_labels_say_the_value_with_its_sign_and_no_other_unit() -> None:
    texts = {text.text for text in read(CLEANING).texts(288)}
    assert {"Modest £37.30", "Ambitious £33.54", "This trust £39.33", "6 comparators", "All 56 trusts"} <= texts
    assert not any("m²" in text for text in texts)


def test_a_benchmark_runs_from_its_label_through_all_rows() -> None:
    drawn = read(CLEANING)
    for class_, label in (("c-line-modest", "Modest £37.30"), ("c-line-ambitious", "Ambitious £33.54")):
        [line] = drawn.of(class_)
        [text] = [text for text in drawn.texts(288) if text.text == label]
        caption = max(text.y for text in drawn.texts(288) if text.class_ == "c-soft")
        assert text.y < float(line.get("y1", "nan")) <= text.y + 8
        assert float(line.get("y2", "nan")) >= caption


def test_labels_of_benchmarks_are_on_two_lines() -> None:
    for chart in (CLEANING, NATIONAL, replace(CLEANING, ambitious=Named("Ambitious", 37.3))):
        ys = [text.y for text in read(chart).texts(1010) if text.class_ == "c-label"]
        assert len(ys) == len(set(ys)) == 2


@pytest.mark.parametrize(("direction", "words"), [("lower_is_better", "◀ better"), ("higher_is_better", "better ▶")])
def test_it_says_which_side_is_better(direction: str, words: str) -> None:
    drawn = read(replace(CLEANING, direction=direction))  # type: ignore[arg-type]
    assert [element.text for element in drawn.of("c-better")] == [words]
    [text] = [text for text in drawn.texts(1010) if text.class_ == "c-better"]
    assert (text.left < 1) == (direction == "lower_is_better")
    assert read(replace(CLEANING, direction="neither")).of("c-better", "c-solid", "c-pale") == []


def test_a_national_comparison_has_no_row_of_comparators() -> None:
    drawn = read(NATIONAL)
    assert drawn.of("c-dot", "c-bin-open") == []
    assert len([text for text in drawn.texts(288) if text.class_ == "c-soft"]) == 1
    slack = drawn.range() / 1000
    assert drawn.values("c-pale") == [pytest.approx((0.0572, 0.0599), abs=slack)]
    assert drawn.of("c-solid") == []


def test_a_whisker_reaches_over_the_interval_and_the_label_is_beyond_its_end() -> None:
    drawn = read(NATIONAL)
    slack = drawn.range() / 1000
    long, *ends = drawn.values("c-whisker")
    assert long == pytest.approx((0.058, 0.0618), abs=slack)
    assert [end[0] for end in ends] == pytest.approx([0.058, 0.0618], abs=slack)
    for frame in FRAMES:
        [label] = [text for text in drawn.texts(frame) if text.class_ == "c-me-label"]
        marked = [frame * x / 100 for pair in drawn.places("c-whisker", "c-pale", "c-line-modest") for x in pair]
        assert label.left > max(marked) or label.right < min(marked)


def test_a_gap_that_may_be_chance_is_outlined_only() -> None:
    drawn = read(replace(NATIONAL, own=Named("This trust", 0.07), interval=(0.05, 0.09), within_chance=True))
    assert drawn.values("c-chance") == [pytest.approx((0.0572, 0.07), abs=drawn.range() / 1000)]
    assert drawn.of("c-solid", "c-pale") == []
    assert_fits(drawn)


@pytest.mark.parametrize(("direction", "own"), [("lower_is_better", 30.0), ("higher_is_better", 45.0)])
def test_a_value_ahead_of_its_benchmarks_has_an_outlined_bar_and_words(direction: str, own: float) -> None:
    words = "£3.54 per m² better than the ambitious benchmark"
    chart = replace(CLEANING, direction=direction, own=Named("This trust", own), ahead=words)  # type: ignore[arg-type]
    drawn = read(chart)
    sides = tuple(sorted((own, 37.3)))
    assert drawn.values("c-ahead") == [pytest.approx(sides, abs=drawn.range() / 1000)]
    assert drawn.of("c-solid", "c-pale", "c-chance") == []
    assert words in " ".join(text.text for text in drawn.texts(288))
    assert_fits(drawn)


def test_words_for_being_ahead_are_left_out_of_a_gap() -> None:
    assert "better than" not in strip(replace(CLEANING, ahead="£3 better than it"), "")


def test_a_target_is_one_line() -> None:
    drawn = read(replace(CLEANING, modest=Named("Target", 30), ambitious=None, comparators=()))
    assert drawn.values("c-line-modest") == [pytest.approx((30, 30), abs=drawn.range() / 1000)]
    assert drawn.values("c-solid") == [pytest.approx((30, 39.33), abs=drawn.range() / 1000)]
    assert drawn.of("c-line-ambitious", "c-pale") == []
    assert "Target £30" in {text.text for text in drawn.texts(288)}


def test_a_supposed_value_is_a_second_diamond() -> None:
    drawn = read(replace(CLEANING, supposed=Named("Supposed", 36.1)))
    assert drawn.values("c-supposed") == [pytest.approx((36.1, 36.1), abs=drawn.range() / 1000)]
    assert {"This trust £39.33", "Supposed £36.10"} <= {text.text for text in drawn.texts(288)}
    assert_fits(drawn)


def test_a_strip_of_all_alone_has_the_histogram_and_no_diamond() -> None:
    drawn = Chart(strip(replace(NATIONAL, own=None, interval=None), "All."))
    assert len(drawn.places("c-bin")) == len(Chart(strip(NATIONAL, "All.")).places("c-bin"))
    assert drawn.places("c-me") == drawn.places("c-me-line") == drawn.places("c-solid") == []
    assert drawn.outside() == []


def test_deciles_are_ticks_under_the_histogram() -> None:
    deciles = (17.0, 21.0, 26.0, 31.0, 35.8, 40.0, 44.0, 50.0, 54.0)
    drawn = read(replace(CLEANING, deciles=deciles))
    assert [low for low, _ in drawn.values("c-decile")] == pytest.approx(list(deciles), abs=drawn.range() / 1000)


@pytest.mark.parametrize(
    "chart",
    [
        CLEANING,
        NATIONAL,
        replace(CLEANING, comparators=(29.8, 32.9, 35.4)),
        replace(CLEANING, comparators=tuple(20 + n * 7919 % 400 / 10 for n in range(500))),
        replace(CLEANING, own=Named("This trust", 64.0)),
        replace(CLEANING, own=Named("This trust", 8.0)),
        replace(CLEANING, own=Named(LONG, 39.33), modest=Named(LONG, 37.3), ambitious=Named(LONG, 33.54)),
        replace(CLEANING, comparators_caption=LONG * 2, everyone_caption=LONG),
        replace(CLEANING, everyone=(), quarters=None, comparators=()),
        replace(CLEANING, own=Named("A", -3.2), modest=Named("B", -5), ambitious=Named("C", -8), comparators=(-9, -5)),
        replace(CLEANING, unit="SEK per m2"),
        replace(CLEANING, unit="appointments", own=Named("This trust", 1_234_567.0)),
    ],
)  # fmt: skip
def test_labels_stay_in_the_frame_and_apart(chart: Strip) -> None:
    assert_fits(read(chart))


def test_values_that_are_all_equal_stand_in_the_middle() -> None:
    same = Named("This trust", 37.3)
    chart = replace(
        CLEANING,
        own=same,
        modest=Named("Modest", 37.3),
        ambitious=Named("Ambitious", 37.3),
        comparators=(37.3,) * 3,
        everyone=(37.3,) * 20,
        quarters=Quarters(37.3, 37.3, 37.3),
    )
    drawn = read(chart)
    assert drawn.places("c-me") == [(50, 50)]
    [(left, right)] = drawn.places("c-bin")
    assert left < 50 < right
    assert drawn.of("c-solid", "c-pale", "c-ahead") == []
    assert len({dot.get("cy") for dot in drawn.of("c-dot")}) == 3
    assert_fits(drawn)


NUMBERS = st.floats(-500, 500).map(lambda value: round(value, 2))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NUMBERS, min_size=3, max_size=3),
    st.lists(NUMBERS, max_size=12),
    st.lists(NUMBERS, max_size=60),
    st.sampled_from(["lower_is_better", "higher_is_better"]),
    st.sampled_from(["GBP per m2", "days", "share"]),
    st.booleans(),
)
def test_whatever_the_values_marks_and_labels_hold(
    named: list[float], comparators: list[float], everyone: list[float], direction: str, unit: str, chance: bool
) -> None:
    own, modest, ambitious = named
    chart = Strip(
        unit,
        direction,  # type: ignore[arg-type]
        Named("This trust", own),
        Named("Modest", modest),
        Named("Ambitious", ambitious),
        tuple(comparators),
        f"{len(comparators)} comparators",
        tuple(everyone),
        "All trusts",
        within_chance=chance,
        ahead="so much better than the benchmark",
    )
    drawn = read(chart)
    slack = drawn.range() / 1000
    assert drawn.values("c-me")[0][0] == pytest.approx(own, abs=slack)
    assert drawn.values("c-line-modest")[0][0] == pytest.approx(modest, abs=slack)
    assert drawn.values("c-line-ambitious")[0][0] == pytest.approx(ambitious, abs=slack)
    assert_fits(drawn)
