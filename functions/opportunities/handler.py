"""Opportunities: computes a release for a snapshot and its peers, and publishes it if nobody was faster."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.opportunities.dry_run import DryRun
from functions.opportunities.estimate import Estimate, estimate
from shared import events, keys, releases, tables
from shared.comparison import COMPARED, Side, compare
from shared.errors import NotReady, Superseded
from shared.events import Bus, DryRunPeersComputed, Event, PeersComputed, RecomputeRequested, ReleasePublished
from shared.keys import CURRENT, PREVIEW
from shared.observability import Measured, count, logger, noted, timed, watched
from shared.releases import Input, Pointer, read_pointer, to_json
from shared.settings import OpportunitiesSettings
from shared.snapshot import Snapshot, read_facts, read_method
from shared.store import Conflict, Missing, Store
from shared.withhold import withhold

processor = BatchProcessor(event_type=EventType.SQS)


@watched
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda entry point: a batch of queued PeersComputed events."""
    return process_partial_response(event=event, record_handler=release, processor=processor, context=context)


def release(record: SQSRecord) -> None:
    """One message. A failure is logged and counted here, since the batch utility keeps it to itself."""
    with noted(message_id=record.message_id):
        _release(record)


def _release(record: SQSRecord) -> None:
    """Compute, write, publish, say so; of a dry run, compute and tell its supplier."""
    computed = events.parse(events.read(record.body))
    settings = OpportunitiesSettings.from_env()
    if isinstance(computed, DryRunPeersComputed):
        _assess(computed, settings)
    elif isinstance(computed, PeersComputed):
        _publish(computed, settings)


def _assess(computed: DryRunPeersComputed, settings: OpportunitiesSettings) -> None:
    logger.append_keys(landing_key=computed.landing_key, version_id=computed.version_id)
    try:
        assessed = DryRun(Store(settings.data_bucket), settings.build, computed).assess()
    except Missing as gone:
        logger.info("the receipt or what it speaks of is gone", key=str(gone))
        return
    Bus(settings.event_bus).emit(assessed)
    logger.info(type(assessed).__name__, receipt=assessed.receipt)


def _publish(computed: PeersComputed, settings: OpportunitiesSettings) -> None:
    logger.append_keys(channel=computed.channel, snapshot_id=computed.snapshot_id)
    work = Opportunities(Store(settings.data_bucket), settings.build)
    happened: Event
    try:
        with timed(Measured.RECOMPUTE):
            happened = work.publish(computed, datetime.now(UTC))
            work.compare()
    except (Conflict, Superseded) as reason:
        happened = RecomputeRequested(reason=str(reason))
    except NotReady as reason:
        logger.info("not ready", reason=str(reason))
        return
    Bus(settings.event_bus).emit(happened)
    logger.info(type(happened).__name__, **happened.model_dump(exclude={"channel"}))


class Opportunities:
    """The data bucket, and what opportunities does with it."""

    def __init__(self, data: Store, build: int) -> None:
        self.data = data
        self.build = build

    def publish(self, computed: PeersComputed, now: datetime) -> ReleasePublished:
        """Make the release for a snapshot current in its channel.

        Superseded or Conflict when the pointer is no longer what peers read before taking the snapshot: the
        snapshot may be older than what is published, so someone has to look again.
        """
        pointer, etag = read_pointer(self.data, computed.channel)
        snapshot = Snapshot.model_validate_json(self.data.get(keys.snapshot(computed.snapshot_id)).body)
        release_id = keys.release_id(snapshot.file_ids(), snapshot.method_id, self.build)
        act = computed.act
        held_by = act.held_by if act else None
        if act and held_by and releases.exists(self.data, str(act.release_id)):
            release_id = str(act.release_id)  # whichever build wrote it
        if pointer and pointer.release_id == release_id and pointer.held_by == held_by:
            return ReleasePublished(channel=computed.channel, release_id=release_id, sequence=pointer.sequence)
        if pointer and pointer.build > self.build:
            raise NotReady(f"the channel belongs to build {pointer.build}, newer than {self.build}")
        if etag != computed.pointer_etag:
            raise Superseded("another release was published since this snapshot was taken")
        if not releases.exists(self.data, release_id):
            found = self._write(snapshot, release_id, computed.peers_id)
            if computed.channel == CURRENT:
                count(Measured.TRUSTS, found.trusts.num_rows)
                count(Measured.OPPORTUNITIES, found.opportunities["status"].to_pylist().count("opportunity"))
        shown = Pointer(
            channel=computed.channel,
            sequence=releases.next_sequence(self.data, computed.channel, pointer),
            release_id=release_id,
            snapshot_id=computed.snapshot_id,
            method_id=snapshot.method_id,
            build=self.build,
            published_at=now,
            hold=held_by is not None,
            act=act,
        )
        releases.publish(self.data, shown, pointer, computed.pointer_etag)
        return ReleasePublished(channel=computed.channel, release_id=release_id, sequence=shown.sequence)

    def compare(self) -> None:
        """Hold the preview release against the current one, if nobody has done so yet."""
        current, preview = (read_pointer(self.data, channel)[0] for channel in (CURRENT, PREVIEW))
        if not current or not preview or current.method_id == preview.method_id:
            return
        place = keys.comparison(current.release_id, preview.release_id)
        if self.data.find(place) is None:
            before, after = (releases.read(self.data, one.release_id, COMPARED) for one in (current, preview))
            compared = compare(_side(current), _side(preview), before, after)
            self.data.put(place, to_json(compared.model_dump(mode="json")), "application/json")

    def _write(self, snapshot: Snapshot, release_id: str, peers_id: str) -> Estimate:
        method = read_method(self.data, snapshot.method_id)
        facts, about = read_facts(self.data, snapshot)
        peers = tables.from_bytes(self.data.get(keys.peers(peers_id)).body)
        findings = tables.from_bytes(self.data.get(keys.findings(peers_id)).body)
        found = estimate(withhold(facts, findings), peers, method)
        if not found.metrics.num_rows:
            raise NotReady("no trust has data for any metric yet")
        inputs = []
        for file in snapshot.files:
            curated = about[file.file_id]
            inputs.append(
                Input(slot=str(file.slot), file_id=file.file_id, sha256=curated["sha256"], rows=int(curated["rows"]))
            )
        outputs: dict[str, pa.Table] = {
            "opportunities": found.opportunities,
            "peers": peers,
            "characteristics": tables.from_bytes(self.data.get(keys.characteristics(peers_id)).body),
            "metrics": found.metrics,
            "trend": found.trend,
            "trusts": found.trusts,
            "findings": findings,
        }
        method_json = self.data.get(keys.method(snapshot.method_id)).body
        releases.write(self.data, release_id, snapshot.method_id, self.build, method_json, inputs, outputs)
        return found


def _side(shown: Pointer) -> Side:
    return Side(release_id=shown.release_id, method_id=shown.method_id, build=shown.build)
