"""Numbers as people write them."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import formatting


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (4_211_560.6, "GBP", "£4,211,561"),
        (67.727, "GBP per m2", "£67.73 per m²"),
        (128.996, "GBP per m2", "£129.00 per m²"),
        (0.331, "GBP per item", "£0.33 per item"),
        (0.0331, "GBP per item", "£0.0331 per item"),
        (50_000, "GBP per WTE", "£50,000 per WTE"),
        (120.0, "GBP per attendance", "£120 per attendance"),
        (-14.484, "GBP per m2", "−£14.48 per m²"),
        (0.05821, "share", "5.82%"),
        (0.0000324, "share", "0.0032%"),
        (1.0, "share", "100%"),
        (-0.1, "share", "−10%"),
        (38.1, "outpatient appointments", "38 outpatient appointments"),
        (1.62, "theatre cases", "2 theatre cases"),
        (0.4, "bed days", "0.4 bed days"),  # nothing that there is reads as nothing
        (2.25, "hours", "2.25 hours"),  # measured, not counted
        (2.25, "cases per session", "2.25 cases per session"),
        (1.5, "kWh", "1.5 kWh"),
        (2.4, "percent", "2.4 percent"),
        (254.17, "WTE", "254 WTE"),
        (84.23, "WTE", "84.2 WTE"),
        (4.5, "WTE", "4.5 WTE"),
        (0.00001234, "m2", "0.0000123 m²"),
        (0, "m2", "0 m²"),
        (None, "m2", "no value"),
        (3, None, "3"),
    ],
)
def test_amounts_read_as_people_write_them(value: float | None, unit: str | None, said: str) -> None:
    assert formatting.amount(value, unit) == said


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(["GBP", "GBP per m2", "share", "WTE", "FTE days", ""]))
def test_no_amount_is_in_powers_of_ten_or_has_a_loose_point(value: float, unit: str) -> None:
    for said in (formatting.amount(value, unit), formatting.headline(abs(value), unit)):
        assert re.fullmatch(r"−?£?[\d,]+(\.\d+)?[m%]?( .*)?", said), said
        assert said == said.strip()


@given(st.floats(0.001, 1e11))
def test_a_headline_is_within_half_a_percent(value: float) -> None:
    figure = re.sub(r"[£,]", "", formatting.headline(value, "GBP"))
    rough = float(figure.removesuffix("m")) * (1e6 if figure.endswith("m") else 1)
    assert rough == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (4_211_561.0, "GBP", "£4.21m"),
        (1_771_000.0, "GBP per year", "£1.77m per year"),
        (999_700.0, "GBP", "£1m"),
        (-1_771_000.0, "GBP", "−£1.77m"),
        (617_757.0, "GBP", "£618,000"),
        (2_345_678_901.0, "GBP", "£2,350m"),
        (46_514.0, "FTE days", "46,500 FTE days"),
        (5_000_000.0, "appointments", "5,000,000 appointments"),
        (0.0, "GBP", "£0"),
    ],
)
def test_headlines_have_three_significant_figures(value: float, unit: str, said: str) -> None:
    assert formatting.headline(value, unit) == said


@pytest.mark.parametrize(
    ("lower", "upper", "unit", "said"),
    [
        (4.504, 35.42, "WTE", "4.5 to 35.4 WTE"),
        (4.504, 35.42, "bed days", "5 to 35 bed days"),
        (0.0489, 0.0462, "share", "4.89 to 4.62%"),
        (200_000, 300_000, "GBP", "£200,000 to £300,000"),
        (1.0, 2.0, "GBP per year", "£1 to £2 per year"),
        (0.0, 617_757.0, "GBP", "up to £617,757"),
        (5.0, 5.0, "m2", "5 m²"),
        (0.0, 0.0, "m2", "0 m²"),
        (None, 5.0, "m2", "5 m²"),
        (None, None, "m2", "no value"),
    ],
)
def test_a_span_says_its_unit_once(lower: float | None, upper: float | None, unit: str, said: str) -> None:
    assert formatting.span(lower, upper, unit) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (38_830, "appointment", "38,830 appointments"),
        (1, "meal", "1 meal"),
        (1.2, "meal", "1 meal"),
        (11.8, "meal", "12 meals"),
        (10, "FTE day", "10 FTE days"),
        (10, "GBP", "£10"),
        (10, "m2", "10 m²"),
        (None, "meal", "no value"),
    ],
)
def test_what_is_counted_is_in_the_plural(value: float | None, unit: str, said: str) -> None:
    assert formatting.counted(value, unit) == said


@pytest.mark.parametrize(
    ("first", "second", "unit", "said"),
    [
        (67.727, 39.533, "GBP per m2", ("£67.727 per m² − £39.533 per m²", "£28.19 per m²")),
        (0.058218, 0.048873, "share", ("5.82180% − 4.88730%", "0.9345 percentage points")),
        (0.22003242, 0.22, "share", ("22.0032420% − 22.0000000%", "0.003242 percentage points")),
        (0.1, 0.35, "share", ("10.000% − 35.000%", "−25.00 percentage points")),
        (5.0, 5.0, "WTE", ("5.000 WTE − 5.000 WTE", "0.00 WTE")),
    ],
)
def test_a_subtraction_can_be_followed_by_hand(first: float, second: float, unit: str, said: tuple[str, str]) -> None:
    assert formatting.subtraction(first, second, unit) == said


@given(st.floats(0.0001, 1e6), st.floats(0.0001, 1e6))
def test_what_a_subtraction_shows_comes_to_what_it_says(first: float, second: float) -> None:
    left, result = formatting.subtraction(first, second, "WTE")
    a, b, c = (
        float(part.replace(",", "").replace("−", "-").removesuffix(" WTE")) for part in (*left.split(" − "), result)
    )
    places = len(result.removesuffix(" WTE").partition(".")[2])
    assert a - b == pytest.approx(c, abs=0.61 * 10**-places)


def test_days_are_said_in_words() -> None:
    assert formatting.window(date(2015, 4, 1), date(2016, 3, 31)) == "1 April 2015 to 31 March 2016"


@pytest.mark.parametrize(
    ("rank", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
    ],
)
def test_ordinals(rank: int, text: str) -> None:
    assert formatting.ordinal(rank) == text


@pytest.mark.parametrize(
    ("q", "text"),
    [
        (0.25, "the 25th percentile"),
        (0.21, "the 21st percentile"),
        (0.9, "the 90th percentile"),
        (0.333, "percentile 33.3"),
    ],
)
def test_percentiles(q: float, text: str) -> None:
    assert formatting.percentile(q) == text


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (4_211_560.6, "EUR", "€4,211,561"),
        (67.727, "USD per student", "$67.73 per student"),
        (-1_234.0, "SEK", "−SEK\N{NO-BREAK SPACE}1,234"),
        (67.727, "CHF per m2", "CHF\N{NO-BREAK SPACE}67.73 per m²"),
        (50_000, "CAD per WTE", "CA$50,000 per WTE"),
    ],
)
def test_every_currency_has_its_sign_or_its_code(value: float, unit: str, said: str) -> None:
    assert formatting.amount(value, unit) == said


def test_a_currency_without_a_sign_is_written_like_one_that_has_one() -> None:
    kronor = "SEK\N{NO-BREAK SPACE}"
    assert formatting.headline(4_211_560.6, "SEK") == f"{kronor}4.21m"
    assert formatting.between(5.001, 5.002, "FTE days") == "5 FTE days"  # never 5 to 5
    assert formatting.span(0.05001, 0.05002, "share") == "5%"
    assert formatting.between(39.533, 32.85, "SEK per m2") == f"{kronor}39.53 to {kronor}32.85 per m²"
    assert formatting.span(0.0, 617_757.0, "SEK") == f"up to {kronor}617,757"
    assert formatting.subtraction(67.727, 39.533, "SEK per m2") == (
        f"{kronor}67.727 per m² − {kronor}39.533 per m²",
        f"{kronor}28.19 per m²",
    )
    assert formatting.counted(3.0, "SEK") == f"{kronor}3"


def test_every_sign_is_of_a_currency_and_no_unit_of_the_shipped_kind_is_a_currency() -> None:
    assert formatting.SIGNS.keys() <= formatting.CURRENCIES
    assert not formatting.CURRENCIES & {"WTE", "FTE", "kWh", "MWh", "m2", "GIA"}
    assert {"EUR", "GBP", "SEK", "USD"} < formatting.CURRENCIES
    assert {len(code) for code in formatting.CURRENCIES} == {3}


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0%"), (0.0049, "under 1%"), (0.005, "under 1%"), (0.0051, "1%"), (0.364, "36%"), (1.0, "100%")],
)
def test_only_nothing_is_0_per_cent_of_a_rough_share(share: float, said: str) -> None:
    assert formatting.rough_percent(share) == said
