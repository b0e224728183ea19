"""Trusts: search, paging, old codes that lead to their successors, and peers."""

import pyarrow as pa
import pytest

from shared import keys, tables
from tests.support.api.published import RELEASE, Service

RANKED_AND_NOT = {"at_or_better_than_benchmark": 1, "not_comparable": 1, "opportunity": 6}


def codes(service: Service, **query: str) -> list[str]:
    return [row["trust_code"] for row in service.get("/v1/trusts", query).json()["trusts"]]


def test_search_finds_codes_and_names_whatever_the_case_and_punctuation(service: Service) -> None:
    assert codes(service, q="rac") == ["RAC"]
    assert codes(service, q="saint cs") == ["RAC"]
    assert codes(service, q="SAINT C's") == ["RAC"]
    assert codes(service, q="nhs hs") == ["RAH"]  # words begin as typed: hs is not found in nhs
    assert codes(service, q="nowhere") == []


def test_filters_are_exact_and_all_must_hold(service: Service) -> None:
    assert codes(service, region="south") == ["RAE", "RAF", "RAG", "RAH"]
    assert codes(service, region="South", q="hs NHS") == ["RAH"]
    assert codes(service, region="s") == codes(service, region="south")  # by the code, or by its name
    assert codes(service, icb="Q1", type="ACUTE", region="North") == ["RAA", "RAB", "RAC", "RAD"]


def test_attributes_come_in_the_order_of_the_programme_with_title_code_and_name(service: Service) -> None:
    assert service.get("/v1/trusts/RAE").json()["trust"]["attributes"] == [
        {"attribute": "region", "title": "Region", "code": "S", "name": "South"},
        {"attribute": "icb", "title": "Board", "code": "Q1", "name": "Q1"},
    ]


def test_an_earlier_release_has_its_attributes_in_columns(service: Service) -> None:
    """As published before attributes had names: a column for each, and neither in its method."""
    key = keys.release(RELEASE, "trusts.parquet")
    table = tables.from_bytes(service.store.get(key).body)
    plain = [dict(row) for row in table["attributes"].to_pylist()]
    table = table.drop_columns(["attributes"])
    for name in ("region", "ward"):
        table = table.append_column(name, pa.array([row.get("region") for row in plain], pa.string()))
    service.store.put(key, tables.to_bytes(table))
    shown = service.get("/v1/trusts/RAA").json()["trust"]["attributes"]
    assert [(one["attribute"], one["title"], one["name"]) for one in shown] == [
        ("region", "Region", "North"),
        ("ward", "Ward", "North"),
    ]
    assert codes(service, ward="S") == ["RAE", "RAF", "RAG", "RAH"]


@pytest.mark.parametrize("query", [{"type": "acu"}, {"region": "Nort"}, {"icb": "Q2"}])
def test_a_filter_that_no_trust_has_names_those_there_are(service: Service, query: dict[str, str]) -> None:
    answer = service.get("/v1/trusts", query)
    assert (answer.status, answer.json()["parameter"]) == (400, next(iter(query)))
    assert answer.json()["known"]


def test_trusts_that_are_gone_are_found_but_not_listed(service: Service) -> None:
    assert "ROL" not in codes(service)
    assert codes(service, q="rol") == ["ROL"]
    assert codes(service, q="split nhs") == ["RSP"]
    assert service.get("/v1/trusts", {"q": "rol"}).json()["trusts"][0]["successors"] == ["RAA"]


def test_pages_cover_every_trust_once_and_link_to_the_next(service: Service) -> None:
    seen, query = [], {"limit": "4", "region": "north"}
    while True:
        answer = service.get("/v1/trusts", query)
        body = answer.json()
        assert len(body["trusts"]) <= 4
        seen += [row["trust_code"] for row in body["trusts"]]
        if body["next_cursor"] is None:
            assert "link" not in answer.headers
            break
        assert answer.headers["link"] == (
            f'<?limit=4&region=north&as_at={RELEASE}&cursor={body["next_cursor"]}>; rel="next"'
        )
        query["cursor"] = body["next_cursor"]
    assert seen == ["RAA", "RAB", "RAC", "RAD", "RZZ"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "501"},
        {"limit": "0"},
        {"limit": "x"},
        {"cursor": "é"},
        {"cursor": "WyJSQUEiXQ"},  # ["RAA"], of no release
        {"cursor": f"{RELEASE}.é"},
        {"cursor": f"{RELEASE}._w"},
        {"cursor": f"{RELEASE}.eyJhIjoxfQ"},  # {"a":1}
        {"cursor": f"{RELEASE}.WzFd"},  # [1], where a code belongs
        {"cursor": "x" * 301},
        {"q": ""},
        {"q": "x" * 101},
    ],
)
def test_an_unusable_parameter_is_named(service: Service, query: dict[str, str]) -> None:
    answer = service.get("/v1/trusts", query)
    assert (answer.status, answer.json()["parameter"]) == (400, next(iter(query)))
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_parameter_is_refused_with_those_that_are_known(service: Service) -> None:
    answer = service.get("/v1/trusts", {"name": "x"})
    assert answer.status == 400
    assert answer.json()["known"] == ["as_at", "limit", "cursor", "q", "type", "level", "region", "icb"]
    assert "This endpoint has no query parameter name. It has: as_at," in answer.json()["detail"]
    assert "It has: as_at." in service.get("/v1/trusts/RAA", {"q": "x"}).json()["detail"]


def test_a_trust_counts_its_statuses(service: Service) -> None:
    body = service.get("/v1/trusts/raa").json()
    assert (body["requested_code"], body["answered_for"], body["trust_name"]) == ("RAA", "RAA", "Saint A's NHS Trust")
    assert body["statuses"] == RANKED_AND_NOT
    assert body["trust"]["opened"] == "1991-04-01"
    assert body["words"] is None


@pytest.mark.parametrize("path", ["", "/opportunities", "/opportunities/cleaning_cost", "/peers"])
def test_an_old_code_answers_with_its_successor(service: Service, path: str) -> None:
    body = service.get(f"/v1/trusts/ROL{path}").json()
    assert (body["requested_code"], body["answered_for"]) == ("ROL", "RAA")
    assert body["words"] == "ROL is now part of RAA. This answer is for RAA."
    straight = service.get(f"/v1/trusts/RAA{path}").json()
    mine = {"requested_code", "successors", "words"}
    assert {k: v for k, v in body.items() if k not in mine} == {k: v for k, v in straight.items() if k not in mine}


@pytest.mark.parametrize("path", ["", "/opportunities", "/opportunities/cleaning_cost", "/peers"])
def test_a_divided_trust_lists_all_its_successors_and_answers_for_none(service: Service, path: str) -> None:
    body = service.get(f"/v1/trusts/RSP{path}").json()
    assert body["answered_for"] is None
    assert [row["trust_code"] for row in body["successors"]] == ["RAA", "RAB"]
    assert "Saint A's NHS Trust (RAA), Saint B's NHS Trust (RAB)" in body["words"]
    assert not any(body.get(part) for part in ("opportunities", "opportunity", "receipt", "peers", "statuses"))


def test_a_trust_whose_successor_is_not_in_the_release_answers_for_itself(service: Service) -> None:
    assert service.get("/v1/trusts/RZZ").json()["answered_for"] == "RZZ"


def test_a_trust_that_lives_on_answers_for_itself_whatever_it_handed_over(service: Service) -> None:
    assert service.get("/v1/trusts/RAH").json()["answered_for"] == "RAH"


def test_an_unknown_trust_suggests_the_nearest(service: Service) -> None:
    assert service.get("/v1/trusts/RA1/opportunities").status == 404
    told = service.get("/v1/trusts/RAAA").json()
    saint_a = "Saint A's NHS Trust"
    assert {"trust_code": "RAA", "trust_name": saint_a, "display_name": saint_a} in told["suggestions"]
    assert told["detail"].startswith("There is no trust RAAA in this release. Did you mean RAA")
    assert service.get("/v1/trusts/saint-h's-nhs-trust").json()["suggestions"][0]["trust_code"] == "RAH"


# ---- peers ---------------------------------------------------------------------------------------------------------


def test_peers_come_with_their_reasons_and_the_runners_up(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/peers").json()
    assert [row["trust_code"] for row in body["peers"]] == ["RAB", "RAC", "RAD"]
    assert [row["trust_code"] for row in body["runners_up"]] == ["RAE"]
    assert body["peers"][0] == {
        "trust_code": "RAB",
        "trust_name": "Saint B's NHS Trust",
        "display_name": "Saint B's NHS Trust",
        "rank": 1,
        "distance": 0.5,
        "variables_used": 2,
        "stability": 0.9,
        "shares": [
            {"variable": "urban", "label": "Urban", "share": 0.75},
            {"variable": "deprivation", "label": "Deprivation", "share": 0.25},
        ],
    }
    assert body["group"]["title"] == "Most similar trusts"
    assert body["period"] == "2017"
    one = service.get("/v1/trusts/RAA/peers", {"group": "landed"}).json()
    assert one["explanation"] == "1 peer, by the supplied list “mine”."
    assert body["explanation"].startswith("3 peers, based on data for 2017. 1 of them would usually drop out")


def test_a_trust_that_does_not_name_this_one_is_listed_apart_where_peers_are_mutual(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/peers", {"group": "each_other"}).json()
    listed = {role: [row["trust_code"] for row in body[role]] for role in ("peers", "one_sided", "runners_up")}
    assert listed == {"peers": ["RAB"], "one_sided": ["RAD"], "runners_up": []}
    assert (body["total"], body["group"]["mutual"], body["group"]["prefer"]["among"]) == (1, True, 4)
    assert body["explanation"] == (
        "1 peer, based on data for 2017. Left out, because others are nearer to them: 1 of its nearest. Of the 4 "
        "nearest, those with the same region come first."
    )
    body = service.get("/v1/trusts/RAB/peers", {"group": "each_other"}).json()
    assert (body["peers"], [row["trust_code"] for row in body["one_sided"]]) == ([], ["RAC"])
    assert body["explanation"] == (
        "This trust has no peers in this group: those that are nearest to it have others nearer."
    )


def test_peers_of_a_group_with_periods_are_those_of_the_newest_unless_asked(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/peers", {"group": "estate_type"}).json()
    assert (body["period"], body["periods"]) == ("2019-20", ["2019-20", "2018-19"])
    assert len(body["peers"]) == body["total"] == 8
    body = service.get("/v1/trusts/RAA/peers", {"group": "estate_type", "period": "2018-19"}).json()
    assert [row["trust_code"] for row in body["peers"]] == ["RAB", "RAC", "RAJ"]


def test_a_list_as_landed_has_neither_days_nor_distances(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/peers", {"group": "landed"}).json()
    assert [(row["trust_code"], row["distance"]) for row in body["peers"]] == [("RAF", None)]


def test_peers_come_in_pages(service: Service) -> None:
    first = service.get("/v1/trusts/RAA/peers", {"limit": "2"}).json()
    rest = service.get("/v1/trusts/RAA/peers", {"limit": "2", "cursor": first["next_cursor"]}).json()
    assert [row["trust_code"] for row in first["peers"] + rest["peers"]] == ["RAB", "RAC", "RAD"]


def test_no_peers_are_explained(service: Service) -> None:
    assert "has no peers in this group" in service.get("/v1/trusts/RAB/peers").json()["explanation"]
    everyone = service.get("/v1/trusts/RAB/peers", {"group": "national"}).json()
    assert "all other trusts that have a value" in everyone["explanation"]


def test_an_unknown_peer_group_or_period_names_those_there_are(service: Service) -> None:
    answer = service.get("/v1/trusts/RAA/peers", {"group": "friends"})
    assert (answer.status, answer.json()["known"]) == (
        400,
        ["each_other", "estate_type", "landed", "national", "recommended"],
    )
    answer = service.get("/v1/trusts/RAA/peers", {"period": "1999"})
    assert (answer.status, answer.json()["known"]) == (400, ["2017"])
