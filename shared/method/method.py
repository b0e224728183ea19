"""Everything a programme decides, as one model: what a method that lands is read into, and a release's method too."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shared.method.base import Strict
from shared.method.contracts import Dataset
from shared.method.measures import Metric
from shared.method.opportunities import NATIONAL, Opportunity, Price
from shared.method.overlaps import OverlapGroup, overlapping
from shared.method.peer_groups import PeerGroup, everyone
from shared.method.programme import Programme

SINGLE = {"programme": "programme", "dataset": "datasets"}
"""Documents that hold one definition, and the part of a method it belongs to; all others map ids to definitions."""


class Document(NamedTuple):
    """One YAML document and the file it came from."""

    path: str
    content: Mapping[str, Any]


class Method(Strict):
    """Everything a programme decides: its datasets, metrics, peer groups, opportunities and prices, by id."""

    programme: Programme
    datasets: dict[str, Dataset]
    metrics: dict[str, Metric]
    peer_groups: dict[str, PeerGroup]
    opportunities: dict[str, Opportunity]
    prices: dict[str, Price]
    overlap_groups: dict[str, OverlapGroup]

    def overlapping(self, opportunity_id: str) -> tuple[str, ...]:
        """The other opportunities that must not be added to one, by id: those of its overlap group, and of the groups
        that overlap with it."""
        groups = overlapping(self.overlap_groups, self.opportunities[opportunity_id].overlap_group)
        return tuple(
            name
            for name, other in self.opportunities.items()
            if other.overlap_group in groups and name != opportunity_id
        )


def published(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> Method:
    """The method of a release, from its method.json: (path, content) for each document, parts in order of their ids.

    Releases outlive builds, so a key that this build does not know is ignored, and only the shape is checked. A rule
    that methods must follow from now on therefore belongs in `gate/`: in a model, it would make earlier releases
    unreadable. Raises pydantic's ValidationError for documents that no build has published.
    """
    parts: dict[str, Any] = {name: {} for name in Method.model_fields}
    for _path, content in documents:
        for kind, value in content.items():
            if kind == "programme":
                parts[kind] = value
            elif kind in SINGLE:
                parts[SINGLE[kind]][value["id"]] = value
            elif kind in parts:
                parts[kind] |= value
    programme = Programme.model_validate(parts["programme"], extra="ignore")
    parts["peer_groups"].setdefault(NATIONAL, everyone(programme.organisation))
    by_id = {kind: dict(sorted(part.items())) for kind, part in parts.items() if kind != "programme"}
    return Method.model_validate(by_id | {"programme": programme}, extra="ignore")
