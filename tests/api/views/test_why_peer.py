"""Why not trust X: any pair in any group, over the API."""

from typing import Any

import pytest

from tests.support.api.published import Service
from tests.support.paths import needs_real_data

NAMED_C = {"trust_code": "RAC", "trust_name": "Saint C's NHS Trust", "display_name": "Saint C's NHS Trust"}


def ask(service: Service, other: str, code: str = "RAA", **query: str) -> dict[str, Any]:
    answer = service.get(f"/v1/trusts/{code}/peers/{other}", query)
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_peer_is_explained_by_its_distance_place_and_shares(service: Service) -> None:
    body = ask(service, "RAC")
    assert (body["reason"], body["rank"], body["out_of"], body["variables_used"]) == ("peer", 2, 5, 2)
    assert body["distance"] == pytest.approx(1.0, rel=1e-12)
    assert body["distances"] == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.5], rel=1e-12)
    assert body["stability"] == 0.4
    assert body["other"] == body["compared_as"] == NAMED_C
    assert body["characteristics"][1] == {
        "variable": "urban", "label": "Urban", "weight": 1.0, "value": 0.0, "other_value": 20.0,
        "share": pytest.approx(0.75), "period": "2017",
    }  # fmt: skip
    assert body["explanation"] == (
        "Saint C's NHS Trust (RAC) is a peer: 2nd nearest of 5, at a distance of 1. Largest shares of the distance: "
        "Urban (75%) and Deprivation (25%)."
    )


def test_who_is_too_far_is_told_its_place_and_where_the_last_peer_is(service: Service) -> None:
    body = ask(service, "raf")
    assert (body["reason"], body["rank"], body["stability"]) == ("too_far", 5, None)
    assert body["last_peer"] == {
        "trust_code": "RAD", "trust_name": "Saint D's NHS Trust", "display_name": "Saint D's NHS Trust",
        "rank": 3, "distance": pytest.approx(1.5),
    }  # fmt: skip
    assert body["explanation"].startswith(
        "Saint F's NHS Trust (RAF) is too far away to be a peer: 5th nearest of 5, at a distance of 2.5. The last "
        "peer, Saint D's NHS Trust (RAD), is 3rd, at 1.5."
    )


def test_a_runner_up_came_next(service: Service) -> None:
    assert ask(service, "RAE")["explanation"].startswith("Saint E's NHS Trust (RAE) is a runner-up, not a peer: 4th")


@pytest.mark.parametrize(
    ("code", "other", "reason", "said"),
    [
        ("RAA", "RAA", "itself", "A trust is never its own peer."),
        ("RAA", "ROL", "own_predecessor", "Old NHS Trust (ROL) was taken over by Saint A's NHS Trust (RAA)"),
        ("ROL", "RAB", "peer", "Saint B's NHS Trust (RAB) is a peer"),  # asked of RAA
        ("RAA", "RAG", "no_characteristics", "the data that defines this group is missing for it in 2017."),
        ("RAG", "RAA", "none_of_its_own", "Saint G's NHS Trust (RAG) has no peers, because"),
        (
            "RAC",
            "ROL",
            "replaced",
            "lists of peers name Saint A's NHS Trust (RAA) instead. Saint A's NHS Trust (RAA) is",
        ),
        ("RAA", "RSP", "replaced", "A trust is never its own peer. Saint B's NHS Trust (RAB) is a peer: 1st"),
    ],
)
def test_every_pair_has_a_plain_reason(service: Service, code: str, other: str, reason: str, said: str) -> None:
    body = ask(service, other, code)
    assert body["reason"] == reason
    assert said in body["explanation"]


def test_who_stands_for_a_trust_that_is_gone_is_named(service: Service) -> None:
    assert [one["trust_code"] for one in ask(service, "RSP")["replaced_by"]] == ["RAA", "RAB"]


def test_a_group_by_attribute_says_what_both_state_in_the_period_asked_for(service: Service) -> None:
    now, earlier = (ask(service, "RAD", group="estate_type", **query) for query in ({}, {"period": "2018-19"}))
    assert (now["reason"], now["period"], now["attribute"]) == ("peer", "2019-20", "A")
    assert now["explanation"] == "Saint D's NHS Trust (RAD) is a peer: both have the type “A” in 2019-20."
    assert (earlier["reason"], earlier["attribute"], earlier["other_attribute"]) == ("other_attribute", "A", "B")
    assert (
        "must have the same type: Saint A's NHS Trust (RAA) has “A”, and Saint D's NHS Trust (RAD) has “B” in 2018-19"
        in (earlier["explanation"])
    )


def test_a_landed_list_and_the_nation_are_explained_too(service: Service) -> None:
    assert ask(service, "RAF", group="landed")["explanation"].startswith("The supplied list names")
    assert ask(service, "RAB", group="landed")["explanation"].startswith("The supplied list does not name")
    assert ask(service, "RAB", group="national")["explanation"].startswith("Nationally, a trust is compared with all")


def test_unknown_trusts_groups_and_periods_are_refused(service: Service) -> None:
    assert service.get("/v1/trusts/RAA/peers/RAX").status == 404
    assert service.get("/v1/trusts/RAX/peers/RAA").status == 404
    divided = service.get("/v1/trusts/RSP/peers/RAC")
    suggested = [one["trust_code"] for one in divided.json()["suggestions"]]
    assert (divided.status, suggested) == (404, ["RAA", "RAB"])
    assert service.get("/v1/trusts/RAA/peers/RAB", {"group": "friends"}).json()["parameter"] == "group"
    assert service.get("/v1/trusts/RAA/peers/RAB", {"period": "1999"}).json()["parameter"] == "period"


@needs_real_data
def test_every_pair_of_a_real_trust_has_an_answer_that_agrees_with_its_list(real: Service) -> None:
    for group in ("recommended", "trust_peer_finder", "similar_10", "estate_type"):
        listed = real.get("/v1/trusts/RRK/peers", {"group": group, "limit": "500"}).json()
        roles = {row["trust_code"]: "peer" for row in listed["peers"]}
        roles |= {row["trust_code"]: "runner_up" for row in listed["runners_up"]}
        codes = [row["trust_code"] for row in real.get("/v1/trusts", {"limit": "500"}).json()["trusts"]]
        for other in {*codes, *roles, "RD3"}:
            body = ask(real, other, "RRK", group=group)
            assert (body["reason"] in ("peer", "runner_up")) == (other in roles), (group, other)
            assert roles.get(other, body["reason"]) == body["reason"]
            assert body["explanation"]
