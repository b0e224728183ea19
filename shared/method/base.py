"""What every model of a method document shares."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen. An unknown key is a fault, because a misspelt setting must not be ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
