"""An error that nothing foresaw, in any function, moves a metric that an alarm watches; so does an older build."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.api.release import Releases
from functions.ingest.ingest import Ingest
from functions.opportunities.publish import Publisher
from functions.peers.recompute import Recompute
from infra.local.runtime import Function
from infra.local.stack import LocalStack
from infra.template import Template, called, expand, load, of_type
from shared.errors import Transient
from tests.support.pipeline.programme import metric, pointer, small_stack
from tests.support.pipeline.small import work


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with small_stack("7") as running:
        yield running


def broken(*_: Any, **__: Any) -> Any:
    raise AttributeError("module 'pyarrow.compute' has no attribute 'utf8_trim_whitespace'")


def out(*_: Any, **__: Any) -> Any:
    raise Transient("S3 is out")


def alarms_on(template: Template, name: str, value: Any) -> set[str]:
    """The alarms that look at a metric of something, themselves or as a part of a sum."""
    found = set()
    for alarm_name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        parts = [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part] or [alarm]
        if any(part["MetricName"] == name and part["Dimensions"][0]["Value"] == value for part in parts):
            found.add(alarm_name)
    return found


def land_and_run(stack: LocalStack) -> None:
    stack.land("work/2025-01/a.csv", work(1))
    stack.run_until_idle()


def read(stack: LocalStack) -> None:
    assert stack.request("GET", "/v1/trusts").status == 500


@pytest.mark.parametrize(
    ("function", "thing", "name", "act"),
    [
        ("IngestFunction", Ingest, "look_at", land_and_run),
        ("PeersFunction", Recompute, "run", land_and_run),
        ("OpportunitiesFunction", Publisher, "publish", land_and_run),
        ("ApiFunction", Releases, "as_at", read),
    ],
)
def test_unforeseen_error_moves_metrics_that_alarms_and_the_takeover_watch(
    stack: LocalStack,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    thing: type,
    name: str,
    act: Callable[[LocalStack], None],
) -> None:
    monkeypatch.setattr(thing, name, broken)
    act(stack)
    service = function.removesuffix("Function").lower()
    counted = metric(stack, "UnforeseenErrors")
    raised = [call for call in stack.invocations if call.function == function and call.error]
    assert set(counted) == {service}
    assert (len(raised) > 0) == (function != "ApiFunction")  # the API answers 500, which Lambda counts as a success
    template = expand(load(), {"Stage": "prod", "Takeover": "gradual"})
    takeover = {name for name in of_type(template, "AWS::CloudWatch::Alarm") if name.endswith("TakeoverAlarm")}
    unforeseen = alarms_on(template, "UnforeseenErrors", service)
    assert unforeseen == {f"{function}UnforeseenAlarm", f"{function}UnforeseenTakeoverAlarm"}
    errors = alarms_on(template, "Errors", {"Ref": function})
    assert errors == {f"{function}ErrorsAlarm", f"{function}ErrorsTakeoverAlarm"}
    assert len((unforeseen | errors) & takeover) == 2


def test_what_is_foreseen_counts_as_no_error(stack: LocalStack) -> None:
    stack.land("work/2025-01/a.csv", work(0))  # rejected
    stack.land("nowhere.csv", b"")
    stack.run_until_idle()
    with pytest.MonkeyPatch.context() as patch:  # S3 is out for a moment
        patch.setattr(Ingest, "look_at", out)
        stack.land("work/2025-02/b.csv", work(1))
        stack.deliver("IngestQueue")
    stack.run_until_idle()
    assert stack.request("GET", "/v1/trusts").status in (200, 503)
    assert stack.request("GET", "/v1/trusts/NOBODY").status in (404, 503)
    assert stack.request("GET", "/v1/trusts", {"limit": "many"}).status == 400
    assert metric(stack, "UnforeseenErrors") == {}


def test_older_build_that_leaves_publication_alone_says_so_in_a_metric_with_an_alarm(stack: LocalStack) -> None:
    land_and_run(stack)
    before = pointer(stack)
    assert metric(stack, "BuildsBehind") == {"peers": 0}
    with_build(stack, 5)
    stack.land("work/2025-02/b.csv", work(2))
    stack.run_until_idle()
    assert pointer(stack) == before
    assert metric(stack, "BuildsBehind")["peers"] >= 2
    (alarm,) = alarms_on(expand(load()), "BuildsBehind", "peers")
    alarms = of_type(expand(load()), "AWS::CloudWatch::Alarm")
    assert (alarms[alarm]["Threshold"], alarms[alarm]["DatapointsToAlarm"]) == (0, 1)
    with_build(stack, 8)
    stack.tick()
    stack.run_until_idle()
    assert (pointer(stack) or {})["build"] == 8


def with_build(stack: LocalStack, build: int) -> None:
    """Deploy another build of every function."""
    stack.functions = {
        name: Function(**{**vars(function), "environment": {**function.environment, "BUILD": str(build)}})
        for name, function in stack.functions.items()
    }


def test_a_message_that_fails_fails_its_function(stack: LocalStack) -> None:
    """Lambda slows down its polling, and counts an error, only where the function itself fails."""
    template = expand(load())
    for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values():
        function = called(template, mapping["FunctionName"])
        message = {"Records": [_record("not an event")]}
        call = stack._invoke(function, message)
        failed = (call.response or {}).get("batchItemFailures")
        assert call.error or (function == "PeersFunction" and not failed), function


def _record(body: str) -> dict[str, Any]:
    return {
        "messageId": "m1",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"SentTimestamp": "0", "ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
