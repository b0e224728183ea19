"""A landing folder as facts, by way of the product's own reading."""

from pathlib import Path

import pandas as pd

from functions.ingest.conform.conform import conform
from shared.facts.facts import Facts
from shared.keys import slot_of
from shared.method.method import Method


def curated(landing: Path, rules: Method) -> Facts:
    """Every file of a folder conformed, in slot order; each has to be accepted."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for file in sorted(path for path in landing.rglob("*") if path.is_file()):
        slot = slot_of(file.relative_to(landing).as_posix())
        table = conform(file.read_bytes(), slot, file.name, rules.datasets[slot.dataset]).table
        assert table is not None, file
        frames.setdefault(slot.dataset, []).append(table.to_pandas().assign(period=slot.period))
    return Facts({dataset: pd.concat(parts, ignore_index=True) for dataset, parts in frames.items()}, rules.datasets)
