"""What every model of a method document shares."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, and an unknown key is a fault: a misspelt setting must never be silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
