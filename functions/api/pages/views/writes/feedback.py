"""Feedback: one field, about what the reader came from."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Page, PageRequest
from functions.api.pages.views.writes.forms import Fault
from functions.api.schemas.figures import Methodology, OpportunityAnswer, OpportunityList, TrustAnswer
from functions.api.schemas.writes import FeedbackReceipt

LONGEST = 4_000
_FIELD = "text"


class Subject(NamedTuple):
    """What feedback is about: in words, as fields of the form, as the API's `about`, and the page about it."""

    words: str
    fields: Mapping[str, str]
    about: Mapping[str, str]
    page: str


def feedback(ask: Asking, request: PageRequest) -> Page:
    """The page `/feedback?opportunity=&trust=&method=`: the form."""
    return _form(_subject(ask, request.query), "")


def send(ask: Asking, request: PageRequest) -> Page:
    """What follows the form: thanks, or the form again with what is wrong and the text that was written."""
    subject, text = _subject(ask, request.form), request.form.get(_FIELD, "").strip()
    if not text:
        return _form(subject, text, "Write what is wrong, unclear or missing.")
    if len(text) > LONGEST:
        return _form(subject, text, f"Write at most {LONGEST:,} characters; these are {len(text):,}.")
    try:
        receipt = ask.post(FeedbackReceipt, "/v1/feedback", {"about": subject.about, "text": text})
    except Refused as refused:
        if refused.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS):
            raise
        return _form(subject, text, str(refused.problem["detail"]), HTTPStatus(refused.status))
    return Page("feedback_sent.jinja", "Thank you", {"receipt": receipt, "back": subject.page})


def _form(subject: Subject, text: str, error: str = "", status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Page:
    return Page(
        "feedback.jinja",
        "What is wrong, unclear or missing?",
        {
            "subject": subject,
            "text": text,
            "faults": [Fault(_FIELD, error)] if error else [],
            "longest": LONGEST,
        },
        status=status if error else HTTPStatus.OK,
    )


def _subject(ask: Asking, values: Mapping[str, str]) -> Subject:
    """What the values name; the whole service if they name nothing. Refused for what does not exist."""
    opportunity, trust, entry = (values.get(name, "") for name in ("opportunity", "trust", "method"))
    if opportunity and trust:
        path = "/v1/trusts/<code>/opportunities/<opportunity_id>"
        answer = ask.get(OpportunityAnswer, path, code=trust, opportunity_id=opportunity)
        return Subject(
            f"{answer.definition.title}, {answer.display_name or answer.requested_code}",
            {"opportunity": opportunity, "trust": trust},
            {"opportunity_id": opportunity, "trust_code": trust},
            f"/trusts/{trust}/opportunities/{opportunity}",
        )
    if trust:
        named = ask.get(TrustAnswer, "/v1/trusts/<code>", code=trust)
        words = named.display_name or named.requested_code
        return Subject(words, {"trust": trust}, {"trust_code": trust}, f"/trusts/{trust}")
    if opportunity:
        pages = ask.pages(OpportunityList, "/v1/opportunities")
        listed = (one for page in pages for one in page.opportunities)
        title = next((one.title for one in listed if one.opportunity_id == opportunity), opportunity)
        about = {"opportunity_id": opportunity}
        return Subject(title, {"opportunity": opportunity}, about, f"/opportunities/{opportunity}")
    if entry:
        words = _entries(ask.get(Methodology, "/v1/methodology")).get(entry, entry)
        return Subject(words, {"method": entry}, {"methodology": entry}, "/method")
    return Subject("", {}, {"methodology": "all"}, "/")


def _entries(method: Methodology) -> Mapping[str, str]:
    """What may be written about, and its title: the method, its metrics, peer groups and prices."""
    return (
        {"all": "How figures are made"}
        | {name: metric.title for name, metric in method.metrics.items()}
        | {group.group_id: group.title for group in method.peer_groups}
        | {price.price_id: price.title for price in method.prices}
    )
