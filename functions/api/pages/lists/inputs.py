"""What went into a release and not into an earlier one: files, method and code. The causes behind all changes."""

from collections.abc import Iterable, Iterator

from functions.api.pages.ask import Asking
from functions.api.schemas.figures import ReleaseAnswer
from shared.releases.manifest import Manifest

_NAMED = 10


def made_otherwise(ask: Asking, before: str, after: str) -> list[str]:
    """Sentences about two releases, by their ids: `New files: beds/2025-04.` None if both are made of the same."""
    earlier, later = (
        ask.get(ReleaseAnswer, "/v1/releases/<release_id>", pinned=False, release_id=one).manifest
        for one in (before, after)
    )
    return list(_differences(earlier, later))


def _differences(earlier: Manifest, later: Manifest) -> Iterator[str]:
    was, now = ({one.slot: one.sha256 for one in manifest.inputs} for manifest in (earlier, later))
    yield from _files("New files", now.keys() - was.keys())
    yield from _files("Files in another version", (slot for slot in now.keys() & was.keys() if now[slot] != was[slot]))
    yield from _files("Files that are gone", was.keys() - now.keys())
    if earlier.method_id != later.method_id:
        yield "The method is another one."
    if earlier.build != later.build:
        yield f"The code is of build {later.build}; it was of build {earlier.build}."


def _files(title: str, slots: Iterable[str]) -> Iterator[str]:
    named = sorted(slots)
    if named:
        more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
        yield f"{title}: {', '.join(named[:_NAMED])}{more}."
