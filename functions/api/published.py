"""What is answered about releases: which one is current, what one was made of, and its tables as files."""

from functions.api.downloads import File, accepted, table_file
from functions.api.problems import NotFound
from functions.api.queries import NoQuery
from functions.api.release import Release, Releases
from functions.api.schemas import CurrentRelease, ReleaseAnswer


def current(release: Release, releases: Releases, query: NoQuery) -> CurrentRelease:
    """Which release readers see, since when, and what it was made of."""
    return CurrentRelease(pointer=releases.pointer(), manifest=release.manifest)


def release(releases: Releases, query: NoQuery, release_id: str) -> ReleaseAnswer:
    """One release, current or not: the files it was made from and the tables it holds."""
    return ReleaseAnswer(manifest=releases.by_id(release_id).manifest)


def release_table(releases: Releases, query: NoQuery, accept: str | None, release_id: str, table: str) -> File:
    """A table of a release as parquet, CSV or XLSX: by its extension, or else by what the reader accepts."""
    found = releases.by_id(release_id)
    name, _, extension = table.partition(".")
    known = [output.name for output in found.manifest.outputs]
    if name not in known:
        raise NotFound(f"This release has no table of that name. It has: {', '.join(known)}.", suggestions=known)
    return table_file(found, name, extension or accepted(accept))
