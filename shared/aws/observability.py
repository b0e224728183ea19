"""Structured logs, and metrics in CloudWatch's embedded metric format.

Powertools reads the service's name and the metrics' namespace (one for each stack) from the environment.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.errors import Transient

logger = Logger()

Handler = Callable[[dict[str, Any], LambdaContext], Any]


class Measured(StrEnum):
    """The metrics that functions emit, by their names in CloudWatch."""

    FILES_ACCEPTED = "FilesAccepted"
    FILES_REJECTED = "FilesRejected"
    FINDING_ERRORS = "FindingErrors"
    FINDING_WARNINGS = "FindingWarnings"
    OLDEST_MESSAGE = "OldestMessageSeconds"
    RECOMPUTE = "RecomputeSeconds"
    RELEASE_AGE = "ReleaseAgeSeconds"
    TRUSTS = "Trusts"
    OPPORTUNITIES = "Opportunities"
    UNFORESEEN_ERRORS = "UnforeseenErrors"
    BUILDS_BEHIND = "BuildsBehind"


def count(what: Measured, number: int = 1) -> None:
    """Add to a count metric of this invocation."""
    Metrics().add_metric(what, MetricUnit.Count, number)


def seconds(what: Measured, value: float) -> None:
    """Record a time in seconds."""
    Metrics().add_metric(what, MetricUnit.Seconds, value)


@contextmanager
def timed(what: Measured) -> Iterator[None]:
    """Record how long a block took, unless it raised an exception."""
    began = time.monotonic()
    yield
    seconds(what, time.monotonic() - began)


@contextmanager
def noted(**about: str) -> Iterator[None]:
    """Log and count an unexpected exception, then raise it again. Lambda's own metric `Errors` does not count an
    exception that a handler turns into an answer. Transient is expected: SQS delivers the message again."""
    try:
        yield
    except Transient as error:
        logger.warning("will be retried", extra=about | {"reason": str(error)})
        raise
    except Exception:
        count(Measured.UNFORESEEN_ERRORS)
        logger.exception("failed", extra=about)
        raise


def watched(handler: Handler) -> Handler:
    """A handler of queued messages whose log lines name the invocation and whose metrics are sent at the end, with the
    age of the batch's oldest message."""

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handler)
    def run(event: dict[str, Any], context: LambdaContext) -> Any:
        seconds(Measured.OLDEST_MESSAGE, oldest(event, time.time()))
        with flushed():
            return handler(event, context)

    return run


@contextmanager
def flushed() -> Iterator[None]:
    """Send the metrics of a block at its end, also after an exception."""
    try:
        yield
    finally:
        metrics = Metrics()
        if metrics.metric_set:  # Powertools warns if there are none
            metrics.flush_metrics()


def oldest(event: Mapping[str, Any], now: float) -> float:
    """Seconds since the oldest message of a batch was sent, retries included; `now` is in seconds since 1970."""
    sent_at = [int(record["attributes"]["SentTimestamp"]) / 1000 for record in event["Records"]]
    return max(0.0, now - min(sent_at, default=now))
