"""Acts: what operators decided about the current channel, landed in the log like everything else that counts.

They stand under `decisions/`, numbered from one. Landing the next number is conditional, so of two operators who looked
at the same state only one acts. Deleting an act withdraws it, as deleting a file withdraws the file.
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
_REMEDY = "Acts are landed by the commands `make promote`, `make rollback` and `make resume`."


class LandedDecision(Decision):
    """An act as it is landed. `versions`, of a roll-back: the landing key and version id of every file that the
    release was made from, so that it can be made again from the landing bucket alone."""

    versions: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.act != RESUME and not (self.release_id and self.method_id):
            raise ValueError(f"{self.act} names a release_id and its method_id")
        if (self.act == ROLL_BACK) != bool(self.versions):
            raise ValueError("versions belong to a rollback, which names at least one")
        return self

    def told(self) -> Decision:
        """The act without its list of versions."""
        return Decision.model_validate(self.model_dump(exclude={"versions"}))


class Decided(NamedTuple):
    """What the acts come to: the method they made current, and the newest act that counts."""

    method_id: MethodId
    newest: LandedDecision

    @property
    def hold(self) -> LandedDecision | None:
        """The act that keeps the channel where it is, if one does."""
        return self.newest if self.newest.act == ROLL_BACK else None


type ReadDecision = Callable[[Landed], LandedDecision | None]


def key(number: int) -> str:
    """Where an act is landed."""
    return f"{keys.DECISIONS_PREFIX}{number:06d}.json"


def number_of(landing_key: str) -> int | None:
    """The number of an act's landing key; None for another key."""
    found = _NUMBERED.fullmatch(landing_key)
    return int(found[1]) if found else None


def decided(newest_first: Iterable[LandedDecision], accepted: Collection[str], waiting: bool = False) -> Decided | None:
    """What acts come to, read no further back than needed; None where no act says which method is current.

    An act that names a method outside `accepted` counts for nothing: the one before it does. But while methods are
    `waiting` for their verdict, such an act is NotReady: its method may be one of them.
    """
    newest: LandedDecision | None = None
    for act in newest_first:
        if act.act == RESUME:
            newest = newest or act
        elif act.method_id and act.method_id in accepted:
            return Decided(act.method_id, newest or act)
        elif waiting:
            raise NotReady(f"act {act.number} names the method {act.method_id}, which may be waiting for its verdict")
    return None
