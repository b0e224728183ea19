"""What ops see of a walk: the metrics that functions emit, and the log that leads from a landing key to a release."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stack import LocalStack
from infra.template import load
from shared.aws.observability import Measured, oldest
from tests.support.pipeline.programme import objects, pointer, released_rows, small_stack
from tests.support.pipeline.small import work

BAD = work(2).replace(b"\n", b"\nnot,a,row,of,this,file\n", 1)


@pytest.fixture(scope="module")
def walked() -> Iterator[LocalStack]:
    """Three files accepted, one rejected, a release, and a schedule an hour after it."""
    with small_stack("7", {"work/2025-01/a.csv": work(1), "work/2025-02/bad.csv": BAD}) as running:
        running.clock.advance(3600)
        running.tick()
        running.run_until_idle()
        yield running


def lines(stack: LocalStack) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stack.logs if line.startswith("{")]


def emitted(stack: LocalStack) -> list[dict[str, Any]]:
    """Every line of the embedded metric format."""
    return [line for line in lines(stack) if "_aws" in line]


def values(stack: LocalStack, name: str, service: str | None = None) -> list[float]:
    told = [line for line in emitted(stack) if name in line and service in (None, line["service"])]
    return [value for line in told for value in line[name]]


def receipts(stack: LocalStack) -> list[dict[str, Any]]:
    return [json.loads(body) for body in objects(stack, "receipts/").values()]


def test_metrics_are_cloudwatchs_embedded_format_in_the_stacks_namespace_by_service(walked: LocalStack) -> None:
    assert emitted(walked)
    for line in emitted(walked):
        (told,) = line["_aws"]["CloudWatchMetrics"]
        assert told["Namespace"] == "Headroom/headroom"
        assert told["Dimensions"] == [["service"]]
        assert line["service"] in {"ingest", "peers", "opportunities"}
        assert all(metric["Name"] in line for metric in told["Metrics"])


def test_every_metric_that_is_declared_is_emitted_and_no_other(walked: LocalStack) -> None:
    names = {m["Name"] for line in emitted(walked) for m in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert names == set(Measured) - {Measured.UNFORESEEN_ERRORS}  # nothing failed


def test_files_and_their_findings_are_counted_once_each_as_their_receipts_tell(walked: LocalStack) -> None:
    told = receipts(walked)
    assert [one["status"] for one in told].count("rejected") == 1
    assert sum(values(walked, "FilesAccepted")) == 3
    assert sum(values(walked, "FilesRejected")) == 1
    assert sum(values(walked, "FindingErrors", "ingest")) == sum(one["errors"] for one in told) > 0
    assert sum(values(walked, "FindingWarnings", "ingest")) == sum(one["warnings"] for one in told)


def test_every_file_tells_both_counts_so_that_a_rate_exists_when_all_are_rejected(walked: LocalStack) -> None:
    accepted, rejected = values(walked, "FilesAccepted"), values(walked, "FilesRejected")
    assert sorted(zip(accepted, rejected, strict=True)) == [(0, 1), (1, 0), (1, 0), (1, 0)]


def test_findings_across_files_are_counted_as_the_release_tells(walked: LocalStack) -> None:
    severities = [row["severity"] for row in released_rows(walked, "findings")]
    assert values(walked, "FindingWarnings", "peers")[-1] == severities.count("warning")
    assert values(walked, "FindingErrors", "peers")[-1] == severities.count("error")


def test_what_a_release_holds_is_told_when_it_is_made(walked: LocalStack) -> None:
    assert values(walked, "Trusts")[-1] == len(released_rows(walked, "trusts"))
    statuses = [row["status"] for row in released_rows(walked, "opportunities")]
    assert values(walked, "Opportunities")[-1] == statuses.count("opportunity") > 0


def test_every_batch_tells_how_long_its_oldest_message_waited(walked: LocalStack) -> None:
    batches = [call.function for call in walked.invocations]
    assert len(values(walked, "OldestMessageSeconds")) == len(batches)
    assert all(value >= 0 for value in values(walked, "OldestMessageSeconds"))


def test_age_of_the_release_is_told_when_the_clock_strikes(walked: LocalStack) -> None:
    assert values(walked, "ReleaseAgeSeconds")[-1] == 3600
    assert {*values(walked, "ReleaseAgeSeconds")[:-1]} <= {0}


def test_recomputing_is_timed(walked: LocalStack) -> None:
    for service in ("peers", "opportunities"):
        assert all(value >= 0 for value in values(walked, "RecomputeSeconds", service))
        assert values(walked, "RecomputeSeconds", service)


def test_log_leads_from_a_landing_key_to_the_release_it_became_part_of(walked: LocalStack) -> None:
    told = [line for line in lines(walked) if "_aws" not in line]
    asked = [line for line in told if "work/2025-01/a.csv" in line.get("landing_keys", [])]
    same = {line["function_request_id"] for line in asked}
    computed = [line for line in told if line["message"] == "computed" and line["function_request_id"] in same]
    snapshots = {line["snapshot_id"] for line in computed}
    published = {line["release_id"] for line in told if line.get("snapshot_id") in snapshots and "release_id" in line}
    shown = pointer(walked)
    assert shown is not None
    assert shown["release_id"] in published


def test_lines_of_one_invocation_carry_nothing_of_the_one_before(walked: LocalStack) -> None:
    told = [line for line in lines(walked) if "_aws" not in line and line["function_name"] == "IngestFunction"]
    assert {line["function_request_id"] for line in told if "landing_key" in line}
    for line in told:
        if line["message"] == "FileRejected":
            assert line["landing_key"] == "work/2025-02/bad.csv"
            assert "file_id" not in line


def test_oldest_message_of_a_batch_counts_whatever_the_clocks_say() -> None:
    def batch(*sent: int) -> dict[str, Any]:
        return {"Records": [{"attributes": {"SentTimestamp": str(one)}} for one in sent]}

    assert oldest(batch(5_000, 2_000, 9_000), now=10.0) == 8.0
    assert oldest(batch(12_000), now=10.0) == 0.0
    assert oldest({"Records": []}, now=10.0) == 0.0


def test_namespace_is_the_stacks_own() -> None:
    told = load()["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
    assert told == {"Fn::Sub": "Headroom/${AWS::StackName}"}
