"""What must hold of any change: its parts sum to it, and are those of the slow oracle."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.changes import changes
from shared.method.method import Method
from tests.oracles.changes import changed
from tests.oracles.opportunities import Programme
from tests.support.landings import METRICS, OPPORTUNITIES, Landed, landings
from tests.support.released import held, priced
from tests.support.small_programme import method

_CHEAPEST = {"lower": {"rule": "mean"}, "upper": {"rule": "mean_of_best", "n": 2}}
METHODS = [
    method(METRICS, OPPORTUNITIES),
    priced(method(METRICS, OPPORTUNITIES), piece=5, wte=70),
    method(
        METRICS | {"scaled": METRICS["scaled"] | {"scale": 10}, "large": METRICS["large"] | {"minimum_denominator": 40},
                   "cost": METRICS["cost"] | {"minimum_denominator": 20}},
        OPPORTUNITIES | {"by_kind": OPPORTUNITIES["by_kind"] | _CHEAPEST,
                         "by_kind_alone": OPPORTUNITIES["by_kind_alone"] | {"minimum_comparators": 2},
                         "everyone": OPPORTUNITIES["everyone"] | {"comparator": "near"},
                         "own_target": OPPORTUNITIES["own_target"] | {"upper": {"rule": "target", "value": 3}}},
    ),
    method(METRICS | {"cost": METRICS["cost"] | {"denominator": ["estate.other"]}}, OPPORTUNITIES),
]  # fmt: skip


@st.composite
def pairs_of_landings(draw: st.DrawFn) -> tuple[Landed, Landed]:
    """Two landings that have nothing to do with each other, or a landing and what corrections made of it."""
    before = draw(landings())
    if draw(st.booleans()):
        return before, draw(landings())
    random = Random(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from([0.05, 0.3]))

    def corrected(cells: Mapping[str, float | str]) -> dict[str, float | str]:
        new = {code: random.choice([random.randint(1, 4000), "missing"]) for code in cells if random.random() < share}
        return dict(cells) | new

    after = Landed(
        {name: corrected(cells) for name, cells in before.numbers.items()},
        {key: corrected(cells) for key, cells in before.monthly.items()},
        before.others,
        [pair for pair in before.peers if pair.group == "kind" or random.random() >= share],
    )
    return before, after


@settings(max_examples=40, deadline=None)
@given(pairs_of_landings(), st.sampled_from(METHODS), st.sampled_from(METHODS))
def test_parts_sum_to_the_total_and_are_those_of_the_oracle(
    landed: tuple[Landed, Landed], earlier: Method, later: Method
) -> None:
    sides = list(zip(landed, (earlier, later), strict=True))
    before, after = (held(one.facts(), rules, one.peers) for one, rules in sides)
    slow = [Programme(one.facts(), one.peers, rules) for one, rules in sides]
    for trust in sorted({*before.contents.trusts(), *after.contents.trusts()}):
        for change in changes(before, after, trust):
            told = changed(*slow, change.opportunity_id, trust)
            split = {one.figure: one for one in change.figures if one.parts is not None}
            assert split.keys() == (told or {}).keys(), change
            for name, one in split.items():
                assert one.parts is not None
                assert one.total is not None
                found = asdict(one.parts)
                size = max(map(abs, (one.before or 0, one.after or 0, *found.values())), default=0)
                assert abs(math.fsum(found.values()) - one.total) <= 1e-9 * size
                for part, amount in (told or {})[name].items():
                    assert math.isclose(found[part], amount, rel_tol=1e-9, abs_tol=1e-9 * max(size, 1e-3)), (
                        change,
                        part,
                    )
