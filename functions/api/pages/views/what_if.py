"""What if: a form with the published figures, and the gain that the reader's own figures would make of them."""

from http import HTTPStatus

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.figures import supposing
from functions.api.pages.figures.drawings import supposed_drawing
from functions.api.pages.figures.facts import OPPORTUNITY, Facts, ask_opportunity, facts_of
from functions.api.pages.figures.supposed import both_rows, difference_words
from functions.api.pages.page import Crumb, Made, Page, PageRequest
from functions.api.pages.views.figure import crumbs_of, divided
from functions.api.schemas.figures import PeerGroups, WhatIfAnswer

_OF_THE_FORM = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


def what_if(ask: Asking, request: PageRequest) -> Made:
    """The page `/trusts/{code}/opportunities/{id}/what-if?numerator=…`."""
    answer = ask_opportunity(ask, request.path["code"], request.path["opportunity_id"])
    facts = facts_of(ask, answer)
    if facts is None:
        return divided(answer)
    form = supposing.read(facts, ask.get(PeerGroups, "/v1/peer-groups").peer_groups, request.query)
    supposed = None
    if form.body and not form.wrong:
        try:
            supposed = _asked(ask, facts, form)
        except Refused as error:
            if error.status not in _OF_THE_FORM:
                raise
            form = supposing.refused(form, str(error.problem.get("field", "")), str(error.problem["detail"]))
    return _page(facts, form, supposed)


def _asked(ask: Asking, facts: Facts, form: supposing.Form) -> WhatIfAnswer:
    about = facts.line.opportunity_id
    return ask.post(WhatIfAnswer, f"{OPPORTUNITY}/what-if", form.body, code=facts.code, opportunity_id=about)


def _page(facts: Facts, form: supposing.Form, answer: WhatIfAnswer | None) -> Page:
    here = f"/trusts/{facts.code}/opportunities/{facts.line.opportunity_id}"
    sentence, short = difference_words(facts, answer) if answer else ("", "")
    return Page(
        "what_if.jinja",
        f"What if: {facts.line.title}, {facts.name}",
        {
            "facts": facts,
            "line": facts.line,
            "here": here,
            "form": form,
            "answer": answer,
            "sentence": sentence,
            "short": short or (form.wrong[0].error if form.wrong else "As published"),
            "rows": both_rows(facts, answer) if answer else [],
            "drawing": supposed_drawing(facts, answer.supposed) if answer else None,
        },
        crumbs=crumbs_of(facts, Crumb(facts.line.title, here)),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.wrong else HTTPStatus.OK,
    )
