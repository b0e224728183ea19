"""Uploads: one landing key, one size, one type, for a while; and what is sent by the form is ingested like any file."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from functions.api import uploads
from functions.ingest import readers
from infra.local import LocalStack
from infra.template import load, of_type
from shared import keys, landing
from shared.keys import BadKey, Slot
from tests.api.asking import ask
from tests.api.published import Service
from tests.pipeline.small import METHOD_TEXT, ROLL, work

FILE = work(1)
WANTED = {
    "dataset": "work",
    "period": "2025-01",
    "file_name": "the file (2).csv",
    "size_bytes": len(FILE),
    "content_type": "text/csv",
}


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "1"}) as made:
        made.land("method/1/method.yaml", METHOD_TEXT.encode())
        made.land("roll/2024/roll.csv", ROLL)
        made.run_until_idle()
        yield made


def wanted(stack: LocalStack, scope: str = "supply:work", **other: Any) -> Any:
    return ask(stack, "POST", "/v1/uploads", WANTED | other, scope=scope)


def policy(form: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(base64.b64decode(form["form_fields"]["policy"]))
    return told


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({}, "work/2025-01/the file (2).csv"),
        ({"part": "north"}, "work/2025-01/north/the file (2).csv"),
        ({"dry_run": True}, "dry-run/work/2025-01/the file (2).csv"),
    ],
)
def test_form_is_bound_to_one_key_size_and_type_and_to_a_while(
    stack: LocalStack, other: dict[str, Any], key: str
) -> None:
    form = wanted(stack, **other).json()
    assert form["landing_key"] == form["form_fields"]["key"] == key
    conditions = policy(form)["conditions"]
    assert {"key": key} in conditions
    assert {"Content-Type": "text/csv"} in conditions
    assert ["content-length-range", len(FILE), len(FILE)] in conditions
    assert {"bucket": stack.outputs["LandingBucketName"]} in conditions
    for told in (policy(form)["expiration"], form["expires_at"]):
        assert datetime.fromisoformat(told) == stack.clock() + timedelta(seconds=uploads.SECONDS)


def test_address_names_the_region_since_a_form_cannot_follow_a_redirect(stack: LocalStack) -> None:
    assert ".s3.eu-west-2.amazonaws.com" in wanted(stack).json()["url"]


@pytest.mark.parametrize("dry_run", [False, True])
def test_file_sent_by_the_form_is_ingested_and_its_receipt_is_where_the_answer_said(
    stack: LocalStack, dry_run: bool
) -> None:
    form = wanted(stack, dry_run=dry_run).json()
    sent = requests.post(form["url"], data=form["form_fields"], files={"file": ("other name.csv", FILE)}, timeout=5)
    assert sent.status_code == 204
    stack.run_until_idle()
    assert not stack.dead_letters()
    path, _, query = form["receipts"].partition("?")
    key = requests.compat.unquote_plus(query.removeprefix("landing_key="))
    (told,) = ask(stack, "GET", path, query={"landing_key": key}, scope="supply:work").json()["receipts"]
    assert (told["status"], told["landing_key"], told["size_bytes"]) == ("accepted", form["landing_key"], len(FILE))
    assert told["dry_run"] == dry_run


@pytest.mark.parametrize("scope", ["read", "operate", "supply:other", "supply:works", "supply:", "work"])
def test_only_a_dataset_that_the_caller_supplies_is_landed(stack: LocalStack, scope: str) -> None:
    answer = wanted(stack, scope=scope)
    assert answer.status == 403
    assert "form_fields" not in answer.text
    assert answer.json()["scope"] == (
        "supply:work" if scope.startswith("supply:") and scope[7:] else "supply:<dataset>"
    )


@pytest.mark.parametrize("dataset", ["acts", "method", "dry-run"])
def test_what_is_no_dataset_is_never_landed_whatever_a_token_says(stack: LocalStack, dataset: str) -> None:
    answer = wanted(stack, scope=f"supply:{dataset}", dataset=dataset)
    assert (answer.status, answer.json()["field"]) == (422, "dataset")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("file_name", "a/b.csv"),
        ("file_name", "${filename}"),
        ("file_name", "..\\x.csv"),
        ("file_name", ".hidden"),
        ("file_name", ""),
        ("file_name", "x" * 201),
        ("file_name", "a\nb.csv"),
        ("period", "2025/01"),
        ("period", ".."),
        ("part", "-"),
        ("dataset", "work/2025-01"),
        ("size_bytes", 0),
        ("size_bytes", landing.LARGEST + 1),
        ("content_type", "text/html"),
        ("content_type", None),
    ],
)
def test_what_could_become_another_key_or_is_never_read_is_refused(stack: LocalStack, field: str, given: Any) -> None:
    answer = wanted(stack, **{field: given})
    assert (answer.status, answer.json()["field"]) == (422, field)
    assert answer.headers["cache-control"] == "no-store"


def test_an_upload_needs_no_release_and_nobody_keeps_its_answer() -> None:
    with LocalStack({"Build": "1"}) as empty:
        answer = wanted(empty)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert "x-release-id" not in answer.headers


def test_unknown_field_and_unknown_parameter_are_refused(service: Service) -> None:
    caller = service.as_caller("a", "supply:work")
    assert caller.post("/v1/uploads", WANTED | {"key": "method/1/method.yaml"}).status == 422
    assert caller.post("/v1/uploads", WANTED, {"as_at": "2025-01-01"}).status == 400


def test_no_method_is_landed_by_http_whatever_signs_it() -> None:
    """The function may sign for any landing key; the bucket itself refuses it the ones that decide every figure."""
    (policy,) = (
        one for one in of_type(load(), "AWS::S3::BucketPolicy").values() if one["Bucket"] == {"Ref": "LandingBucket"}
    )
    statements = {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}
    refused = statements["NoMethodsByHttp"]
    assert (refused["Effect"], refused["Action"]) == ("Deny", "s3:PutObject")
    assert refused["Principal"] == {"AWS": {"Fn::GetAtt": ["ApiRole", "Arn"]}}
    assert {one["Fn::Sub"] for one in refused["Resource"]} == {
        f"${{LandingBucket.Arn}}/{prefix}method/*" for prefix in ("", "dry-run/")
    }


def test_largest_file_that_may_be_landed_is_the_largest_that_is_read() -> None:
    assert readers.LARGEST == landing.LARGEST


def test_landing_keys_are_those_that_ingest_reads_back() -> None:
    for part in ("", "p"):
        slot = Slot("work", "2025-01", part)
        assert keys.slot_of(landing.landing_key(slot, "a b.csv")) == slot
    for slot, file in ((Slot("work", "2025-01"), "p/a.csv"), (Slot("work", "."), "a.csv"), (Slot("acts", "x"), "a")):
        with pytest.raises(BadKey):
            landing.landing_key(slot, file)


def test_folder_is_whose_dataset_a_key_is_in_even_where_it_is_no_slot() -> None:
    found = [landing.folder_of(key) for key in ("work/a.csv", "dry-run/work/2025-01/a.csv", "a.csv", "dry-run/a", "")]
    assert found == ["work", "work", "", "", ""]
