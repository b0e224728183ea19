"""Releases: immutable sets of tables, and the channel pointers that say which one readers see, and saw."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared import keys
from shared.aws.store import Store
from shared.content import model_json
from shared.decision import Decision
from shared.ids import MethodId, ReleaseId, SnapshotId

_AT = "%Y%m%dT%H%M%S.%fZ"


class Pointer(BaseModel):
    """What a channel shows. `sequence` only grows, so no content, and no ETag, ever returns.

    `hold` keeps the release where it is (after a roll-back) until someone lifts it. `act` is what operators decided
    last of what counts: under it this is shown; null where nobody had to decide.
    """

    model_config = ConfigDict(frozen=True)

    channel: str
    sequence: int
    release_id: ReleaseId
    snapshot_id: SnapshotId
    method_id: MethodId
    build: int
    published_at: datetime
    hold: bool = False
    act: Decision | None = None

    @property
    def held_by(self) -> int | None:
        """The number of the act that holds it."""
        return self.act.number if self.hold and self.act else None


class Shown(NamedTuple):
    """What a channel showed from some moment on."""

    sequence: int
    published_at: datetime
    release_id: ReleaseId


def read_pointer(data: Store, channel: str) -> tuple[Pointer | None, str | None]:
    """A channel's pointer and its ETag; (None, None) before the first release."""
    found = data.find(keys.channel(channel))
    return (Pointer.model_validate_json(found.body), found.etag) if found else (None, None)


def publish(data: Store, pointer: Pointer, before: Pointer | None, expected_etag: str | None) -> None:
    """Point a channel at a release, if the pointer is still `before`, what was read before the snapshot; else Conflict.

    What was shown before is put down first, so that no part of a channel's history is ever lost.
    """
    remember(data, before)
    data.swap(keys.channel(pointer.channel), model_json(pointer), expected_etag)


def remember(data: Store, pointer: Pointer | None) -> None:
    """Put down what a channel shows, in its history. A pointer of one sequence number is always the same."""
    if pointer:
        data.write_model(_shown_key(pointer), pointer)


def next_sequence(data: Store, channel: str, pointer: Pointer | None) -> int:
    """The sequence number after a channel's pointer or, where there is none, after the last in its history."""
    last = pointer or next(_history(data, channel), None)
    return last.sequence + 1 if last else 1


def shown(data: Store, channel: str, before: int | None = None) -> Iterator[Shown]:
    """What a channel shows and showed, newest first; one LIST per thousand, so take no more than wanted.

    `before`: only what came before that sequence number, to go on where another page ended.
    """
    pointer, _ = read_pointer(data, channel) if before is None else (None, None)
    if pointer:
        yield Shown(pointer.sequence, pointer.published_at, pointer.release_id)
    yield from _history(data, channel, before)


def shown_at(data: Store, channel: str, moment: datetime) -> Shown | None:
    """What a channel showed at a moment; None before its first release."""
    return next((one for one in shown(data, channel) if one.published_at <= moment), None)


def pointer_of(data: Store, channel: str, one: Shown) -> Pointer:
    """The pointer, present or earlier, that made a channel show something; Missing if it is not on record."""
    pointer, _ = read_pointer(data, channel)
    if pointer and pointer.sequence == one.sequence:
        return pointer
    return data.read_model(Pointer, _key_of(channel, one))


def _history(data: Store, channel: str, before: int | None = None) -> Iterator[Shown]:
    after = keys.earlier_pointer(channel, before, "~", ReleaseId("")) if before else ""
    for name in data.names(f"{keys.HISTORY}{channel}/", after):
        told = keys.earlier_pointer_name(name)
        yield Shown(told.sequence, datetime.strptime(told.at, _AT).replace(tzinfo=UTC), told.release_id)


def _shown_key(pointer: Pointer) -> str:
    return _key_of(pointer.channel, Shown(pointer.sequence, pointer.published_at, pointer.release_id))


def _key_of(channel: str, one: Shown) -> str:
    return keys.earlier_pointer(channel, one.sequence, one.published_at.astimezone(UTC).strftime(_AT), one.release_id)
