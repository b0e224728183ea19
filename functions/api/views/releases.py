"""What is answered about releases: which one is current, what one was made of, and its tables as files."""

from itertools import islice

from functions.api.changes import Change, changes
from functions.api.explain import sentences
from functions.api.http.negotiation import preferred
from functions.api.http.paging import cursor, cursor_of, page
from functions.api.http.problems import NotFound
from functions.api.http.queries import ChangesQuery, NoQuery, ReleasesQuery
from functions.api.lookup import resolve_trust
from functions.api.release import Release, Releases
from functions.api.schemas.figures import (
    CurrentRelease,
    ReleaseAnswer,
    ReleaseChanges,
    ReleaseList,
    ShownRelease,
    TrustChanges,
)
from functions.api.table_files import MEDIA_TYPES, File, table_file


def current(release: Release, releases: Releases, query: NoQuery) -> CurrentRelease:
    """Which release readers see, since when, and what it was made of."""
    return CurrentRelease(pointer=releases.last_pointer(), manifest=release.manifest)


def releases_shown(releases: Releases, query: ReleasesQuery) -> ReleaseList:
    """Every release that readers saw, the newest first. Publishing one again, or rolling back, is an entry anew."""
    before = cursor_of(query, int)
    found = [*islice(releases.shown(before), query.limit + 1)]
    kept = found[: query.limit]
    return ReleaseList(
        releases=tuple(ShownRelease.model_validate(one._asdict()) for one in kept),
        next_cursor=cursor(kept[-1].sequence) if len(found) > len(kept) else None,
    )


def release(releases: Releases, query: NoQuery, release_id: str) -> ReleaseAnswer:
    """One release, current or not: the files it was made from and the tables it holds."""
    return ReleaseAnswer(manifest=releases.by_id(release_id).manifest)


def release_changes(releases: Releases, query: ChangesQuery, release_id: str) -> ReleaseChanges:
    """What changed since another release, and why: own value, benchmark, comparators, or price and method."""
    before, after = releases.by_id(query.since), releases.by_id(release_id)
    asked = resolve_trust(after, query.trust) if query.trust else None
    codes = [asked.answered_for or asked.requested_code] if asked else [*after.trusts]
    shown, following = page(codes, query, lambda code: (code,))
    found = {code: [one for one in changes(before.compared, after.compared, code) if _changed(one)] for code in shown}
    return ReleaseChanges(
        since=before.id,
        release_id=after.id,
        trusts=tuple(
            TrustChanges(trust_code=code, trust_name=after.name(code), changes=tuple(found[code])) for code in shown
        ),
        total=len(codes),
        next_cursor=following,
        cautions=(sentences.DO_NOT_ADD,),
    )


def _changed(change: Change) -> bool:
    if change.before_status != change.after_status or change.before_comparator != change.after_comparator:
        return True
    return any(figure.total for figure in change.figures)


def release_table(releases: Releases, query: NoQuery, accept: str | None, release_id: str, table: str) -> File:
    """A table of a release as parquet, CSV or XLSX: by its extension, or else by what the reader accepts."""
    found = releases.by_id(release_id)
    name, _, extension = table.partition(".")
    known = [output.name for output in found.manifest.outputs]
    if name not in known:
        raise NotFound(f"This release has no table of that name. It has: {', '.join(known)}.", suggestions=known)
    return table_file(found, name, extension or preferred(accept, MEDIA_TYPES))
