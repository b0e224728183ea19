"""Ingest: judges every landed version and gives its supplier a receipt.

An event only says that something happened to a key. The key's versions and the verdicts on them decide what is done, so
a message may come twice, late, or in any order.
"""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest.apart import SUSPECT, judge_apart
from functions.ingest.ingest import Ingest
from functions.ingest.judge import judge_body
from functions.ingest.uploads import Uploads
from shared import events
from shared.aws.bus import Bus
from shared.aws.observability import logger, noted, watched
from shared.aws.settings import IngestSettings
from shared.aws.store import Store
from shared.errors import NotReady

processor = BatchProcessor(event_type=EventType.SQS)


@watched
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda entry point: a batch of queued S3 events."""
    return process_partial_response(event=event, record_handler=handle_record, processor=processor, context=context)


def handle_record(record: SQSRecord) -> None:
    """One message. A failure is logged and counted here, because the batch utility does not raise it."""
    with noted(message_id=record.message_id):
        _handle(record)


def _handle(record: SQSRecord) -> None:
    """Land the upload, or judge the landed file, that the message is about, and emit what happened."""
    event = events.s3_event(events.read(record.body))
    settings = IngestSettings.from_env()
    landing, data = Store(settings.landing_bucket), Store(settings.data_bucket)
    if event.bucket == settings.incoming_bucket:
        Uploads(Store(settings.incoming_bucket), landing, data).land(event.key)
        return
    suspect = int(record.attributes.approximate_receive_count) >= SUSPECT
    ingest = Ingest(landing, data, judge_apart if suspect else judge_body)
    logger.append_keys(landing_key=event.key)
    try:
        happened = ingest.look_at(event.key, event.version_id, event.deleted)
    except NotReady as reason:
        logger.info("not ready", reason=str(reason))
        return
    Bus(settings.event_bus).emit(*happened)
    for each in happened:
        logger.info(type(each).__name__, **each.model_dump(exclude={"landing_key"}))
