"""Feedback from users on an opportunity or the methodology, stored for the programme's team.

Keys are `feedback/<day>/<caller>-<number>.json`, where <day> counts down so that the newest day is listed first. The
number also limits how many a caller can send in a day (UTC).
"""

import re
from itertools import islice

from functions.api.http.auth import Caller
from functions.api.http.bodies import FeedbackBody, FeedbackSubject
from functions.api.http.context import RequestContext
from functions.api.http.fetch_many import fetch_documents
from functions.api.http.paging import cursor_value, encode_cursor, invalid_cursor
from functions.api.http.problems import BadBody
from functions.api.http.queries import FeedbackQuery, Query
from functions.api.http.quota import write_within_limit
from functions.api.lookup import resolve_trust
from functions.api.release import Release
from functions.api.schemas.writes import FeedbackItem, FeedbackList, FeedbackReceipt
from shared.content import to_json
from shared.keys import FEEDBACK, key_hash

A_DAY = 20
"""How many items a caller can send in a day."""
ANONYMOUS_A_DAY = 200
"""How many items all callers without a name can send in a day. They share one limit because nothing about them is
stored, not even an IP address. It is separate, so that they cannot use up the limit of a named caller."""

_LAST_DAY = 9_999_999
_NAME = re.compile(r"\d{7}/([0-9a-f]{16}|anonymous)-\d{3}")


def give_feedback(
    release: Release, context: RequestContext, caller: Caller, query: Query, body: FeedbackBody
) -> FeedbackReceipt:
    """Send feedback on an opportunity, a trust or an entry of the methodology. The programme's team reads it."""
    _check_subject(release, body.about)
    now = context.now()
    sender = key_hash(caller.name) if caller.name else "anonymous"
    item = {
        "said_at": now.isoformat(timespec="seconds"),
        "who": caller.name or None,
        "release_id": release.id,
        "about": body.about.model_dump(),
        "text": body.text,
    }
    prefix = f"{_LAST_DAY - now.toordinal():07d}/{sender}-"
    number = write_within_limit(
        context.data,
        lambda number: f"{FEEDBACK}{prefix}{number:03d}.json",
        FEEDBACK + prefix,
        A_DAY if caller.name else ANONYMOUS_A_DAY,
        to_json(item),
        now,
        "items of feedback",
    )
    words = "Thank you. Your feedback is stored for the programme's team."
    return FeedbackReceipt(feedback_id=_id_of(f"{prefix}{number:03d}"), release_id=release.id, words=words)


def give_named_feedback(
    release: Release, context: RequestContext, caller: Caller, query: Query, body: FeedbackBody
) -> FeedbackReceipt:
    """Send feedback under the name in your token. If reading is open to all, /v1/feedback ignores tokens."""
    return give_feedback(release, context, caller, query, body)


def list_feedback(context: RequestContext, query: FeedbackQuery) -> FeedbackList:
    """List the feedback, newest day first."""
    after = cursor_value(query, str)
    if after is not None and not _NAME.fullmatch(after):
        raise invalid_cursor()
    keys = context.data.names(FEEDBACK, f"{FEEDBACK}{after}.json" if after else "")
    names = [key.removeprefix(FEEDBACK).removesuffix(".json") for key in islice(keys, query.limit + 1)]
    on_page = names[: query.limit]
    items = fetch_documents(context.data, [f"{FEEDBACK}{name}.json" for name in on_page])
    return FeedbackList(
        feedback=tuple(
            FeedbackItem.model_validate(item | {"feedback_id": _id_of(name)})
            for name, item in zip(on_page, items, strict=True)
            if item is not None
        ),
        next_cursor=encode_cursor(on_page[-1]) if len(names) > len(on_page) else None,
    )


def _check_subject(release: Release, about: FeedbackSubject) -> None:
    """BadBody if the release does not have the subject; NotFound for an unknown trust."""
    method = release.method
    if about.trust_code is not None:
        resolve_trust(release, about.trust_code)
    of_method = {"all", *method.metrics, *method.peer_groups, *method.prices}
    for subject, known in ((about.opportunity_id, method.opportunities), (about.methodology, of_method)):
        if subject is not None and subject not in known:
            raise BadBody("Invalid field about in the body: this release has no such entry.", field="about")


def _id_of(name: str) -> str:
    return name.replace("/", "-")
