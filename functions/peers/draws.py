"""All that a group's stability is counted from, as one object: then another process can count some of the draws."""

import io
import zipfile
from typing import Any, NamedTuple, Self

import numpy as np

from functions.peers.distances import Counts, Numbers
from functions.peers.nearest import Representatives, Texts
from functions.peers.stability import Entries, stability, stayed
from shared.method.peer_groups import NearestGroup

_RECIPE = "recipe.json"


class Draws(NamedTuple):
    """A group's recipe, its characteristics (n × m), how trusts are listed, their texts, and the entries that are
    looked for in the lists of the draws."""

    recipe: NearestGroup
    matrix: Numbers
    representatives: Representatives
    texts: Texts
    entries: Entries

    def shares(self) -> Numbers:
        """The stability of each entry of the lists."""
        return stability(self.matrix, self.recipe, self.entries, self.representatives, self.texts)

    def stayed(self, draws: range) -> Counts:
        """For each entry of the lists: in how many of some draws it stays. The counts of parts add up."""
        return stayed(self.matrix, self.recipe, self.entries, self.representatives, self.texts, draws)

    def to_bytes(self) -> bytes:
        """A zip archive of arrays; the same inputs give the same bytes."""
        arrays: dict[str, Any] = {"matrix": self.matrix, **self.representatives._asdict(), **self.entries._asdict()}
        arrays |= {} if self.texts.within is None else {"within": self.texts.within}
        arrays |= {f"preferred_{place}": texts for place, texts in enumerate(self.texts.preferred)}
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_member(_RECIPE), self.recipe.model_dump_json())
            for name, array in arrays.items():
                archive.writestr(_member(f"{name}.npy"), array_bytes(array))
        return sink.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """What `to_bytes` wrote."""
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            recipe = NearestGroup.model_validate_json(archive.read(_RECIPE))
            arrays = {
                name.removesuffix(".npy"): array_of(archive.read(name))
                for name in archive.namelist()
                if name != _RECIPE
            }
        count = sum(name.startswith("preferred_") for name in arrays)
        texts = Texts(arrays.get("within"), tuple(arrays[f"preferred_{place}"] for place in range(count)))
        representatives = Representatives(arrays["named"], arrays["barred"])
        return cls(recipe, arrays["matrix"], representatives, texts, Entries(arrays["row"], arrays["peer"]))


def array_bytes(array: Any) -> bytes:
    """An array in NumPy's own format."""
    sink = io.BytesIO()
    np.lib.format.write_array(sink, np.ascontiguousarray(array), allow_pickle=False)
    return sink.getvalue()


def array_of(body: bytes) -> Any:
    """What `array_bytes` wrote."""
    return np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # without a time
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
