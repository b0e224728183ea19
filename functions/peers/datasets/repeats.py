"""Periods that repeat the one before, as if the same file had been landed again."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shared.facts.apply_findings import FindingRow
from shared.facts.row_arrays import encoded
from shared.method.contracts import Dataset

REPEATED = "repeated_period"
_SAME, _COMPARED = 0.9, 20
"""Which share of the figures other than zero has to be the same, and of how many."""

type FiguresByLabel = Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Label → a number for each code and measure that has a figure other than zero, and the figures."""


def figures_by_label(table: pd.DataFrame) -> FiguresByLabel:
    """The figures of a long table. Frames whose codes and measures are the same categories have the same numbers."""
    amounts = table["value"].to_numpy(np.float64)
    figures = np.flatnonzero(encoded(table["state"]).among({"value"}) & ~np.isnan(amounts) & (amounts != 0))
    labels, code, measure = (encoded(table[name]) for name in ("period", "code", "measure"))
    key = code.place * len(measure.values) + measure.place
    by_period = {}
    for place, name in enumerate(labels.values):
        rows = figures[labels.place[figures] == place][::-1]  # of two rows about one figure the later counts
        keys, first = np.unique(key[rows], return_index=True)
        by_period[str(name)] = keys, amounts[rows[first]]
    return by_period


def repeated(parts: Sequence[FiguresByLabel], contract: Dataset) -> Iterator[FindingRow]:
    """Periods in which most figures equal those of the period before.
    `parts`: the figures of some measures each."""
    by_period = {}
    for label in dict.fromkeys(label for part in parts for label in part):
        keys, figures = zip(*(part[label] for part in parts if label in part), strict=True)
        by_period[label] = np.concatenate(keys), np.concatenate(figures)
    days = {name: contract.period.of(name) for name, (keys, _) in by_period.items() if len(keys)}
    dated = sorted((period, name) for name, period in days.items() if period is not None)
    for (_, earlier), (_, label) in pairwise(dated):
        (then, before), (now, after) = by_period[earlier], by_period[label]
        both, one, other = np.intersect1d(then, now, assume_unique=True, return_indices=True)
        same = int((before[one] == after[other]).sum())
        if len(both) >= _COMPARED and same >= _SAME * len(both):
            yield {
                "severity": "warning",
                "rule": REPEATED,
                "dataset": contract.id,
                "period": label,
                "message": f"{contract.id} {label}: {same:,} of {len(both):,} figures are the same as in {earlier}. "
                f"The file of {earlier} may have been landed again as {label}. If so, land the file of {label}; until "
                "then the figures are used as they are.",
            }
