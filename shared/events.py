"""The events on Headroom's bus, each named by what happened, and how queued messages are read."""

import json
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.decision import Decision
from shared.ids import FileId, MethodId, ReleaseId, SnapshotId

SOURCE = "headroom"


class Event(BaseModel):
    """Base of events: the class's name is the event's detail-type, its fields are the detail."""

    model_config = ConfigDict(frozen=True)
    NAMES: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        Event.NAMES[cls.__name__] = cls


class FileCurated(Event):
    """A landed file was accepted and its typed table stored."""

    landing_key: str
    version_id: str
    dataset: str
    file_id: FileId


class FileRejected(Event):
    """A landed file was rejected: `receipt` is the key of the receipt that says why. The release does not change."""

    landing_key: str
    version_id: str
    dataset: str
    receipt: str


class FileWithdrawn(Event):
    """A landed object was deleted (a delete marker), so the slot's earlier file is current again."""

    landing_key: str
    version_id: str


class DryRunAccepted(Event):
    """A dry-run file was accepted under a method; what it would change is computed next."""

    landing_key: str
    version_id: str
    method_id: MethodId
    file_id: FileId


class DryRunPeersComputed(Event):
    """The peer groups of the release that the dry-run file would result in are stored.

    `would_be` is that release's id, `compared_with` the release that readers saw then (None: no release yet).
    """

    landing_key: str
    version_id: str
    file_id: FileId
    would_be: ReleaseId
    compared_with: ReleaseId | None


class DryRunAssessed(Event):
    """The receipt of a dry run now says what the file would change."""

    landing_key: str
    version_id: str
    receipt: str


class RecomputeRequested(Event):
    """The landing bucket must be read again: a publication lost a race, operators decided, or the schedule fired."""

    reason: str


class PeersComputed(Event):
    """The peer groups of one snapshot, under the method of one channel, are stored.

    `pointer_etag` is the ETag of the channel's pointer *before* the snapshot was taken (None: no pointer yet).
    `decision` is the operators' decision that was in force then (None: there was none).
    """

    channel: str
    pointer_etag: str | None
    snapshot_id: SnapshotId
    peers_id: ReleaseId
    decision: Decision | None = None


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
    """The object that an event of S3 is about. `version_id` is empty if the event names no version, as the emulator's
    events and `landed_message` do not."""

    bucket: str
    key: str
    version_id: str
    deleted: bool


def s3_event(message: Message) -> S3Event:
    """Read an Object Created or Object Deleted event of S3; KeyError for any other message."""
    bucket, item = message.detail["bucket"]["name"], message.detail["object"]
    return S3Event(bucket, str(item["key"]), str(item.get("version-id") or ""), message.kind == "Object Deleted")


def read(body: str) -> Message:
    """Read an SQS body that EventBridge wrote, or a replay of one; ValueError for any other body."""
    envelope = json.loads(body)
    if not isinstance(envelope, dict) or not isinstance(envelope.get("detail"), dict):
        raise ValueError("the message is not an EventBridge envelope")
    return Message(str(envelope.get("detail-type")), envelope["detail"])


def message(event: Event) -> str:
    """The body of a queued message about an event that is not put on the bus."""
    return json.dumps({"source": SOURCE, "detail-type": type(event).__name__, "detail": event.model_dump(mode="json")})


def landed_message(bucket: str, keys: Iterable[str]) -> list[str]:
    """Bodies in the shape of S3's Object Created events, one for each key, which have ingest look at the keys again."""
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
    """Read one of Headroom's own events; ValueError for an unknown type."""
    event = Event.NAMES.get(message.kind)
    if event is None:
        raise ValueError(f"{message.kind!r} is not one of Headroom's events")
    return event.model_validate(message.detail)
