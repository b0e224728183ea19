"""A programme that uses every rule of a method, and random landings of its figures."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.oracles.opportunities import Fact, Pair
from tests.support.small_programme import (
    LABEL,
    NUMBERS,
    figures,
    registered,
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
    "by_value": {
        "chance": "count",
        "confidence": 0.998,
        "standing": {"percentile": "percent_rank", "turned": False, "bands": 5},
    },
    "banded": {
        "direction": "higher_is_better",
        "standing": {"percentile": "share_below", "bands": 3, "boundary": "lower"},
    },
    "at_or_below": {"direction": "higher_is_better", "standing": {"percentile": "at_or_below", "turned": False}},
    "neither": {"direction": "neither", "standing": {"bands": 3}},
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

PAID = {"title": "r", "unit": "u", "numerator": ["estate.other"], "denominator": ["estate.area"]}
DIFFERENCE = {
    "cash": {
        "unit": "GBP",
        "own_rate": PAID | {
            "otherwise_national": True,
            "less": PAID | {
                "numerator": [{"measure": "estate.target", "times": 0.5}],
                "otherwise_national": True,
                "zero_numerator": "valid",
            },
        },
    }
}  # fmt: skip
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
    "itself": {"comparator": "national", "including_itself": True, "metric": "by_value"} | DIFFERENCE,
    "itself_too": {
        "including_itself": True,
        "positive_comparators": True,
        "lower": {"rule": "mean"},
        "upper": {"rule": "mean_of_best", "n": 2},
        "minimum_comparators": 2,
    },
    "everyone_itself": {
        "comparator": "all_trusts",
        "including_itself": True,
        "lower": {"rule": "mean"},
        "upper": {"rule": "mean_of_best", "n": 2},
    },
    "positive": {
        "metric": "banded",
        "comparator": "kind",
        "fallback": "national",
        "positive_comparators": True,
        "including_itself": True,
        "upper": {"rule": "quantile", "q": 0.9},
    },
    "behind": {
        "metric": "at_or_below",
        "comparator": "national",
        "including_itself": True,
        "lower": None,
        "upper": {"rule": "quantile", "q": 0.2, "worse_side": True},
    },
    "lost": {"metric": "lost", "comparator": "national"} | BY_WAY_OF_STAFF,
    "some_lost": {"metric": "some_lost", "fallback": "national", "upper": {"rule": "quantile", "q": 0.9}},
}


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
