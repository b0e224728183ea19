"""An organisation's biggest gains on sheets of A4, for a board paper."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from markupsafe import Markup

from functions.api.pages.ask import Asking
from functions.api.pages.figures.drawings import strip_drawing
from functions.api.pages.figures.facts import Facts, ask_opportunity, facts_of
from functions.api.pages.figures.wording import closing, headline_of, reaching
from functions.api.pages.lists.marks import Mark, marks_of
from functions.api.pages.lists.nouns import about, nouns_of, within_sentence
from functions.api.pages.lists.others import stands
from functions.api.pages.lists.rows import gain_table, has_years, kinds_of, names_working_time
from functions.api.pages.page import Crumb, Page, PageRequest, Redirect
from functions.api.pages.views.trust_list import ask_lines, name_of
from functions.api.schemas.figures import Line, ProgrammeAnswer, TrustAnswer
from shared.method.names import capital

TOP, MOST = 3, 9
"""How many gains have a chart, by default and at most."""
IN_TABLE = 5
"""How many gains the table of the first sheet has."""
_ON_SHEET = 2
"""How many charts a sheet has room for; the first sheet, with the table, has one."""


class Finding(NamedTuple):
    """A gain with its chart and its doubts: sentences about how sure it is. `marks`: those without a sentence."""

    line: Line
    headline: str
    closing: str
    reaching: Sequence[tuple[str, str]]
    chart: Markup | None
    stands: str
    sources: Sequence[str]
    marks: Sequence[Mark]
    doubts: Sequence[str]


def report(ask: Asking, request: PageRequest) -> Page | Redirect:
    """The page `/trusts/{code}/report?top=`. A divided organisation has none: its list leads to its successors."""
    answer = ask.get(TrustAnswer, "/v1/trusts/<code>", code=request.path["code"])
    if answer.answered_for is None:
        return Redirect(f"/trusts/{answer.requested_code}")
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    nouns, lines = nouns_of(programme, answer.trust.level), ask_lines(ask, answer.answered_for)
    kind = next(iter(kinds_of(lines.gains)), "")
    table = gain_table(lines.gains, kind, programme.currency, nouns, over_a_year=has_years(lines.gains))
    top = _top(request.query.get("top", ""))
    findings = [_finding(ask, answer.answered_for, row.line) for row in table.rows[:top]]
    others = findings[1:]
    sheets = [others[start : start + _ON_SHEET] for start in range(0, len(others), _ON_SHEET)]
    name = name_of(answer)
    return Page(
        "report.jinja",
        f"Report: {name}",
        {
            "name": name,
            "code": answer.answered_for,
            "nouns": nouns,
            "about": about(answer.trust),
            "lines": lines,
            "everything": table,
            "table": table._replace(rows=table.rows[:IN_TABLE]),
            "biggest": within_sentence(table.rows[0].line.title) if table.rows else "",
            "first": findings[0] if findings else None,
            "sheets": sheets,
            "top": top,
            "choices": list(_choices(len(table.rows))),
            "working_time": names_working_time(table),
        },
        (Crumb(capital(nouns.many), "/trusts"), Crumb(name, f"/trusts/{answer.answered_for}")),
    )


def _choices(gains: int) -> Iterator[tuple[int, int]]:
    """How many gains a report can have, and on how many sheets."""
    for count in range(1, MOST + 1, _ON_SHEET):
        if count - _ON_SHEET < gains:
            yield count, 1 + ceil((count - 1) / _ON_SHEET)


def _top(text: str) -> int:
    return min(max(int(text), 1), MOST) if text.isdecimal() and len(text) < 10 else TOP


def _finding(ask: Asking, code: str, line: Line) -> Finding:
    facts = facts_of(ask, ask_opportunity(ask, code, line.opportunity_id))
    if facts is None:
        raise LookupError(f"{line.opportunity_id} is not about {code}")
    return Finding(
        line,
        headline_of(facts),
        closing(facts),
        reaching(facts),
        strip_drawing(facts, small=True),
        stands(line),
        facts.answer.definition.sources,
        [one for one in marks_of(line, line.native, facts.nouns) if one.meaning not in facts.receipt.cautions],
        _doubts(facts),
    )


def _doubts(facts: Facts) -> list[str]:
    receipt = facts.receipt
    sure = [one.words for one in (receipt.robustness, receipt.chance) if one]
    return [*sure, *receipt.cautions]
