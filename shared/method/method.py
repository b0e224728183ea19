"""Everything a programme decides, as one model."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.method.base import Strict
from shared.method.contracts import Dataset
from shared.method.measures import Metric
from shared.method.opportunities import Opportunity, Price
from shared.method.overlaps import OverlapGroup
from shared.method.peer_groups import PeerGroup
from shared.method.programme import Programme


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
