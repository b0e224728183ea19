"""A method with many metrics: the shipped one and generated datasets, metrics and opportunities after its pattern."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.method.load import bundle

PER_DATASET = 200
"""Metrics of one generated dataset: 35 datasets for 7,000 metrics."""

_OPPORTUNITY_EVERY = 4
_UNIT = "event"


def method_text(shipped: Path, metrics: int) -> str:
    """A bundled method that has the shipped metrics and `metrics` others, each monthly; every fourth with an
    opportunity."""
    if not metrics:
        return bundle(shipped)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "method"
        shutil.copytree(shipped, whole)
        for name, content in _documents(metrics):
            (whole / name).write_text(json.dumps(content), "utf-8")  # JSON is YAML
        return bundle(whole)


def _documents(metrics: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for first in range(0, metrics, PER_DATASET):
        names = [f"m{nth:05}" for nth in range(first, min(first + PER_DATASET, metrics))]
        dataset = f"made_{first // PER_DATASET:03}"
        yield f"datasets/{dataset}.yaml", {"dataset": _dataset(dataset, names)}
        yield f"metrics/{dataset}.yaml", {"metrics": {name: _metric(dataset, name) for name in names}}
        compared = {name: _opportunity(name) for name in names[::_OPPORTUNITY_EVERY]}
        yield f"opportunities/{dataset}.yaml", {"opportunities": compared}


def _dataset(dataset: str, names: list[str]) -> Mapping[str, Any]:
    measures = {name: {"heading": f"LOST_{name}", "unit": _UNIT, "minimum": 0} for name in names}
    return {
        "id": dataset,
        "title": f"Generated figures {dataset}",
        "source": "generated",
        "licence": "none",
        "period": {"kind": "month", "heading": "DATE", "formats": ["%d/%m/%Y"]},
        "code": {"heading": "ORG_CODE"},
        "measures": {"available": {"heading": "AVAILABLE", "unit": "day", "minimum": 0}, **measures},
        "expects": {"coverage": 0.9, "figures": 0.9, "drift": 30, "drift_of_one": 50},
    }


def _metric(dataset: str, name: str) -> Mapping[str, Any]:
    return {
        "title": f"Generated {name}",
        "numerator": [f"{dataset}.{name}"],
        "denominator": [f"{dataset}.available"],
        "unit": "events per day",
        "numerator_unit": _UNIT,
        "denominator_unit": "day",
        "direction": "lower_is_better",
        "plausibility": {"group": "trust_peer_finder"},
    }


def _opportunity(name: str) -> Mapping[str, Any]:
    return {
        "title": f"Generated {name}",
        "category": "workforce",
        "what": f"Compares {name} with the most similar trusts.",
        "why": "It is generated.",
        "explanation": "Events per day, less the median or the lowest quarter of the peers, times own days.",
        "metric": name,
        "comparator": "trust_peer_finder",
        "lower": {"rule": "median"},
        "upper": {"rule": "quantile", "q": 0.25},
        "unit": "events",
        "native": "activity",
        "activity": {"unit": "events"},
        "overlap_group": "staffing",
        "sources": ["generated"],
    }
