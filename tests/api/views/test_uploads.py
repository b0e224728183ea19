"""Uploads: one landing key, one size, one type, for a while; and what is sent by the form is ingested like any file."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from functions.api.views.writes import uploads
from functions.ingest.conform import limits
from functions.ingest.uploads import Uploads
from infra.local import gateway
from infra.local.stack import LocalStack
from infra.template import load, of_type
from shared import keys
from shared.keys import BadKey, Slot
from shared.landing import landing_keys
from shared.landing import uploads as shared_uploads
from shared.landing.uploads import Upload
from tests.support.api.asking import ask
from tests.support.api.published import Service
from tests.support.pipeline.programme import small_stack
from tests.support.pipeline.small import work

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
    with small_stack() as made:
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
def test_form_is_bound_to_one_upload_size_and_type_and_to_a_while(
    stack: LocalStack, other: dict[str, Any], key: str
) -> None:
    form = wanted(stack, **other).json()
    assert form["landing_key"] == key
    assert form["upload_id"] == form["form_fields"]["key"]
    conditions = policy(form)["conditions"]
    assert {"key": form["upload_id"]} in conditions
    assert {"Content-Type": "text/csv"} in conditions
    assert ["content-length-range", len(FILE), len(FILE)] in conditions
    assert {"bucket": stack.outputs["IncomingBucketName"]} in conditions
    for told in (policy(form)["expiration"], form["expires_at"]):
        assert datetime.fromisoformat(told) == stack.clock() + timedelta(seconds=uploads.SECONDS)


def test_a_form_without_an_announced_size_accepts_every_size_that_is_read(stack: LocalStack) -> None:
    form = ask(stack, "POST", "/v1/uploads", {**WANTED, "size_bytes": None}, scope="supply:work").json()
    assert ["content-length-range", 1, 384 * 1024 * 1024] in policy(form)["conditions"]
    assert form["size_bytes"] is None
    send(form)
    stack.run_until_idle()
    assert receipts(stack, form)[0]["size_bytes"] == len(FILE)


def test_a_browser_is_led_back_to_a_page_of_the_client(stack: LocalStack) -> None:
    form = wanted(stack, return_to="/supply/receipts?dataset=work").json()
    address = f"https://{gateway.HOST}/supply/receipts?dataset=work"
    assert form["form_fields"]["success_action_redirect"] == address
    assert {"success_action_redirect": address} in policy(form)["conditions"]
    assert "success_action_redirect" not in wanted(stack).json()["form_fields"]


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "/%2fevil", "", "supply"]
)
def test_a_browser_is_led_nowhere_else(stack: LocalStack, path: str) -> None:
    answer = wanted(stack, return_to=path)
    assert (answer.status, answer.json()["field"]) == (422, "return_to")


def test_at_an_address_without_pages_there_is_none_to_return_to(service: Service) -> None:
    answer = service.as_caller("a", "supply:work").post("/v1/uploads", WANTED | {"return_to": "/supply"})
    assert (answer.status, answer.json()["field"]) == (422, "return_to")


def test_address_names_the_region_since_a_form_cannot_follow_a_redirect(stack: LocalStack) -> None:
    assert ".s3.eu-west-2.amazonaws.com" in wanted(stack).json()["url"]


def send(form: dict[str, Any], body: bytes = FILE) -> None:
    sent = requests.post(form["url"], data=form["form_fields"], files={"file": ("other name.csv", body)}, timeout=5)
    assert sent.status_code == 204


def receipts(stack: LocalStack, form: dict[str, Any]) -> list[dict[str, Any]]:
    """The receipts of a form's landing key, newest first."""
    path, _, query = form["receipts"].partition("?")
    key = requests.compat.unquote_plus(query.removeprefix("landing_key="))
    found: list[dict[str, Any]] = ask(stack, "GET", path, query={"landing_key": key}, scope="supply:work").json()[
        "receipts"
    ]
    return found


def versions(stack: LocalStack, key: str) -> list[str]:
    """Version ids of a landing key, newest first."""
    bucket = stack.outputs["LandingBucketName"]
    listed = stack.client("s3").list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    return [version["VersionId"] for version in listed if version["Key"] == key]


@pytest.mark.parametrize("dry_run", [False, True])
def test_file_sent_by_the_form_is_ingested_and_its_receipt_says_by_whom(stack: LocalStack, dry_run: bool) -> None:
    form = wanted(stack, file_name=f"sent-{dry_run}.csv", dry_run=dry_run).json()
    send(form)
    stack.run_until_idle()
    assert not stack.dead_letters()
    (told,) = receipts(stack, form)
    assert (told["status"], told["landing_key"], told["size_bytes"]) == ("accepted", form["landing_key"], len(FILE))
    assert (told["upload_id"], told["uploaded_by"]) == (form["upload_id"], "somebody")
    assert told["dry_run"] == dry_run
    whole = ask(stack, "GET", f"/v1/receipts/{told['receipt_id']}", scope="supply:work").json()
    assert whole["uploaded_by"] == "somebody"


def test_file_landed_directly_was_uploaded_by_nobody(stack: LocalStack) -> None:
    stack.land("work/2025-02/direct.csv", work(2))
    stack.run_until_idle()
    (told,) = receipts(stack, {"receipts": "/v1/receipts?landing_key=work/2025-02/direct.csv"})
    assert (told["upload_id"], told["uploaded_by"]) == (None, None)


def test_form_posted_again_lands_nothing_more(stack: LocalStack) -> None:
    form = wanted(stack, file_name="again.csv").json()
    for _ in range(3):
        send(form)
    stack.run_until_idle()
    send(form, work(3)[: len(FILE)].ljust(len(FILE)))
    stack.run_until_idle()
    (told,) = receipts(stack, form)
    assert versions(stack, form["landing_key"]) == [told["version_id"]]
    whole = ask(stack, "GET", f"/v1/receipts/{told['receipt_id']}", scope="supply:work").json()
    assert whole["sha256"] == hashlib.sha256(FILE).hexdigest()


def test_upload_that_was_landed_is_not_landed_again_over_a_newer_file(stack: LocalStack) -> None:
    """The message of an upload can come again, hours later; the newer file must stay the current one."""
    form = wanted(stack, file_name="older.csv").json()
    send(form)
    stack.run_until_idle()
    newer = stack.land(form["landing_key"], work(4))
    send(form)
    stack.run_until_idle()
    assert versions(stack, form["landing_key"])[0] == newer
    assert len(versions(stack, form["landing_key"])) == 2


def at(stack: LocalStack, form: dict[str, Any], later: int) -> datetime:
    """Date what a form sent so many seconds after it was sent; when that is."""
    body = s3_backend(stack).get_object(stack.outputs["IncomingBucketName"], form["upload_id"])
    body.last_modified += timedelta(seconds=later)
    return datetime.fromisoformat(body.last_modified.isoformat())


def s3_backend(stack: LocalStack) -> Any:
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


def deliver_uploads(stack: LocalStack) -> None:
    while stack.pending().get("UploadsQueue"):
        stack.deliver("UploadsQueue")


@pytest.mark.parametrize("same", [False, True], ids=["other bytes", "the same bytes"])
def test_of_two_uploads_to_one_key_both_are_landed_in_the_order_in_which_they_were_sent(
    stack: LocalStack, same: bool
) -> None:
    forms = [wanted(stack, file_name=f"two-{same}.csv").json() for _ in range(2)]
    bodies = [FILE, FILE if same else FILE.replace(b"RA1,B", b"RA1,A")]
    for form, body in zip(forms, bodies, strict=True):
        send(form, body)
        deliver_uploads(stack)
    stack.run_until_idle()
    told = {one["version_id"]: one["upload_id"] for one in receipts(stack, forms[0])}
    newest_first = [told[version] for version in versions(stack, forms[0]["landing_key"])]
    assert newest_first == [form["upload_id"] for form in reversed(forms)]


@pytest.mark.parametrize("other", [{}, {"file_name": "corrected.csv"}], ids=["the same key", "another key of the slot"])
def test_upload_whose_message_comes_late_is_not_landed_over_a_later_one(
    stack: LocalStack, other: dict[str, str]
) -> None:
    """It would become the current file, and the correction would be gone without a word."""
    slot = {"period": f"2025-0{4 + len(other)}", "file_name": "first.csv"}
    first, second = wanted(stack, **slot).json(), wanted(stack, **slot | other).json()
    send(first)
    first_message = stack.client("sqs").receive_message(QueueUrl=stack.outputs["UploadsQueueUrl"])["Messages"][0]
    send(second)
    at(stack, second, 5)
    deliver_uploads(stack)
    stack.client("sqs").send_message(QueueUrl=stack.outputs["UploadsQueueUrl"], MessageBody=first_message["Body"])
    stack.run_until_idle()
    assert not stack.dead_letters()
    told = {one["upload_id"]: one for one in [*receipts(stack, first), *receipts(stack, second)]}
    assert told[second["upload_id"]]["status"] == "accepted"
    turned_away = told[first["upload_id"]]
    assert turned_away["status"] == "rejected"
    assert turned_away["uploaded_by"] == "somebody"
    assert "a later file is there already" in turned_away["rejected_because"]
    assert second["landing_key"] in turned_away["rejected_because"]
    assert len(versions(stack, second["landing_key"])) == 1


def test_upload_is_not_landed_over_a_file_that_was_landed_or_withdrawn_after_it_was_sent(stack: LocalStack) -> None:
    for period, withdrawn in (("2025-08", False), ("2025-09", True)):
        form = wanted(stack, period=period).json()
        send(form)
        at(stack, form, -2)
        stack.land(form["landing_key"], work(2))
        if withdrawn:
            stack.delete(form["landing_key"])
        stack.run_until_idle()
        (told,) = [one for one in receipts(stack, form) if one["upload_id"] == form["upload_id"]]
        assert told["status"] == "rejected"
        assert ("was withdrawn at" if withdrawn else "a later file is there already") in told["rejected_because"]
        assert len(versions(stack, form["landing_key"])) == 1


@pytest.mark.parametrize("before", [False, True], ids=["a new key", "over another file"])
def test_message_handled_twice_at_the_same_moment_lands_one_version(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    form = wanted(stack, period="2025-10", file_name=f"race-{before}.csv").json()
    if before:
        stack.land(form["landing_key"], work(2))
        stack.run_until_idle()
    send(form)
    genuine, racing = Uploads._entries, [True]

    def looks_and_is_overtaken(self: Uploads, upload: Upload) -> Any:
        entries = genuine(self, upload)
        if racing.pop() if racing else False:
            Uploads(self.incoming, self.landing, self.data).land(form["upload_id"])
        return entries

    monkeypatch.setattr(Uploads, "_entries", looks_and_is_overtaken)
    stack.run_until_idle()
    assert len(versions(stack, form["landing_key"])) == 1 + before
    assert not stack.dead_letters()


def test_what_nobody_asked_for_is_not_landed(stack: LocalStack) -> None:
    before = len(stack.client("s3").list_object_versions(Bucket=stack.outputs["LandingBucketName"])["Versions"])
    stack.client("s3").put_object(Bucket=stack.outputs["IncomingBucketName"], Key="by-hand", Body=FILE)
    stack.run_until_idle()
    after = len(stack.client("s3").list_object_versions(Bucket=stack.outputs["LandingBucketName"])["Versions"])
    assert (after, stack.dead_letters()) == (before, {})


def test_name_of_who_uploads_may_be_any_text() -> None:
    for name in ("Zoë O’Neill", "日本", "a b/c%20"):
        metadata = shared_uploads.metadata("id", name, datetime(2025, 1, 31, tzinfo=UTC))
        assert all(value.isascii() for value in metadata.values())
        assert shared_uploads.uploaded_by(metadata) == name


def test_a_caller_may_ask_for_so_many_uploads_a_day_and_loses_none_of_anothers(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "A_DAY", 3)
    one = service.as_caller("one", "supply:work")
    assert [one.post("/v1/uploads", WANTED).status for _ in range(4)] == [200, 200, 200, 429]
    refused = one.post("/v1/uploads", WANTED)
    assert (refused.status, refused.headers["retry-after"]) == (429, "3601")  # it is 23:00
    assert service.as_caller("other", "supply:work").post("/v1/uploads", WANTED).status == 200


@pytest.mark.parametrize("scope", ["read", "operate", "supply:other", "supply:works", "supply:", "work"])
def test_only_a_dataset_that_the_caller_supplies_is_landed(stack: LocalStack, scope: str) -> None:
    answer = wanted(stack, scope=scope)
    assert answer.status == 403
    assert "form_fields" not in answer.text
    assert answer.json()["scope"] == (
        "supply:work" if scope.startswith("supply:") and scope[7:] else "supply:<dataset>"
    )


@pytest.mark.parametrize("dataset", ["decisions", "method", "dry-run"])
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
        ("size_bytes", landing_keys.LARGEST + 1),
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


def test_no_method_and_no_decision_is_landed_by_an_upload() -> None:
    """Ingest lands uploads, whatever it is told; the bucket itself refuses it the keys that decide every figure."""
    (policy,) = (
        one for one in of_type(load(), "AWS::S3::BucketPolicy").values() if one["Bucket"] == {"Ref": "LandingBucket"}
    )
    statements = {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}
    refused = statements["UploadsAreFilesOnly"]
    assert (refused["Effect"], refused["Action"]) == ("Deny", "s3:PutObject")
    assert refused["Principal"] == {"AWS": {"Fn::GetAtt": ["IngestRole", "Arn"]}}
    assert {one["Fn::Sub"] for one in refused["Resource"]} == {
        f"${{LandingBucket.Arn}}/{prefix}*" for prefix in ("method/", "dry-run/method/", "decisions/")
    }


def test_largest_file_that_may_be_landed_is_the_largest_that_is_read() -> None:
    assert limits.LARGEST == landing_keys.LARGEST


def test_landing_keys_are_those_that_ingest_reads_back() -> None:
    for part in ("", "p"):
        slot = Slot("work", "2025-01", part)
        assert keys.slot_of(landing_keys.landing_key(slot, "a b.csv")) == slot
    for slot, file in (
        (Slot("work", "2025-01"), "p/a.csv"),
        (Slot("work", "."), "a.csv"),
        (Slot("decisions", "x"), "a"),
    ):
        with pytest.raises(BadKey):
            landing_keys.landing_key(slot, file)


def test_folder_is_whose_dataset_a_key_is_in_even_where_it_is_no_slot() -> None:
    found = [
        landing_keys.folder_of(key) for key in ("work/a.csv", "dry-run/work/2025-01/a.csv", "a.csv", "dry-run/a", "")
    ]
    assert found == ["work", "work", "", "", ""]
