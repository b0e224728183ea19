"""Operators' decisions about the current channel, as they are landed.

A decision is landed as `decisions/<number>.json`, numbered from 000001. The write is conditional, so if two operators
decide at the same time only one decision is landed. Deleting a decision withdraws it, as deleting a file withdraws the
file.
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, Self

from pydantic import model_validator

from shared import keys
from shared.decision import RESUME, ROLL_BACK, Decision
from shared.errors import NotReady
from shared.ids import MethodId
from shared.landed import Landed

_NUMBERED = re.compile(re.escape(keys.DECISIONS_PREFIX) + r"(\d{6})\.json")
REMEDY = "Land decisions with the commands `make promote`, `make rollback` and `make resume`."


class LandedDecision(Decision):
    """A decision as it is landed. `versions`, only for a rollback: the landing key and version id of every file that
    the release was made from, so that it can be made again from the landing bucket alone."""

    versions: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action != RESUME and not (self.release_id and self.method_id):
            raise ValueError(f"{self.action} names a release_id and its method_id")
        if (self.action == ROLL_BACK) != bool(self.versions):
            raise ValueError("versions belong to a rollback, which names at least one")
        return self

    def without_versions(self) -> Decision:
        """The decision without its list of versions."""
        return Decision.model_validate(self.model_dump(exclude={"versions"}))


class DecisionsInForce(NamedTuple):
    """What all decisions together mean: the method they made current, and the newest decision that counts."""

    method_id: MethodId
    newest: LandedDecision

    @property
    def hold(self) -> LandedDecision | None:
        """The decision that holds the channel's release; None if the channel follows what is landed."""
        return self.newest if self.newest.action == ROLL_BACK else None


type ReadDecision = Callable[[Landed], LandedDecision | None]


def key(number: int) -> str:
    """The landing key of a decision."""
    return f"{keys.DECISIONS_PREFIX}{number:06d}.json"


def number_of(landing_key: str) -> int | None:
    """The number in a decision's landing key; None for any other key."""
    match = _NUMBERED.fullmatch(landing_key)
    return int(match[1]) if match else None


def decisions_in_force(
    newest_first: Iterable[LandedDecision], accepted: Collection[MethodId], waiting: bool = False
) -> DecisionsInForce | None:
    """What all decisions together mean; None if none of them says which method is current. Reads no further back than
    needed.

    A decision that names a method outside `accepted` does not count; the one before it does. But while methods are
    `waiting` for their verdict, such a decision raises NotReady: its method may be one of them.
    """
    newest: LandedDecision | None = None
    for decision in newest_first:
        if decision.action == RESUME:
            newest = newest or decision
        elif decision.method_id and decision.method_id in accepted:
            return DecisionsInForce(decision.method_id, newest or decision)
        elif waiting:
            raise NotReady(
                f"decision {decision.number} names the method {decision.method_id}, which may have no verdict yet"
            )
    return None
