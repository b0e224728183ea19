"""What must hold of any estimate, whatever the figures; and the slow oracle on random little programmes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.opportunities import Fact, Pair, Programme
from tests.support.agreement import NUMERIC, assert_agrees, same
from tests.support.small_programme import (
    LABEL,
    NUMBERS,
    figures,
    method,
    opportunity_rows,
    registered,
    run,
    texts,
)

CODES = [f"T{number:02}" for number in range(1, 13)]
MONTHS = [(date(2021, month, 1), date(2021, month, 28)) for month in (1, 2, 3, 5)]
STATES = ("missing", "not_applicable", "suppressed")
ODD = (0, 10, 100, 250, 0.1, 2.5, 33.3)

METRICS: dict[str, dict[str, Any]] = {
    "cost": {"plausibility": {"group": "kind"}, "zero_numerator": "missing"},
    "large": {"plausibility": {"group": "national"}, "minimum_denominator": 2, "direction": "higher_is_better"},
    "share": {
        "numerator": [{"measure": "estate.cost", "times": 0.01, "of": "estate.area"}],
        "denominator": ["estate.area", "estate.other"],
        "plausibility": {"minimum": 0, "maximum": 1},
        "chance": "proportion",
    },
    "scaled": {
        "chance": "count",
        "scale": 1000,
        "numerator": ["estate.cost", {"measure": "estate.other", "times": -1}],
    },
    "incomparable": {"comparable": False},
    "lost": {
        "numerator": ["monthly.lost"],
        "denominator": ["monthly.held"],
        "window": {"months": 3, "at_least": 2},
    },
    "some_lost": {
        "numerator": ["monthly.lost"],
        "denominator": ["monthly.held"],
        "window": {"months": 12, "minimum_periods": 2},
        "direction": "higher_is_better",
    },
}
TARGET = {"comparator": "target", "lower": None, "native": None, "cash": None}
BY_WAY_OF_STAFF = {
    "native": "staff",
    "staff": {"per_day": True, "unit": "WTE"},
    "cash": {"of": "staff", "times": "wte", "annual": True, "unit": "GBP per year"},
}
OWN_RATE = {
    "cash": {
        "unit": "GBP",
        "own_rate": {"title": "r", "unit": "u", "numerator": ["estate.other"], "denominator": ["estate.area"]},
    }
}
OPPORTUNITIES: dict[str, dict[str, Any]] = {
    "by_kind": {
        "comparator": "kind",
        "fallback": "national",
        "activity": {"of": "cash", "divide_by": "piece", "unit": "pieces"},
    },
    "by_kind_alone": {"comparator": "kind", "upper": {"rule": "mean_of_best", "n": 3}, "minimum_comparators": 3},
    "everyone": {"comparator": "national", "lower": {"rule": "mean"}, "upper": {"rule": "quantile", "q": 0.1}},
    "everyone_too": {"comparator": "all_trusts", "lower": None, "upper": {"rule": "mean_of_best", "n": 4}},
    "near_large": {"metric": "large", "lower": {"rule": "median"}, "upper": {"rule": "quantile", "q": 0.75}},
    "near_mean": {"metric": "large", "lower": {"rule": "mean"}, "upper": {"rule": "mean_of_best", "n": 2}},
    "share_target": TARGET | OWN_RATE | {"metric": "share", "upper": {"rule": "target", "value": 0.025}},
    "own_target": TARGET | {"metric": "cost", "upper": {"rule": "target", "measure": "estate.target", "times": 0.6}},
    "scaled": {"metric": "scaled", "minimum_comparators": 2},
    "incomparable": {"metric": "incomparable"},
    "lost": {"metric": "lost", "comparator": "national"} | BY_WAY_OF_STAFF,
    "some_lost": {"metric": "some_lost", "fallback": "national", "upper": {"rule": "quantile", "q": 0.9}},
}
RULES = method(METRICS, OPPORTUNITIES)


@dataclass
class Landed:
    """Figures by measure and trust, other rows, and who is near whom."""

    numbers: dict[str, dict[str, float | str]]
    monthly: dict[tuple[str, tuple[date, date]], dict[str, float | str]]
    others: list[Fact]
    peers: list[Pair]

    def facts(self) -> list[Fact]:
        rows = [row for name, values in self.numbers.items() for row in figures(name, values)]
        for (name, days), values in self.monthly.items():
            rows += figures(name, values, "monthly", days)
        return rows + self.others


@st.composite
def landings(draw: st.DrawFn) -> Landed:
    """Up to twelve trusts and two others, with gaps of every kind. Hypothesis picks the shape, a seed the figures:
    left to itself it makes nearly everything missing or zero."""
    codes = [*draw(st.sets(st.sampled_from(CODES), min_size=1)), "T99", "X01"]
    codes = sorted(codes) if draw(st.booleans()) else [*CODES, "T99", "X01"]
    gaps, largest = draw(st.sampled_from([0.0, 0.02, 0.1, 0.4])), draw(st.sampled_from([3, 30, 4000]))
    random = Random(draw(st.integers(0, 2**32)))

    def column() -> dict[str, float | str]:
        usual = [random.randint(largest // 2, largest) for _ in codes]
        odd = [random.choice([random.randint(0, largest), random.choice(ODD)]) for _ in codes]
        cells = {code: random.choices(pair, (9, 1))[0] for code, *pair in zip(codes, usual, odd, strict=True)}
        states = {code: random.choice(STATES) for code in codes if random.random() < gaps}
        return {code: cell for code, cell in (cells | states).items() if random.random() >= gaps / 4}

    kinds = {code: random.choice("AAAB") for code in codes if random.random() < 0.9}
    heirs = {random.choice(CODES): random.choice(CODES) for _ in range(random.randint(0, 3))}
    taken = random.choice([date(2020, 4, 1), date(2021, 3, 31), date(2021, 4, 1)])
    others = texts("kind", kinds) + registered("T01", "T40", "T99") + registered("T02", region="W1")
    others += texts("heir", heirs, "heirs", (taken, taken))
    pairs = {(random.choice(CODES), random.choice([*CODES, "X01", "T77"])) for _ in range(random.randint(0, 150))}
    near = [Pair("near", *pair, random.choice(["peer", "peer", "peer", "runner_up"]), "near") for pair in sorted(pairs)]
    alike = [Pair("kind", a, b, "peer", LABEL) for a in kinds for b in kinds if a != b and kinds[a] == kinds[b]]
    stale = [Pair("kind", code, "T01", "peer", "2019-20") for code in CODES[1:3]]
    return Landed(
        {name: column() for name in NUMBERS},
        {(name, days): column() for name in ("lost", "held") for days in MONTHS},
        others,
        near + alike + stale,
    )


@settings(max_examples=60, deadline=None)
@given(landings())
def test_estimate_agrees_with_the_oracle(landed: Landed) -> None:
    assert_agrees(run(landed.facts(), landed.peers, RULES), Programme(landed.facts(), landed.peers, RULES))


@settings(max_examples=20, deadline=None)
@given(landings(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(landed: Landed, random: Any) -> None:
    facts, peers = landed.facts(), list(landed.peers)
    before = run(facts, peers, RULES)
    random.shuffle(facts)
    random.shuffle(peers)
    after = run(facts, peers, RULES)
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))


@settings(max_examples=30, deadline=None)
@given(landings(), st.permutations(CODES))
def test_renaming_trusts_renames_rows_and_changes_no_figure(landed: Landed, names: Sequence[str]) -> None:
    renamed = dict(zip(CODES, names, strict=True))

    def now(code: str) -> str:
        return renamed.get(code, code)

    register = registered(*CODES)
    facts = [row for row in landed.facts() if row.dataset != "register"]
    moved = [row._replace(code=now(row.code), text=row.text and now(row.text)) for row in facts]
    pairs = [pair._replace(trust=now(pair.trust), peer=now(pair.peer)) for pair in landed.peers]
    before = opportunity_rows(run(facts + register, landed.peers, RULES))
    after = opportunity_rows(run(moved + register, pairs, RULES))
    for (trust, name), row in before.items():
        other = after[now(trust), name]
        assert (row["status"], row["flags"]) == (other["status"], other["flags"])
        assert all(same(row[column], other[column]) for column in NUMERIC)


COSTS = method(
    {"cost": {"plausibility": {"group": "kind"}}, "believed": {}},
    {
        "by_kind": {"comparator": "kind", "fallback": "national"},
        "near": {"metric": "believed", "minimum_comparators": 3},
        "everyone": {"metric": "believed", "comparator": "national", "lower": {"rule": "mean"},
                     "upper": {"rule": "mean_of_best", "n": 3}},
    },
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(landings(), st.sampled_from([2, 0.5, 3, 1000]))
def test_scaling_what_everyone_spends_scales_the_money(landed: Landed, times: float) -> None:
    before = opportunity_rows(run(landed.facts(), landed.peers, COSTS))
    spent = landed.numbers["cost"]
    landed.numbers["cost"] = {code: cell if isinstance(cell, str) else cell * times for code, cell in spent.items()}
    for key, row in opportunity_rows(run(landed.facts(), landed.peers, COSTS)).items():
        assert row["status"] == before[key]["status"]
        for column in ("cash_lower", "cash_upper", "benchmark_lower", "benchmark_upper"):
            was = before[key][column]
            assert same(row[column], None if was is None else was * times)


@settings(max_examples=30, deadline=None)
@given(landings(), st.sampled_from(CODES), st.integers(1, 10**6))
def test_what_a_trust_reports_never_moves_its_own_benchmark(landed: Landed, trust: str, cost: int) -> None:
    before = opportunity_rows(run(landed.facts(), landed.peers, COSTS))
    landed.numbers["cost"][trust] = cost
    after = opportunity_rows(run(landed.facts(), landed.peers, COSTS))
    for name in ("near", "everyone"):
        one, other = before.get((trust, name)), after.get((trust, name))
        if one and other and one["benchmark_upper"] is not None and other["benchmark_upper"] is not None:
            assert one["comparator_count"] == other["comparator_count"]
            assert (one["benchmark_lower"], one["benchmark_upper"]) == (
                other["benchmark_lower"],
                other["benchmark_upper"],
            )


@settings(max_examples=30, deadline=None)
@given(landings())
def test_lower_is_never_above_upper(landed: Landed) -> None:
    for row in opportunity_rows(run(landed.facts(), landed.peers, RULES)).values():
        for name in ("gap", "units", "cash", "activity", "staff"):
            lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
            assert (lower is None) == (upper is None)
            assert lower is None or 0 <= lower <= upper
            assert "single_value" not in row["flags"] or lower == upper
