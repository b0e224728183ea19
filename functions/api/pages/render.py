"""From a page to HTML: Jinja's environment, addresses relative to the page, names and periods in words."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import jinja2

from functions.api.pages import built
from functions.api.pages.ask import Ask, Asking, Refused, ReleaseShown
from functions.api.pages.page import Page, Reader
from functions.api.schemas.figures import CurrentRelease, ProgrammeAnswer
from shared import formatting
from shared.method.names import capital


class Place(NamedTuple):
    """Where a page stands: its path and query as in its address, with `as_at` if that is in it."""

    path: str
    query: Mapping[str, str]

    def to(self, path: str, query: Mapping[str, Any], *, as_at: str | None) -> str:
        """An address relative to this page, so that pages do not mind a path before their own."""
        up = "../" * (self.path.count("/") - 1)
        parts = {name: value for name, value in query.items() if value not in (None, "")}
        parts |= {"as_at": as_at} if as_at else {}
        target = f"{up}{quote(path.lstrip('/'), safe='/:.,~')}" or "./"
        if ":" in target.partition("/")[0]:
            target = f"./{target}"  # or a browser would read it as a scheme: javascript:…
        return f"{target}?{urlencode(parts)}" if parts else target

    def whole(self) -> str:
        """The page's own address, from the client's root: where signing in leads back to."""
        path = quote(self.path, safe="/:.,~")
        return f"{path}?{urlencode(self.query)}" if self.query else path


_WITH_TOKEN = re.compile(r"/v1/(receipts|uploads|feedback|me|releases/preview)\b")
"""Answers that always need a token."""


class Shell(NamedTuple):
    """What every page has around it: the programme in words, the release of its figures, the newest one if that is
    another, where a reader signs in, and whether answers of the API that readers may have need no token."""

    sign_in: bool
    programme: ProgrammeAnswer | None = None
    release: ReleaseShown | None = None
    newest: ReleaseShown | None = None
    open_read: bool = True


def shell(ask: Ask, asking: Asking, *, sign_in: bool) -> Shell:
    """Asked like everything else; empty before the first release, and where the reader may not read. A page of a
    release that does not exist has none around it either, but the programme's words of today."""
    around = Asking(ask, asking.release.id if asking.release else asking.as_at)
    try:
        programme = around.get(ProgrammeAnswer, "/v1/programme")
        newest = None
        if asking.as_at is not None:
            current = around.newest(CurrentRelease, "/v1/releases/current")
            newest = ReleaseShown(current.pointer.release_id, current.pointer.published_at)
    except Refused:
        return Shell(sign_in, _programme_of_today(around) if asking.as_at is not None else None)
    return Shell(sign_in, programme, asking.release or around.release, newest)


def _programme_of_today(asking: Asking) -> ProgrammeAnswer | None:
    try:
        return asking.newest(ProgrammeAnswer, "/v1/programme")
    except Refused:
        return None


def html(page: Page, place: Place, reader: Reader, around: Shell, asking: Asking) -> str:
    """The page as HTML."""
    as_at = asking.as_at if around.release else None  # links to a release that does not exist would lead nowhere

    def url(path: str, pinned: bool = True, **query: Any) -> str:
        return place.to(path, query, as_at=as_at if pinned else None)

    unpinned = {name: value for name, value in place.query.items() if name != "as_at"}
    pinned_here = place.to(place.path, unpinned, as_at=around.release.id if around.release else None)
    up = place.to("/", {}, as_at=None)
    source_links = [
        (address, f"{up}{address.lstrip('/')}" if around.open_read and not _WITH_TOKEN.match(address) else "")
        for address in asking.sources
    ]
    return (
        _environment()
        .get_template(page.template)
        .render(
            page.content,
            page=page,
            reader=reader,
            programme=around.programme,
            release=around.release,
            newest=around.newest,
            sign_in=around.sign_in,
            as_at=as_at,
            place=place,
            again=place.to(place.path, place.query, as_at=None),
            return_to=place.whole(),
            unpinned=unpinned,
            pinned_here=pinned_here,
            sources=source_links,
            url=url,
            assets=place.to(f"/assets/{built.assets().tag}", {}, as_at=None),
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=built.loader(), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "amount": formatting.amount,
        "headline": formatting.headline,
        "number": formatting.number,
        "ordinal": formatting.ordinal,
        "unit": formatting.unit_in_words,
        "capital": capital,
        "period": period,
        "day": day,
        "moment": moment,
    }
    environment.globals |= {"span": formatting.span, "between": formatting.between}
    return environment


def day(value: date | datetime) -> str:
    """27 November 2026. Of a moment, the day in UTC, as in `as_at`."""
    value = value.astimezone(UTC) if isinstance(value, datetime) else value
    return f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """27 November 2026, 14:05 UTC."""
    value = value.astimezone(UTC)
    return f"{day(value)}, {value:%H:%M} UTC"


def period(start: date | None, end: date | None) -> str:
    """April 2024 to March 2025, of whole months; else with days. Empty without dates."""
    if start is None or end is None:
        return ""
    if start.day != 1 or (end + timedelta(days=1)).day != 1:
        return f"{day(start)} to {day(end)}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%B %Y}"
    return f"{start:%B}{'' if start.year == end.year else f' {start.year}'} to {end:%B %Y}"
