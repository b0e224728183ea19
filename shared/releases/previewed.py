"""The preview: a release by another method than the current one, which readers see once an operator promotes it.

`shared.releases.comparison` is imported only when a preview is read, because it would slow down the API's cold start.
"""

from typing import TYPE_CHECKING, NamedTuple

from shared import keys
from shared.aws.store import Store
from shared.errors import HeadroomError
from shared.releases.channels import Pointer, read_pointer

if TYPE_CHECKING:
    from shared.releases.comparison import Comparison


class NoPreview(HeadroomError):
    """There is no preview; the message is a plain sentence with the remedy."""


class Preview(NamedTuple):
    """Both channels' pointers, and what readers would see change; None while the two are being compared."""

    current: Pointer
    preview: Pointer
    comparison: "Comparison | None"


def read_preview(data: Store) -> Preview:
    """The preview and its comparison with the current release; NoPreview if there is none."""
    current, preview = (read_pointer(data, channel)[0] for channel in (keys.CURRENT, keys.PREVIEW))
    if not current or not preview or preview.method_id == current.method_id:
        raise NoPreview("there is no preview: land another method than the current one and wait until it is accepted.")
    from shared.releases.comparison import Comparison

    comparison = data.find_model(Comparison, keys.comparison(current.release_id, preview.release_id))
    return Preview(current, preview, comparison)
