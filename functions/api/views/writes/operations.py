"""Decisions of operators on the current release: promote, roll back, resume.

`shared.releases.promotion` is imported only when a decision is taken, because its imports would slow down a cold start.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.api.http.auth import Caller
from functions.api.http.bodies import DecisionBody, ResumeBody
from functions.api.http.context import RequestContext
from functions.api.http.problems import DecisionRefused, NotFound
from functions.api.http.queries import NoParameters
from functions.api.schemas.writes import DecisionAnswer
from shared.errors import NotReady
from shared.ids import ReleaseId, is_id

if TYPE_CHECKING:
    from shared.releases.promotion import DecidedBy, Operator, Outcome

_LONGEST_NAME = 200


def promote(
    context: RequestContext, caller: Caller, query: NoParameters, body: DecisionBody, release_id: str
) -> DecisionAnswer:
    """Make the preview release the current one. Its method is used from now on."""
    preview = _checked(release_id)
    return _decided(context, caller, body.why, lambda operator, by: operator.promote(preview, by, body.instead_of))


def roll_back(
    context: RequestContext, caller: Caller, query: NoParameters, body: DecisionBody, release_id: str
) -> DecisionAnswer:
    """Go back to an earlier release and put it on hold: newly landed files do not change the current release."""
    earlier = _checked(release_id)
    return _decided(context, caller, body.why, lambda operator, by: operator.roll_back(earlier, body.instead_of, by))


def resume(context: RequestContext, caller: Caller, query: NoParameters, body: ResumeBody) -> DecisionAnswer:
    """Lift the hold after a rollback: newly landed files change the current release again."""
    return _decided(context, caller, body.why, lambda operator, by: operator.resume(by, body.held))


def _decided(
    context: RequestContext, caller: Caller, why: str, decide: "Callable[[Operator, DecidedBy], Outcome]"
) -> DecisionAnswer:
    from shared.releases.promotion import DecidedBy, Operator, Refused

    try:
        outcome = decide(
            Operator(context.landing, context.data), DecidedBy(caller.name[:_LONGEST_NAME], context.now(), why)
        )
    except (Refused, NotReady) as error:
        reason = str(error)
        raise DecisionRefused(f"{reason[0].upper()}{reason[1:].rstrip('.')}.") from None
    words = "The current release has changed." if outcome.pointer else "The decision is recorded."
    return DecisionAnswer(
        decision=outcome.decision,
        pointer=outcome.pointer,
        words=f"{words} Readers see the effect within {'seconds' if outcome.pointer else 'a minute'}.",
    )


def _checked(release_id: str) -> ReleaseId:
    if not is_id(release_id):
        raise NotFound("There is no release with that id.", addresses=["/v1/releases"])
    return ReleaseId(release_id)
