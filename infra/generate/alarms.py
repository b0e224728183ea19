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
"""Seconds that a message may wait. Suppliers expect a receipt within seconds; retries of a batch take minutes."""


class CloudWatchMetric(NamedTuple):
    """A metric with one dimension: its name, and its value for `Fn::Sub`."""

    namespace: str
    name: str
    dimension: str
    of: str


def dead_letters(queue: str) -> CloudWatchMetric:
    """Messages in a queue."""
    return CloudWatchMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", f"${{{queue}.QueueName}}")


def age(queue: str) -> CloudWatchMetric:
    """The age of a queue's oldest message, in seconds."""
    return CloudWatchMetric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", f"${{{queue}.QueueName}}")


def of_function(name: str, function: str) -> CloudWatchMetric:
    """One of Lambda's metrics of a function."""
    return CloudWatchMetric("AWS/Lambda", name, "FunctionName", f"${{{function}}}")


def of_api(name: str) -> CloudWatchMetric:
    """One of API Gateway's metrics of the HTTP API."""
    return CloudWatchMetric("AWS/ApiGateway", name, "ApiId", "${HttpApi}")


def of_machine(name: str, machine: str) -> CloudWatchMetric:
    """One of Step Functions' metrics of a state machine."""
    return CloudWatchMetric("AWS/States", name, "StateMachineArn", f"${{{machine}}}")


def ours(what: Measured, service: str) -> CloudWatchMetric:
    """A metric that a function emits."""
    return CloudWatchMetric(NAMESPACE, what, "service", service)


class Alarm(NamedTuple):
    """One alarm. `late`: how many periods must be above the threshold, of how many; `silent`: the meaning of missing
    data; `condition`: the template's condition under which the alarm exists."""

    name: str
    description: str
    metric: CloudWatchMetric
    statistic: str
    threshold: int | str
    period: int = 300
    late: tuple[int, int] = (1, 1)
    silent: str = "notBreaching"
    condition: str = ""


def queues(template: Template) -> tuple[list[str], list[str]]:
    """Logical ids of the queues that feed functions, and of the dead-letter queues."""
    every = of_type(template, "AWS::SQS::Queue")
    working = [name for name, queue in every.items() if "RedrivePolicy" in queue]
    return working, [name for name in every if name not in working]


def functions(template: Template) -> list[str]:
    """Logical ids of the functions."""
    return list(of_type(template, "AWS::Serverless::Function"))


def machines(template: Template) -> list[str]:
    """Logical ids of the state machines."""
    return list(of_type(template, "AWS::StepFunctions::StateMachine"))


def awaited(template: Template) -> list[str]:
    """The functions that suppliers and readers wait for: those that queues or the API call. State machines call the
    others, and have alarms of their own."""
    every = of_type(template, "AWS::Serverless::Function")
    return [name for name in every if "Events" in every[name] or name == "ApiFunction"]


def service(function: str) -> str:
    """The name of a function, by its logical id, in its own metrics."""
    return function.removesuffix("Function").lower()


def alarms(template: Template) -> Iterator[Alarm]:
    """Every alarm on one metric."""
    working, dead = queues(template)
    for queue in dead:
        description = (
            f"{_words(queue.removesuffix('DeadLetterQueue'))}: a message failed for good; see docs/operating.md."
        )
        yield Alarm(f"{queue.removesuffix('Queue')}Alarm", description, dead_letters(queue), "Maximum", 0, period=60)
    for queue in working:
        description = f"{_words(queue)}: a message has waited for more than {WAITS // 60} minutes."
        yield Alarm(f"{queue}AgeAlarm", description, age(queue), "Maximum", WAITS)
    for function in functions(template):
        description = f"{_words(function)} failed in two of the last three periods; a single failure is tried again."
        yield Alarm(f"{function}ErrorsAlarm", description, of_function("Errors", function), "Sum", 0, late=(2, 3))
        description = f"{_words(function)} was throttled in two of the last three periods."
        yield Alarm(f"{function}ThrottlesAlarm", description, of_function("Throttles", function), "Sum", 0, late=(2, 3))
        description = f"{_words(function)} had unexpected errors in two of the last three periods."
        unforeseen = ours(Measured.UNFORESEEN_ERRORS, service(function))
        yield Alarm(f"{function}UnforeseenAlarm", description, unforeseen, "Sum", 0, late=(2, 3))
    for machine in machines(template):
        for what, happened in (("Failed", "failed"), ("TimedOut", "ran out of time")):
            description = f"{_words(machine)}: an execution {happened}: no newer release. See docs/operating.md."
            yield Alarm(f"{machine}{what}Alarm", description, of_machine(f"Executions{what}", machine), "Sum", 0)
    description = (
        "A build older than the release that readers see is deployed: nothing is published. See docs/operating.md."
    )
    yield Alarm("BuildsBehindAlarm", description, ours(Measured.BUILDS_BEHIND, "peers"), "Maximum", 0)
    description = "Readers see no release, or one older than ReleaseAgeSeconds, or peers has not run for three hours."
    oldest = ours(Measured.RELEASE_AGE, "peers")
    yield Alarm("ReleaseAgeAlarm", description, oldest, "Minimum", "ReleaseAgeSeconds", 3600, (3, 3), "breaching")
    yield Alarm("ApiErrorsAlarm", "The API answered 5xx more than twice in five minutes.", of_api("5xx"), "Sum", 2)
    description = "The slowest 1% of the API's answers took more than two seconds for 15 minutes."
    yield Alarm("ApiLatencyAlarm", description, of_api("Latency"), "p99", 2000, late=(3, 3))


def takeover_alarms(template: Template) -> Iterator[Alarm]:
    """The alarms on awaited functions that roll a deployment back in the ten minutes while a new API takes over.

    Two errors are needed, since one may be a coincidence. One unexpected error is enough in a function on a queue: the
    queue delivers the message again after twelve minutes, so a second error of the same file would come too late.
    """
    for function in awaited(template):
        description = f"{_words(function)} fails: CodeDeploy rolls back a build that is taking over."
        errors = of_function("Errors", function)
        yield Alarm(f"{function}ErrorsTakeoverAlarm", description, errors, "Sum", 0, 60, (2, 10), condition="IsGradual")
        unforeseen = ours(Measured.UNFORESEEN_ERRORS, service(function))
        late = (2 if function == "ApiFunction" else 1, 10)
        yield Alarm(
            f"{function}UnforeseenTakeoverAlarm", description, unforeseen, "Sum", 0, 60, late, condition="IsGradual"
        )


REJECTED_PERCENT = 50
REJECTION_RATE = f"""\
  RejectionRateAlarm:
    Type: AWS::CloudWatch::Alarm
    Condition: IsDeployed # the emulator has no metric math
    Properties:
      AlarmDescription: More than {REJECTED_PERCENT}% of an hour's files were rejected, of five or more.
      Metrics:
        - Id: rate
          Expression: IF(accepted + rejected >= 5, 100 * rejected / (accepted + rejected), 0)
        - Id: accepted # each file emits both counts, since a missing count would leave no rate
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
    if extended:  # with a dozen requests, the slowest 1% is the one cold start
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
    """A dimension's value as the shortest reference."""
    name, _, attribute = text.removeprefix("${").removesuffix("}").partition(".")
    if not text.startswith("${"):
        return text
    return f"!GetAtt {name}.{attribute}" if attribute else f"!Ref {name}"


# ---- The dashboard ---------------------------------------------------------------------------------------------------


def dashboard(template: Template) -> dict[str, Any]:
    """The dashboard's body: files and queues, results, failures, and the API."""
    working, dead = queues(template)
    at_work = functions(template)
    rows: list[list[tuple[str, str, Sequence[CloudWatchMetric]]]] = [
        [
            ("Files", "Sum", [ours(metric, "ingest") for metric in (Measured.FILES_ACCEPTED, Measured.FILES_REJECTED)]),
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
                + [ours(Measured.UNFORESEEN_ERRORS, service(function)) for function in at_work]
                + [of_machine("ExecutionsFailed", machine) for machine in machines(template)],
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
