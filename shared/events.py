"""What happened, said in the past tense: the events on Headroom's bus, and how queued messages are read."""

import json
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.decision import Decision
from shared.ids import FileId, MethodId, ReleaseId, SnapshotId

SOURCE = "headroom"


class Event(BaseModel):
    """Base: the class's name is the event's detail-type, its fields the detail."""

    model_config = ConfigDict(frozen=True)
    NAMES: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        Event.NAMES[cls.__name__] = cls


class FileCurated(Event):
    """A landed file was accepted and its typed table stored."""

    landing_key: str
    version_id: str
    dataset: str
    file_id: FileId


class FileRejected(Event):
    """A landed file was rejected; the receipt says why and what was published stays."""

    landing_key: str
    version_id: str
    dataset: str
    receipt: str


class FileWithdrawn(Event):
    """A landed object was deleted (a delete marker); the file before it is current again."""

    landing_key: str
    version_id: str


class DryRunAccepted(Event):
    """A dry-run file was accepted under a method: what it would change is to be computed."""

    landing_key: str
    version_id: str
    method_id: MethodId
    file_id: FileId


class DryRunPeersComputed(Event):
    """The peer groups are stored that a release with the dry-run file in its slot would have.

    `would_be` is that release's id, `compared_with` the one readers saw then (None: no release yet).
    """

    landing_key: str
    version_id: str
    file_id: FileId
    would_be: ReleaseId
    compared_with: ReleaseId | None


class DryRunAssessed(Event):
    """A dry run's receipt says what the file would change."""

    landing_key: str
    version_id: str
    receipt: str


class RecomputeRequested(Event):
    """Someone lost a race, lifted a hold, or the clock struck: look at the landing bucket again."""

    reason: str


class PeersComputed(Event):
    """The peer groups of one channel's method for one snapshot are stored.

    `pointer_etag` is what the channel's pointer had *before* the snapshot was taken (None: no pointer yet); `act` is
    what operators had decided of the channel then, if anything.
    """

    channel: str
    pointer_etag: str | None
    snapshot_id: SnapshotId
    peers_id: ReleaseId
    act: Decision | None = None


class ReleasePublished(Event):
    """A channel's pointer now names this release."""

    channel: str
    release_id: ReleaseId
    sequence: int


class Message(NamedTuple):
    """One queued EventBridge envelope."""

    kind: str
    detail: dict[str, Any]


class S3Event(NamedTuple):
    """What an event of S3 is about. `version_id` is empty where the event does not say: the emulator's events, and
    requests to look at a key again."""

    bucket: str
    key: str
    version_id: str
    deleted: bool


def s3_event(message: Message) -> S3Event:
    """Read S3's Object Created and Object Deleted events; KeyError for another message."""
    bucket, item = message.detail["bucket"]["name"], message.detail["object"]
    return S3Event(bucket, str(item["key"]), str(item.get("version-id") or ""), message.kind == "Object Deleted")


def read(body: str) -> Message:
    """An SQS body that EventBridge (or a replay in its shape) wrote; ValueError if it is none."""
    envelope = json.loads(body)
    if not isinstance(envelope, dict) or not isinstance(envelope.get("detail"), dict):
        raise ValueError("the message is not an EventBridge envelope")
    return Message(str(envelope.get("detail-type")), envelope["detail"])


def landed_message(bucket: str, keys: Iterable[str]) -> list[str]:
    """Bodies in the shape of S3's Object Created events, one a key: how a key is looked at again."""
    return [
        json.dumps(
            {
                "source": "aws.s3",
                "detail-type": "Object Created",
                "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
            }
        )
        for key in keys
    ]


def parse(message: Message) -> Event:
    """One of Headroom's own events; ValueError for an unknown one."""
    known = Event.NAMES.get(message.kind)
    if known is None:
        raise ValueError(f"{message.kind!r} is not one of Headroom's events")
    return known.model_validate(message.detail)
