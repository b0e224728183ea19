"""Every window held against the slow oracle, on random little programmes of years and quarters; laws of any trend."""

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.opportunities import Fact, Pair, Programme
from tests.support.agreement import assert_agrees
from tests.support.small_programme import figures, method, registered, run, texts

CODES = [f"T{number:02}" for number in range(1, 11)]
YEARS = [(date(year, 4, 1), date(year + 1, 3, 31)) for year in (2018, 2019, 2020)]
STARTS = [date(year, month, 1) for year in (2018, 2019, 2020) for month in (4, 7, 10, 1)]
QUARTERS = sorted(
    (start := day.replace(year=day.year + (day.month == 1)), (start + timedelta(days=95)).replace(day=1) - timedelta(1))
    for day in STARTS
)
KINDS = ("A", "A", "A", "B", "b ")

ABSENCE = {"numerator": ["monthly.lost"], "denominator": ["monthly.held"]}
METRICS: dict[str, dict[str, Any]] = {
    "cost": {"plausibility": {"group": "kind"}, "zero_numerator": "missing"},
    "good": {"plausibility": {"group": "national"}, "direction": "higher_is_better", "minimum_denominator": 3},
    "quarter": ABSENCE,
    "rolling": ABSENCE | {"window": {"months": 12, "at_least": 3}},
    "some": ABSENCE | {"window": {"months": 6, "minimum_periods": 1}, "plausibility": {"group": "kind"}},
    "year": ABSENCE | {"window": {"financial_year": True}, "direction": "higher_is_better"},
    "some_year": ABSENCE | {"window": {"financial_year": True, "minimum_periods": 3}},
    "yearly": {"window": {"financial_year": True}},
}
TARGET = {"comparator": "target", "lower": None, "native": None, "cash": None}
LESS = {"rule": "target", "period": {"financial_year": "2018-19"}, "percent_off": 40}
OPPORTUNITIES: dict[str, dict[str, Any]] = {
    "by_kind": {"comparator": "kind", "fallback": "national"},
    "by_kind_alone": {"comparator": "kind", "minimum_comparators": 2},
    "near": {"metric": "cost"},
    "good": {"metric": "good", "upper": {"rule": "quantile", "q": 0.75}, "comparator": "national"},
    "own": TARGET | {"metric": "good", "upper": {"rule": "target", "measure": "estate.target", "percent_off": 12.5}},
    "less": TARGET | {"lower": LESS | {"percent_off": 5}, "upper": LESS},
    "more": TARGET | {"metric": "year", "upper": {"rule": "target", "period": {"financial_year": "2019-20"}}},
    "quarter": TARGET | {"metric": "quarter", "upper": LESS | {"period": {"quarter": "2018-19-Q2"}}},
    "rolling": TARGET | {"metric": "rolling", "upper": LESS | {"period": {"quarter": "2018-19-Q4"}}},
    "some": {"metric": "some", "comparator": "kind", "staff": {"per_day": True, "unit": "WTE"}},
    "some_less": TARGET | {"metric": "some_year", "upper": LESS},
    "year": {"metric": "year", "comparator": "national", "lower": None, "upper": {"rule": "mean_of_best", "n": 2}},
    "yearly": {"metric": "yearly", "comparator": "kind"},
}  # fmt: skip
RULES = method(METRICS, OPPORTUNITIES)


class Landed:
    """Facts of several years, and who is near whom; shown as what they were drawn from."""

    def __init__(self, facts: list[Fact], peers: list[Pair], *drawn: Any) -> None:
        self.facts, self.peers, self.drawn = facts, peers, drawn

    def __repr__(self) -> str:
        return f"Landed{self.drawn}"


def label(days: tuple[date, date]) -> str:
    return f"{days[0]:%Y-%m}"


@st.composite
def landings(draw: st.DrawFn) -> Landed:
    """Ten trusts over three years. Hypothesis picks what was landed, a seed the figures."""
    years = draw(st.sets(st.sampled_from(YEARS), min_size=1))
    quarters = draw(st.sets(st.sampled_from(QUARTERS), min_size=1) | st.just({*QUARTERS}))
    gaps = draw(st.sampled_from([0.0, 0.05, 0.3]))
    seed = draw(st.integers(0, 2**32))
    random = Random(seed)

    def column() -> dict[str, float | str]:
        cells: dict[str, float | str] = {}
        for code in CODES:
            cells[code] = random.choice([random.randint(1, 40), random.randint(10, 20), random.randint(10, 20)])
            if random.random() < gaps:
                cells[code] = random.choice(["missing", "not_applicable", 0])
        return {code: cell for code, cell in cells.items() if random.random() >= gaps / 2}

    rows, pairs = registered("T01", "T55"), set()
    for days in sorted(years):
        kinds = {code: random.choice(KINDS) for code in CODES if random.random() < 0.9}
        landed = texts("kind", kinds, days=days) if random.random() < 0.8 else []
        for name in ("cost", "area", "target"):
            landed += figures(name, column(), days=days)
        rows += [row._replace(label=label(days)) for row in landed]
        pairs |= {Pair("kind", a, b, "peer", label(days)) for a in kinds for b in kinds if kinds[a] == kinds[b]}
    for days in sorted(quarters):
        rows += [row for name in ("lost", "held") for row in figures(name, column(), "monthly", days)]
    for day in (date(2018, 4, 1), date(2019, 3, 31), date(2019, 4, 1), date(2020, 1, 15)):
        rows += texts("heir", {random.choice(CODES): random.choice(CODES)}, "heirs", (day, day))
    pairs |= {Pair("near", random.choice(CODES), random.choice(CODES), "peer", "near") for _ in range(60)}
    return Landed(rows, sorted(pairs), sorted(map(label, years)), sorted(map(label, quarters)), gaps, seed)


@settings(max_examples=40, deadline=None)
@given(landings())
def test_every_window_agrees_with_the_oracle(landed: Landed) -> None:
    assert_agrees(run(landed.facts, landed.peers, RULES), Programme(landed.facts, landed.peers, RULES))


@settings(max_examples=20, deadline=None)
@given(landings())
def test_newest_window_of_the_trend_is_what_opportunities_say(landed: Landed) -> None:
    found = run(landed.facts, landed.peers, RULES)
    newest = {(row["trust_code"], row["opportunity_id"]): row for row in found.trend.to_pylist()}  # oldest first
    for row in found.opportunities.to_pylist():
        if row["period_end"] is not None:
            there = newest[row["trust_code"], row["opportunity_id"]]
            assert {**there, "rank": row["rank"]} == {**row, "breaks": there["breaks"]}


@settings(max_examples=20, deadline=None)
@given(landings())
def test_figures_that_land_later_change_no_earlier_window(landed: Landed) -> None:
    last = max(row.end for row in landed.facts if row.dataset in ("estate", "monthly"))
    kept = [row for row in landed.facts if row.text is not None or row.end < last]
    whole, earlier = (run(facts, landed.peers, RULES) for facts in (landed.facts, kept))
    known = {_key(row): row for row in whole.trend.to_pylist()}
    for row in earlier.trend.to_pylist():
        assert known[_key(row)] == row


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["trust_code"], row["opportunity_id"], row["period_start"], row["period_end"]
