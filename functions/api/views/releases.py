"""Releases: the current one, the preview, what they contain, the differences between two, and their tables as files."""

from itertools import islice

from functions.api.changes import changed, moves
from functions.api.explain import sentences
from functions.api.http.context import RequestContext
from functions.api.http.negotiation import preferred
from functions.api.http.paging import Key, cursor_value, encode_cursor, page
from functions.api.http.problems import BadParameter, NotFound
from functions.api.http.queries import ChangesQuery, NoParameters, Query, ReleasesQuery, TableQuery
from functions.api.lookup import resolve_trust
from functions.api.release import Release, Releases
from functions.api.schemas.figures import (
    CurrentRelease,
    ReleaseAnswer,
    ReleaseChanges,
    ReleaseList,
    ReleaseListItem,
    TrustChanges,
)
from functions.api.schemas.preview import PreviewAnswer, load
from functions.api.table_files import MEDIA_TYPES, File, table_file
from shared.releases.channels import Pointer
from shared.releases.previewed import NoPreview, Preview, read_preview


def current(release: Release, releases: Releases, query: Query) -> CurrentRelease:
    """The current release, since when it is current, and its input files and tables."""
    return CurrentRelease(pointer=releases.last_pointer(), manifest=release.manifest)


def list_releases(releases: Releases, query: ReleasesQuery) -> ReleaseList:
    """All releases that are or were current, newest first. A rollback, or publishing a release again, is a new item."""
    before = cursor_value(query, int)
    published = [*islice(releases.shown(before), query.limit + 1)]
    on_page = published[: query.limit]
    stored = releases.stored(one.release_id for one in on_page)
    return ReleaseList(
        releases=tuple(
            ReleaseListItem.model_validate(one._asdict() | {"kept": one.release_id in stored}) for one in on_page
        ),
        next_cursor=encode_cursor(on_page[-1].sequence) if len(published) > len(on_page) else None,
    )


def release(releases: Releases, query: Query, release_id: str) -> ReleaseAnswer:
    """One release, current or not: its input files and tables."""
    manifest = releases.by_id(release_id).manifest
    return ReleaseAnswer(manifest=manifest, published_at=releases.published_at(manifest.release_id))


def release_changes(releases: Releases, query: ChangesQuery, release_id: str) -> ReleaseChanges:
    """The differences from an earlier release, and their causes: own value, benchmark, comparators, price or method."""
    before, after = releases.by_id(query.since), releases.by_id(release_id)
    trust = resolve_trust(after, query.trust) if query.trust else None
    codes = [trust.answered_for or trust.requested_code] if trust else [*after.trusts]
    by_move = query.order == "move"
    moved = moves(before.compared.contents, after.compared.contents) if by_move or query.changed else {}

    def key(code: str) -> Key:
        return (code not in moved, -moved.get(code, 0.0), code) if by_move else (code,)

    listed = sorted((code for code in codes if code in moved or not query.changed), key=key)
    on_page, next_cursor = page(listed, query, key)
    found = changed(before.compared, after.compared, on_page)
    return ReleaseChanges(
        since=before.id,
        release_id=after.id,
        trusts=tuple(
            TrustChanges.model_validate(after.names(code) | {"changes": tuple(found[code])}) for code in on_page
        ),
        total=len(listed),
        next_cursor=next_cursor,
        cautions=(sentences.DO_NOT_ADD,),
    )


def release_table(releases: Releases, query: TableQuery, accept: str | None, release_id: str, table: str) -> File:
    """A table of a release as parquet, CSV or XLSX: by the extension in its name, or by the header Accept."""
    holder = releases.by_id(release_id)
    name, _, extension = table.partition(".")
    known = [output.name for output in holder.manifest.outputs]
    if name not in known:
        raise NotFound(f"This release has no table of that name. It has: {', '.join(known)}.", suggestions=known)
    if query.metric is not None:
        files = holder.files_of(name) if holder.in_parts(name) else []
        metrics = [one.partition("/")[2] for one in files]
        if query.metric not in metrics:
            what = f"has rows of: {', '.join(metrics)}" if metrics else "has no files of single metrics: leave it out"
            raise BadParameter(f"The table {name} {what}.", parameter="metric", known=metrics)
    return table_file(holder, name, extension or preferred(accept, MEDIA_TYPES), query.metric)


def preview(context: RequestContext, query: NoParameters) -> PreviewAnswer:
    """The preview release, why readers do not see it, and what they would see change if it became current."""
    try:
        read = read_preview(context.data)
    except NoPreview as error:
        reason = str(error)
        raise NotFound(f"{reason[0].upper()}{reason[1:]}") from None
    load()
    release_id, current_id = read.preview.release_id, read.current.release_id
    return PreviewAnswer(
        release_id=release_id,
        preview=read.preview,
        current=read.current,
        comparison=read.comparison,
        words=tuple(_preview_words(read)),
        links={
            "release": f"/v1/releases/{release_id}",
            "figures": f"/v1/trusts?as_at={release_id}",
            "methodology": f"/v1/methodology?as_at={release_id}",
            "changes": f"/v1/releases/{release_id}/changes?since={current_id}",
            "promote": f"/v1/releases/{release_id}/promote",
        },
    )


def _preview_words(read: Preview) -> list[str]:
    words = ["Its method is not the current one, so readers do not see this release until an operator promotes it."]
    if read.current.hold:
        words.append(f"The current release is on hold{_held_by(read.current)}. Promoting the preview ends the hold.")
    if read.comparison is None:
        words.append("The two releases are still being compared. Try again in a minute.")
    return words


def _held_by(pointer: Pointer) -> str:
    decision = pointer.decision
    return f" by a decision of {decision.who}: {decision.why.rstrip('.')}" if decision else ""
