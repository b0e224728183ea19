"""The answer about the preview: the release that an operator can promote."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from functions.api.schemas.base import Answer
from shared.releases.channels import Pointer

if TYPE_CHECKING:
    from shared.releases.comparison import Comparison


class PreviewAnswer(Answer):
    """The preview release, and what readers would see change if it became current.

    `preview` and `current` say since when each channel shows its release. `comparison` is null while the two releases
    are being compared. `words`: why readers do not see the preview, and what to do. `links` are paths in this API.
    """

    release_id: str
    preview: Pointer
    current: Pointer
    comparison: "Comparison | None"
    words: tuple[str, ...]
    links: Mapping[str, str]


def load() -> None:
    """Complete the model before its first use: importing the comparison at once would slow down every cold start."""
    from shared.releases.comparison import Comparison

    PreviewAnswer.model_rebuild(_types_namespace={"Comparison": Comparison})
