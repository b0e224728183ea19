"""How far an upload is: only stages that what is stored can tell apart."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from infra.local.stack import LocalStack
from tests.support.api.asking import ask
from tests.support.pipeline.programme import small_stack
from tests.support.pipeline.small import work

GOOD, BAD = work(1), b"not what was promised\n"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with small_stack() as made:
        yield made


def form_for(stack: LocalStack, name: str, **other: Any) -> dict[str, Any]:
    wanted = {"dataset": "work", "period": "2025-01", "file_name": name, "content_type": "text/csv"} | other
    form: dict[str, Any] = ask(stack, "POST", "/v1/uploads", wanted, scope="supply:work").json()
    return form


def send(form: dict[str, Any], body: bytes) -> None:
    requests.post(form["url"], data=form["form_fields"], files={"file": body}, timeout=5).raise_for_status()


def progress(stack: LocalStack, form: dict[str, Any], scope: str = "supply:work") -> dict[str, Any]:
    answer = ask(stack, "GET", form["progress"], scope=scope)
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(("body", "verdict"), [(GOOD, "accepted"), (BAD, "rejected")])
def test_an_upload_waits_is_received_and_gets_its_receipt(
    stack: LocalStack, body: bytes, verdict: str, dry_run: bool
) -> None:
    form = form_for(stack, f"{verdict}-{dry_run}.csv", dry_run=dry_run)
    waiting = progress(stack, form)
    assert (waiting["stage"], waiting["received_at"], waiting["receipt_id"]) == ("waiting", None, None)
    assert (waiting["upload_id"], waiting["landing_key"]) == (form["upload_id"], form["landing_key"])
    assert (waiting["dry_run"], waiting["expires_at"]) == (dry_run, form["expires_at"])
    send(form, body)
    received = progress(stack, form)
    assert (received["stage"], received["receipt_id"], received["landed_at"]) == ("received", None, None)
    assert received["received_at"] is not None
    while stack.pending().get("UploadsQueue"):
        stack.deliver("UploadsQueue")
    assert progress(stack, form)["stage"] == "received"  # landed, but whether it is being read cannot be known
    stack.run_until_idle()
    done = progress(stack, form)
    assert done["stage"] == verdict
    path, _, query = done["receipt"].partition("?")
    assert (path, query) == (f"/v1/receipts/{done['receipt_id']}", f"upload_id={form['upload_id']}")
    receipt = ask(stack, "GET", path, query={"upload_id": form["upload_id"]}, scope="supply:work").json()
    assert (receipt["upload_id"], receipt["status"]) == (form["upload_id"], verdict)
    assert receipt["dry_run"] == dry_run
    assert done["landed_at"] == receipt["landed_at"]


def test_each_upload_to_one_landing_key_has_its_own_receipt(stack: LocalStack) -> None:
    forms = [form_for(stack, "same.csv") for _ in range(13)]
    for form, body in zip(forms, [BAD, *[GOOD] * 12], strict=True):
        send(form, body)
        stack.run_until_idle()
    stages = [progress(stack, form)["stage"] for form in forms]
    assert stages == ["rejected", *["accepted"] * 12]


def test_a_receipt_from_before_the_upload_is_not_looked_at(stack: LocalStack) -> None:
    send(form_for(stack, "earlier.csv"), GOOD)
    stack.run_until_idle()
    clock: Any = stack.clock
    clock.advance(timedelta(minutes=6).total_seconds())
    later = form_for(stack, "earlier.csv")
    calls = len(stack.calls)
    assert progress(stack, later)["stage"] == "waiting"
    read = [call.parameters["Key"] for call in stack.calls[calls:] if call.operation == "GetObject"]
    assert [key for key in read if key.startswith("receipts/")] == []


@pytest.mark.parametrize("scope", ["supply:roll", "supply:works"])
def test_another_suppliers_upload_is_not_there(stack: LocalStack, scope: str) -> None:
    form = form_for(stack, "mine.csv")
    assert ask(stack, "GET", form["progress"], scope=scope).status == 404
    assert progress(stack, form, scope="operate")["stage"] == "waiting"


@pytest.mark.parametrize("name", ["x", "2025-01-31-0123456789abcdef-999", "..%2Fchannels%2Fcurrent", "a" * 200])
def test_an_id_that_was_never_given_out_is_not_there(stack: LocalStack, name: str) -> None:
    assert ask(stack, "GET", f"/v1/uploads/{name}", scope="operate").status == 404
