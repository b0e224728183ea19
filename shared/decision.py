"""What an operator decided about the current channel."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.ids import Hex, MethodId, ReleaseId

PROMOTE, ROLL_BACK, RESUME = "promote", "rollback", "resume"

LONGEST = 2000
"""Characters of a reason."""


class Decision(BaseModel):
    """Who decided what, when and why.

    `promote`: from now on the current method is the one that `release_id` was computed with. `rollback`: readers see
    `release_id`, which is held until the hold is lifted, whatever is landed. `resume`: the hold is lifted; the current
    method is still that of the held release. `instead_of` is the release that readers saw before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(default=0, ge=0)
    action: Literal["promote", "rollback", "resume"]
    release_id: Annotated[ReleaseId, Hex] | None = None
    method_id: Annotated[MethodId, Hex] | None = None
    instead_of: Annotated[ReleaseId, Hex] | None = None
    who: str = Field(min_length=1, max_length=200)
    when: AwareDatetime
    why: str = Field(min_length=1, max_length=LONGEST)

    @property
    def held_by(self) -> int | None:
        """The decision's number if it holds the channel's release; else None."""
        return self.number if self.action == ROLL_BACK else None
