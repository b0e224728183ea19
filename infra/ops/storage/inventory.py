"""What the buckets hold, what of it no release names that is kept, and what a month adds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

from infra.ops.storage.listing import Kept, Version, data_of, read_kept, unneeded, versions
from infra.ops.storage.needed import KINDS, ids_of, kind_of
from infra.ops.storage.prune import YEAR
from infra.ops.storage.sizes import several, size
from infra.stacks import Deployed
from shared import keys
from shared.ids import ReleaseId
from shared.keys import CURRENT
from shared.releases import channels
from shared.releases.channels import Shown

MONTH = timedelta(days=30)
_RELEASES = 10
_OWN = (keys.RELEASES, "tables/")
_OTHER = "other"
_TABLES = f"{'':20} {'objects':>9} {'size':>8} {'unneeded':>8} {'30 days':>8} {'earlier':>8}"

type Print = Callable[[str], None]
type Now = Callable[[], datetime]


class Total(NamedTuple):
    """Objects and their bytes: of which no release that is kept needs `unneeded` and `month` were written within a
    month. `earlier`: bytes of versions that were replaced or deleted."""

    objects: int = 0
    size: int = 0
    unneeded: int = 0
    month: int = 0
    earlier: int = 0

    def and_(self, one: Version, *, unneeded: bool, month: bool) -> "Total":
        """With one more version."""
        if not one.newest or one.deleted:
            return self._replace(earlier=self.earlier + one.size)
        return self._replace(
            objects=self.objects + 1,
            size=self.size + one.size,
            unneeded=self.unneeded + one.size * unneeded,
            month=self.month + one.size * month,
        )


class Contents(NamedTuple):
    """A bucket's total by folder; bytes of the newest versions by each release id and series that a key has."""

    folders: Mapping[str, Total]
    by_id: Mapping[str, int]


def inventory(
    stack: Deployed, keep_days: int = YEAR, show: Print = print, now: Now = lambda: datetime.now(UTC)
) -> None:
    """Print what the buckets hold, what prune would delete, and what the last releases and the last month added."""
    moment = now()
    since = moment - timedelta(days=keep_days)
    kept = read_kept(stack, since)
    month = dict[str, int]()
    data = Contents({}, {})
    for name in ("Landing", "Incoming", "Data"):
        bucket = stack.outputs[f"{name}BucketName"]
        contents = _contents(versions(stack, bucket), kept if name == "Data" else None, since, moment - MONTH)
        month[name] = sum(total.month for total in contents.folders.values())
        data = contents
        show("")
        show(f"{bucket}")
        for line in _rows(contents.folders, described=name == "Data"):
            show(line)
    show("")
    show(
        f"`unneeded`: not needed by the {several(len(kept.releases), 'release')} that readers could see in the last "
        f"{keep_days} days; make prune deletes it. `earlier`: replaced or deleted versions; in the data bucket they go "
        "after 90 days, in the landing bucket they stay."
    )
    show("")
    for line in _growth(stack, kept, data, moment):
        show(line)
    show(
        f"In the last 30 days {size(sum(month.values()))} were written that are still there: {size(month['Landing'])} "
        f"of landed files and {size(month['Data'])} in the data bucket. A month like it adds as much again."
    )


def _contents(listed: Iterable[Version], kept: Kept | None, since: datetime, month: datetime) -> Contents:
    """`kept`: None for a bucket whose objects are all needed."""
    folders: dict[str, Total] = {}
    by_id: dict[str, int] = {}
    for one in listed:
        own = "/" in one.key if kept is None else kind_of(one.key) is not None
        folder = one.key.partition("/")[0] + "/" if own else _OTHER
        goes = kept is not None and unneeded(one, kept, since)
        folders[folder] = folders.get(folder, Total()).and_(one, unneeded=goes, month=one.at >= month)
        if kept and one.newest and one.key.startswith((*_OWN, keys.SHARDS, keys.SERIES)):
            for identity in ids_of(one.key):
                by_id[identity] = by_id.get(identity, 0) + one.size
    return Contents(folders, by_id)


def _rows(folders: Mapping[str, Total], *, described: bool) -> Iterator[str]:
    yield _TABLES + ("  what it is, and who needs it" if described else "")
    whats = {kind.prefix: kind.what for kind in KINDS} if described else {}
    for folder in [*(folder for folder in whats if folder in folders), *sorted(folders.keys() - whats.keys())]:
        yield _row(folder, folders[folder], whats.get(folder, ""))
    columns = zip(*folders.values(), strict=True)
    yield _row("all", Total(*map(sum, columns)), "")


def _row(name: str, total: Total, what: str) -> str:
    sizes = " ".join(f"{size(one) if one else '-':>8}" for one in total[1:])
    return f"{name[:20]:20} {total.objects:>9,} {sizes}  {what}".rstrip()


def _growth(stack: Deployed, kept: Kept, data: Contents, moment: datetime) -> Iterator[str]:
    """What each of the last releases added, the newest first."""
    shown = [*islice(_once(channels.shown(data_of(stack), CURRENT)), _RELEASES + 1)]
    if not shown:
        yield "Nothing has been published yet."
        return
    yield "What the last releases added: their own objects, and shards that the release before does not name."
    for one, before in zip(shown[:_RELEASES], [*shown[1:], None], strict=False):
        if one.release_id not in data.by_id:
            yield f"  {one.published_at:%Y-%m-%d %H:%M} {one.release_id} is no longer kept"
            continue
        series = {*kept.releases.get(one.release_id, {}).values()}
        new = series - ({*kept.releases.get(before.release_id, {}).values()} if before else set())
        added = f"{size(data.by_id.get(one.release_id, 0)):>8} of its own, "
        added += f"{size(sum(data.by_id.get(each, 0) for each in new)):>8} of shards of {several(len(new), 'metric')}"
        yield f"  {one.published_at:%Y-%m-%d %H:%M} {one.release_id} {added}"
    published = takewhile(lambda one: one.published_at >= moment - MONTH, channels.shown(data_of(stack), CURRENT))
    yield f"In the last 30 days {several(sum(1 for _ in published), 'release')} became current."


def _once(shown: Iterable[Shown]) -> Iterator[Shown]:
    """Each release as it was last shown."""
    seen: set[ReleaseId] = set()
    for one in shown:
        if one.release_id not in seen:
            seen.add(one.release_id)
            yield one
