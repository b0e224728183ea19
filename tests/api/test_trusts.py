"""Trusts: search, paging, and old codes that lead to their successors."""

import pytest

from tests.api.published import Service


def codes(service: Service, **query: str) -> list[str]:
    return [row["trust_code"] for row in service.get("/v1/trusts", query).json()["trusts"]]


def test_search_finds_codes_and_names_whatever_the_case(service: Service) -> None:
    assert codes(service, q="rac") == ["RAC"]
    assert codes(service, q="saint c") == ["RAC"]
    assert codes(service, q="nowhere") == []


def test_filters_are_exact_and_all_must_hold(service: Service) -> None:
    assert codes(service, region="south") == ["RAE", "RAF", "RAG", "RAH"]
    assert codes(service, region="South", q="h NHS") == ["RAH"]
    assert codes(service, type="ACU") == []
    assert codes(service, icb="Q1", type="ACUTE", region="North") == ["RAA", "RAB", "RAC", "RAD"]


def test_pages_cover_every_trust_that_answers_for_itself_once(service: Service) -> None:
    seen, query = [], {"limit": "3"}
    while True:
        body = service.get("/v1/trusts", query).json()
        assert len(body["trusts"]) <= 3
        assert body["total"] == 8
        seen += [row["trust_code"] for row in body["trusts"]]
        if body["next_cursor"] is None:
            break
        query = {"limit": "3", "cursor": body["next_cursor"]}
    assert seen == ["RAA", "RAB", "RAC", "RAD", "RAE", "RAF", "RAG", "RAH"]
    assert [row["trust_code"] for row in service.get("/v1/trusts", {"q": "rol"}).json()["trusts"]] == ["ROL"]


@pytest.mark.parametrize(
    "query", [{"limit": "201"}, {"limit": "0"}, {"limit": "x"}, {"cursor": "é"}, {"cursor": "_w=="}, {"q": ""}]
)
def test_an_unusable_parameter_is_named(service: Service, query: dict[str, str]) -> None:
    answer = service.get("/v1/trusts", query)
    assert (answer.status, answer.json()["parameter"]) == (400, next(iter(query)))
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_trust_counts_its_statuses(service: Service) -> None:
    body = service.get("/v1/trusts/raa").json()
    assert (body["requested_code"], body["answered_for"]) == ("RAA", "RAA")
    assert body["statuses"] == {"at_or_better_than_benchmark": 1, "opportunity": 3}
    assert body["trust"]["opened"] == "1991-04-01"


@pytest.mark.parametrize("path", ["", "/opportunities", "/opportunities/cleaning_cost", "/peers"])
def test_an_old_code_answers_with_its_successor(service: Service, path: str) -> None:
    body = service.get(f"/v1/trusts/ROL{path}").json()
    assert (body["requested_code"], body["answered_for"]) == ("ROL", "RAA")
    assert body["words"] == "ROL is now part of RAA, for which this answers."
    straight = service.get(f"/v1/trusts/RAA{path}").json()
    mine = {"requested_code", "successors", "words"}
    assert {k: v for k, v in body.items() if k not in mine} == {k: v for k, v in straight.items() if k not in mine}


@pytest.mark.parametrize("path", ["", "/opportunities", "/opportunities/cleaning_cost", "/peers"])
def test_a_divided_trust_lists_all_its_successors_and_answers_for_none(service: Service, path: str) -> None:
    body = service.get(f"/v1/trusts/RSP{path}").json()
    assert body["answered_for"] is None
    assert [row["trust_code"] for row in body["successors"]] == ["RAA", "RAB"]
    assert "Saint A NHS Trust (RAA), Saint B NHS Trust (RAB)" in body["words"]
    assert not body.get("opportunities")


def test_an_unknown_trust_suggests_the_nearest(service: Service) -> None:
    answer = service.get("/v1/trusts/RA1/opportunities")
    assert answer.status == 404
    assert {"trust_code": "RAA", "trust_name": "Saint A NHS Trust"} in service.get("/v1/trusts/RAAA").json()[
        "suggestions"
    ]
    assert service.get("/v1/trusts/saint-h-nhs-trust").json()["suggestions"][0]["trust_code"] == "RAH"


def test_peers_come_with_their_reasons_and_the_runners_up(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/peers").json()
    assert [row["peer_code"] for row in body["peers"]] == ["RAB", "RAC", "RAD"]
    assert [row["peer_code"] for row in body["runners_up"]] == ["RAE"]
    assert body["peers"][0] == {
        "rank": 1,
        "peer_code": "RAB",
        "trust_name": "Saint B NHS Trust",
        "distance": 1.0,
        "variables_used": 14,
        "stability": 0.9,
        "contributions": {"deprivation": 1.0},
    }
    assert body["explanation"].startswith("3 peers, from the characteristics of 2017. 1 of them")


def test_peers_of_a_group_with_periods_are_those_of_the_newest(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/peers", {"group": "estate_type"}).json()
    assert (body["period"], len(body["peers"])) == ("2019-20", 7)
    assert service.get("/v1/trusts/RAB/peers").json()["peers"] == []
    assert service.get("/v1/trusts/RAB/peers", {"group": "national"}).status == 200


def test_an_unknown_peer_group_names_those_there_are(service: Service) -> None:
    answer = service.get("/v1/trusts/RAA/peers", {"group": "friends"})
    assert answer.status == 400
    assert answer.json()["known"] == ["estate_type", "national", "recommended"]
