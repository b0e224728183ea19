"""What functions say of themselves: a structured log, and metrics in CloudWatch's embedded metric format.

Powertools takes the service's name and the metrics' namespace, one a stack, from the environment.
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
    """Every metric that functions emit, by its name in CloudWatch."""

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
    """Add to a count of this invocation."""
    Metrics().add_metric(what, MetricUnit.Count, number)


def seconds(what: Measured, value: float) -> None:
    """Note a time."""
    Metrics().add_metric(what, MetricUnit.Seconds, value)


@contextmanager
def timed(what: Measured) -> Iterator[None]:
    """Note how long something took, unless it failed."""
    began = time.monotonic()
    yield
    seconds(what, time.monotonic() - began)


@contextmanager
def noted(**about: str) -> Iterator[None]:
    """Log and count an exception that nothing foresaw, and let it pass. Lambda's own metric `Errors` does not see an
    exception that a handler turns into an answer. Transient is foreseen: the message comes again."""
    try:
        yield
    except Transient as error:
        logger.warning("to be tried again", extra=about | {"reason": str(error)})
        raise
    except Exception:
        count(Measured.UNFORESEEN_ERRORS)
        logger.exception("failed", extra=about)
        raise


def watched(handler: Handler) -> Handler:
    """A handler of queued messages: its log lines name the invocation, and its metrics leave together at the end, the
    age of the oldest message among them."""

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handler)
    def run(event: dict[str, Any], context: LambdaContext) -> Any:
        seconds(Measured.OLDEST_MESSAGE, oldest(event, time.time()))
        with flushed():
            return handler(event, context)

    return run


@contextmanager
def flushed() -> Iterator[None]:
    """Send the metrics of an invocation at its end, however it ends."""
    try:
        yield
    finally:
        metrics = Metrics()
        if metrics.metric_set:  # Powertools warns of an empty one
            metrics.flush_metrics()


def oldest(event: Mapping[str, Any], now: float) -> float:
    """Seconds for which the oldest message of a batch has waited, retries included; `now` in seconds since 1970."""
    sent = [int(record["attributes"]["SentTimestamp"]) / 1000 for record in event["Records"]]
    return max(0.0, now - min(sent, default=now))
