"""The opportunities of one organisation: those with a gain, those at or ahead of their benchmark, and those without a
figure."""

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from itertools import chain
from typing import Any, NamedTuple

from functions.api.pages.ask import Asking, Refused, ReleaseShown
from functions.api.pages.charts.bar import BarRow, gain_rows
from functions.api.pages.charts.standalone import standalone
from functions.api.pages.lists import filters
from functions.api.pages.lists.nouns import about, nouns_of, within_sentence
from functions.api.pages.lists.others import ahead_rows, reasons
from functions.api.pages.lists.rows import (
    A_YEAR,
    GainTable,
    gain_table,
    has_years,
    kinds_of,
    months_of,
    names_working_time,
    period_of,
    usual_period,
)
from functions.api.pages.page import Crumb, Download, Page, PageRequest
from functions.api.pages.render import day, period
from functions.api.schemas.figures import Line, OpportunityLines, ProgrammeAnswer, TrustAnswer, TrustList
from shared.method.names import Organisation, capital

GAIN, AHEAD = "opportunity", "at_or_better_than_benchmark"


class Lines(NamedTuple):
    """An organisation's lines in the order of the API: with a gain, at or ahead of the benchmark, without a figure."""

    gains: tuple[Line, ...]
    ahead: tuple[Line, ...]
    missing: tuple[Line, ...]


def trust_list(ask: Asking, request: PageRequest) -> Page:
    """The page `/trusts/{code}`."""
    code = request.path["code"]
    answer = ask.get(TrustAnswer, "/v1/trusts/<code>", code=code)
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    nouns = nouns_of(programme, answer.trust.level)
    content: dict[str, Any] = {"answer": answer, "trust": answer.trust, "nouns": nouns, "about": about(answer.trust)}
    name = name_of(answer)
    crumbs = (Crumb(capital(programme.organisations), "/trusts"),)
    if answer.answered_for != answer.requested_code:
        content["closed"] = closed_on(ask, answer)
    if answer.answered_for is None:
        return Page("trust_divided.jinja", name, content, crumbs)
    lines = ask_lines(ask, answer.answered_for)
    content |= _list(lines, request.query, programme.currency, nouns)
    content["members"] = (
        answer.trust.level if answer.trust.level in [one.level for one in programme.levels[1:]] else None
    )
    return Page("trust_list.jinja", name, content, crumbs)


def bars_file(ask: Asking, request: PageRequest) -> Download:
    """`/trusts/{code}.svg`: the bars of the page with the same query, with title, source and release in it."""
    answer = ask.get(TrustAnswer, "/v1/trusts/<code>", code=request.path["code"])
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    nouns = nouns_of(programme, answer.trust.level)
    lines = ask_lines(ask, answer.answered_for) if answer.answered_for else Lines((), (), ())
    table: GainTable = _list(lines, request.query, programme.currency, nouns)["table"]
    if table.scale is None:
        raise Refused(HTTPStatus.NOT_FOUND, {"detail": "This list has no bars."})
    rows = [BarRow(row.line.title, row.worth, row.gain, bool(row.line.within_chance)) for row in table.rows if row.gain]
    words = "; ".join(f"{row.label}, {row.figure}" for row in rows)
    text = standalone(
        gain_rows(rows, table.scale, f"{words}."),
        f"{name_of(answer)}: {table.heading[:1].lower()}{table.heading[1:]}",
        f"Do not add these up. Source: {programme.name}, {period(*table.period)}, unless its page says otherwise.",
        release_words(ask.release),
    )
    return Download(f"{answer.answered_for}.svg", "image/svg+xml", text)


def name_of(answer: TrustAnswer) -> str:
    """An organisation's name as people write it; its code if it has none."""
    return answer.display_name or answer.answered_for or answer.requested_code


def release_words(release: ReleaseShown | None) -> str:
    """Which release a file is from."""
    if release is None:
        return ""
    published = f"published {day(release.published_at)}" if release.published_at else "not published"
    return f"Headroom, release {release.id[:8]}, {published}"


def closed_on(ask: Asking, answer: TrustAnswer) -> date | None:
    """When the requested organisation closed: the answer is about its successor."""
    if answer.trust.trust_code == answer.requested_code:
        return answer.trust.closed
    found = ask.get(TrustList, "/v1/trusts", {"q": answer.requested_code})
    return next((one.closed for one in found.trusts if one.trust_code == answer.requested_code), None)


def ask_lines(ask: Asking, code: str) -> Lines:
    """All lines of an organisation."""
    pages = ask.pages(OpportunityLines, "/v1/trusts/<code>/opportunities", {"status": "all"}, code=code)
    lines = [one for page in pages for one in page.opportunities]
    return Lines(
        tuple(one for one in lines if one.status == GAIN),
        tuple(one for one in lines if one.status == AHEAD),
        tuple(one for one in lines if one.status not in (GAIN, AHEAD)),
    )


def _list(lines: Lines, query: Mapping[str, str], currency: str, nouns: Organisation) -> dict[str, Any]:
    gains, ahead, missing = lines
    kinds, wanted = kinds_of(gains), filters.chosen(query)
    kind = query.get("show", "") if query.get("show") in kinds else next(iter(kinds), "")

    def table_of(some: Sequence[Line], kind: str) -> GainTable:
        return gain_table(some, kind, currency, nouns, over_a_year=has_years(gains))

    everything = table_of(gains, next(iter(kinds), ""))
    table, there = table_of(filters.matching(gains, wanted), kind), ahead_rows(filters.matching(ahead, wanted), nouns)
    found = filters.filters(gains, ahead, wanted)
    marks = [*(row.marks for row in table.rows), *(row.marks for row in there)]
    return {
        "lines": lines,
        "everything": everything,
        "biggest": within_sentence(everything.rows[0].line.title) if gains else "",
        "kinds": kinds,
        "table": table,
        "category": next((one for one in found if one.name == "category"), None),
        "more": [one for one in found if one.name != "category"],
        "chosen": wanted | ({"show": kind} if kinds and kind != kinds[0] else {}),
        "filtered": bool(wanted),
        "ahead": there,
        "ahead_period": usual_period(row.line for row in there),
        "reasons": reasons(filters.matching(missing, wanted)),
        "key": list(dict.fromkeys(chain.from_iterable(marks))),
        "working_time": names_working_time(table),
        "shorter": table.over_a_year and any(months_of(*period_of(row.line)) != A_YEAR for row in table.rows),
        "file": {"status": "all"} | filters.api_query(wanted),
    }
