"""The local stack behaves as AWS does where the functions can tell the difference."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local import spy
from infra.local import stack as local
from infra.local.stack import LocalStack, StillBusy
from infra.template import Template, load
from shared.aws import store
from tests.support import template_handlers


def wired(**handler: str) -> Template:
    """The template with the stand-ins for its functions."""
    template = load()
    for name in ("Ingest", "Peers", "Opportunities", "Api"):
        function = template["Resources"][f"{name}Function"]["Properties"]
        function["Handler"] = f"{template_handlers.__name__}.{handler.get(name.lower(), name.lower())}"
    landed = template["Resources"]["IngestFunction"]["Properties"]["Events"]["Landed"]["Properties"]
    landed["BatchSize"] = 10  # ingest takes one at a time, and batches are what is tested here
    return template


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack(template=wired()) as running:
        yield running


def delivered(stack: LocalStack, function: str) -> list[list[dict[str, Any]]]:
    """The bodies of each batch a function was given."""
    batches = [call.event["Records"] for call in stack.invocations if call.function == function]
    return [[json.loads(record["body"]) for record in batch] for batch in batches]


def test_landed_file_is_told_as_aws_tells_it(stack: LocalStack) -> None:
    version = stack.land("a/2015-16/with space + é %41.csv", b"x")
    stack.run_until_idle()
    [[told]] = delivered(stack, "IngestFunction")
    assert (told["source"], told["detail-type"]) == ("aws.s3", "Object Created")
    assert told["detail"]["bucket"] == {"name": stack.outputs["LandingBucketName"]}
    described = told["detail"]["object"]
    assert described["key"] == "a/2015-16/with space + é %41.csv"
    assert described["version-id"] == version
    assert described["etag"] == "9dd4e461268c8034f5c8564e155c67a6"
    assert set(described) == {"key", "size", "etag", "version-id", "sequencer"}
    assert told["detail"]["reason"] == "PutObject"


def test_deleted_file_is_told_with_its_marker_and_a_later_sequencer(stack: LocalStack) -> None:
    stack.land("a/2015-16/f.csv", b"x")
    stack.run_until_idle()
    marker = stack.delete("a/2015-16/f.csv")
    stack.run_until_idle()
    [[created], [deleted]] = delivered(stack, "IngestFunction")
    assert deleted["detail-type"] == "Object Deleted"
    assert deleted["detail"]["deletion-type"] == "Delete Marker Created"
    assert deleted["detail"]["object"]["version-id"] == marker
    assert deleted["detail"]["object"]["sequencer"] > created["detail"]["object"]["sequencer"]
    listed = stack.client("s3").list_object_versions(Bucket=stack.outputs["LandingBucketName"])
    assert [item["VersionId"] for item in listed["DeleteMarkers"]] == [marker]


def test_hundred_files_become_one_recompute(stack: LocalStack) -> None:
    for number in range(100):
        stack.land(f"a/{number}/f.csv", b"x")
    stack.run_until_idle()
    assert [len(batch) for batch in delivered(stack, "IngestFunction")] == [10] * 10
    assert [len(batch) for batch in delivered(stack, "PeersFunction")] == [100]
    assert len(delivered(stack, "OpportunitiesFunction")) == 1
    assert [event.type for event in stack.events].count("FileCurated") == 100


def test_queues_can_be_served_in_another_order_and_message_by_message(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.land("a/2/f.csv", b"x")
    assert stack.pending() == {"IngestQueue": 2}
    assert stack.deliver("IngestQueue", at_most=1) == 1
    assert stack.pending() == {"IngestQueue": 1, "PeersQueue": 1}
    stack.run_until_idle(choose=lambda waiting: list(waiting)[-1])
    assert [len(batch) for batch in delivered(stack, "PeersFunction")] == [1, 1]


def test_progress_is_called_after_each_batch(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    seen: list[int] = []
    stack.run_until_idle(lambda: seen.append(len(stack.invocations)))
    assert seen == [1, 2, 3]


def test_only_the_messages_reported_as_failed_come_again_until_they_are_dead_letters(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.land("fails/1/f.csv", b"x")
    stack.run_until_idle()
    keys = [[body["detail"]["object"]["key"] for body in batch] for batch in delivered(stack, "IngestFunction")]
    assert keys == [["a/1/f.csv", "fails/1/f.csv"], *[["fails/1/f.csv"]] * 4]
    assert stack.dead_letters() == {"IngestQueueDeadLetterQueue": 1}


@pytest.mark.parametrize("key", ["raises/1/f.csv", "confused/1/f.csv"])
def test_batch_that_raises_or_answers_nonsense_comes_again_whole(stack: LocalStack, key: str) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.land(key, b"x")
    stack.run_until_idle()
    assert [len(batch) for batch in delivered(stack, "IngestFunction")] == [2] * 5
    assert stack.dead_letters() == {"IngestQueueDeadLetterQueue": 2}


def test_what_a_function_raised_is_kept_with_its_call(stack: LocalStack) -> None:
    stack.land("raises/1/f.csv", b"x")
    stack.run_until_idle()
    assert "RuntimeError: cannot read raises/1/f.csv" in stack.invocations[0].error


def test_messages_without_end_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_LIMIT", 20)
    with LocalStack(template=wired(peers="restless")) as stack:
        stack.land("a/1/f.csv", b"x")
        with pytest.raises(StillBusy, match="PeersQueue"):
            stack.run_until_idle()


def test_schedule_asks_peers_for_a_recompute(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.run_until_idle()
    stack.tick()
    assert stack.pending() == {"PeersQueue": 1}
    stack.run_until_idle()
    told = delivered(stack, "PeersFunction")[-1][0]
    assert told == {"source": "headroom", "detail-type": "RecomputeRequested", "detail": {"reason": "schedule"}}


def test_function_sees_its_own_environment_and_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENT_BUS", "of the host")
    with LocalStack({"Build": "7"}, wired()) as stack:
        seen = stack.request("GET", "/").json()["environment"]
        assert seen["DATA_BUCKET"] == stack.outputs["DataBucketName"]
        assert seen["AWS_REGION"] == "eu-west-2"
        assert not seen.keys() & {"EVENT_BUS", "BUILD"}
        assert stack.functions["PeersFunction"].environment["BUILD"] == "7"
        assert stack.functions["PeersFunction"].environment["INGEST_QUEUE_URL"] == stack.outputs["IngestQueueUrl"]


def test_request_reaches_the_api_as_api_gateway_puts_it(stack: LocalStack) -> None:
    answer = stack.request("get", "/v1/trusts/R%20A", {"q": "a b", "status": ["x", "y"]}, {"If-None-Match": '"e"'})
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    told = answer.json()["event"]
    assert told["version"] == "2.0"
    assert told["rawPath"] == told["requestContext"]["http"]["path"] == "/v1/trusts/R A"
    assert told["rawQueryString"] == "q=a+b&status=x&status=y"
    assert told["queryStringParameters"] == {"q": "a b", "status": "x,y"}
    assert told["headers"]["if-none-match"] == '"e"'
    assert told["requestContext"]["http"]["method"] == "GET"
    assert 0 < answer.json()["milliseconds"] <= 15_000


def test_request_that_breaks_the_function_is_500(stack: LocalStack) -> None:
    assert stack.request("GET", "/breaks").status == 500


def test_second_stack_shares_nothing_with_the_first(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.run_until_idle()
    assert store.client.cache_info().currsize
    stack.__exit__()
    assert not store.client.cache_info().currsize
    with LocalStack(template=wired()) as other:
        assert other.pending() == {}
        other.land("a/1/f.csv", b"x")
        other.run_until_idle()
        assert [event.type for event in other.events] == ["FileCurated", "PeersComputed"]


def test_outer_stack_goes_on_when_an_inner_one_has_ended(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.run_until_idle()
    with LocalStack(template=wired()) as inner:
        inner.land("a/2/f.csv", b"x")
        inner.run_until_idle()
        assert len(inner.calls) == len(stack.calls)
    stack.land("a/3/f.csv", b"x")
    stack.run_until_idle()
    told = [event.detail["landing_key"] for event in stack.events if event.type == "FileCurated"]
    assert told == ["a/1/f.csv", "a/3/f.csv"]
    assert len(delivered(stack, "PeersFunction")) == 2


def test_cold_functions_remember_nothing_of_each_other() -> None:
    with LocalStack(template=wired(), cold=True) as stack:
        stack.land("a/1/f.csv", b"x")
        stack.run_until_idle()
        assert store.client.cache_info().misses == 1  # opportunities' own client, made anew


def test_spy_tells_what_each_function_called_and_what_came_of_it(stack: LocalStack) -> None:
    stack.land("a/1/f.csv", b"x")
    stack.run_until_idle()
    assert [(call.function, call.operation, call.error) for call in stack.calls] == [
        ("IngestFunction", "PutEvents", ""),
        ("PeersFunction", "GetObject", "NoSuchKey"),
        ("PeersFunction", "PutObject", ""),
        ("PeersFunction", "PutEvents", ""),
        ("OpportunitiesFunction", "GetObject", "NoSuchKey"),
        ("OpportunitiesFunction", "PutObject", ""),
    ]


def test_spy_names_calls_without_a_grant_and_grants_without_a_call() -> None:
    with LocalStack(template=wired(opportunities="greedy")) as stack:
        stack.land("a/1/f.csv", b"x")
        stack.run_until_idle()
        data = f"arn:aws:s3:::{stack.outputs['DataBucketName']}"
        forbidden = spy.Need("s3:PutObject", f"{data}/receipts/x.json")
        assert spy.ungranted(stack.calls, stack.grants) == {("OpportunitiesFunction", forbidden)}
        spare = {(grant.function, grant.sid) for grant in spy.unused(stack.calls, stack.grants)}
        assert ("PeersFunction", "AskForVerdicts") in spare
        assert ("IngestFunction", "Tell") not in spare


def test_key_that_is_not_there_needs_leave_to_list() -> None:
    template = wired()
    policy = template["Resources"]["PeersRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Sid"] != "ListData"]
    with LocalStack(template=template) as stack:
        stack.land("a/1/f.csv", b"x")
        stack.run_until_idle()
        listing = spy.Need("s3:ListBucket", f"arn:aws:s3:::{stack.outputs['DataBucketName']}")
        assert spy.ungranted(stack.calls, stack.grants) == {("PeersFunction", listing)}


@pytest.mark.parametrize(
    ("call", "needs"),
    [
        (("GetObject", {"Bucket": "b", "Key": "k", "VersionId": "1"}), {("s3:GetObjectVersion", "arn:aws:s3:::b/k")}),
        (
            ("PutObject", {"Bucket": "b", "Key": "k", "IfMatch": '"e"'}),
            {("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::b/k")},
        ),
        (("ListObjectVersions", {"Bucket": "b", "Prefix": "p"}), {("s3:ListBucketVersions", "arn:aws:s3:::b")}),
        (
            ("SendMessage", {"QueueUrl": "https://sqs.eu-west-2.amazonaws.com/1/q", "MessageBody": ""}),
            {("sqs:SendMessage", "arn:aws:sqs:eu-west-2:1:q")},
        ),
        (
            ("GetQueueAttributes", {"QueueUrl": "https://sqs.eu-west-2.amazonaws.com/1/q", "AttributeNames": []}),
            {("sqs:GetQueueAttributes", "arn:aws:sqs:eu-west-2:1:q")},
        ),
        (
            ("PutEvents", {"Entries": [{"EventBusName": "b"}]}),
            {("events:PutEvents", "arn:aws:events:eu-west-2:1:event-bus/b")},
        ),
    ],
)
def test_calls_need_the_permissions_aws_documents(
    call: tuple[str, dict[str, Any]], needs: set[tuple[str, str]]
) -> None:
    operation, parameters = call
    assert set(spy.Call("F", operation, parameters, "", "eu-west-2", "1").needs()) == needs
