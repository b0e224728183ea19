"""Feedback: what users say of an opportunity or the methodology, kept for those who run the programme.

It stands at `feedback/<day>/<caller>-<number>.json`, the newest day first. Numbers are taken by conditional writes, so
the name that keeps a piece of feedback is also what limits how many a caller may send on one day (UTC).
"""

import re
from itertools import islice

from functions.api.http.auth import Caller
from functions.api.http.bodies import About, Feedback
from functions.api.http.context import RequestContext
from functions.api.http.fetch_many import each
from functions.api.http.paging import cursor, cursor_of
from functions.api.http.problems import BadBody, BadParameter
from functions.api.http.queries import FeedbackQuery, NoQuery
from functions.api.http.quota import take
from functions.api.lookup import resolve_trust
from functions.api.release import Release
from functions.api.schemas.writes import FeedbackKept, FeedbackList, FeedbackSaid
from shared.content import to_json
from shared.keys import FEEDBACK, key_hash

A_DAY = 20
"""How much a caller may send on one day."""
ANONYMOUS_A_DAY = 200
"""How much all callers without a name may send together: nothing is kept of who they are, not even an address, so they
cannot be told apart; and what one of them sends too much is no named caller's loss."""

_PIECES = "pieces of feedback"
_LAST_DAY = 9_999_999
_NAME = re.compile(r"\d{7}/([0-9a-f]{16}|anonymous)-\d{3}")


def give_feedback(
    release: Release, context: RequestContext, caller: Caller, query: NoQuery, body: Feedback
) -> FeedbackKept:
    """Say something about an opportunity or an entry of the methodology, to those who run the programme."""
    _exists(release, body.about)
    now = context.now()
    who = key_hash(caller.name) if caller.name else "anonymous"
    said = {
        "said_at": now.isoformat(timespec="seconds"),
        "who": caller.name or None,
        "release_id": release.id,
        "about": body.about.model_dump(),
        "text": body.text,
    }
    folder = f"{_LAST_DAY - now.toordinal():07d}/{who}-"
    most = A_DAY if caller.name else ANONYMOUS_A_DAY
    number = take(
        context.data, lambda n: f"{FEEDBACK}{folder}{n:03d}.json", FEEDBACK + folder, most, to_json(said), now, _PIECES
    )
    feedback_id = _id_of(f"{folder}{number:03d}")
    return FeedbackKept(feedback_id=feedback_id, release_id=release.id, words="Thank you. It is kept for the team.")


def give_named_feedback(
    release: Release, context: RequestContext, caller: Caller, query: NoQuery, body: Feedback
) -> FeedbackKept:
    """Say it in the name of one's token, which nobody looks at where reading takes none."""
    return give_feedback(release, context, caller, query, body)


def feedback_given(context: RequestContext, query: FeedbackQuery) -> FeedbackList:
    """What users said, the newest day first."""
    after = cursor_of(query, str)
    if after is not None and not _NAME.fullmatch(after):
        raise BadParameter("The query parameter cursor is none that this address gave out.", parameter="cursor")
    names = context.data.names(FEEDBACK, f"{FEEDBACK}{after}.json" if after else "")
    found = [name.removeprefix(FEEDBACK).removesuffix(".json") for name in islice(names, query.limit + 1)]
    shown = found[: query.limit]
    bodies = each(context.data, [f"{FEEDBACK}{name}.json" for name in shown])
    return FeedbackList(
        feedback=tuple(
            FeedbackSaid.model_validate(said | {"feedback_id": _id_of(name)})
            for name, said in zip(shown, bodies, strict=True)
            if said is not None
        ),
        next_cursor=cursor(shown[-1]) if len(found) > len(shown) else None,
    )


def _exists(release: Release, about: About) -> None:
    """BadBody where it is about nothing that the release has."""
    method = release.method
    if about.trust_code is not None:
        resolve_trust(release, about.trust_code)
    known = (
        {*method.opportunities}
        if about.opportunity_id is not None
        else {"all", *method.metrics, *method.peer_groups, *method.prices}
    )
    if (about.opportunity_id or about.methodology) not in known:
        raise BadBody("The field about of the body names nothing that this release has.", field="about")


def _id_of(name: str) -> str:
    return name.replace("/", "-")
