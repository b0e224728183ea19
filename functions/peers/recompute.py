"""Computes the peer groups of every channel whose release would change."""

from collections.abc import Collection
from datetime import datetime
from itertools import batched

from botocore.exceptions import BotoCoreError, ClientError

from functions.peers.compute import compute
from functions.peers.datasets.stored import known_facts
from functions.peers.parts import DrawsPart, StoredGroups, planned
from shared import events, keys
from shared.aws.observability import Measured, count, logger
from shared.aws.store import Store, client, translate
from shared.errors import NotReady, Transient
from shared.events import PeersComputed
from shared.ids import ReleaseId
from shared.keys import CURRENT
from shared.landing.history import in_force, unjudged_methods
from shared.landing.look import look
from shared.landing.read import read_log_of_methods, read_method
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.releases.channels import read_pointer

MOST_REQUESTED = 2_000
"""Landing keys whose verdicts one recompute requests, which takes 200 calls. A later recompute requests more: it comes
with the verdicts, or with the schedule."""


class Queue:
    """The ingest queue, for keys without a verdict whose event may be lost or too old."""

    def __init__(self, url: str) -> None:
        self.url = url

    def waiting(self) -> int:
        """About how many messages wait there."""
        name = "ApproximateNumberOfMessages"
        try:
            found = client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        except (ClientError, BotoCoreError) as error:
            raise translate(error, "get_queue_attributes") from error
        return int(found["Attributes"][name])

    def request(self, bucket: str, landing_keys: list[str]) -> None:
        """Queue one message for each key, in the form of S3's events, ten a call. Transient if SQS took only some."""
        for bodies in batched(events.landed_message(bucket, landing_keys), 10, strict=False):
            entries = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)]
            try:
                answer = client("sqs").send_message_batch(QueueUrl=self.url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                raise translate(error, "send_message_batch") from error
            if answer.get("Failed"):
                raise Transient(f"{len(answer['Failed'])} of {len(entries)} messages were not taken by {self.url}")


class Recompute:
    """Computes peers from the landing bucket into the data bucket.

    `unjudged`: landing keys without a verdict. `current_since`: when the current release was published.
    `builds_behind`: by how much the newest pointer's build is higher than this build, which then publishes nothing.
    `plans`: channel → the ETag of its pointer, and draws that have to be counted before its peers can be computed here.
    """

    def __init__(
        self, landing: Store, data: Store, build: int, changed: Collection[str] | None = None, most: int | None = None
    ) -> None:
        """`changed`: the landing keys to look at; None looks at all. `most`: of how many values (organisations × draws)
        the draws of a group are counted here; None for any number."""
        self.most = most
        self.plans: dict[str, tuple[str | None, list[DrawsPart]]] = {}
        self.landing = landing
        self.data = data
        self.build = build
        self.changed = changed
        self.unjudged: dict[str, None] = {}  # ordered, and quick to look up
        self.builds_behind = 0
        self.current_since: datetime | None = None

    def run(self) -> list[PeersComputed]:
        """Peer groups of every channel whose release would change.

        A channel that is held gets the release at which it is held, if it does not have it: after a crash, or when
        everything is rebuilt from the landing bucket.
        """
        pointers = {channel: read_pointer(self.data, channel) for channel in keys.CHANNELS}
        current, _ = pointers[CURRENT]
        self.current_since = current.published_at if current else None
        log = read_log_of_methods(self.landing, self.data)
        self.unjudged = dict.fromkeys(unjudged_methods(log))
        try:
            force = in_force(log)
        except NotReady as reason:
            logger.info("not ready", reason=str(reason))
            return []
        computed = []
        methods = {method_id: read_method(self.data, method_id) for method_id in force.methods.values()}
        seen = look(self.landing, self.data, methods, self.changed)
        for channel, method_id in force.methods.items():
            decided = force.decisions if channel == CURRENT else None
            hold = decided.hold if decided else None
            pointer, etag = pointers[channel]
            method = methods[method_id]
            result = seen.results[method_id]
            self.unjudged |= dict.fromkeys(result.unjudged)
            if hold:
                result = seen.only(hold.versions, method_id, method)
                self.unjudged |= dict.fromkeys(result.unjudged)
            target = keys.release_id(result.snapshot.file_ids(), method_id, self.build)
            held_by = hold.number if hold else None
            if pointer and pointer.build > self.build:
                self.builds_behind = max(self.builds_behind, pointer.build - self.build)
                logger.warning("left alone", channel=channel, pointer_build=pointer.build, build=self.build)
            elif pointer and pointer.held_by == held_by and (hold or pointer.release_id == target):
                logger.info("nothing changed", channel=channel, release_id=pointer.release_id, held_by=held_by)
            elif result.rereading or not result.snapshot.files or (hold and result.unjudged):
                logger.info("waiting for verdicts", channel=channel, keys=len(result.unjudged))
            elif parts := self._store(result.snapshot, method, target):
                self.plans[channel] = etag, parts
            else:
                snapshot_id = result.snapshot.snapshot_id
                computed.append(
                    PeersComputed(
                        channel=channel,
                        pointer_etag=etag,
                        snapshot_id=snapshot_id,
                        peers_id=target,
                        decision=decided.newest.without_versions() if decided else None,
                    )
                )
                logger.info("computed", channel=channel, snapshot_id=snapshot_id, peers_id=target)
        return computed

    def _store(self, snapshot: Snapshot, method: Method, peers_id: ReleaseId) -> list[DrawsPart]:
        """Write snapshot, findings, characteristics and peers, unless draws have to be counted first: their parts.

        All are named by their inputs, so that existing ones are right; peers are written last, so that the others exist
        if they do.
        """
        self.data.write_model(keys.snapshot(snapshot.snapshot_id), snapshot)
        if self.data.find(keys.peers(peers_id)) is None:
            facts = known_facts(self.data, snapshot, method)
            parts = [] if self.most is None else planned(self.data, facts, method, self.most)
            if parts:
                return parts
            computed = compute(facts, snapshot, method, StoredGroups(self.data, self.most))
            severities = computed.findings["severity"].to_pylist()
            count(Measured.FINDING_ERRORS, severities.count("error"))
            count(Measured.FINDING_WARNINGS, severities.count("warning"))
            self.data.write_table(keys.findings(peers_id), computed.findings)
            self.data.write_table(keys.characteristics(peers_id), computed.characteristics)
            self.data.write_table(keys.peers(peers_id), computed.peers)
        return []
