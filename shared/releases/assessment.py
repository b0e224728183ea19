"""The result of a dry run, which is part of the file's receipt. Nothing of a dry run is published."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.ids import ReleaseId
from shared.releases.impact import Impact


class Assessment(BaseModel):
    """What a dry-run file would change (`impact` in its receipt).

    `state`: `pending` until the dry run is finished; `none` if there is nothing to compute. `compared_with`: the
    release that readers saw then (null: none yet). `would_be`: the id of the release that the file would result in.
    `notes`: plain sentences.
    """

    model_config = ConfigDict(frozen=True)

    state: Literal["pending", "done", "none"]
    compared_with: ReleaseId | None = None
    would_be: ReleaseId | None = None
    notes: tuple[str, ...] = ()
    changes: Impact | None = None
