"""What is watched: alarms and dashboard of the template, held against the resources that are there, the metrics that
AWS publishes of them, and those that functions emit (tests/pipeline/operating/test_watched.py sees each of them
emitted)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.generate.alarms import functions, queues
from infra.template import Template, of_type, references
from shared.aws.observability import Measured

OURS = {"Fn::Sub": "Headroom/${AWS::StackName}"}
# What AWS publishes, by namespace: the metrics that its documentation lists, as far as they are used here.
PUBLISHED = {
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    "AWS/Lambda": {"Errors", "Throttles", "Duration"},
    "AWS/States": {"ExecutionsFailed", "ExecutionsTimedOut"},
    "AWS/ApiGateway": {"Count", "4xx", "5xx", "Latency", "IntegrationLatency"},
}
SERVICES = {"ingest", "peers", "draws", "opportunities", "shards", "api"}


@pytest.fixture
def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def metrics(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The metrics that an alarm looks at: its own, or those of its sum."""
    if "Metrics" not in alarm:
        yield alarm
    for part in alarm.get("Metrics", []):
        if "MetricStat" in part:
            yield part["MetricStat"]["Metric"]


def watched(alarms: dict[str, dict[str, Any]], metric: str) -> list[str]:
    """The resources whose metric of that name has an alarm of its own."""
    looked_at = [one for alarm in alarms.values() for one in metrics(alarm) if one["MetricName"] == metric]
    return sorted(name for one in looked_at for name in references(one["Dimensions"][0]["Value"]))


def test_every_alarm_looks_at_a_metric_that_exists_of_something_that_is_there(
    template: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    for name, alarm in alarms.items():
        for metric in metrics(alarm):
            dimension = metric["Dimensions"][0]
            if metric["Namespace"] == OURS:
                assert metric["MetricName"] in set(Measured), name
                assert (dimension["Name"], dimension["Value"] in SERVICES) == ("service", True), name
            else:
                assert metric["MetricName"] in PUBLISHED[metric["Namespace"]], name
                assert set(references(dimension["Value"])) <= template["Resources"].keys(), name


def test_every_alarm_tells_the_topic_and_says_what_silence_means(alarms: dict[str, dict[str, Any]]) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
        assert alarm["TreatMissingData"] in {"notBreaching", "breaching"}, name
        assert len(alarm["AlarmDescription"]) > 20, name


def test_every_queue_and_every_function_is_watched(template: Template, alarms: dict[str, dict[str, Any]]) -> None:
    working, dead = queues(template)
    of_template = list(of_type(template, "AWS::SQS::Queue"))
    assert sorted(working + dead) == sorted(of_template)
    assert watched(alarms, "ApproximateAgeOfOldestMessage") == sorted(working)
    assert watched(alarms, "ApproximateNumberOfMessagesVisible") == sorted(dead)
    at_work = sorted(of_type(template, "AWS::Lambda::Function"))
    assert set(watched(alarms, "Errors")) == set(at_work)
    assert watched(alarms, "Throttles") == at_work


def test_every_state_machine_is_watched(template: Template, alarms: dict[str, dict[str, Any]]) -> None:
    machines = [*of_type(template, "AWS::StepFunctions::StateMachine")]
    assert machines
    assert watched(alarms, "ExecutionsFailed") == watched(alarms, "ExecutionsTimedOut") == machines


def test_readers_are_watched_and_releases_and_rejections(alarms: dict[str, dict[str, Any]]) -> None:
    latency, errors = alarms["ApiLatencyAlarm"], alarms["ApiErrorsAlarm"]
    assert (latency["ExtendedStatistic"], latency["Threshold"]) == ("p99", 2000)
    assert (errors["MetricName"], errors["Statistic"]) == ("5xx", "Sum")
    age = alarms["ReleaseAgeAlarm"]
    assert (age["Threshold"], age["TreatMissingData"]) == ({"Ref": "ReleaseAgeSeconds"}, "breaching")


def test_rejection_rate_is_of_all_files_judged(alarms: dict[str, dict[str, Any]]) -> None:
    alarm = alarms["RejectionRateAlarm"]
    assert [one["MetricName"] for one in metrics(alarm)] == ["FilesAccepted", "FilesRejected"]
    (shown,) = [part for part in alarm["Metrics"] if part.get("ReturnData", True)]
    named = {part["Id"] for part in alarm["Metrics"]}
    for part in alarm["Metrics"]:
        known = set(re.findall(r"\b[a-z]+\b", part.get("Expression", "")))
        assert known <= named, part["Id"]
    assert _rate(shown["Expression"], accepted=4, rejected=6) == 60
    assert _rate(shown["Expression"], accepted=0, rejected=4) == 0, "four files are too few for a rate"


def _rate(expression: str, **counts: float) -> float:
    """The metric maths of one IF, as Python reads it."""
    found = re.fullmatch(r"IF\((.+?), (.+), (.+)\)", expression)
    assert found
    condition, then, otherwise = found.groups()
    assert set(re.findall(r"[a-z]+", expression.removeprefix("IF"))) == counts.keys()
    return float(eval(f"({then}) if ({condition}) else ({otherwise})", {}, counts))


def test_dashboard_shows_metrics_that_exist_of_what_is_there(template: Template) -> None:
    (board,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    body = json.loads(board["DashboardBody"]["Fn::Sub"])
    assert len(body["widgets"]) == 12
    shown = set()
    for widget in body["widgets"]:
        assert {"title", "stat", "metrics", "region"} <= widget["properties"].keys()
        for namespace, metric, _, of in widget["properties"]["metrics"]:
            shown.add(metric)
            if namespace == OURS["Fn::Sub"]:
                assert metric in set(Measured)
                assert of in SERVICES
            else:
                assert metric in PUBLISHED[namespace]
                named = re.fullmatch(r"\$\{(\w+)(\.QueueName)?\}", of)
                assert named
                assert named[1] in template["Resources"]
    assert set(Measured) - {Measured.OLDEST_MESSAGE} <= shown
    places = [(widget["x"], widget["y"]) for widget in body["widgets"]]
    assert len(set(places)) == len(places)


def test_functions_are_those_of_the_template(template: Template) -> None:
    from infra.template import load

    assert sorted(functions(load())) == sorted(of_type(template, "AWS::Lambda::Function"))
