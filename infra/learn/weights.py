"""From cross-validations to weights: how well a model predicts, and what each characteristic adds to it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from infra.errors import CommandError
from infra.learn.model import CrossValidation, Numbers

FEWEST, FEWEST_A_VARIABLE = 50, 5
"""Fewest organisations with a cost and characteristics: with fewer, weights would be down to chance."""

_DECIMALS = 3
_STANDARD_ERRORS = 1.96
_CORRELATED = 0.7


class NoWeights(CommandError):
    """No weights can be learnt; the message says why."""


class Fit(NamedTuple):
    """How well held-out organisations are predicted. `error` and `error_of_median` are mean absolute errors, in the
    unit of the cost; `r_squared` is NaN if all costs are equal."""

    organisations: int
    r_squared: float
    error: float
    error_of_median: float


class Gain(NamedTuple):
    """By how much less than the median the model errs, on average over organisations and seeds, in the unit of the
    cost, and the 95% interval of that average."""

    mean: float
    low: float
    high: float


class Weights(NamedTuple):
    """m weights that add up to 1, rounded; 0 for a characteristic that does not help. `lowest` and `highest` over the
    seeds. `agreement`: the mean rank correlation between the importances of two seeds."""

    weight: Numbers
    lowest: Numbers
    highest: Numbers
    agreement: float


class Pair(NamedTuple):
    """Two characteristics, by their places, and their rank correlation."""

    one: int
    other: int
    correlation: float


def require_enough(organisations: int, variables: int) -> None:
    """NoWeights if there are too few organisations to learn from."""
    needed = max(FEWEST, FEWEST_A_VARIABLE * variables)
    if organisations < needed:
        raise NoWeights(
            f"only {organisations} organisations have a cost and a characteristic, and {variables} weights need at "
            f"least {needed}; land files of more organisations, or name a group with fewer variables."
        )


def fit(cost: Numbers, predicted: Numbers, median: Numbers) -> Fit:
    """How well some organisations are predicted (n each)."""
    spread = np.sum((cost - cost.mean()) ** 2)
    r_squared = 1 - np.sum((cost - predicted) ** 2) / spread if spread > 0 else np.nan
    return Fit(len(cost), float(r_squared), float(np.abs(cost - predicted).mean()), float(np.abs(cost - median).mean()))


def gain_of(cost: Numbers, trials: Sequence[CrossValidation]) -> Gain:
    """The gain over the median. Each organisation counts once: its seeds differ only in the folds."""
    gains = np.mean([np.abs(cost - one.median) - np.abs(cost - one.predicted) for one in trials], axis=0)
    margin = _STANDARD_ERRORS * gains.std(ddof=1) / np.sqrt(len(gains))
    return Gain(float(gains.mean()), float(gains.mean() - margin), float(gains.mean() + margin))


def require_better_than_median(gain: Gain, unit: str) -> None:
    """NoWeights unless the whole interval of the gain is above 0."""
    if gain.low <= 0:
        raise NoWeights(
            "the characteristics predict the cost no better than its median does. Their error is smaller by "
            f"{gain.mean:.4g} {unit} on average, and by chance it could be from {gain.low:.4g} to {gain.high:.4g} "
            "(95% interval). Weights from this would be noise: keep the group as it is, or name another cost or group."
        )


def weights_of(trials: Sequence[CrossValidation]) -> Weights:
    """Weights from importances, averaged over folds and seeds; below 0 counts as 0. NoWeights if none is positive."""
    importance = np.array([one.importance.mean(axis=0) for one in trials])
    weight = _shares(importance.mean(axis=0)).round(_DECIMALS)
    if not weight.any():
        raise NoWeights(
            "no characteristic helps when the others are known, so that all weights would be 0: they may repeat each "
            "other. Name a group without repetitions."
        )
    by_seed = np.array([_shares(row) for row in importance])
    return Weights(weight, by_seed.min(axis=0), by_seed.max(axis=0), _agreement(importance))


def _shares(importance: Numbers) -> Numbers:
    positive = np.maximum(importance, 0.0)
    total = positive.sum()
    return positive / total if total > 0 else positive


def _agreement(importance: Numbers) -> float:
    correlation = pd.DataFrame(importance.T).corr(method="spearman").to_numpy()
    return float(np.nanmean(correlation[np.triu_indices(len(correlation), 1)]))


def correlated(values: Numbers) -> list[Pair]:
    """The pairs of characteristics (values: n × m) whose ranks correlate by ±0.7 or more, the closest first. Between
    two that repeat each other, importance is divided by chance."""
    correlation = pd.DataFrame(values).corr(method="spearman").to_numpy()
    pairs = [
        Pair(one, other, float(correlation[one, other]))
        for one in range(len(correlation))
        for other in range(one + 1, len(correlation))
        if abs(correlation[one, other]) >= _CORRELATED
    ]
    return sorted(pairs, key=lambda pair: -abs(pair.correlation))
