"""Deletes from the data bucket what no release names that is kept.

What a recompute may need is never deleted, so a crash between any two deletions leaves every kept release whole; the
command may be repeated at any time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched, groupby

from infra.ops.replay import A_DELETE, CannotOperate, busy, delete, until_idle
from infra.ops.storage.listing import Kept, Version, data_of, read_kept, unneeded, versions
from infra.ops.storage.needed import KINDS, Life, in_turn, is_manifest, needed
from infra.ops.storage.sizes import several, size
from infra.stacks import Deployed
from shared import keys
from shared.keys import CHANNELS

LEAST_DAYS = 30
"""A dry run names the release that was current when it began, and is kept for so long; dead letters are for 14 days."""
YEAR = 365

_BUSY = (
    "messages wait for functions, or functions work on them: a recompute may need what would be deleted. Try again "
    "when the queues are empty."
)

type Print = Callable[[str], None]
type Now = Callable[[], datetime]
type Wait = Callable[[Deployed], None]


def prune(
    stack: Deployed,
    keep_days: int = YEAR,
    confirm: str | None = None,
    dry_run: bool = False,
    show: Print = print,
    now: Now = lambda: datetime.now(UTC),
    wait: Wait | None = None,
) -> int:
    """Delete what no release names that readers could see within the last `keep_days` days; how many objects.

    What was written within these days stays as well. Deleted objects stay as earlier versions, which a lifecycle rule
    deletes after 90 days. CannotOperate unless confirmed, while a recompute runs, or if a channel changes meanwhile.
    """
    if keep_days < LEAST_DAYS:
        raise CannotOperate(f"use --keep-days with {LEAST_DAYS} or more: dry runs need releases for so long.")
    since, before = now() - timedelta(days=keep_days), _channels(stack)
    kept = read_kept(stack, since)
    listed = (one for kind in KINDS if kind.life is Life.NAMED for one in _newest(stack, kind.prefix))
    going = sorted((one for one in listed if unneeded(one, kept, since)), key=_in_turn)
    show(f"{stack.name}: {_kept(kept, since)}")
    for line in _described(going, dry_run):
        show(line)
    if dry_run or not going:
        return 0
    if confirm != data_of(stack).bucket:
        raise CannotOperate(f"to delete them, use --confirm {data_of(stack).bucket}.")
    _delete(stack, [one.key for one in going], since, before, wait or until_idle)
    show("Done. They stay as earlier versions for 90 days; until then they take up space and can be restored.")
    return len(going)


def _newest(stack: Deployed, prefix: str) -> Iterable[Version]:
    listed = versions(stack, data_of(stack).bucket, prefix)
    return (one for one in listed if one.newest and not one.deleted)


def _in_turn(one: Version) -> tuple[int, str]:
    return in_turn(one.key)


# ---- deleting -------------------------------------------------------------------------------------------------------


def _delete(
    stack: Deployed, names: Sequence[str], since: datetime, before: Mapping[str, str | None], wait: Wait
) -> None:
    """Delete objects in order. If a channel changes, what it now needs is put back, and CannotOperate.

    Once the manifests are gone, no one takes these releases for stored. Who did just before may still make one of
    them current; so the command waits for that, and only then deletes the rest.
    """
    markers: dict[str, str] = {}
    for manifests, some in groupby(names, is_manifest):
        for batch in batched(some, A_DELETE, strict=False):
            if busy(stack):
                if markers:
                    wait(stack)
                    _check(stack, markers, since, before)
                raise CannotOperate(f"{several(len(markers), 'object')} deleted, then stopped: {_BUSY}")
            _check(stack, markers, since, before)
            deleted, fault = delete(stack, data_of(stack).bucket, batch)
            markers |= deleted
            if fault:
                _check(stack, markers, since, before)
                raise CannotOperate(f"{fault} Every release that is kept is whole: run it again.")
        if manifests or busy(stack):
            wait(stack)
        _check(stack, markers, since, before)


def _check(stack: Deployed, markers: Mapping[str, str], since: datetime, before: Mapping[str, str | None]) -> None:
    """CannotOperate if a channel changed: what was deleted of what it now needs is put back first.

    An operator or a function that has seen an earlier release just before it was deleted may make it current after.
    """
    if _channels(stack) == before:
        return
    kept = read_kept(stack, since)
    back = [key for key in markers if needed(key, kept.ids)]
    data = data_of(stack)
    for some in batched(reversed(back), A_DELETE, strict=False):
        gone = [{"Key": key, "VersionId": markers[key]} for key in some]
        answer = stack.client("s3").delete_objects(Bucket=data.bucket, Delete={"Objects": gone})
        if faults := answer.get("Errors"):
            raise CannotOperate(f"{faults[0].get('Key')} was deleted and cannot be put back: restore it, or rebuild.")
    put_back = f"; {several(len(back), 'object')} that it needs were put back" if back else ""
    raise CannotOperate(f"stopped, because a channel now shows another release{put_back}. Run it again.")


def _channels(stack: Deployed) -> dict[str, str | None]:
    """Channel → the ETag of its pointer."""
    data = data_of(stack)
    return {channel: data.etag(keys.channel(channel)) for channel in CHANNELS}


# ---- what it says ---------------------------------------------------------------------------------------------------


def _kept(kept: Kept, since: datetime) -> str:
    return (
        f"{several(len(kept.releases), 'release')} stay: those that readers could see since {since:%Y-%m-%d}, "
        "and those that the last decision names."
    )


def _described(going: list[Version], dry_run: bool) -> Iterable[str]:
    if not going:
        yield "There is nothing to delete."
        return
    releases = sum(is_manifest(one.key) for one in going)
    verb = "would be" if dry_run else "are to be"
    yield (
        f"{several(releases, 'release')} {verb} deleted, with what only they need: "
        f"{several(len(going), 'object')}, {size(sum(one.size for one in going))}."
    )
    by_folder = sorted(going, key=_folder)
    for folder, some in groupby(by_folder, _folder):
        sizes = [one.size for one in some]
        yield f"  {folder + '/':18} {len(sizes):>9,} {size(sum(sizes)):>8}"
    yield "Landed files, receipts, feedback and the history of releases stay."


def _folder(one: Version) -> str:
    return one.key.partition("/")[0]
