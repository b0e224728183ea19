"""Peers: takes a snapshot of the landing bucket for each channel and computes its peer groups.

A batch is one recompute, however many messages it has. The pointer is read before the snapshot is taken: that order
lets opportunities publish by compare-and-swap without ever publishing an older snapshot over a newer one.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.peers.dry_run import PeersDryRun
from functions.peers.recompute import MOST_REQUESTED, Queue, Recompute
from shared import events
from shared.aws.bus import Bus
from shared.aws.observability import Measured, count, logger, noted, seconds, timed, watched
from shared.aws.settings import PeersSettings
from shared.aws.side_by_side import SideBySide
from shared.aws.store import Store
from shared.events import (
    DryRunAccepted,
    Event,
    FileCurated,
    FileWithdrawn,
    RecomputeRequested,
    ReleasePublished,
)


@watched
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Lambda entry point: any batch of requests is one recompute, which fails or succeeds as a whole.

    Dry runs come from a queue of their own, one by one, so that they delay no release however many there are.
    """
    settings = PeersSettings.from_env()
    with noted():
        return _handle(event, settings)


def _handle(event: dict[str, Any], settings: PeersSettings) -> dict[str, list[Any]]:
    requests = [_request(record["body"]) for record in event["Records"]]
    dry_runs = [request for request in requests if isinstance(request, DryRunAccepted)]
    for request in dry_runs:
        logger.info("dry run requested", landing_key=request.landing_key, version_id=request.version_id)
        dry_run = PeersDryRun(Store(settings.landing_bucket), Store(settings.data_bucket), settings.build, request)
        Bus(settings.event_bus).emit(dry_run.compute())
    if len(dry_runs) < len(requests):
        _recompute(settings, [request for request in requests if not isinstance(request, DryRunAccepted)])
    return {"batchItemFailures": []}


def _request(body: str) -> Event | None:
    """A message's event; None for an unknown one, which requests a recompute as every event but a dry run does."""
    try:
        return events.parse(events.read(body))
    except ValueError:
        return None


def _changed(requests: list[Event | None]) -> set[str] | None:
    """The landing keys that events name; None if a request says that any key may have changed."""
    changed = set()
    for request in requests:
        match request:
            case FileCurated() | FileWithdrawn():
                changed.add(request.landing_key)
            case ReleasePublished():  # what changed while it was computed was named by events of its own
                pass
            case _:
                return None
    return changed


def _recompute(settings: PeersSettings, requests: list[Event | None]) -> None:
    changed = _changed(requests)
    logger.info("recompute requested", messages=len(requests), landing_keys=sorted(changed or ()), full=changed is None)
    data, now = Store(settings.data_bucket), datetime.now(UTC)
    recompute = Recompute(Store(settings.landing_bucket), data, settings.build, changed, settings.most_values)
    with timed(Measured.RECOMPUTE):
        computed = recompute.run()
    if recompute.current_since:
        seconds(Measured.RELEASE_AGE, (now - recompute.current_since).total_seconds())
    count(Measured.BUILDS_BEHIND, recompute.builds_behind)
    # The events are emitted first: a release must not wait for, or fail with, the requests to ingest.
    Bus(settings.event_bus).emit(*computed)
    for channel, (etag, parts) in recompute.plans.items():
        machine = SideBySide(data, settings.state_machine, settings.draws_function, settings.queue_url)
        message = events.message(RecomputeRequested(reason="draws of peer groups are counted"))
        started = machine.start(f"peers-{channel}", etag, parts, message, now)
        logger.info("computed side by side", channel=channel, items=len(parts), started=started)
    if recompute.unjudged:
        _request_verdicts(Queue(settings.ingest_queue_url), settings.landing_bucket, [*recompute.unjudged])


def _request_verdicts(queue: Queue, landing_bucket: str, unjudged: list[str]) -> None:
    """Request verdicts, unless about as many messages wait for ingest already.

    Each recompute would else queue again whatever ingest has not reached yet: while a thousand files land, the queue
    would grow faster than ingest can empty it.
    """
    requested, waiting = unjudged[:MOST_REQUESTED], queue.waiting()
    if 2 * waiting >= len(requested):
        requested = []
    logger.info("verdicts are missing", keys=len(unjudged), waiting=waiting, requested=len(requested))
    queue.request(landing_bucket, requested)
