"""Channels: the pointers that say which release readers see, and the history of those that they saw."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared import keys
from shared.aws.store import Store
from shared.content import model_json
from shared.decision import Decision
from shared.ids import MethodId, ReleaseId, SnapshotId

SEARCHED = 10_000
"""How many earlier pointers of a channel are searched for a release."""

_AT = "%Y%m%dT%H%M%S.%fZ"


class Pointer(BaseModel):
    """What a channel shows. `sequence` only grows, so the pointer's content, and its ETag, never repeat.

    `hold`: the release stays (after a rollback) until an operator lifts the hold. `decision`: the operators'
    decision that was in force when this was published; null if there was none.
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
    decision: Decision | None = None

    @property
    def held_by(self) -> int | None:
        """The number of the decision that holds the release; None if it is not held."""
        return self.decision.number if self.hold and self.decision else None


class Shown(NamedTuple):
    """A release that a channel showed, and from when on."""

    sequence: int
    published_at: datetime
    release_id: ReleaseId


def read_pointer(data: Store, channel: str) -> tuple[Pointer | None, str | None]:
    """A channel's pointer and its ETag; (None, None) before the first release."""
    stored = data.find(keys.channel(channel))
    return (Pointer.model_validate_json(stored.body), stored.etag) if stored else (None, None)


def publish(data: Store, pointer: Pointer, before: Pointer | None, expected_etag: str | None) -> None:
    """Replace a channel's pointer `before`, with its ETag, by `pointer`; Conflict if the channel's pointer has changed.

    `before` is written to the channel's history first, so that no part of the history is lost.
    """
    remember(data, before)
    data.swap(keys.channel(pointer.channel), model_json(pointer), expected_etag)


def remember(data: Store, pointer: Pointer | None) -> None:
    """Write a pointer to its channel's history. There is only one pointer for each sequence number."""
    if pointer:
        data.write_model(_history_key(pointer), pointer)


def next_sequence(data: Store, channel: str, pointer: Pointer | None) -> int:
    """The sequence number after that of `pointer` or, if it is None, after the newest in the channel's history."""
    last = pointer or next(_history(data, channel), None)
    return last.sequence + 1 if last else 1


def shown(data: Store, channel: str, before: int | None = None) -> Iterator[Shown]:
    """What a channel shows and showed, newest first. It costs one LIST for each thousand, so take only what is needed.

    `before`: only what came before that sequence number, for the next page.
    """
    pointer, _ = read_pointer(data, channel) if before is None else (None, None)
    if pointer:
        yield Shown(pointer.sequence, pointer.published_at, pointer.release_id)
    yield from _history(data, channel, before)


def shown_at(data: Store, channel: str, moment: datetime) -> Shown | None:
    """What a channel showed at a moment; None if that was before its first release."""
    return next((one for one in shown(data, channel) if one.published_at <= moment), None)


def followed_since(data: Store, channel: str, moment: datetime) -> list[Pointer]:
    """The pointers that readers of a channel followed since a moment, newest first; the last one is that of the moment
    itself, if there was one."""
    pointer, _ = read_pointer(data, channel)
    if pointer and pointer.published_at <= moment:
        return [pointer]
    earlier: list[str] = []
    for one in _history(data, channel):
        earlier.append(_key_of(channel, one))
        if one.published_at <= moment:
            break
    pointers = [Pointer.model_validate_json(stored.body) for stored in data.get_all(earlier)]
    return [pointer, *pointers] if pointer else pointers


def last_shown(data: Store, channel: str, release_id: str) -> Shown | None:
    """When a channel last began to show a release; None if it is not among what it showed SEARCHED times before."""
    entries = islice(shown(data, channel), SEARCHED + 1)
    return next((one for one in entries if one.release_id == release_id), None)


def pointer_of(data: Store, channel: str, one: Shown) -> Pointer:
    """The pointer of an entry of `shown`; Missing if it is not in the history."""
    pointer, _ = read_pointer(data, channel)
    if pointer and pointer.sequence == one.sequence:
        return pointer
    return data.read_model(Pointer, _key_of(channel, one))


def _history(data: Store, channel: str, before: int | None = None) -> Iterator[Shown]:
    after = keys.earlier_pointer(channel, before, "~", ReleaseId("")) if before else ""
    for name in data.names(f"{keys.HISTORY}{channel}/", after):
        earlier = keys.earlier_pointer_name(name)
        yield Shown(earlier.sequence, datetime.strptime(earlier.at, _AT).replace(tzinfo=UTC), earlier.release_id)


def _history_key(pointer: Pointer) -> str:
    return _key_of(pointer.channel, Shown(pointer.sequence, pointer.published_at, pointer.release_id))


def _key_of(channel: str, one: Shown) -> str:
    return keys.earlier_pointer(channel, one.sequence, one.published_at.astimezone(UTC).strftime(_AT), one.release_id)
