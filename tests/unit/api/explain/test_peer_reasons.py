"""Why not trust X? Every pair of a group, held against the peers that were computed and against a slow oracle."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.api.explain.peer_reasons import NearestTrusts, why_listed, why_national, why_same_attribute
from shared.facts.facts import Facts
from shared.method.peer_groups import NearestGroup
from tests.oracles import nearest as oracle
from tests.support.facts_of import facts_of
from tests.support.groups_of import (
    HEADER,
    SHIPPED,
    characteristics_rows,
    characteristics_table,
    nearest,
    peer_rows,
    sizes,
    successions,
)
from tests.support.paths import needs_real_data
from tests.support.real_facts import real_facts

CODES = [f"RA{letter}" for letter in "ABCDEFGH"]


def little(
    rows: Sequence[oracle.Row], types: Sequence[str] | None = None, regions: Sequence[str] | None = None
) -> Facts:
    """Facts in which the trusts RAA, RAB, … have the characteristics v0, v1, …, and perhaps types and regions."""
    lines = [
        f"{code},2019-04-01,2020-03-31,v{place},{'' if value is None else repr(value)},,2019-20\n"
        for code, row in zip(CODES, rows, strict=False)
        for place, value in enumerate(row)
    ]
    tables = {"trust_characteristics": HEADER + "".join(lines)}
    if types is not None:
        pairs = zip(CODES, types, strict=False)
        stated = (f"{code},2019-04-01,2020-03-31,trust_type,,{kind},2019-20\n" for code, kind in pairs)
        tables["eric_trust"] = HEADER + "".join(stated)
    if regions is not None:
        pairs = zip(CODES, regions, strict=False)
        stated = (f"{code},2019-04-01,2020-03-31,region,,{kind},2019-20\n" for code, kind in pairs)
        tables["ods_trusts"] = HEADER + "".join(stated)
    return facts_of(**tables)


def group_of(variables: Sequence[Mapping[str, Any]], **given: Any) -> dict[str, Any]:
    named = [
        {"measure": f"trust_characteristics.v{place}", "label": f"V{place}", "scale": "none", **each}
        for place, each in enumerate(variables)
    ]
    return nearest(variables=named, **given)


def asked(facts: Facts, group: dict[str, Any]) -> NearestTrusts:
    return NearestTrusts(NearestGroup.model_validate(group), characteristics_table(facts, g=group))


def assert_listed_pairs_agree(group: NearestTrusts, listed: list[dict[str, Any]]) -> None:
    roles = {(row["trust_code"], row["peer_code"]): row["role"] for row in listed}
    for row in listed:
        found = group.why(row["trust_code"], row["peer_code"])
        assert found.candidate is not None
        assert found.comparison is not None
        assert (found.reason, found.candidate.rank) == (row["role"], row["rank"])
        assert found.candidate.distance == pytest.approx(row["distance"], rel=1e-12, abs=1e-12)
        assert found.comparison.distance == found.candidate.distance
        assert found.comparison.variables_used == row["variables_used"]
        shares = {part.measure: part.share for part in found.comparison.parts if part.share is not None}
        assert shares == pytest.approx(dict(row["contributions"]), rel=1e-12, abs=1e-12)
    for code in group.trusts:
        for other in group.trusts:
            assert (group.why(code, other).reason in ("peer", "runner_up", "one_sided")) == ((code, other) in roles)


VALUES = st.one_of(st.none(), st.integers(0, 9).map(float), st.floats(0, 100).map(lambda x: round(x, 2)))
SUCCESSIONS: list[dict[str, list[str]]] = [
    {}, {"RAA": ["RAB"], "RAC": ["RZZ"]}, {"RAB": ["RYY", "RZZ"], "RAD": ["RZZ"], "RAE": ["RAA"]}, {"RAF": ["RAG"]},
]  # fmt: skip


type Case = tuple[list[list[float | None]], dict[str, Any], list[str] | None, list[str] | None]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    n, m = draw(st.integers(2, 8)), draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(VALUES, min_size=m, max_size=m), min_size=n, max_size=n))
    types = draw(st.none() | st.lists(st.sampled_from(("", "x", "y")), min_size=n, max_size=n))
    pairs = draw(st.sampled_from(SUCCESSIONS))
    rule = {"rule": "listed", "pairs": pairs, "source": "s"} if pairs else {"rule": "none"}
    variable = st.fixed_dictionaries(
        {"scale": st.sampled_from(("zscore", "range", "none")), "weight": st.sampled_from((0.5, 1.0, 2.0))}
    )
    variables = draw(st.lists(variable, min_size=m, max_size=m))
    for one, part in zip(variables, draw(st.none() | st.text("pq", min_size=m, max_size=m)) or "", strict=False):
        one["part"] = part
    k = draw(st.integers(1, 4))
    regions = None
    if not pairs:
        regions = draw(st.none() | st.lists(st.sampled_from(("", "N", "S")), min_size=n, max_size=n))
    return (
        rows,
        group_of(
            variables,
            distance=draw(st.sampled_from(("euclidean", "sqeuclidean", "cityblock"))),
            combine=draw(st.sampled_from(("mean", "sum"))),
            missing=draw(st.sampled_from(("available", "zero", "median"))),
            mutual=draw(st.booleans()),
            prefer=None if regions is None else {"measure": "ods_trusts.region", "among": k + draw(st.integers(1, 3))},
            scale_among=draw(st.sampled_from(("all", "within"))) if types else "all",
            k=k,
            runners_up=draw(st.integers(0, 2)),
            within="eric_trust.trust_type" if types else None,
            successors={**rule, "refill": draw(st.booleans())},
        ),
        types,
        regions,
    )


@settings(max_examples=60, deadline=None)
@given(cases())
def test_listed_pairs_are_explained_by_the_figures_that_listed_them(
    case: Case,
) -> None:
    rows, group, types, regions = case
    facts = little(rows, types, regions)
    assert_listed_pairs_agree(asked(facts, group), peer_rows(facts, g=group))


@settings(max_examples=60, deadline=None)
@given(cases())
def test_places_of_all_are_those_of_the_oracle(
    case: Case,
) -> None:
    rows, group, types, regions = case
    endless = NearestGroup.model_validate({**group, "runners_up": 99})
    pairs = endless.successors.pairs
    held = {code: row for code, row in zip(CODES, rows, strict=False) if any(value is not None for value in row)}
    texts = {code: kind for code, kind in zip(CODES, types or [], strict=False) if kind}
    # A trust that states no type has that of its successors, if they agree; RYY and RZZ state none.
    for code in held.keys() & pairs.keys() if types else ():
        inherited = {dict(zip(CODES, types or [], strict=False)).get(each) or None for each in pairs[code]}
        if code not in texts and len(inherited) == 1 and (text := inherited.pop()):
            texts[code] = text
    prefers = [] if regions is None else [{code: one for code, one in zip(CODES, regions, strict=False) if one}]
    attribute = texts if types else None
    expected = oracle.neighbours(held, endless, lambda code: pairs.get(code, (code,)), attribute, prefers)
    found = asked(little(rows, types, regions), group)
    assert found.trusts.keys() == held.keys()
    for code in held:
        apart = oracle.separations(held, endless, code, attribute)
        if any(b - a <= 1e-9 * max(b, 1e-3) for a, b in pairwise(apart)):
            continue  # all but equal: rounding decides
        places = found.candidates(code)
        assert [place.code for place in places.values()] == [peer.code for peer in expected[code]]
        for place, peer in zip(places.values(), expected[code], strict=True):
            assert place.distance == pytest.approx(peer.distance, rel=1e-9, abs=1e-9)


@needs_real_data
@pytest.mark.parametrize("name", [name for name, group in SHIPPED.items() if group["kind"] == "nearest"])
def test_every_shipped_group_is_explained_to_the_last_digit(name: str) -> None:
    facts, group = real_facts(), {**SHIPPED[name], "stability": {"draws": 0}}
    found, listed = asked(facts, group), peer_rows(facts, g=group)
    assert len(listed) > 200 * 10
    for row in listed:
        why = found.why(row["trust_code"], row["peer_code"])
        assert why.candidate is not None
        assert (why.reason, why.candidate.rank) == (row["role"], row["rank"])
        assert why.candidate.distance == pytest.approx(row["distance"], rel=1e-12, abs=1e-12)
    seen = {found.why("RRK", other).reason for other in found.trusts}
    assert seen <= {"itself", "peer", "runner_up", "too_far", "replaced", "closed"}
    assert {"too_far", "replaced"} <= seen


def test_a_trust_that_is_too_far_has_its_place_among_all_and_the_last_peers_distance() -> None:
    # From RAA: RAB at 1, RAC at 2, RAD at 4, RAE at 7. Two peers, one runner-up.
    facts = little([[0.0], [1.0], [2.0], [4.0], [7.0]])
    found = asked(facts, group_of([{}], k=2, runners_up=1))
    far = found.why("RAA", "RAE")
    assert far.candidate is not None
    assert far.last_peer is not None
    assert (far.reason, far.candidate.rank, far.out_of, far.candidate.distance) == ("too_far", 4, 4, 7.0)
    assert (far.last_peer.code, far.last_peer.rank, far.last_peer.distance) == ("RAC", 2, 2.0)
    assert found.why("RAA", "RAD").reason == "runner_up"
    assert found.why("RAA", "RAC").reason == "peer"
    assert found.why("RAA", "RAA").reason == "itself"


def test_the_comparison_shows_both_raw_values_and_each_variables_share() -> None:
    # Weights 1 and 3: (1·3² + 3·1²) / 4 = 3, of which 9 parts in 12 are the first variable's.
    facts = little([[0.0, 5.0, None], [3.0, 6.0, 2.0]])
    found = asked(facts, group_of([{}, {"weight": 3.0}, {"weight": 0.5}], k=1))
    comparison = found.why("RAA", "RAB").comparison
    assert comparison is not None
    assert comparison.distance == pytest.approx(3**0.5, rel=1e-12)
    assert comparison.variables_used == 2
    assert [(part.measure, part.value, part.other_value, part.share, part.period) for part in comparison.parts] == [
        ("v0", 0.0, 3.0, 0.75, "2019-20"), ("v1", 5.0, 6.0, 0.25, "2019-20"), ("v2", None, 2.0, None, "2019-20"),
    ]  # fmt: skip


def test_below_half_the_weight_the_pair_cannot_be_compared() -> None:
    facts = little([[0.0, 1.0], [None, 1.0]])
    found = asked(facts, group_of([{"weight": 3.0}, {}], k=1)).why("RAA", "RAB")
    assert found.reason == "too_few_in_common"
    assert found.comparison is not None
    assert (found.comparison.distance, found.comparison.variables_used, found.out_of) == (None, 1, 0)


def test_what_both_state_of_the_attribute_is_told_where_it_differs() -> None:
    facts = little([[0.0], [1.0], [2.0]], ["acute", "care", ""])
    found = asked(facts, group_of([{}], within="eric_trust.trust_type"))
    other, none = found.why("RAA", "RAB"), found.why("RAA", "RAC")
    assert (other.reason, other.attribute, other.other_attribute) == ("other_attribute", "acute", "care")
    assert (none.reason, none.attribute, none.other_attribute) == ("other_attribute", "acute", None)


MERGED = facts_of(
    trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3, RAE=9, RAF=4),
    ods_successors=successions(
        "RAB RNN 2020-01-01", "RAC RNN 2020-01-01", "RAD RAA 2020-01-01", "RAE RXX 2020-01-01", "RAE RAF 2020-01-01",
    ),
    ods_trusts=HEADER
    + "".join(f"{code},2020-01-01,2020-12-31,name,,{code},2020\n" for code in ("RAF", "RNN", "RXX"))
    + "RAG,2020-01-01,2020-12-31,closed,,2020-06-30,2020\n",
)  # fmt: skip


@pytest.mark.parametrize(
    ("trust", "other", "reason"),
    [
        ("RAA", "RAB", "replaced"),
        ("RAA", "RNN", "peer"),
        ("RAA", "RAD", "own_predecessor"),
        ("RAD", "RAA", "own_successor"),
        ("RAB", "RAC", "same_successor"),
        ("RAB", "RNN", "own_successor"),
        ("RAA", "RZZ", "no_characteristics"),
        ("RNN", "RAA", "none_of_its_own"),
    ],
)
def test_who_became_whom_is_told(trust: str, other: str, reason: str) -> None:
    group = nearest(successors={"rule": "dated"}, k=9)
    assert asked(MERGED, group).why(trust, other).reason == reason


def test_a_code_that_was_taken_over_is_answered_through_those_that_stand_for_it() -> None:
    found = asked(MERGED, nearest(successors={"rule": "dated"}, k=2))
    replaced = found.why("RAA", "RAB")
    assert [(one.other, one.reason, one.compared_as) for one in replaced.successors] == [("RNN", "peer", "RAB")]
    # RAE was divided: RAF is found as itself, nearer than RAE; RXX only as RAE.
    divided = found.why("RAA", "RAE")
    assert [(one.other, one.reason, one.compared_as) for one in divided.successors] == [
        ("RAF", "peer", "RAF"), ("RXX", "too_far", "RAE"),
    ]  # fmt: skip


def test_a_trust_that_closed_without_a_successor_is_said_to_have_closed() -> None:
    register = HEADER + "RAB,2020-01-01,2020-12-31,closed,,2020-06-30,2020\n"
    facts = facts_of(trust_characteristics=sizes(RAA=0, RAB=1, RAC=2), ods_trusts=register)
    found = asked(facts, nearest(successors={"rule": "dated"})).why("RAA", "RAB")
    assert found.reason == "closed"
    assert found.comparison is not None
    assert found.comparison.distance == 1.0


def test_a_group_by_attribute_is_answered_by_what_both_state() -> None:
    stated = [("RAA", "acute"), ("RAB", "acute"), ("RAC", "care")]
    text = HEADER + "".join(f"{code},2016-01-01,2016-12-31,trust_type,,{kind},2016\n" for code, kind in stated)
    rows = characteristics_rows(facts_of(eric_trust=text), g=SHIPPED["estate_type"])
    answers = {
        pair: why_same_attribute({row["trust_code"]: row["attribute"] for row in rows}, *pair)
        for pair in [("RAA", "RAB"), ("RAA", "RAC"), ("RAA", "RAD"), ("RAD", "RAA"), ("RAA", "RAA")]
    }
    assert [found.reason for found in answers.values()] == [
        "peer", "other_attribute", "no_characteristics", "none_of_its_own", "itself",
    ]  # fmt: skip
    assert (answers["RAA", "RAC"].attribute, answers["RAA", "RAC"].other_attribute) == ("acute", "care")


def test_a_landed_list_is_answered_by_itself_and_the_nation_by_everyone() -> None:
    rows = [{"peer_code": "RAB"}]
    assert why_listed(rows, "RAA", "RAB").reason == "peer"
    assert why_listed(rows, "RAA", "RAC").reason == "not_listed"
    assert why_listed([], "RAA", "RAC").reason == "none_of_its_own"
    assert why_listed(rows, "RAA", "RAA").reason == "itself"
    assert why_national("RAA", "RAB").reason == "everyone"
    assert why_national("RAA", "RAA").reason == "itself"


def test_whom_nobody_can_be_compared_through_is_explained_by_itself_and_by_the_nearest_miss() -> None:
    pairs = {"successors": {"rule": "listed", "pairs": {"RAB": ["RAD"]}, "source": "s"}}
    group = group_of([{"weight": 3.0}, {}], within="eric_trust.trust_type", **pairs)
    both_other = asked(little([[0.0, 1.0]] * 4, ["acute", "care", "acute", "care"]), group).why("RAA", "RAD")
    assert (both_other.reason, both_other.compared_as) == ("other_attribute", "RAD")
    # RAB is of another type; RAD is of the same, but too little is known of it.
    rows: list[list[float | None]] = [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [None, 1.0]]
    too_few = asked(little(rows, ["acute", "care", "acute", "acute"]), group).why("RAA", "RAD")
    assert (too_few.reason, too_few.compared_as) == ("too_few_in_common", "RAD")
    # The other way round: RAB is of the same type, so that it is what falls short.
    rows = [[0.0, 1.0], [None, 1.0], [0.0, 1.0], [0.0, 1.0]]
    through = asked(little(rows, ["acute", "acute", "acute", "care"]), group).why("RAA", "RAD")
    assert (through.reason, through.compared_as) == ("too_few_in_common", "RAB")
