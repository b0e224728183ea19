"""Promoting, rolling back and resuming over HTTP: in the caller's name, on what the caller saw, as commands do it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from functions.api.http.route import ApiRoute
from functions.api.routes import ROUTES
from infra.local import gateway
from infra.local.stack import LocalStack
from shared.aws.store import Store
from shared.releases.channels import read_pointer
from tests.support.api.asking import ask
from tests.support.api.published import RELEASE, Service
from tests.support.paths import CHECKOUT
from tests.support.pipeline.programme import small_stack
from tests.support.pipeline.small import METHOD_TEXT, work

NOBODY = "0" * 32


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    """A stack with a current release and a preview beside it."""
    with small_stack(files={"work/2025-01/a.csv": work(1)}) as made:
        made.land("method/2/method.yaml", METHOD_TEXT.replace("q: 0.25", "q: 0.2").encode())
        made.run_until_idle()
        yield made


def shown(stack: LocalStack, channel: str = "current") -> str:
    pointer, _ = read_pointer(Store(stack.outputs["DataBucketName"], stack.client("s3")), channel)
    assert pointer
    return pointer.release_id


def decide(stack: LocalStack, path: str, name: str = "ops@example", **body: str) -> gateway.Response:
    answer = ask(stack, "POST", f"/v1/releases/{path}", {"why": "Reviewed."} | body, scope="operate", name=name)
    assert answer.headers["cache-control"] == "no-store"
    return answer


def read(stack: LocalStack) -> str:
    stack.cold_start()
    told: dict[str, Any] = ask(stack, "GET", "/v1/releases/current").json()
    return str(told["pointer"]["release_id"])


def test_whole_course_of_a_release_that_was_promoted_and_taken_back(stack: LocalStack) -> None:
    old, new = shown(stack), shown(stack, "preview")
    promoted = decide(stack, f"{new}/promote", instead_of=old)
    assert promoted.status == 200, promoted.text
    decision = promoted.json()["decision"]
    assert (decision["action"], decision["who"], decision["why"], decision["instead_of"]) == (
        "promote",
        "ops@example",
        "Reviewed.",
        old,
    )
    assert promoted.json()["pointer"]["release_id"] == new == read(stack)
    stack.run_until_idle()
    back = decide(stack, f"{old}/rollback", instead_of=new).json()
    assert (back["pointer"]["hold"], back["decision"]["number"]) == (True, 2)
    stack.land("work/2025-02/a.csv", work(2))
    stack.run_until_idle()
    assert read(stack) == old
    assert decide(stack, "resume", held=old).json()["decision"]["action"] == "resume"
    stack.run_until_idle()
    assert read(stack) not in (old, new)
    assert not stack.dead_letters()


def test_nothing_is_decided_on_what_is_no_longer_so(stack: LocalStack) -> None:
    old, new = shown(stack), shown(stack, "preview")
    stale = {
        f"{new}/promote": {"instead_of": NOBODY},
        f"{NOBODY}/promote": {"instead_of": old},
        f"{old}/promote": {"instead_of": old},
        f"{NOBODY}/rollback": {"instead_of": old},
        f"{old}/rollback": {"instead_of": NOBODY},
        "resume": {"held": old},
    }
    for path, body in stale.items():
        answer = decide(stack, path, **body)
        assert (answer.status, answer.headers["content-type"]) == (409, "application/problem+json"), path
        assert answer.json()["detail"][0].isupper()
        assert answer.json()["detail"].endswith(".")
    assert ask(stack, "GET", "/v1/releases/current").json()["pointer"]["sequence"] == 1
    assert "decisions/000001.json" not in acts_of(stack)


def test_a_hold_is_lifted_only_from_the_release_that_is_held(stack: LocalStack) -> None:
    old, new = shown(stack), shown(stack, "preview")
    decide(stack, f"{new}/promote", instead_of=old)
    decide(stack, f"{old}/rollback", instead_of=new)
    assert decide(stack, "resume", held=new).status == 409
    assert decide(stack, "resume", held=old).status == 200


def test_of_two_who_decide_on_the_same_sight_one_does(stack: LocalStack) -> None:
    old, new = shown(stack), shown(stack, "preview")
    answers = [decide(stack, f"{new}/promote", name, instead_of=old) for name in ("first", "second")]
    assert [answer.status for answer in answers] == [200, 409]
    assert acts_of(stack) == ["decisions/000001.json"]


def acts_of(stack: LocalStack) -> list[str]:
    listed = stack.client("s3").list_objects_v2(Bucket=stack.outputs["LandingBucketName"], Prefix="decisions/")
    return [one["Key"] for one in listed.get("Contents", ())]


CLOSED = [route for route in ROUTES if route.scope not in ("read", "any")]


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: f"{route.method} {route.path}")
def test_what_is_not_for_readers_is_refused_to_them_before_anything_is_read(service: Service, route: ApiRoute) -> None:
    path = route.path.replace("<release_id>", RELEASE).replace("<file_id>", "f" * 32)
    for scope, status in (("", 401), ("read", 403)):
        answer = service.as_caller("a" if scope else "", *scope.split()).get(path, method=route.method)
        assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert service.as_caller("a", "supply:work").get(path, method=route.method).status in (
        (403,) if route.scope == "operate" else (200, 404, 422)
    )
    assert not service.landing.objects


@pytest.mark.parametrize("path", [f"{RELEASE}/promote", f"{RELEASE}/rollback", "resume"])
@pytest.mark.parametrize(
    "body", [{}, {"why": ""}, {"why": " "}, {"why": "x" * 2001}, {"why": "x"}, {"why": "x", "who": "somebody else"}]
)
def test_a_reason_and_what_was_seen_are_asked_for_and_nobody_signs_for_another(
    service: Service, path: str, body: dict[str, str]
) -> None:
    seen = {} if body == {"why": "x"} else {"held" if path == "resume" else "instead_of": RELEASE}
    answer = service.as_caller("a", "operate").post(f"/v1/releases/{path}", seen | body)
    assert answer.status == 422


@pytest.mark.parametrize("release_id", ["nothing", "A" * 32, "%3Cscript%3E", "current"])
def test_what_is_no_release_id_is_none_of_ours_and_is_not_repeated(service: Service, release_id: str) -> None:
    for action in ("promote", "rollback"):
        body = {"why": "x", "instead_of": RELEASE}
        answer = service.as_caller("a", "operate").post(f"/v1/releases/{release_id}/{action}", body)
        assert answer.status == 404
        assert "script" not in answer.text


def test_before_there_is_a_method_there_is_nothing_to_decide() -> None:
    with LocalStack({"Build": "1"}) as empty:
        answer = decide(empty, f"{NOBODY}/promote", instead_of=NOBODY)
        assert answer.status == 409
        assert "method" in answer.json()["detail"]


def loaded_by(module: str) -> set[str]:
    script = f"import json, sys; import {module}; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_deciding_needs_no_pandas_though_it_reads_the_log_as_others_do() -> None:
    assert "pandas" not in loaded_by("shared.releases.promotion")


def test_what_readers_need_not_is_not_loaded_for_them() -> None:
    assert not {"shared.releases.promotion", "shared.landing.snapshot", "yaml"} & loaded_by("functions.api.handler")
