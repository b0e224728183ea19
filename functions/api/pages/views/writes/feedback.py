"""Feedback: one field, about what the reader came from."""

from collections.abc import Mapping
from http import HTTPStatus

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Page, PageRequest
from functions.api.schemas.figures import OpportunityAnswer, OpportunityList
from functions.api.schemas.writes import FeedbackReceipt

LONGEST = 4_000


def feedback(ask: Asking, request: PageRequest) -> Page:
    """The page `/feedback?opportunity=&trust=`: the form."""
    return _form(ask, request.query)


def send(ask: Asking, request: PageRequest) -> Page:
    """What follows the form: thanks, or the form again with what is wrong and the text that was written."""
    form = request.form
    text = form.get("text", "").strip()
    if not text:
        return _form(ask, form, error="Write what is wrong, unclear or missing.")
    if len(text) > LONGEST:
        return _form(ask, form, error=f"Write at most {LONGEST:,} characters; these are {len(text):,}.")
    opportunity, trust = form.get("opportunity"), form.get("trust")
    about = {"opportunity_id": opportunity} if opportunity else {"methodology": "all"}
    if opportunity and trust:
        about["trust_code"] = trust
    try:
        receipt = ask.post(FeedbackReceipt, "/v1/feedback", {"about": about, "text": text})
    except Refused as refused:
        if refused.status not in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS):
            raise
        return _form(ask, form, error=str(refused.problem["detail"]), status=refused.status)
    back = f"/trusts/{trust}/opportunities/{opportunity}" if opportunity and trust else "/"
    return Page("feedback_sent.jinja", "Thank you", {"receipt": receipt, "back": back})


def _form(ask: Asking, values: Mapping[str, str], error: str = "", status: int = HTTPStatus.OK) -> Page:
    opportunity, trust = values.get("opportunity", ""), values.get("trust", "")
    subject = ""
    if opportunity and trust:
        answer = ask.get(
            OpportunityAnswer,
            "/v1/trusts/<code>/opportunities/<opportunity_id>",
            code=trust,
            opportunity_id=opportunity,
        )
        subject = f"{answer.definition.title}, {answer.display_name or answer.requested_code}"
    elif opportunity:
        listed = ask.get(OpportunityList, "/v1/opportunities", {"limit": "500"}).opportunities
        subject = next((one.title for one in listed if one.opportunity_id == opportunity), "")
    return Page(
        "feedback.jinja",
        "What is wrong, unclear or missing?",
        {
            "subject": subject,
            "opportunity": opportunity if subject else "",
            "trust": trust if subject else "",
            "text": values.get("text", ""),
            "error": error,
            "longest": LONGEST,
        },
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error and status == HTTPStatus.OK else status,
    )
