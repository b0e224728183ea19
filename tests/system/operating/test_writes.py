"""Uploads, receipts, decisions and feedback on the emulator, which holds what is sent by a form to the form's policy.

The function is called as the gateway calls it once a token was checked; that it is checked, other tests say.
"""

import json
from typing import Any

import httpx
import pytest

from infra.landing import files_of
from infra.local import gateway
from infra.ops.run import settle
from tests.support.paths import SAMPLES
from tests.system.conftest import Published

SAMPLE = next(file for file in files_of(SAMPLES) if file.key.startswith("ods_trusts/"))
DATASET, PERIOD, NAME = SAMPLE.key.split("/")
CLAIMS = gateway.claims("somebody", "operate", f"supply:{DATASET}")


def ask(published: Published, method: str, path: str, body: Any = None, **query: str) -> gateway.Response:
    sent = b"" if body is None else json.dumps(body).encode()
    event = gateway.event(method, path, query, None, sent, CLAIMS)
    name = function_name(published)
    answer = published.emulator.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return gateway.response(json.loads(answer["Payload"].read()))


def function_name(published: Published) -> str:
    names = [one["FunctionName"] for one in published.emulator.client("lambda").list_functions()["Functions"]]
    return next(name for name in names if "ApiFunction" in name)


def form(published: Published, **other: Any) -> dict[str, Any]:
    wanted = {"dataset": DATASET, "period": PERIOD, "part": "sent", "file_name": NAME, "size_bytes": len(SAMPLE.body)}
    answer = ask(published, "POST", "/v1/uploads", wanted | {"content_type": "text/csv", "dry_run": True} | other)
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def send(form: dict[str, Any], body: bytes, **other: str) -> httpx.Response:
    return httpx.post(form["url"], data=form["form_fields"] | other, files={"file": ("f", body)}, timeout=30)


def test_file_sent_by_a_form_is_ingested_and_gets_its_receipt(published: Published) -> None:
    signed = form(published)
    sent = send(signed, SAMPLE.body)
    assert sent.status_code == 204, sent.text
    settle(published.emulator)
    (told,) = ask(published, "GET", "/v1/receipts", landing_key=signed["landing_key"]).json()["receipts"]
    assert (told["status"], told["dry_run"], told["size_bytes"]) == ("accepted", True, len(SAMPLE.body))
    assert (told["upload_id"], told["uploaded_by"]) == (signed["upload_id"], "somebody")
    landing = published.emulator.outputs["LandingBucketName"]
    landed = published.emulator.client("s3").head_object(Bucket=landing, Key=signed["landing_key"])
    assert told["version_id"] == landed["VersionId"]
    whole = ask(published, "GET", f"/v1/receipts/{told['receipt_id']}")
    assert (whole.status, whole.json()["version_id"]) == (200, told["version_id"])


@pytest.mark.parametrize(
    ("body", "other"),
    [
        (SAMPLE.body + b"x", {}),
        (SAMPLE.body[:-1], {}),
        (SAMPLE.body, {"Content-Type": "text/html"}),
        (SAMPLE.body, {"key": "method/9/method.yaml"}),
        (SAMPLE.body, {"key": f"{DATASET}/{PERIOD}/{NAME}"}),
        (SAMPLE.body, {"policy": "e30="}),
    ],
    ids=["larger", "smaller", "another type", "another key", "no dry run", "another policy"],
)
def test_what_the_form_was_not_signed_for_is_refused(published: Published, body: bytes, other: dict[str, str]) -> None:
    assert send(form(published), body, **other).status_code in (400, 403)


def test_every_sample_is_found_by_the_id_that_the_release_knows_it_by(published: Published) -> None:
    for file in ask(published, "GET", f"/v1/releases/{published.release_id}").json()["manifest"]["inputs"][:3]:
        told = ask(published, "GET", f"/v1/receipts/{file['file_id']}").json()
        assert (told["status"], told["sha256"]) == ("accepted", file["sha256"])


def test_what_is_decided_on_another_sight_is_refused_by_a_function_that_may_look(published: Published) -> None:
    answer = ask(published, "POST", f"/v1/releases/{'0' * 32}/rollback", {"why": "A test.", "instead_of": "0" * 32})
    assert answer.status == 409, answer.text
    assert "current now" in answer.json()["detail"]


def test_feedback_is_kept_and_told(published: Published) -> None:
    said = {"about": {"methodology": "all"}, "text": "From the emulator."}
    kept = ask(published, "POST", "/v1/feedback", said)
    assert kept.status == 200, kept.text
    told = ask(published, "GET", "/v1/feedback").json()["feedback"]
    assert [one["text"] for one in told if one["feedback_id"] == kept.json()["feedback_id"]] == ["From the emulator."]
