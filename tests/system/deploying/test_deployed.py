"""The whole walk on the emulator: deployed by SAM, files landed in S3, the release read over HTTP."""

import io
import re
import urllib.parse

import httpx
import pyarrow.parquet as pq

from infra.landing import LandingFile
from infra.ops.run import land
from shared import keys
from tests.system.conftest import BUILD, Published, settled_at


def get(published: Published, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{published.api}{path}", headers=headers, timeout=30)


def test_every_sample_is_accepted_with_a_receipt(published: Published) -> None:
    fates = {key: receipt["status"] for key, receipt in published.receipts.items()}
    assert set(fates.values()) == {"accepted"}, fates


def test_api_shows_the_release_that_was_published(published: Published) -> None:
    answer = get(published, "/v1/releases/current")
    assert answer.status_code == 200, answer.text
    assert answer.json()["pointer"]["release_id"] == published.release_id
    assert answer.json()["manifest"]["build"] == BUILD


def test_etag_is_the_release_and_saves_a_second_reading(published: Published) -> None:
    first = get(published, "/v1/trusts")
    assert published.release_id in first.headers["etag"]
    again = get(published, "/v1/trusts", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_scripts_of_pages_elsewhere_may_use_the_api_and_both_buckets(published: Published) -> None:
    origin = {"Origin": "https://a.example"}
    asking = origin | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    permitted = httpx.options(f"{published.api}/v1/trusts", headers=asking, timeout=30)
    assert (permitted.status_code, permitted.headers["access-control-allow-origin"]) == (204, "*")
    assert "authorization" in permitted.headers["access-control-allow-headers"]
    assert get(published, "/v1/trusts", **origin).headers["access-control-allow-origin"] == "*"
    s3, outputs = published.emulator.client("s3"), published.emulator.outputs
    rules = {
        name: s3.get_bucket_cors(Bucket=outputs[f"{name}BucketName"])["CORSRules"] for name in ("Incoming", "Data")
    }
    told = {name: [(rule["AllowedMethods"], rule["AllowedOrigins"]) for rule in rules[name]] for name in rules}
    assert told == {"Incoming": [(["POST"], ["*"])], "Data": [(["GET", "HEAD"], ["*"])]}


def test_trusts_opportunities_over_http_are_those_of_the_released_table(published: Published) -> None:
    s3 = published.emulator.client("s3")
    key = keys.release(published.release_id, "opportunities.parquet")
    stored = s3.get_object(Bucket=published.emulator.outputs["DataBucketName"], Key=key)["Body"].read()
    rows = pq.read_table(io.BytesIO(stored)).to_pylist()
    ranked = sorted((row for row in rows if row["rank"] is not None), key=lambda row: (row["trust_code"], row["rank"]))
    trust = ranked[0]["trust_code"]
    expected = [row["opportunity_id"] for row in ranked if row["trust_code"] == trust]
    told = get(published, f"/v1/trusts/{trust}/opportunities?status=opportunity").json()
    assert [item["opportunity_id"] for item in told["opportunities"]] == expected


def test_unknown_trust_is_a_problem_document(published: Published) -> None:
    answer = get(published, "/v1/trusts/NOBODY")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_page_is_html_and_finds_the_api_by_relative_links(published: Published) -> None:
    """By path the API stands under /_aws/execute-api/<id>/, where an absolute link would miss it."""
    page = get(published, "/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    absolute = re.findall(r"""(?:href|src|fetch\()\s*=?\s*["'](/[^"']*)""", page.text)
    assert absolute == []


def test_page_answers_under_its_host_name_too(published: Published) -> None:
    host = urllib.parse.urlsplit(published.emulator.page).netloc
    page = httpx.get(f"{published.emulator.endpoint}/", headers={"Host": host}, timeout=30)
    assert page.text == get(published, "/").text


def test_rejected_file_is_told_and_changes_nothing(published: Published) -> None:
    bad = LandingFile("eric_trust/2023-24/broken.csv", b"no such\nfile,1\n")
    ((_, receipt),) = land(published.emulator, [bad])
    assert receipt["status"] == "rejected"
    assert receipt["findings"]
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_no_message_was_given_up(published: Published) -> None:
    sqs = published.emulator.client("sqs")
    count = "ApproximateNumberOfMessages"
    queues = {name: url for name, url in published.emulator.outputs.items() if name.endswith("DeadLetterQueueUrl")}
    assert queues
    for name, url in queues.items():
        assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"][count] == "0", name
