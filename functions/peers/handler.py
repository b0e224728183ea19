"""Peers: looks at the landing bucket for each channel and computes its peer groups.

However many messages asked for it, a batch means one look. The pointer is read before the snapshot is taken:
that order is what lets opportunities publish by compare-and-swap without ever going back in time.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.peers.dry_run import DryRun
from functions.peers.recompute import _MOST_ASKED, Peers, Queue
from shared import events
from shared.aws.bus import Bus
from shared.aws.observability import Measured, count, logger, noted, seconds, timed, watched
from shared.aws.settings import PeersSettings
from shared.aws.store import Store
from shared.events import DryRunAccepted, Event, FileCurated, FileWithdrawn


@watched
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Lambda entry point: any batch of requests is one recompute, which fails or succeeds as a whole.

    Dry runs come from a queue of their own, one by one, so that however many there are they hold up no release.
    """
    settings = PeersSettings.from_env()
    with noted():
        return _handle(event, settings)


def _handle(event: dict[str, Any], settings: PeersSettings) -> dict[str, list[Any]]:
    asked_for = [_asked(record["body"]) for record in event["Records"]]
    dry_runs = [asked for asked in asked_for if isinstance(asked, DryRunAccepted)]
    for asked in dry_runs:
        logger.info("asked for a dry run", landing_key=asked.landing_key, version_id=asked.version_id)
        dry_run = DryRun(Store(settings.landing_bucket), Store(settings.data_bucket), settings.build, asked)
        Bus(settings.event_bus).emit(dry_run.compute())
    if len(dry_runs) < len(asked_for):
        _recompute(settings, [asked for asked in asked_for if not isinstance(asked, DryRunAccepted)])
    return {"batchItemFailures": []}


def _asked(body: str) -> Event | None:
    """What a message says; None for what nobody knows, which asks for a recompute as everything but a dry run does."""
    try:
        return events.parse(events.read(body))
    except ValueError:
        return None


def _recompute(settings: PeersSettings, asked: list[Event | None]) -> None:
    landing_keys = sorted({one.landing_key for one in asked if isinstance(one, FileCurated | FileWithdrawn)})
    logger.info("asked to recompute", messages=len(asked), landing_keys=landing_keys)
    work = Peers(Store(settings.landing_bucket), Store(settings.data_bucket), settings.build)
    with timed(Measured.RECOMPUTE):
        computed = work.recompute()
    if work.current_since:
        seconds(Measured.RELEASE_AGE, (datetime.now(UTC) - work.current_since).total_seconds())
    count(Measured.BUILDS_BEHIND, work.builds_behind)
    # Emitted first: a release must not wait for, or fail with, what is asked of ingest.
    Bus(settings.event_bus).emit(*computed)
    if len(work.unjudged) > _MOST_ASKED:
        logger.info("asking for a part of the verdicts", keys=len(work.unjudged), now=_MOST_ASKED)
    Queue(settings.ingest_queue_url).ask(settings.landing_bucket, [*work.unjudged][:_MOST_ASKED])
