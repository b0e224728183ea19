"""A list that is paged while another release is published: all its pages come from the release of the first."""

import csv
import io
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from infra.landing import files_of
from infra.local import gateway
from infra.local.stack import LocalStack
from tests.support.api.published import NEXT, NOW, RELEASE, Rows, Service, opportunities
from tests.support.paths import SAMPLES

LISTS = [
    ("/v1/trusts", "trusts", "trust_code"),
    ("/v1/opportunities", "opportunities", "opportunity_id"),
    ("/v1/opportunities/cleaning_cost", "trusts", "trust_code"),
    ("/v1/trusts/RAA/opportunities", "opportunities", "opportunity_id"),
    ("/v1/trusts/RAA/peers", "peers", "trust_code"),
    ("/v1/trusts/RAA/opportunities/cleaning_cost/trend", "points", "period_end"),
]
ASK = Callable[[str, dict[str, str]], gateway.Response]
GONE = "b" * 32


def by_link(answer: gateway.Response, query: dict[str, str]) -> dict[str, str] | None:
    """The next page's query as the Link header has it."""
    link = answer.headers.get("link")
    return dict(parse_qsl(link.partition("?")[2].partition(">")[0])) if link else None


def by_cursor(answer: gateway.Response, query: dict[str, str]) -> dict[str, str] | None:
    """The same query with the cursor of the body alone."""
    cursor = answer.json()["next_cursor"]
    return {**query, "cursor": cursor} if cursor else None


FOLLOW = [by_link, by_cursor]


def reordered() -> Rows:
    """Today's rows with the order turned round: each that has a rank has another one."""
    rows = opportunities()
    ranked = [row for row in rows if row["rank"] is not None and row["trust_code"] == "RAA"]
    turned = {row["opportunity_id"]: len(ranked) + 1 - row["rank"] for row in ranked}
    return [row | {"rank": turned[row["opportunity_id"]]} if row in ranked else row for row in rows]


def publish_another(service: Service) -> None:
    service.publish(NEXT, sequence=2, opportunities=reordered())
    service.now += 10.0  # the pointer is no longer remembered


@pytest.mark.parametrize("follow", FOLLOW)
@pytest.mark.parametrize(("path", "list_of", "item_id"), LISTS)
def test_a_release_that_is_published_between_two_pages_does_not_show(
    service: Service, path: str, list_of: str, item_id: str, follow: Callable[..., dict[str, str] | None]
) -> None:
    whole = [item[item_id] for item in service.get(path, {"limit": "500"}).json()[list_of]]
    seen, releases, query, pages = [], set(), {"limit": "1"}, 0
    while True:
        answer = service.get(path, query)
        assert answer.status == 200
        seen += [item[item_id] for item in answer.json()[list_of]]
        releases.add(answer.headers["x-release-id"])
        if not pages:
            publish_another(service)
            assert service.get(path).headers["x-release-id"] == NEXT
        pages += 1
        following = follow(answer, query)
        if following is None:
            break
        query = following
    assert (seen, releases, pages) == (whole, {RELEASE}, len(whole))
    assert len(set(whole)) == len(whole) > 1


def first_cursor(service: Service) -> str:
    cursor: str = service.get("/v1/trusts", {"limit": "2"}).json()["next_cursor"]
    return cursor


def test_as_at_and_cursor_of_different_releases_are_refused(service: Service) -> None:
    cursor = first_cursor(service)
    publish_another(service)
    refused = service.get("/v1/trusts", {"as_at": NEXT, "cursor": cursor})
    assert (refused.status, refused.json()["parameter"]) == (400, "as_at")
    assert "different releases" in refused.json()["detail"]
    assert service.get("/v1/trusts", {"as_at": RELEASE, "cursor": cursor}).status == 200


def test_a_day_that_is_over_names_one_release_and_today_does_not_yet(service: Service) -> None:
    cursor = first_cursor(service)
    publish_another(service)  # on 2 January, the first one on 1 January
    told = {
        day: service.get("/v1/trusts", {"as_at": day, "cursor": cursor})
        for day in ("2025-01-01", "2025-01-02", "2025-01-30", NOW.date().isoformat(), "2025-02-01")
    }
    assert [answer.status for answer in told.values()] == [200, 400, 400, 200, 200]
    assert {answer.headers["x-release-id"] for answer in told.values() if answer.status == 200} == {RELEASE}
    assert service.get("/v1/trusts", {"as_at": "2025-02-31", "cursor": cursor}).status == 400


def test_a_link_of_a_day_names_the_release(service: Service) -> None:
    link = service.get("/v1/trusts", {"as_at": "2025-01-01", "limit": "1"}).headers["link"]
    assert f"as_at={RELEASE}&" in link
    assert "2025-01-01" not in link


def test_a_cursor_whose_release_is_gone_says_so(service: Service) -> None:
    _, _, rest = first_cursor(service).partition(".")
    refused = service.get("/v1/trusts", {"cursor": f"{GONE}.{rest}"})
    assert (refused.status, refused.json()["parameter"]) == (400, "cursor")
    assert refused.json()["detail"] == ("The release of this cursor no longer exists. Start again without cursor.")


def test_lists_that_no_release_holds_keep_a_cursor_of_their_own(service: Service) -> None:
    publish_another(service)
    answer = service.get("/v1/releases", {"limit": "1"})
    cursor = answer.json()["next_cursor"]
    assert json.loads(urlsafe_b64decode(cursor + "==")) == [2]
    assert "as_at" not in answer.headers["link"]
    rest = service.get("/v1/releases", {"cursor": cursor}).json()["releases"]
    assert [one["release_id"] for one in rest] == [RELEASE]


# ---- the whole flow: a file that moves ranks lands between the first page and the second ----------------------------

ERIC = "eric_site/2024-25/"
FACTORS = {"Gas costs (£)": 9.0, "Other Soft FM (Hotel Services) costs (£)": 0.9}


def changed(body: bytes, code: str) -> bytes:
    """The figures of a trust's sites multiplied by FACTORS."""
    headings, *rows = csv.reader(io.StringIO(body.decode("cp1252")))
    for row in rows:
        for column, factor in FACTORS.items():
            place = headings.index(column)
            if row[0] == code and row[place].lstrip("-").isdigit():
                row[place] = str(round(int(row[place]) * factor))
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode("cp1252")


def test_a_file_that_moves_ranks_between_two_pages_changes_no_page() -> None:
    path = "/v1/trusts/RIL/opportunities"
    files = files_of(SAMPLES)
    with LocalStack({"Build": "1"}) as stack:
        for file in files:
            stack.land(file.key, file.body)
        stack.run_until_idle()
        whole = stack.request("GET", path, {"limit": "500"}).json()
        first = stack.request("GET", path, {"limit": "5"})
        (eric,) = (file for file in files if file.key.startswith(ERIC))
        stack.land(eric.key, changed(eric.body, "RIL"))
        stack.run_until_idle()
        stack.cold_start()  # as if a function of its own answered
        after = stack.request("GET", path, {"limit": "500"})
        followed = {}
        for follow in FOLLOW:
            answers, query = [first], {"limit": "5"}
            while following := follow(answers[-1], query):
                query = following
                answers.append(stack.request("GET", path, query))
            followed[follow] = answers
    expected = [row["opportunity_id"] for row in whole["opportunities"]]
    now = [row["opportunity_id"] for row in after.json()["opportunities"]]
    assert len(expected) == 21
    assert now != expected
    assert after.headers["x-release-id"] != first.headers["x-release-id"]
    for answers in followed.values():
        assert {answer.headers["x-release-id"] for answer in answers} == {first.headers["x-release-id"]}
        assert [row["opportunity_id"] for answer in answers for row in answer.json()["opportunities"]] == expected
