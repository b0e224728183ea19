"""Peers: looks at the landing bucket for each channel and computes its peer groups.

However many messages asked for it, a batch means one look. The pointer is read before the snapshot is taken:
that order is what lets opportunities publish by compare-and-swap without ever going back in time.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.peers.checks import findings
from functions.peers.groups import peer_groups
from shared import events, keys, tables
from shared.errors import NotReady
from shared.events import Bus, PeersComputed
from shared.method.load import Method
from shared.observability import logger
from shared.releases import read_pointer, to_json
from shared.settings import PeersSettings
from shared.snapshot import Log, Snapshot, methods_in_force, read_facts, read_method, statements, take, unjudged_methods
from shared.store import Store, client
from shared.withhold import withhold


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Lambda entry point: any batch of requests is one recompute, which fails or succeeds as a whole."""
    settings = PeersSettings.from_env()
    logger.info("asked to recompute", messages=len(event["Records"]))
    work = Peers(Store(settings.landing_bucket), Store(settings.data_bucket), settings.build)
    computed = work.recompute()
    Queue(settings.ingest_queue_url).ask(settings.landing_bucket, work.unjudged)
    Bus(settings.event_bus).emit(*computed)
    return {"batchItemFailures": []}


class Queue:
    """The ingest queue, for keys that want a verdict and whose event may be lost or long gone."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, bucket: str, landing_keys: list[str]) -> None:
        """Queue one message a key, in the shape of S3's own events."""
        for body in events.landed_message(bucket, landing_keys):
            client("sqs").send_message(QueueUrl=self.url, MessageBody=body)


class Peers:
    """The two buckets, and what peers does with them. `unjudged`: landing keys that want a verdict."""

    def __init__(self, landing: Store, data: Store, build: int) -> None:
        self.landing = landing
        self.data = data
        self.build = build
        self.unjudged: list[str] = []

    def recompute(self) -> list[PeersComputed]:
        """Peer groups of every channel whose release would change."""
        pointers = {channel: read_pointer(self.data, channel) for channel in keys.CHANNELS}
        log = Log.read(self.landing, self.data)
        self.unjudged = unjudged_methods(log)
        try:
            methods = methods_in_force(log)
        except NotReady as reason:
            logger.info("not ready", reason=str(reason))
            return []
        computed = []
        for channel, method_id in methods.items():
            pointer, etag = pointers[channel]
            method = read_method(self.data, method_id)
            look = take(log, method_id, method, statements(self.data))
            self.unjudged += [key for key in look.unjudged if key not in self.unjudged]
            target = keys.release_id(look.snapshot.file_ids(), method_id, self.build)
            if pointer and (pointer.hold or pointer.build > self.build):
                logger.info("left alone", channel=channel, hold=pointer.hold, pointer_build=pointer.build)
            elif pointer and pointer.release_id == target:
                logger.info("nothing changed", channel=channel, release_id=target)
            elif look.rereading or not look.snapshot.files:
                logger.info("waiting for verdicts", channel=channel, keys=len(look.unjudged))
            else:
                self._store(look.snapshot, method, target)
                snapshot_id = look.snapshot.snapshot_id
                computed.append(
                    PeersComputed(channel=channel, pointer_etag=etag, snapshot_id=snapshot_id, peers_id=target)
                )
                logger.info("computed", channel=channel, snapshot_id=snapshot_id, peers_id=target)
        return computed

    def _store(self, snapshot: Snapshot, method: Method, peers_id: str) -> None:
        """Write snapshot, findings and peers. All are named by what went into them, so what is there already is right,
        and peers, written last, mean that the findings are there too."""
        self.data.put(
            keys.snapshot(snapshot.snapshot_id), to_json(snapshot.model_dump(mode="json")), "application/json"
        )
        if self.data.find(keys.peers(peers_id)) is None:
            facts, _ = read_facts(self.data, snapshot)
            found = findings(facts, snapshot, method)
            self.data.put(keys.findings(peers_id), tables.to_bytes(found))
            self.data.put(keys.peers(peers_id), tables.to_bytes(peer_groups(withhold(facts, found), method)))
