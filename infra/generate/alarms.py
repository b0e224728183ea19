"""The alarms and the dashboard in template.yaml, made from its queues and functions, so that new ones have them too."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from infra.generate import parts
from infra.template import Template, of_type, parse
from shared.aws.observability import Measured

BEGIN = parts.begin("Alarms and dashboard", "this template's queues and functions")
NAMESPACE = "Headroom/${AWS::StackName}"
_TOPIC = "[!Ref AlarmTopic]"

WAITS = 900
"""Seconds after which a message waits too long: suppliers are promised seconds, and a batch's retries take minutes."""


class Metric(NamedTuple):
    """A metric and whose it is: the dimension's name, and its value as `Fn::Sub` reads it."""

    namespace: str
    name: str
    dimension: str
    of: str


def dead_letters(queue: str) -> Metric:
    """Messages in a queue."""
    return Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", f"${{{queue}.QueueName}}")


def age(queue: str) -> Metric:
    """How long the oldest message of a queue has waited, in seconds."""
    return Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", f"${{{queue}.QueueName}}")


def of_function(name: str, function: str) -> Metric:
    """One of Lambda's own metrics of a function."""
    return Metric("AWS/Lambda", name, "FunctionName", f"${{{function}}}")


def of_api(name: str) -> Metric:
    """One of API Gateway's own metrics of the HTTP API."""
    return Metric("AWS/ApiGateway", name, "ApiId", "${HttpApi}")


def ours(what: Measured, service: str) -> Metric:
    """A metric that a function emits."""
    return Metric(NAMESPACE, what, "service", service)


class Alarm(NamedTuple):
    """When someone is told. `late`: how many periods have to be bad, of how many; `silent`: what no data means;
    `condition`: the template's condition under which there is such an alarm."""

    name: str
    description: str
    metric: Metric
    statistic: str
    threshold: int | str
    period: int = 300
    late: tuple[int, int] = (1, 1)
    silent: str = "notBreaching"
    condition: str = ""


def queues(template: Template) -> tuple[list[str], list[str]]:
    """Logical ids of the queues that functions work on, and of those for dead letters."""
    every = of_type(template, "AWS::SQS::Queue")
    working = [name for name, queue in every.items() if "RedrivePolicy" in queue]
    return working, [name for name in every if name not in working]


def functions(template: Template) -> list[str]:
    """Logical ids of the functions."""
    return list(of_type(template, "AWS::Serverless::Function"))


def service(function: str) -> str:
    """What a function calls itself in its metrics, by its logical id."""
    return function.removesuffix("Function").lower()


def alarms(template: Template) -> Iterator[Alarm]:
    """Every alarm on one metric."""
    working, dead = queues(template)
    for queue in dead:
        told = f"{_words(queue.removesuffix('DeadLetterQueue'))}: a message failed for good; see docs/operating.md."
        yield Alarm(f"{queue.removesuffix('Queue')}Alarm", told, dead_letters(queue), "Maximum", 0, period=60)
    for queue in working:
        told = f"{_words(queue)}: a message has waited for more than {WAITS // 60} minutes."
        yield Alarm(f"{queue}AgeAlarm", told, age(queue), "Maximum", WAITS)
    for function in functions(template):
        told = f"{_words(function)} failed in two of the last three periods; what fails once is tried again."
        yield Alarm(f"{function}ErrorsAlarm", told, of_function("Errors", function), "Sum", 0, late=(2, 3))
        told = f"{_words(function)} was throttled in two of the last three periods."
        yield Alarm(f"{function}ThrottlesAlarm", told, of_function("Throttles", function), "Sum", 0, late=(2, 3))
        told = f"{_words(function)} met errors that nothing foresaw in two of the last three periods."
        unforeseen = ours(Measured.UNFORESEEN_ERRORS, service(function))
        yield Alarm(f"{function}UnforeseenAlarm", told, unforeseen, "Sum", 0, late=(2, 3))
    told = "A build older than the release that readers see is deployed: nothing is published. See docs/operating.md."
    yield Alarm("BuildsBehindAlarm", told, ours(Measured.BUILDS_BEHIND, "peers"), "Maximum", 0)
    told = "Readers see no release or one older than ReleaseAgeSeconds, or peers has not looked for three hours."
    oldest = ours(Measured.RELEASE_AGE, "peers")
    yield Alarm("ReleaseAgeAlarm", told, oldest, "Minimum", "ReleaseAgeSeconds", 3600, (3, 3), "breaching")
    yield Alarm("ApiErrorsAlarm", "The API answered 5xx more than twice in five minutes.", of_api("5xx"), "Sum", 2)
    told = "The slowest hundredth of the API's answers took more than two seconds for a quarter of an hour."
    yield Alarm("ApiLatencyAlarm", told, of_api("Latency"), "p99", 2000, late=(3, 3))


def takeover_alarms(template: Template) -> Iterator[Alarm]:
    """The alarms that take a deployment back, of all functions, within the ten minutes for which a new API takes over.

    One stray error is no reason, two are. But a queue gives a message out again after twelve minutes, so of an
    unforeseen error in a function on a queue one is enough: a second one of the same file would come too late.
    """
    for function in functions(template):
        told = f"{_words(function)} fails: CodeDeploy takes a build back that is taking over."
        errors = of_function("Errors", function)
        yield Alarm(f"{function}ErrorsTakeoverAlarm", told, errors, "Sum", 0, 60, (2, 10), condition="IsGradual")
        unforeseen = ours(Measured.UNFORESEEN_ERRORS, service(function))
        late = (2 if function == "ApiFunction" else 1, 10)
        yield Alarm(f"{function}UnforeseenTakeoverAlarm", told, unforeseen, "Sum", 0, 60, late, condition="IsGradual")


REJECTED_PERCENT = 50
REJECTION_RATE = f"""\
  RejectionRateAlarm:
    Type: AWS::CloudWatch::Alarm
    Condition: IsDeployed # the local emulator knows no metric math
    Properties:
      AlarmDescription: More than {REJECTED_PERCENT} % of an hour's files were rejected, of five or more.
      Metrics:
        - Id: rate
          Expression: IF(accepted + rejected >= 5, 100 * rejected / (accepted + rejected), 0)
        - Id: accepted # every file tells both counts, or an hour of rejections only would have no rate
          MetricStat:
            Metric:
              Namespace: !Sub {NAMESPACE}
              MetricName: {Measured.FILES_ACCEPTED}
              Dimensions: [{{Name: service, Value: ingest}}]
            Period: 3600
            Stat: Sum
          ReturnData: false
        - Id: rejected
          MetricStat:
            Metric:
              Namespace: !Sub {NAMESPACE}
              MetricName: {Measured.FILES_REJECTED}
              Dimensions: [{{Name: service, Value: ingest}}]
            Period: 3600
            Stat: Sum
          ReturnData: false
      EvaluationPeriods: 1
      Threshold: {REJECTED_PERCENT}
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: {_TOPIC}
"""


def _alarm(alarm: Alarm) -> Iterator[str]:
    bad, of = alarm.late
    extended = alarm.statistic.startswith("p")
    threshold = f"!Ref {alarm.threshold}" if isinstance(alarm.threshold, str) else alarm.threshold
    yield f"  {alarm.name}:"
    yield "    Type: AWS::CloudWatch::Alarm"
    if alarm.condition:
        yield f"    Condition: {alarm.condition}"
    yield "    Properties:"
    yield f'      AlarmDescription: "{alarm.description}"'
    yield f"      Namespace: {_sub(alarm.metric.namespace)}"
    yield f'      MetricName: "{alarm.metric.name}"'
    yield f"      Dimensions: [{{Name: {alarm.metric.dimension}, Value: {_value(alarm.metric.of)}}}]"
    yield f"      {'ExtendedStatistic' if extended else 'Statistic'}: {alarm.statistic}"
    if extended:  # of a dozen requests the slowest hundredth is the one cold start
        yield "      EvaluateLowSampleCountPercentile: ignore"
    yield f"      Period: {alarm.period}"
    yield f"      EvaluationPeriods: {of}"
    yield f"      DatapointsToAlarm: {bad}"
    yield f"      Threshold: {threshold}"
    yield "      ComparisonOperator: GreaterThanThreshold"
    yield f"      TreatMissingData: {alarm.silent}"
    yield f"      AlarmActions: {_TOPIC}"
    yield ""


def _words(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()


def _sub(text: str) -> str:
    return f"!Sub {text}" if "${" in text else text


def _value(text: str) -> str:
    """A dimension's value as the shortest reference that says it."""
    name, _, attribute = text.removeprefix("${").removesuffix("}").partition(".")
    if not text.startswith("${"):
        return text
    return f"!GetAtt {name}.{attribute}" if attribute else f"!Ref {name}"


# ---- The dashboard ---------------------------------------------------------------------------------------------------


def dashboard(template: Template) -> dict[str, Any]:
    """The dashboard's body: what came in, what waits, what came out, what failed, what readers felt."""
    working, dead = queues(template)
    at_work = functions(template)
    rows: list[list[tuple[str, str, Sequence[Metric]]]] = [
        [
            ("Files", "Sum", [ours(what, "ingest") for what in (Measured.FILES_ACCEPTED, Measured.FILES_REJECTED)]),
            (
                "Findings",
                "Sum",
                [
                    ours(what, service)
                    for what in (Measured.FINDING_ERRORS, Measured.FINDING_WARNINGS)
                    for service in ("ingest", "peers")
                ],
            ),
            ("Oldest message, seconds", "Maximum", [age(queue) for queue in working]),
        ],
        [
            ("Trusts and opportunities", "Maximum", [ours(w, _OUT) for w in (Measured.TRUSTS, Measured.OPPORTUNITIES)]),
            ("Recompute, seconds", "Maximum", [ours(Measured.RECOMPUTE, service) for service in ("peers", _OUT)]),
            (
                "Age of the release, seconds, and builds behind it",
                "Maximum",
                [ours(Measured.RELEASE_AGE, "peers"), ours(Measured.BUILDS_BEHIND, "peers")],
            ),
        ],
        [
            ("Dead letters", "Maximum", [dead_letters(queue) for queue in dead]),
            (
                "Errors",
                "Sum",
                [of_function("Errors", function) for function in at_work]
                + [ours(Measured.UNFORESEEN_ERRORS, service(function)) for function in at_work],
            ),
            ("Throttles", "Sum", [of_function("Throttles", function) for function in at_work]),
        ],
        [
            ("Requests", "Sum", [of_api(name) for name in ("Count", "4xx", "5xx")]),
            ("Latency, 99th percentile, ms", "p99", [of_api("Latency")]),
            ("Function duration, ms", "p99", [of_function("Duration", function) for function in at_work]),
        ],
    ]
    return {
        "widgets": [
            {
                "type": "metric",
                "x": 8 * column,
                "y": 6 * row,
                "width": 8,
                "height": 6,
                "properties": {
                    "title": title,
                    "region": "${AWS::Region}",
                    "view": "timeSeries",
                    "stat": statistic,
                    "period": 300,
                    "metrics": [list(metric) for metric in metrics],
                },
            }
            for row, widgets in enumerate(rows)
            for column, (title, statistic, metrics) in enumerate(widgets)
        ]
    }


_OUT = "opportunities"


def _dashboard(template: Template) -> Iterator[str]:
    yield "  Dashboard:"
    yield "    Type: AWS::CloudWatch::Dashboard"
    yield "    Properties:"
    yield "      DashboardName: !Ref AWS::StackName"
    yield "      DashboardBody: !Sub |"
    yield '        {"widgets": ['
    widgets = dashboard(template)["widgets"]
    for place, widget in enumerate(widgets, 1):
        yield f"        {json.dumps(widget)}{',' if place < len(widgets) else ''}"
    yield "        ]}"
    yield ""


def updated(text: str) -> str:
    """A template's text with the alarms and the dashboard of its queues and functions."""
    template = parse(text)
    every = (*alarms(template), *takeover_alarms(template))
    lines = [line for alarm in every for line in _alarm(alarm)]
    return parts.replaced(text, BEGIN, [*lines, REJECTION_RATE, *_dashboard(template)])
