"""The preview over HTTP: what it is, why readers do not see it, and what it would change."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack
from shared import keys
from shared.aws.store import Store
from shared.releases.channels import read_pointer
from shared.releases.comparison import Comparison
from tests.support.api.asking import ask
from tests.support.api.published import NEXT, RELEASE, Service
from tests.support.paths import CHECKOUT
from tests.support.pipeline.programme import small_stack
from tests.support.pipeline.small import METHOD_TEXT, work

PATH = "/v1/releases/preview"


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    """A stack with a current release, and a preview whose ambitious benchmark is another quantile."""
    with small_stack(files={"work/2025-01/a.csv": work(1)}) as made:
        made.land("method/2/method.yaml", METHOD_TEXT.replace("q: 0.25", "q: 0.2").encode())
        made.run_until_idle()
        yield made


def pointers(stack: LocalStack) -> list[str]:
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    read = [read_pointer(data, channel)[0] for channel in (keys.CURRENT, keys.PREVIEW)]
    return [pointer.release_id for pointer in read if pointer]


def test_the_preview_says_what_it_would_change_and_its_links_lead_to_its_figures(stack: LocalStack) -> None:
    current, previewed = pointers(stack)
    answer = ask(stack, "GET", PATH, scope="operate")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    preview = answer.json()
    assert (preview["release_id"], preview["current"]["release_id"]) == (previewed, current)
    assert preview["preview"]["published_at"] >= preview["current"]["published_at"]
    stored = Store(stack.outputs["DataBucketName"], stack.client("s3")).read_model(
        Comparison, keys.comparison(preview["current"]["release_id"], previewed)
    )
    assert preview["comparison"] == stored.model_dump(mode="json")
    assert preview["words"] == [
        "Its method is not the current one, so readers do not see this release until an operator promotes it."
    ]
    links = preview["links"]
    for name in ("release", "figures", "methodology", "changes"):
        path, _, query = links[name].partition("?")
        linked = ask(stack, "GET", path, query=dict([query.split("=")]) if query else None)
        assert (linked.status, linked.headers["x-release-id"]) == (200, previewed), name
        assert "x-release-published" not in linked.headers
    promoted = ask(stack, "POST", links["promote"], {"why": "Reviewed.", "instead_of": current}, scope="operate")
    assert promoted.status == 200
    gone = ask(stack, "GET", PATH, scope="operate")
    assert (gone.status, gone.json()["detail"]) == (
        404,
        "There is no preview: land another method than the current one and wait until it is accepted.",
    )


def test_a_preview_next_to_a_release_on_hold_says_by_whose_decision(stack: LocalStack) -> None:
    old, new = pointers(stack)
    for path, seen, why in ((f"{new}/promote", old, "Reviewed."), (f"{old}/rollback", new, "Energy prices are wrong.")):
        body = {"why": why, "instead_of": seen}
        assert ask(stack, "POST", f"/v1/releases/{path}", body, scope="operate", name="ops@example").status == 200
    stack.run_until_idle()
    preview = ask(stack, "GET", PATH, scope="operate").json()
    assert preview["release_id"] == new
    assert preview["words"][1] == (
        "The current release is on hold by a decision of ops@example: Energy prices are wrong. Promoting the preview "
        "ends the hold."
    )


def test_a_preview_that_is_still_being_compared_says_so(service: Service) -> None:
    service.preview()
    preview = service.as_caller("ops", "operate").get(PATH).json()
    assert (preview["release_id"], preview["current"]["release_id"]) == (NEXT, RELEASE)
    assert preview["comparison"] is None
    assert preview["words"][-1] == "The two releases are still being compared. Try again in a minute."


def test_without_a_preview_the_answer_says_how_there_comes_to_be_one(service: Service) -> None:
    refused = service.as_caller("ops", "operate").get(PATH)
    assert (refused.status, refused.headers["content-type"]) == (404, "application/problem+json")
    assert "land another method" in refused.json()["detail"]


def test_readers_do_not_see_the_preview(service: Service) -> None:
    service.preview()
    assert service.get(PATH).status == 401
    assert service.as_caller("reader", "read").get(PATH).status == 403


def test_the_comparison_is_not_loaded_for_readers() -> None:
    script = "import sys; import functions.api.handler; print('shared.releases.comparison' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
