"""What an operator decided about the current channel."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PROMOTE, ROLL_BACK, RESUME = "promote", "rollback", "resume"


LONGEST = 2000
"""Characters of a reason."""


_ID = r"^[0-9a-f]{32}$"


class Decision(BaseModel):
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
