"""Dry runs: what a file would change, answered in its receipt; nothing of it is ever published."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.ids import ReleaseId
from shared.releases.impact import Impact


class Assessment(BaseModel):
    """The receipt's part on a dry run's effect, `impact`.

    `pending` until the private run is done; `none` where there is nothing to compute. `compared_with` is the release
    that readers saw then (null: there was none yet), `would_be` the id of the release that would come of the file.
    `notes` are plain sentences.
    """

    model_config = ConfigDict(frozen=True)

    state: Literal["pending", "done", "none"]
    compared_with: ReleaseId | None = None
    would_be: ReleaseId | None = None
    notes: tuple[str, ...] = ()
    changes: Impact | None = None
