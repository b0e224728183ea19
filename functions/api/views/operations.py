"""What operators decide about the current release: promote, roll back, resume.

The decision itself is `shared.releases.promotion`, imported when somebody decides: readers need not wait for what it
needs.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.api.http.auth import Caller
from functions.api.http.bodies import DecisionBody, Resumption
from functions.api.http.context import RequestContext
from functions.api.http.problems import NotAsThingsStand, NotFound
from functions.api.http.queries import Nothing
from functions.api.schemas.writes import Decided
from shared.errors import NotReady
from shared.ids import ReleaseId

if TYPE_CHECKING:
    from shared.releases.promotion import DecidedBy, Operator, Outcome

_ID = re.compile("[0-9a-f]{32}")
_LONGEST_NAME = 200


def promote(context: RequestContext, caller: Caller, query: Nothing, body: DecisionBody, release_id: str) -> Decided:
    """Make the preview release the current one: its method is the current one from now on."""
    seen, instead_of = _known(release_id), ReleaseId(body.instead_of)
    return _decided(context, caller, body.why, lambda operator, by: operator.promote(seen, by, instead_of))


def roll_back(context: RequestContext, caller: Caller, query: Nothing, body: DecisionBody, release_id: str) -> Decided:
    """Go back to a release that was current before, and hold it, whatever is landed."""
    seen = _known(release_id)
    return _decided(
        context, caller, body.why, lambda operator, by: operator.roll_back(seen, ReleaseId(body.instead_of), by)
    )


def resume(context: RequestContext, caller: Caller, query: Nothing, body: Resumption) -> Decided:
    """Lift the hold of a release that was gone back to: readers see what is landed again."""
    return _decided(context, caller, body.why, lambda operator, by: operator.resume(by, body.held))


def _decided(
    context: RequestContext, caller: Caller, why: str, act: "Callable[[Operator, DecidedBy], Outcome]"
) -> Decided:
    from shared.releases.promotion import DecidedBy, Operator, Refused

    try:
        done = act(Operator(context.landing, context.data), DecidedBy(caller.name[:_LONGEST_NAME], context.now(), why))
    except (Refused, NotReady) as error:
        told = str(error)
        raise NotAsThingsStand(f"{told[0].upper()}{told[1:].rstrip('.')}.") from None
    shown = "Readers see its effect" if done.pointer else "It is on record; readers see its effect"
    return Decided(
        act=done.decision,
        pointer=done.pointer,
        words=f"{shown} within {'some seconds' if done.pointer else 'a minute'}.",
    )


def _known(release_id: str) -> ReleaseId:
    if not _ID.fullmatch(release_id):
        raise NotFound("There is no release of that id. The releases are listed at /v1/releases.")
    return ReleaseId(release_id)
