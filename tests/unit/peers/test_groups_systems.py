"""Recipes of other published systems, set as a method sets them: the figures that they publish, or their arithmetic
step by step.

The expected figures of the Department for Education's comparator sets are those of its own unit tests, in the public
repository DFE-Digital/education-benchmarking-and-insights, data-pipeline/tests/unit/comparator_sets: test_pupils.py,
test_buildings.py and test_top_set_urns.py. Its sets have the school itself in the first place, ours do not.
"""

import math
import random
import statistics
from typing import Any

import pytest
import yaml

from shared.facts.facts import Facts
from shared.method.peer_groups import NearestGroup
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, nearest, peer_rows
from tests.support.paths import CHECKOUT

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def landed(texts: dict[str, list[str]] | None = None, **values: list[float]) -> Facts:
    """Trusts RAA, RAB, … with a value, or a text, of each name."""
    rows = [
        f"RA{letter},2019-04-01,2020-03-31,{name},{value!r},,2019-20\n"
        for name, column in values.items()
        for letter, value in zip(LETTERS, column, strict=False)
    ]
    stated = [
        f"RA{letter},2019-04-01,2020-03-31,{name},,{text},2019-20\n"
        for name, column in (texts or {}).items()
        for letter, text in zip(LETTERS, column, strict=False)
    ]
    return facts_of(trust_characteristics=HEADER + "".join(rows), eric_trust=HEADER + "".join(stated))


def variables(weights: dict[str, float], **settings: Any) -> list[dict[str, Any]]:
    return [
        {"measure": f"trust_characteristics.{name}", "label": name, "weight": weight, **settings}
        for name, weight in weights.items()
    ]


def distances(facts: Facts, **group: Any) -> dict[tuple[str, str], float]:
    rows = peer_rows(facts, g=nearest(k=99, stability={"draws": 0}, **group))
    for row in rows:
        assert sum(share for _, share in row["contributions"]) == pytest.approx(1)
    return {(row["trust_code"][-1], row["peer_code"][-1]): row["distance"] for row in rows}


def test_dfe_pupils_and_buildings_are_weighted_squares_of_parts_of_the_range() -> None:
    expected = {("A", "B"): 0.5, ("A", "C"): 1.0, ("B", "A"): 0.5, ("B", "C"): 0.5, ("C", "A"): 1.0, ("C", "B"): 0.5}
    pupils = landed(pupils=[100, 200, 300], fsm=[20, 40, 60], sen=[5, 10, 15])
    weighted = variables({"pupils": 0.5, "fsm": 0.4, "sen": 0.1}, scale="range")
    assert distances(pupils, variables=weighted, combine="sum") == pytest.approx(expected, rel=1e-15)
    buildings = landed(area=[150, 300, 450], age=[5, 10, 15])
    weighted = variables({"area": 0.8, "age": 0.2}, scale="range")
    assert distances(buildings, variables=weighted, combine="sum") == pytest.approx(expected, rel=1e-15)


def test_dfe_special_schools_add_a_distance_of_size_and_one_of_needs() -> None:
    needs = {f"need_{place}": [place, place + 1.0] for place in range(1, 20, 2)}
    recipe = [
        *variables({"pupils": 0.6, "fsm": 0.4}, scale="range", part="pupils"),
        *variables(dict.fromkeys(needs, 1.0), scale="range", part="needs"),
    ]
    found = distances(landed(pupils=[100, 200], fsm=[10, 20], **needs), variables=recipe, combine="sum")
    assert found == pytest.approx({("A", "B"): 4.16227766, ("B", "A"): 4.16227766}, abs=5e-9)


def dfe_first(pfi: list[str], boarding: list[str], regions: list[str]) -> str:
    """The two peers of A among 26 in a row, chosen from the six nearest."""
    facts = landed({"pfi": pfi, "boarding": boarding, "region": regions}, line=[0.01 * place for place in range(26)])
    rows = peer_rows(
        facts,
        g=nearest(
            variables=variables({"line": 1.0}, scale="none"),
            k=2,
            prefer={
                "among": 6,
                "measure": "eric_trust.pfi",
                "only": ["PFI"],
                "then": [
                    {"measure": "eric_trust.boarding", "only": ["Boarding"]},
                    {"measure": "eric_trust.region"},
                ],
            },
        ),
    )
    return "".join(row["peer_code"][-1] for row in rows if row["trust_code"] == "RAA")


EVERY_OTHER, THE_OTHERS = ["PFI", "no"] * 13, ["no", "PFI"] * 13
BOARDING, NOT_BOARDING = ["Boarding", ""] * 13, ["", "Boarding"] * 13
ONE_REGION, ALONE = ["A"] * 26, ["A", *["B"] * 24, "A"]


@pytest.mark.parametrize(
    ("pfi", "boarding", "regions", "expected"),
    [
        (EVERY_OTHER, BOARDING, ONE_REGION, "CE"),
        (EVERY_OTHER, NOT_BOARDING, ONE_REGION, "CE"),
        (THE_OTHERS, BOARDING, ONE_REGION, "CE"),
        (THE_OTHERS, NOT_BOARDING, ONE_REGION, "BC"),
        (EVERY_OTHER, BOARDING, ALONE, "CE"),
    ],
)
def test_dfe_prefers_the_same_kind_then_the_same_region_among_the_nearest(
    pfi: list[str], boarding: list[str], regions: list[str], expected: str
) -> None:
    assert dfe_first(pfi, boarding, regions) == expected


def test_dfe_fills_from_the_nearest_and_never_takes_one_of_the_region_from_farther_away() -> None:
    regions = ["A", "B", "B", "B", "A", "B", "B", "A", *["B"] * 18]
    assert dfe_first([""] * 26, [""] * 26, regions) == "EB"  # H has the region, and is the seventh


def test_dfe_schools_of_part_of_a_year_have_peers_and_are_no_ones_but_count_in_the_range() -> None:
    """The mask `include` of the Department: here only A and Z have a full year."""
    years = {"year": ["full", *["part"] * 24, "full"]}
    facts = landed(years, line=[0.01 * place for place in range(26)])
    one = variables({"line": 1.0}, scale="range")
    full_year = {"measure": "eric_trust.year", "only": ["full"]}
    rows = peer_rows(facts, g=nearest(variables=one, k=3, candidates=full_year, combine="sum"))
    listed = {code: [row["peer_code"][-1] for row in rows if row["trust_code"] == f"RA{code}"] for code in "ABZ"}
    assert listed == {"A": ["Z"], "B": ["A", "Z"], "Z": ["A"]}
    apart = [row["distance"] for row in rows if row["trust_code"] == "RAB"]
    assert apart == pytest.approx([1 / 25, 24 / 25])


def test_dfe_ranges_are_those_of_the_phase() -> None:
    facts = landed(
        {"phase": ["Primary", "Primary", "Primary", "Special", "Special"]}, pupils=[100, 200, 300, 10, 90]
    )  # fmt: skip
    one = variables({"pupils": 1.0}, scale="range")
    found = distances(facts, variables=one, combine="sum", within="eric_trust.phase", scale_among="within")
    assert found == {
        ("A", "B"): 0.5, ("A", "C"): 1.0, ("B", "A"): 0.5, ("B", "C"): 0.5, ("C", "A"): 1.0, ("C", "B"): 0.5,
        ("D", "E"): 1.0, ("E", "D"): 1.0,
    }  # fmt: skip


def rightcare(columns: dict[str, list[float]], weights: dict[str, float]) -> dict[tuple[str, str], float]:
    """RightCare's steps, after the R script and README of "NHSEI Methods: 10 Similar CCGs" (April 2021)."""
    standardised: dict[str, list[float]] = {}
    for name, values in columns.items():
        n = len(values)
        five_over = statistics.fmean(values) + 5 * statistics.stdev(values) * ((n - 1) / n) ** 0.5
        roots = [math.sqrt(min(value, five_over)) for value in values]
        mean, deviation = statistics.fmean(roots), statistics.stdev(roots) * ((n - 1) / n) ** 0.5
        standardised[name] = [(root - mean) / deviation for root in roots]
    n = len(next(iter(columns.values())))
    return {
        (LETTERS[a], LETTERS[b]): math.fsum(
            weights[name] * (scores[a] - scores[b]) ** 2 for name, scores in standardised.items()
        )
        for a in range(n)
        for b in range(n)
        if a != b
    }


SIMILAR_10 = {"distance": "sqeuclidean", "combine": "sum"}
CAPPED = {"transform": "sqrt", "cap": 5.0, "cap_when": "before", "cap_side": "upper"}


def test_rightcare_similarity_is_a_weighted_sum_of_squares_of_capped_roots() -> None:
    draw = random.Random(3)
    populations = [*(draw.uniform(1e5, 9e5) for _ in range(35)), 6e9]
    assert max(populations) > statistics.fmean(populations) + 5 * statistics.pstdev(populations)
    commissioners = {"deprivation": [draw.uniform(8, 50) for _ in range(36)], "population": populations}
    weights = {"deprivation": 3.0, "population": 1.5}
    expected = rightcare(commissioners, weights)
    facts = landed(**commissioners)
    assert distances(facts, variables=variables(weights, **CAPPED), **SIMILAR_10) == pytest.approx(expected, rel=1e-9)
    for other in ({"cap_when": "after"}, {"transform": "none"}):
        changed = variables(weights, **{**CAPPED, **other})
        assert distances(facts, variables=changed, **SIMILAR_10) != pytest.approx(expected, rel=1e-3)


def test_a_sample_deviation_makes_every_standardised_distance_smaller_by_the_same_factor() -> None:
    """CIPFA's nearest neighbours are Euclidean distances of variables with mean 0 and deviation 1; a spreadsheet's
    STDEV divides by n - 1."""
    values = [3.0, 5.0, 4.0, 8.0, 1.0]
    expected = {
        (LETTERS[a], LETTERS[b]): abs(values[a] - values[b]) / statistics.stdev(values)
        for a in range(5)
        for b in range(5)
        if a != b
    }
    found = distances(landed(size=values), variables=variables({"size": 1.0}), combine="sum", deviation="sample")
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_sum_over_fewer_variables_is_scaled_up_to_the_whole_weight() -> None:
    """As scikit-learn's nan_euclidean_distances: √(whole weight / known weight × Σ of squares that are known). Its
    documentation's example, [3, nan, nan, 6] and [1, nan, 4, 5], is √(4/2 · ((3-1)² + (6-5)²))."""
    blank = "RAA,2019-04-01,2020-03-31,v1,,,2019-20\nRAB,2019-04-01,2020-03-31,v2,4.0,,2019-20\n"
    lines = "".join(
        f"RA{letter},2019-04-01,2020-03-31,{name},{value},,2019-20\n"
        for name, column in {"v0": (3, 1), "v3": (6, 5)}.items()
        for letter, value in zip("AB", column, strict=True)
    )
    facts = facts_of(trust_characteristics=HEADER + lines + blank)
    four = variables({"v0": 1.0, "v1": 1.0, "v2": 1.0, "v3": 1.0}, scale="none")
    assert distances(facts, variables=four, combine="sum")["A", "B"] == pytest.approx(math.sqrt(10), rel=1e-15)
    assert distances(facts, variables=four)["A", "B"] == pytest.approx(math.sqrt(2.5), rel=1e-15)


def test_mutual_peers_are_among_each_others_nearest() -> None:
    # On a line: A 0, B 2, C 3, D 9. The two nearest to D are B and C, and neither has D; A, B and C have each other.
    facts = landed(line=[0, 2, 3, 9])
    rows = peer_rows(facts, g=nearest(variables=variables({"line": 1.0}, scale="none"), k=2, mutual=True))
    by_role = {
        role: {(row["trust_code"][-1], row["peer_code"][-1]) for row in rows if row["role"] == role}
        for role in ("peer", "one_sided")
    }
    assert by_role == {
        "peer": {("A", "B"), ("A", "C"), ("B", "A"), ("B", "C"), ("C", "A"), ("C", "B")},
        "one_sided": {("D", "B"), ("D", "C")},
    }


def test_rows_are_in_order_of_role_and_rank() -> None:
    # A 0, B 2, C 3, D 5: the nearest to D are C, which has D, and B, which has A and C.
    rows = peer_rows(
        landed(line=[0, 2, 3, 5]), g=nearest(variables=variables({"line": 1.0}, scale="none"), k=2, mutual=True)
    )
    assert [(row["role"], row["rank"], row["peer_code"]) for row in rows if row["trust_code"] == "RAD"] == [
        ("one_sided", 2, "RAB"), ("peer", 1, "RAC"),
    ]  # fmt: skip


def test_the_examples_of_the_documentation_are_groups_that_the_method_takes() -> None:
    text = (CHECKOUT / "docs" / "figures.md").read_text("utf-8")
    examples = [yaml.safe_load(block.partition("```")[0]) for block in text.split("```yaml\n")[1:]]
    groups = [
        NearestGroup.model_validate(nearest() | {"successors": {}} | example)
        for example in examples
        if "variables" in example
    ]
    assert [(group.k, group.distance, len(group.parts)) for group in groups] == [
        (29, "euclidean", 2), (10, "sqeuclidean", 1),
    ]  # fmt: skip
