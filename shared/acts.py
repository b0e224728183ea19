"""Acts: what operators decided about the current channel, landed in the log like everything else that counts.

They stand under `acts/`, numbered from one. Landing the next number is conditional, so of two operators who looked at
the same state only one acts. Deleting an act withdraws it, as deleting a file withdraws the file.
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared import keys
from shared.errors import NotReady
from shared.store import Landed, Store, TooLarge

PROMOTE, ROLL_BACK, RESUME = "promote", "rollback", "resume"
LONGEST = 2000
"""Characters of a reason."""

_NUMBERED = re.compile(re.escape(keys.ACTS_PREFIX) + r"(\d{6})\.json")
_LARGEST = 32 * 1024 * 1024
_REMEDY = "Acts are landed by the commands `make promote`, `make rollback` and `make resume`."
_ID = r"^[0-9a-f]{32}$"


class Act(BaseModel):
    """Who decided what, when and why.

    `promote`: the method by which `release_id` was computed is the current one from now on. `rollback`: readers see
    `release_id`, and it is held, whatever is landed. `resume`: the hold is lifted; the method stays that of the
    release that was held. `instead_of` is what readers saw then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(default=0, ge=0)
    act: Literal["promote", "rollback", "resume"]
    release_id: str | None = Field(default=None, pattern=_ID)
    method_id: str | None = Field(default=None, pattern=_ID)
    instead_of: str | None = Field(default=None, pattern=_ID)
    who: str = Field(min_length=1, max_length=200)
    when: AwareDatetime
    why: str = Field(min_length=1, max_length=LONGEST)

    @property
    def held_by(self) -> int | None:
        """Its number, if it keeps the channel where it is."""
        return self.number if self.act == ROLL_BACK else None


class LandedAct(Act):
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

    def told(self) -> Act:
        """The act without its list of versions."""
        return Act.model_validate(self.model_dump(exclude={"versions"}))


class Decided(NamedTuple):
    """What the acts come to: the method they made current, and the newest act that counts."""

    method_id: str
    newest: LandedAct

    @property
    def hold(self) -> LandedAct | None:
        """The act that keeps the channel where it is, if one does."""
        return self.newest if self.newest.act == ROLL_BACK else None


type ReadAct = Callable[[Landed], LandedAct | None]


def key(number: int) -> str:
    """Where an act is landed."""
    return f"{keys.ACTS_PREFIX}{number:06d}.json"


def number_of(landing_key: str) -> int | None:
    """The number of an act's landing key; None for another key."""
    found = _NUMBERED.fullmatch(landing_key)
    return int(found[1]) if found else None


def read(landing: Store, entry: Landed) -> LandedAct:
    """An act as it was landed; ValueError with a plain sentence where it is none."""
    number = number_of(entry.key)
    if not number:
        raise ValueError(
            f"{entry.key}: an act is landed as {keys.ACTS_PREFIX}<number of six digits>.json, counted from 000001."
        )
    try:
        body = landing.get_at_most(_LARGEST, entry.key, entry.version_id).body
        return LandedAct.model_validate_json(body).model_copy(update={"number": number})
    except TooLarge as error:
        raise ValueError(f"{entry.key}: {error.size:,} bytes are more than an act has. {_REMEDY}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'act'}: {fault['msg']}" for fault in error.errors())
        raise ValueError(f"{entry.key}: it is no act that can be carried out: {faults}. {_REMEDY}") from None


def reader(landing: Store) -> ReadAct:
    """Reads landed acts; None for what is no act, which counts for nothing."""

    def find(entry: Landed) -> LandedAct | None:
        try:
            return read(landing, entry)
        except ValueError:
            return None

    return find


def decided(newest_first: Iterable[LandedAct], accepted: Collection[str], waiting: bool = False) -> Decided | None:
    """What acts come to, read no further back than needed; None where no act says which method is current.

    An act that names a method outside `accepted` counts for nothing: the one before it does. But while methods are
    `waiting` for their verdict, such an act is NotReady: its method may be one of them.
    """
    newest: LandedAct | None = None
    for act in newest_first:
        if act.act == RESUME:
            newest = newest or act
        elif act.method_id in accepted:
            return Decided(str(act.method_id), newest or act)
        elif waiting:
            raise NotReady(f"act {act.number} names the method {act.method_id}, which may be waiting for its verdict")
    return None
