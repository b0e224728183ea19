"""What every address has in common: freshness, problems, and the page."""

import re
from itertools import count

import boto3
import pytest

from functions.api import handler as api
from functions.api.http.problems import STATUS, Problem
from functions.api.release import Releases
from functions.api.routes import ROUTES
from infra.local import gateway
from infra.local.stack import mocked_aws
from shared import keys
from shared.aws.store import Store, Stored
from shared.errors import Transient
from tests.support.api.published import NEXT, OF_RELEASE, RELEASE, Service, path_of

PATHS = [path_of(route) for route in OF_RELEASE if route.method == "GET"]
CURRENT = "/v1/releases/current"
WITH_SEQUENCE = {CURRENT: ("1",), "/v1/releases": ("1", "1")}  # a list also says which releases are kept
TABLE = f"/v1/releases/{RELEASE}/tables/trusts"
PATHS = [path for path in PATHS if path not in (TABLE, f"/v1/releases/{RELEASE}/changes")]


PUBLISHED = 1_735_689_600.0
"""2025-01-01, midnight, UTC, in seconds since 1970: 20,089 days."""


def tag_of(path: str) -> str:
    if path == f"/v1/releases/{RELEASE}":
        return f'W/"{RELEASE}.{PUBLISHED}"'
    return f'W/"{".".join([RELEASE, *WITH_SEQUENCE.get(path, ())])}"'


@pytest.mark.parametrize("path", PATHS)
def test_every_address_answers_and_says_from_which_release(service: Service, path: str) -> None:
    answer = service.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert (answer.headers["etag"], answer.headers["x-release-id"]) == (tag_of(path), RELEASE)
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.json()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("told", ["{}", "W/{}", '"other", W/{}', "*"])
def test_a_reader_who_has_the_release_is_told_so(service: Service, path: str, told: str) -> None:
    answer = service.get(path, if_none_match=told.format(tag_of(path).removeprefix("W/")))
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag_of(path))
    assert answer.headers["x-release-id"] == RELEASE


@pytest.mark.parametrize("told", ['"other"', RELEASE[:-1], f'"{RELEASE}x"', ""])
def test_another_tag_gets_the_answer(service: Service, told: str) -> None:
    assert service.get("/v1/categories", if_none_match=told).status == 200


def test_a_tag_does_not_hide_that_there_is_nothing(service: Service) -> None:
    assert service.get("/v1/trusts/ZZZ", if_none_match="*").status == 404


@pytest.mark.parametrize("path", [*PATHS, "/"])
def test_headers_can_be_had_alone(service: Service, path: str) -> None:
    whole, alone = service.get(path), service.get(path, method="HEAD")
    assert (alone.status, alone.body, alone.headers) == (200, b"", whole.headers)


def test_before_the_first_release_readers_are_asked_to_come_back() -> None:
    answer = Service().get("/v1/trusts")
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert "No figures have been published" in answer.json()["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert Service().get("/").status == 200


def test_a_hiccup_of_the_store_is_a_503_and_a_bug_a_500_and_neither_says_more(service: Service) -> None:
    class Faulty(Store):
        def __init__(self, error: Exception) -> None:
            self.error = error

        def get(self, key: str, version_id: str | None = None) -> Stored:
            raise self.error

    for error, status in ((Transient("secret"), 503), (KeyError("secret"), 500)):
        service.app = api.application(Releases(Faulty(error), 2.0, lambda: 0.0), service.context, open_read=True)
        answer = service.get("/v1/trusts")
        assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
        assert "secret" not in answer.text


def test_a_release_that_vanishes_while_it_is_read_is_a_503(service: Service) -> None:
    del service.store.objects[keys.release(RELEASE, "trusts.parquet")]
    assert service.get("/v1/trusts").status == 503


def test_every_problem_has_a_status() -> None:
    assert {kind for kind in STATUS if issubclass(kind, Problem)} == set(Problem.__subclasses__())


def test_an_unknown_address_is_404_and_a_wrong_method_405(service: Service) -> None:
    nowhere = service.get("/v2/anything")
    assert (nowhere.status, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert nowhere.json()["addresses"] == list(dict.fromkeys(route.path for route in ROUTES))
    for path in (*PATHS, "/"):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            refused = service.get(path, method=method)
            assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
    assert service.get("/v2/anything", method="POST").status == 404


@pytest.mark.parametrize("path", ["/v1/trusts/ZZZ", "/v1/nothing", "/v1/trusts?limit=0"])
def test_problems_are_documents_with_status_title_and_detail(service: Service, path: str) -> None:
    address, _, query = path.partition("?")
    answer = service.get(address, dict([query.split("=")]) if query else None)
    told = answer.json()
    assert (told["type"], told["status"]) == ("about:blank", answer.status)
    assert told["title"]
    assert told["detail"].endswith((".", "?"))
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/problem+json", "no-store")


@pytest.mark.parametrize("where", ["q", "cursor", "limit", "region", "<script>alert(1)</script>"])
def test_what_was_asked_is_never_reflected(service: Service, where: str) -> None:
    answer = service.get("/v1/trusts", {where: "<script>alert(1)</script>"})
    assert "script>" not in answer.text
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/v1/trusts/%3Cscript%3E", "/v1/opportunities/%3Cscript%3E", "/%3Cscript%3E"):
        assert "script>" not in service.get(path).text.lower()


def test_a_link_to_the_next_page_cannot_be_broken_out_of(service: Service) -> None:
    answer = service.get("/v1/trusts", {"q": 'NHS\r\nX: y>; rel="x', "limit": "1"})
    assert "link" not in answer.headers  # nothing is called that
    link = service.get("/v1/trusts", {"q": "saint", "limit": "1"}).headers["link"]
    assert re.fullmatch(rf'<\?q=saint&limit=1&as_at={RELEASE}&cursor={RELEASE}\.[A-Za-z0-9_-]+>; rel="next"', link)


def test_each_object_of_a_release_is_fetched_once(service: Service) -> None:
    for _ in range(2):
        for path in PATHS:
            service.get(path)
    tables = [key for key in service.store.asked if not key.startswith("channels/")]
    assert len(tables) == len(set(tables)) == 14
    assert keys.release(RELEASE, "findings.parquet") not in tables


def test_a_table_is_only_fetched_when_needed(service: Service) -> None:
    service.get("/v1/trusts")
    of_release = [keys.release(RELEASE, name) for name in ("method.json", "trusts.parquet")]
    assert service.store.asked == [keys.channel("current"), *of_release]


def test_a_new_release_shows_once_the_pointer_is_no_longer_remembered(service: Service) -> None:
    service.get("/v1/trusts")
    service.publish("b" * 32, sequence=2)
    service.now = 1.9
    assert service.get("/v1/trusts", if_none_match=tag_of("")).status == 304
    service.now = 2.0
    assert service.get("/v1/trusts", if_none_match=tag_of("")).headers["etag"] == f'W/"{"b" * 32}"'


def test_current_release_is_told_with_the_pointer_that_named_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = count(step=10.0)
    monkeypatch.setattr(service.releases, "_clock", lambda: next(late))  # no pointer is remembered
    genuine = service.store.find

    def find(key: str) -> Stored | None:
        found = genuine(key)
        service.publish(NEXT, sequence=2)  # the channel moves on as soon as it was looked at
        return found

    monkeypatch.setattr(service.store, "find", find)
    told = service.get(CURRENT)
    assert told.json()["pointer"]["release_id"] == told.json()["manifest"]["release_id"] == RELEASE
    assert told.headers["x-release-id"] == RELEASE


def test_publishing_the_same_release_again_changes_what_is_told_of_it_and_fetches_nothing_anew(
    service: Service,
) -> None:
    service.get("/v1/trusts")
    service.get(CURRENT)
    service.publish(sequence=3)
    service.now = 2.0
    service.store.asked.clear()
    assert service.get(CURRENT, if_none_match=tag_of(CURRENT)).json()["pointer"]["sequence"] == 3
    assert service.get("/v1/trusts", if_none_match=tag_of("")).status == 304
    assert service.store.asked == [keys.channel("current")]


def test_the_current_release_tells_its_pointer_and_manifest(service: Service) -> None:
    body = service.get(CURRENT).json()
    assert body["pointer"]["release_id"] == body["manifest"]["release_id"] == RELEASE
    assert body["pointer"]["published_at"] == "2025-01-01T00:00:00Z"
    assert {output["name"] for output in body["manifest"]["outputs"]} >= {"trusts", "opportunities"}


def test_the_handler_reads_the_bucket_it_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_DEFAULT_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    for name, value in {
        "DATA_BUCKET": "data",
        "INCOMING_BUCKET": "incoming",
        "LANDING_BUCKET": "landing",
        "OPEN_READ": "true",
        "POWERTOOLS_METRICS_NAMESPACE": "Headroom/test",
    }.items():
        monkeypatch.setenv(name, value)
    with mocked_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        for key, body in service.store.objects.items():
            s3.put_object(Bucket="data", Key=key, Body=body)
        monkeypatch.setattr(api, "Store", lambda bucket, _: Store(bucket, s3))
        api._application.cache_clear()
        try:
            answer = gateway.response(api.handler(gateway.event("GET", PATHS[3]), object()))
        finally:
            api._application.cache_clear()
    assert answer.json() == service.get(PATHS[3]).json()


def test_any_release_that_was_ever_published_can_be_asked(service: Service) -> None:
    service.publish("b" * 32, sequence=2)
    service.now = 10.0
    for release_id, told in (("b" * 32, "b" * 32), (RELEASE, RELEASE)):
        answer = service.get("/v1/trusts", {"as_at": release_id, "limit": "1"})
        assert answer.headers["x-release-id"] == told
        assert f"as_at={release_id}" in answer.headers["link"]
        assert service.get(f"/v1/releases/{release_id}").json()["manifest"]["release_id"] == told
    assert service.get("/v1/trusts").headers["x-release-id"] == "b" * 32
    assert service.get("/v1/trusts", {"as_at": "c" * 32}).status == 404
    assert service.get("/v1/trusts", {"as_at": "yesterday"}).status == 400


def test_the_releases_last_asked_for_are_kept_and_no_more(service: Service) -> None:
    ids = [letter * 32 for letter in "bcdef"]
    for place, release_id in enumerate(ids):
        service.publish(release_id, sequence=place + 2)
    for release_id in [*ids, ids[-1]]:
        service.get("/v1/trusts", {"as_at": release_id})
    fetched = [key for key in service.store.asked if key.endswith("method.json")]
    assert len(fetched) == len(ids)
    service.get("/v1/trusts", {"as_at": ids[0]})
    assert len([key for key in service.store.asked if key.endswith("method.json")]) == len(ids) + 1
