"""Computes a release for a snapshot and its peers, and publishes it."""

from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from functions.opportunities.estimate.assemble import Assembled, assemble
from functions.opportunities.estimate.estimate import MissingShards
from functions.opportunities.inputs import Inputs, read_inputs, shown
from functions.opportunities.kept.series import KeptSeries
from shared import keys
from shared.aws.observability import Measured, count, logger
from shared.aws.store import Store
from shared.errors import NotReady, Superseded
from shared.events import PeersComputed, ReleasePublished
from shared.ids import ReleaseId
from shared.keys import CURRENT, PREVIEW
from shared.landing.read import read_method
from shared.landing.snapshot import Snapshot
from shared.method.prices import documents_with_landed
from shared.releases import channels, write
from shared.releases.channels import Pointer, read_pointer
from shared.releases.comparison import ReleaseInfo, compare
from shared.releases.manifest import Input
from shared.releases.write import InParts, StoredTable
from shared.statuses import OpportunityStatus
from shared.tables import Reordered


class Shards(NamedTuple):
    """How many shards were computed for a release, of how many that it is made of."""

    computed: int
    of: int


class Publisher:
    """Writes releases into the data bucket and publishes them. `most`: how many values it computes itself; None for any
    number. `shards`: those of the release that it wrote last."""

    def __init__(self, data: Store, build: int, most: int | None = None) -> None:
        self.data = data
        self.build = build
        self.most = most
        self.shards: Shards | None = None

    def publish(self, computed: PeersComputed, now: datetime) -> ReleasePublished:
        """Make the release for a snapshot current in its channel.

        Superseded or Conflict if the pointer has changed since peers read it, before taking the snapshot: the
        snapshot may be older than the one that is published, so it has to be taken again. TooMuch if too many values
        have to be computed first.
        """
        pointer, etag = read_pointer(self.data, computed.channel)
        snapshot = self.data.read_model(Snapshot, keys.snapshot(computed.snapshot_id))
        release_id = keys.release_id(snapshot.file_ids(), snapshot.method_id, self.build)
        decision = computed.decision
        held_by = decision.held_by if decision else None
        if decision and decision.release_id and held_by and write.exists(self.data, decision.release_id):
            release_id = decision.release_id  # whichever build wrote it
        if pointer and pointer.release_id == release_id and pointer.held_by == held_by:
            return ReleasePublished(channel=computed.channel, release_id=release_id, sequence=pointer.sequence)
        if pointer and pointer.build > self.build:
            raise NotReady(f"the channel belongs to build {pointer.build}, newer than {self.build}")
        if etag != computed.pointer_etag:
            raise Superseded("another release was published since this snapshot was taken")
        if not write.exists(self.data, release_id):
            written = self._write(snapshot, release_id, computed.peers_id)
            if computed.channel == CURRENT:
                count(Measured.TRUSTS, written.trusts.num_rows)
                statuses = written.opportunities.select(["status"])["status"].to_pylist()
                count(Measured.OPPORTUNITIES, statuses.count(OpportunityStatus.OPPORTUNITY))
        new_pointer = Pointer(
            channel=computed.channel,
            sequence=channels.next_sequence(self.data, computed.channel, pointer),
            release_id=release_id,
            snapshot_id=computed.snapshot_id,
            method_id=snapshot.method_id,
            build=self.build,
            published_at=now,
            hold=held_by is not None,
            decision=decision,
        )
        channels.publish(self.data, new_pointer, pointer, computed.pointer_etag)
        return ReleasePublished(channel=computed.channel, release_id=release_id, sequence=new_pointer.sequence)

    def compare(self) -> None:
        """Compare the preview release with the current one, unless that was done before."""
        current, preview = (read_pointer(self.data, channel)[0] for channel in (CURRENT, PREVIEW))
        if not current or not preview or current.method_id == preview.method_id:
            return
        place = keys.comparison(current.release_id, preview.release_id)
        if self.data.find(place) is None:
            before, after = (write.contents(self.data, one.release_id) for one in (current, preview))
            programme = read_method(self.data, preview.method_id).programme
            compared = compare(_side(current), _side(preview), before, after, programme)
            self.data.write_model(place, compared)

    def _write(self, snapshot: Snapshot, release_id: ReleaseId, peers_id: ReleaseId) -> Assembled:
        inputs = read_inputs(self.data, snapshot, peers_id)
        method, facts = inputs.method, inputs.facts
        kept = KeptSeries(self.data, shown(self.data))
        computed, in_parts = self._computed(inputs, kept)
        self.shards = Shards(kept.computed, kept.shards)
        logger.info("shards", **self.shards._asdict())
        if not computed.makes_a_release(method):
            raise NotReady(f"no {method.programme.organisation.one} has data for any metric yet")
        files = [
            Input(slot=str(file.slot), file_id=file.file_id, **facts.about[file.file_id]._asdict())
            for file in snapshot.files
        ]
        outputs: dict[str, pa.Table | Reordered | StoredTable] = {
            "opportunities": computed.opportunities,
            "distribution": computed.distribution,
            "totals": computed.totals,
            "units": computed.units,
            "trusts": computed.trusts,
        }
        of_peers = (("peers", keys.peers), ("characteristics", keys.characteristics), ("findings", keys.findings))
        outputs |= {name: StoredTable(place(peers_id)) for name, place in of_peers}
        method_json = documents_with_landed(self.data.get(keys.method(snapshot.method_id)).body, inputs.prices)
        write.write(
            self.data,
            release_id,
            snapshot.method_id,
            self.build,
            method_json,
            files,
            outputs,
            kept.listing(),
            in_parts,
        )
        return computed

    def _computed(self, inputs: Inputs, kept: KeptSeries) -> tuple[Assembled, InParts]:
        """The tables of a release. The series that they were made of are not in memory while these are written."""
        shards = MissingShards(inputs.facts, inputs.peers, inputs.method, kept)
        series = shards.compute(self.most)
        computed = assemble(shards.scope, series)
        return computed, InParts(kept.parts(series), computed.latest)


def _side(pointer: Pointer) -> ReleaseInfo:
    return ReleaseInfo(release_id=pointer.release_id, method_id=pointer.method_id, build=pointer.build)
