"""Peer groups of a method: the published lists come out, and each kind of group keeps its rules."""

import csv
from collections import defaultdict
from itertools import product
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.facts.facts import Facts
from shared.method.peer_groups import PeerGroup
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, SHIPPED, characteristics_rows, nearest, sizes, successions
from tests.support.groups_of import peer_rows as rows
from tests.support.paths import REAL_DATA, needs_real_data
from tests.support.real_facts import LANDING, real_facts


def peers_of(found: list[dict[str, Any]], code: str, role: str = "peer") -> list[str]:
    return [row["peer_code"] for row in found if row["trust_code"] == code and row["role"] == role]


@needs_real_data
def test_the_trust_peer_finder_gives_all_208_published_lists() -> None:
    found = rows(real_facts(), trust_peer_finder=SHIPPED["trust_peer_finder"])
    computed: dict[str, set[str]] = defaultdict(set)
    for row in found:
        if row["role"] == "peer":
            computed[row["trust_code"]].add(row["peer_code"])
    with (REAL_DATA / "reference/trust_peer_finder_successors.csv").open() as file:
        successor = {row["predecessor"]: row["successor"] for row in csv.DictReader(file)}
    published: dict[str, set[str]] = defaultdict(set)
    with (LANDING / "peer_lists/trust_peer_finder/peers.csv").open() as file:
        for row in csv.DictReader(file):
            published[row["procode"]].add(row["peer"])
    assert len(published) == 208
    own = {code: {code, successor.get(code, code)} for code in published}
    assert computed == {code: peers - own[code] for code, peers in published.items()}
    assert sum(code in peers for code, peers in published.items()) == 189
    assert sum(code not in peers and successor[code] in peers for code, peers in published.items()) == 19
    assert {old: [new] for old, new in successor.items()} == SHIPPED["trust_peer_finder"]["successors"]["pairs"]


@needs_real_data
def test_recommended_lists_hold_ten_trusts_that_are_open_at_the_newest_day() -> None:
    found = rows(real_facts(), recommended=SHIPPED["recommended"])
    lists: dict[str, list[str]] = defaultdict(list)
    for row in found:
        if row["role"] == "peer":
            lists[row["trust_code"]].append(row["peer_code"])
            assert 0 <= row["stability"] <= 1
            assert sum(share for _, share in row["contributions"]) == pytest.approx(1)
    assert len(lists) == 208
    assert {len(peers) for peers in lists.values()} == {10}
    assert all(len(set(peers)) == 10 and code not in peers for code, peers in lists.items())
    listed = {peer for peers in lists.values() for peer in peers}
    assert not listed & {"RD3", "RDZ", "RQ8", "RDD", "RW6"}  # taken over before 2025
    assert not listed & {"R1C", "RAP", "RRP", "RY9", "RYK"}  # closed in 2024 by the register, no successor known
    assert {"R0D", "RAJ"} <= listed


@needs_real_data
def test_the_published_lists_stand_as_landed_without_the_trust_itself() -> None:
    found = rows(real_facts(), published=SHIPPED["published_trust_peer_finder"])
    with (LANDING / "peer_lists/trust_peer_finder/peers.csv").open() as file:
        landed = {(row["procode"], row["peer"]) for row in csv.DictReader(file) if row["procode"] != row["peer"]}
    assert [(row["trust_code"], row["peer_code"]) for row in found] == sorted(landed)
    assert {(row["rank"], row["distance"], row["period"]) for row in found} == {(None, None, "trust_peer_finder")}


def test_the_shipped_groups_are_valid_and_the_national_one_has_no_rows() -> None:
    for group in SHIPPED.values():
        TypeAdapter(PeerGroup).validate_python(group)
    assert rows(Facts({}), **SHIPPED) == []


def test_merged_members_become_their_successor_and_the_list_is_refilled() -> None:
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3, RAE=9),
        ods_successors=successions("RAB RNN 2020-01-01", "RAC RNN 2020-01-01", "RAD RXX 2021-01-01"),
    )
    found = rows(facts, g=nearest(successors={"rule": "dated"}))
    assert peers_of(found, "RAA") == ["RNN", "RAD"]  # RAD is taken over after the newest day held
    assert peers_of(found, "RAB") == ["RAA", "RAD"]  # its own successor is no peer
    kept = rows(facts, g=nearest(successors={"rule": "dated", "refill": False}))
    assert peers_of(kept, "RAA") == ["RNN"]
    assert [row["distance"] for row in found if row["trust_code"] == "RAA"] == [1.0, 3.0]


def test_overrides_add_to_the_landed_successions() -> None:
    facts = facts_of(trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3))
    override = {"predecessor": "RAB", "successor": "RAD", "date": "2020-03-31", "source": "s"}
    found = rows(facts, [override], g=nearest(successors={"rule": "dated"}))
    assert peers_of(found, "RAA") == ["RAD", "RAC"]


def test_a_split_fills_the_list_from_all_its_successors() -> None:
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, RAB=1, RAC=2),
        ods_successors=successions("RAB RYY 2020-01-01", "RAB RXX 2020-01-01"),
    )
    assert peers_of(rows(facts, g=nearest(successors={"rule": "dated"})), "RAA") == ["RXX", "RYY"]


def test_a_trust_that_the_register_closed_without_a_successor_is_no_candidate_but_has_peers() -> None:
    register = "".join(
        f"{code},2020-01-01,2020-12-31,{measure},,{text},2020\n"
        for code, measure, text in [("RAB", "closed", "2020-12-30"), ("RAC", "closed", "2020-12-31")]
    )
    facts = facts_of(trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3), ods_trusts=HEADER + register)
    found = rows(facts, g=nearest(successors={"rule": "dated"}))
    assert peers_of(found, "RAA") == ["RAC", "RAD"]
    assert peers_of(found, "RAB") == ["RAA", "RAC"]


def test_codes_that_are_no_trusts_are_compared_with_nobody() -> None:
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, TOTAL=1, RT4=1, G6V2S=2, W1234=2, RAB=5),
        ods_trusts=HEADER
        + "G6V2S,2020-01-01,2020-12-31,name,,North London,2020\nG6V2S,2020-01-01,2020-12-31,region,,Y56,2020\n"
        + "W1234,2020-01-01,2020-12-31,name,,Elsewhere,2020\nW1234,2020-01-01,2020-12-31,region,,W00,2020\n",
    )
    found = rows(facts, g=nearest(k=9))
    assert {row["trust_code"] for row in found} == {"RAA", "G6V2S", "RAB"}
    assert peers_of(found, "RAA") == ["G6V2S", "RAB"]


def test_only_trusts_with_the_same_text_are_candidates_within_an_attribute() -> None:
    kinds = {"RAA": "acute", "RAB": "care", "RAC": "acute", "RAD": ""}
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3),
        eric_trust=HEADER
        + "".join(f"{code},2019-04-01,2020-03-31,trust_type,,{text},2019-20\n" for code, text in kinds.items()),
    )
    found = rows(facts, g=nearest(within="eric_trust.trust_type"))
    assert [(row["trust_code"], row["peer_code"]) for row in found] == [("RAA", "RAC"), ("RAC", "RAA")]


def test_within_an_attribute_a_merged_trust_has_that_of_its_successor() -> None:
    kinds = {"RAA": "acute", "RNN": "acute", "RAC": "acute", "RAD": "care"}
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3),
        eric_trust=HEADER
        + "".join(f"{code},2020-04-01,2021-03-31,trust_type,,{text},2020-21\n" for code, text in kinds.items()),
        ods_successors=successions("RAB RNN 2020-05-01"),
    )
    found = rows(facts, g=nearest(within="eric_trust.trust_type", successors={"rule": "dated"}))
    assert peers_of(found, "RAA") == ["RNN", "RAC"]


def test_who_went_into_something_that_is_no_trust_is_no_candidate() -> None:
    facts = facts_of(
        trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3), ods_successors=successions("RAB NQT5F 2020-01-01")
    )
    assert peers_of(rows(facts, g=nearest(successors={"rule": "dated"})), "RAA") == ["RAC", "RAD"]


def test_a_trust_that_states_nothing_has_no_peers_and_is_nobodys() -> None:
    facts = facts_of(trust_characteristics=sizes(RAA=0, RAB=5, RAC="", RAD=6))
    found = rows(facts, g=nearest(missing="zero"))
    assert peers_of(found, "RAA") == ["RAB", "RAD"]
    assert peers_of(found, "RAC") == []


def test_without_draws_nothing_is_said_of_stability() -> None:
    found = rows(facts_of(trust_characteristics=sizes(RAA=0, RAB=1)), g=nearest(stability={"draws": 0}))
    assert {row["stability"] for row in found} == {None}


def test_runners_up_follow_the_peers_and_a_missing_variable_has_no_share() -> None:
    variables = [
        {"measure": f"trust_characteristics.{name}", "label": name, "scale": "none"} for name in ("size", "age")
    ]
    ages = "".join(
        f"{code},2019-04-01,2020-03-31,age,{age},,2019-20\n" for code, age in [("RAA", 1), ("RAB", 3), ("RAC", "")]
    )
    facts = facts_of(trust_characteristics=sizes(RAA=0, RAB=2, RAC=9) + ages)
    found = rows(facts, g=nearest(variables=variables, k=1, runners_up=5))
    first, second = (row for row in found if row["trust_code"] == "RAA")
    assert (first["peer_code"], first["role"], first["rank"], first["variables_used"]) == ("RAB", "peer", 1, 2)
    assert first["contributions"] == [("size", 0.5), ("age", 0.5)]
    assert first["distance"] == 2.0
    assert (second["peer_code"], second["role"], second["rank"], second["variables_used"]) == ("RAC", "runner_up", 2, 1)
    assert second["contributions"] == [("size", 1.0)]


def test_the_newest_characteristics_count_and_are_named() -> None:
    older = sizes(RAA=0, RAB=1, RAC=2)
    newer = "".join(
        f"{code},2020-04-01,2021-03-31,size,{size},,2020-21\n" for code, size in [("RAA", 0), ("RAB", 9), ("RAC", 2)]
    )
    found = rows(facts_of(trust_characteristics=older + newer), g=nearest(k=1))
    assert peers_of(found, "RAA") == ["RAC"]
    assert {row["period"] for row in found} == {"2020-21"}


def test_peers_by_attribute_have_no_rows_but_their_memberships() -> None:
    text = HEADER + "".join(f"{code},2016-01-01,2016-12-31,trust_type,,acute,2016\n" for code in ("RAA", "RAB"))
    landed = facts_of(eric_trust=text)
    assert rows(landed, estate_type=SHIPPED["estate_type"]) == []
    stated = characteristics_rows(landed, estate_type=SHIPPED["estate_type"])
    assert [(row["trust_code"], row["attribute"], row["period"]) for row in stated] == [
        ("RAA", "acute", "2016"), ("RAB", "acute", "2016"),
    ]  # fmt: skip


def test_a_landed_list_names_no_peer_twice() -> None:
    text = HEADER + "RAA,,,peer,,RAB,mine\nRAA,,,peer,,RAB,mine\nRAA,,,peer,,RAA,mine\nRAA,,,peer,,RAC,other\n"
    group = {**SHIPPED["published_trust_peer_finder"], "list": "mine"}
    assert peers_of(rows(facts_of(peer_lists=text), g=group), "RAA") == ["RAB"]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"rule": "listed"}, "the rule `listed` needs `pairs`"),
        ({"rule": "dated", "pairs": {"A": ["B"]}}, "no other rule has them"),
        ({"rule": "listed", "pairs": {"A": ["B"]}}, "need a `source`"),
        ({"rule": "listed", "pairs": {"A": []}, "source": "s"}, "no successor of A"),
    ],
)
def test_pairs_and_rule_have_to_fit(rule: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        TypeAdapter(PeerGroup).validate_python(nearest(successors=rule))


def test_a_variable_stands_once() -> None:
    variable = {"measure": "d.size", "label": "Size"}
    with pytest.raises(ValidationError, match="size: a variable may be used only once"):
        TypeAdapter(PeerGroup).validate_python(nearest(variables=[variable, variable]))


def test_names_of_variables_may_be_more_text_than_arrow_makes_one_array_of() -> None:
    name = "size" * 400
    one = {"measure": f"trust_characteristics.{name}", "label": "Size", "scale": "none"}
    group = nearest(variables=[one], k=10, stability={"draws": 0})
    codes = ["R" + "".join(two) for two in product("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=2)][:1200]
    text = sizes(**{code: float(place) for place, code in enumerate(codes)}).replace(",size,", f",{name},")
    found = rows(facts_of(trust_characteristics=text), recommended=group)
    assert len(found) == 11_980  # two codes are excluded; 18 MiB of names, and Arrow makes two arrays of 16 MiB or more
    assert {shared for row in found for shared, _ in row["contributions"]} == {name}
    assert peers_of(found, "R00") == codes[1:11]
