"""Reads what the buckets hold, and which releases are kept."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from infra.ops.storage.needed import needed
from infra.stacks import Deployed
from shared import keys
from shared.aws.store import Store
from shared.decision import RESUME, Decision
from shared.ids import ReleaseId
from shared.keys import CHANNELS, CURRENT
from shared.landing.read import read_log_of_methods
from shared.releases import channels
from shared.releases.write import SHARDS


class Version(NamedTuple):
    """One version of an object; `size` in bytes. `newest`: readers find this one. A delete marker has no bytes."""

    key: str
    size: int
    at: datetime
    newest: bool
    deleted: bool


class Kept(NamedTuple):
    """The releases that are kept, each with the series of its shards by metric, and the ids of all that they need."""

    releases: Mapping[ReleaseId, Mapping[str, str]]
    ids: frozenset[str]


TOGETHER = timedelta(hours=1)
"""Longer than any call of a function: what one call writes was written within this time."""


def unneeded(one: Version, kept: Kept, since: datetime) -> bool:
    """Whether an object was written before a moment, and no release that is kept needs it.

    Shards count as older than they are: a shard is the proof that its series exists, which was written just before it,
    so it must not stay when that goes.
    """
    at = one.at - TOGETHER if one.key.startswith(keys.SHARDS) else one.at
    return at < since and not needed(one.key, kept.ids)


def versions(stack: Deployed, bucket: str, prefix: str = "") -> Iterator[Version]:
    """All versions and delete markers in a bucket. One LIST for each thousand."""
    pages = stack.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for name, deleted in (("Versions", False), ("DeleteMarkers", True)):
            for item in page.get(name, ()):
                yield Version(item["Key"], item.get("Size", 0), item["LastModified"], item["IsLatest"], deleted)


def data_of(stack: Deployed) -> Store:
    """The data bucket of a stack."""
    return Store(stack.outputs["DataBucketName"], stack.client("s3"))


def read_kept(stack: Deployed, since: datetime) -> Kept:
    """The releases that a channel shows or showed since a moment, and those that the last promotion or rollback names.

    It reads a pointer of each publication since then, and one object of each release.
    """
    data = data_of(stack)
    pointers = [one for channel in CHANNELS for one in channels.followed_since(data, channel, since)]
    decided = _decided(stack, data) - {one.release_id for one in pointers}
    earlier = [shown for one in sorted(decided) if (shown := channels.last_shown(data, CURRENT, one))]
    pointers += [channels.pointer_of(data, CURRENT, shown) for shown in earlier]
    releases = [*dict.fromkeys([*(one.release_id for one in pointers), *sorted(decided)])]
    listings = data.find_all([keys.release(one, SHARDS) for one in releases])
    shards = {
        release: json.loads(found.body) if found else {} for release, found in zip(releases, listings, strict=True)
    }
    series = [one for listing in shards.values() for one in listing.values()]
    return Kept(shards, frozenset([*releases, *(one.snapshot_id for one in pointers), *series]))


def _decided(stack: Deployed, data: Store) -> set[ReleaseId]:
    """The release that the last promotion or rollback names, and the one before it: an operator may go back to that. A
    decision that was landed but not yet carried out counts."""
    landing = Store(stack.outputs["LandingBucketName"], stack.client("s3"))
    landed = read_log_of_methods(landing, data).decisions()
    decision: Decision | None = next((one for one in landed if one.action != RESUME), None)
    named = (decision.release_id, decision.instead_of) if decision else ()
    return {release for release in named if release}
