"""Opportunities: computes a release for a snapshot and its peers, and publishes it unless another was faster."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.opportunities.dry_run import ReleaseDryRun
from functions.opportunities.estimate.estimate import TooMuch
from functions.opportunities.publish import Publisher
from functions.opportunities.shards import OF_ONE_CALL, items
from shared import events
from shared.aws.bus import Bus
from shared.aws.observability import Measured, logger, noted, timed, watched
from shared.aws.settings import OpportunitiesSettings
from shared.aws.side_by_side import SideBySide
from shared.aws.store import Conflict, Missing, Store
from shared.errors import NotReady, Superseded
from shared.events import DryRunPeersComputed, Event, PeersComputed, RecomputeRequested

processor = BatchProcessor(event_type=EventType.SQS)


@watched
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda entry point: a batch of queued PeersComputed events."""
    return process_partial_response(event=event, record_handler=release, processor=processor, context=context)


def release(record: SQSRecord) -> None:
    """One message. A failure is logged and counted here, because the batch utility does not raise it."""
    with noted(message_id=record.message_id):
        _release(record)


def _release(record: SQSRecord) -> None:
    """Compute, write and publish a release and emit an event; for a dry run, complete the file's receipt."""
    computed = events.parse(events.read(record.body))
    settings = OpportunitiesSettings.from_env()
    if isinstance(computed, DryRunPeersComputed):
        _assess(computed, settings)
    elif isinstance(computed, PeersComputed):
        _publish(computed, settings, record.body)


def _assess(computed: DryRunPeersComputed, settings: OpportunitiesSettings) -> None:
    logger.append_keys(landing_key=computed.landing_key, version_id=computed.version_id)
    try:
        assessed = ReleaseDryRun(Store(settings.data_bucket), settings.build, computed).assess()
    except Missing as gone:
        logger.info("the receipt or one of its inputs is gone", key=str(gone))
        return
    Bus(settings.event_bus).emit(assessed)
    logger.info(type(assessed).__name__, receipt=assessed.receipt)


def _publish(computed: PeersComputed, settings: OpportunitiesSettings, message: str) -> None:
    logger.append_keys(channel=computed.channel, snapshot_id=computed.snapshot_id)
    data = Store(settings.data_bucket)
    publisher = Publisher(data, settings.build, settings.most_values)
    now = datetime.now(UTC)
    happened: Event
    try:
        with timed(Measured.RECOMPUTE):
            happened = publisher.publish(computed, now)
            publisher.compare()
    except (Conflict, Superseded) as reason:
        happened = RecomputeRequested(reason=str(reason))
    except NotReady as reason:
        logger.info("not ready", reason=str(reason))
        return
    except TooMuch as work:
        machine = SideBySide(data, settings.state_machine, settings.shards_function, settings.queue_url)
        plan = items(computed, work.values, work.method, settings.most_values // OF_ONE_CALL)
        started = machine.start(f"opportunities-{computed.channel}", computed.pointer_etag, plan, message, now)
        logger.info("computed side by side", reason=str(work), items=len(plan), started=started)
        return
    Bus(settings.event_bus).emit(happened)
    logger.info(type(happened).__name__, **happened.model_dump(exclude={"channel"}))
