"""From cross-validations to weights: shares, spreads over seeds, and when there are none."""

import re
from typing import Any

import numpy as np
import pytest

from infra.learn.model import CrossValidation, cross_validations
from infra.learn.weights import (
    Gain,
    NoWeights,
    correlated,
    fit,
    gain_of,
    require_better_than_median,
    require_enough,
    weights_of,
)
from tests.support.drawn_examples import characteristics, cost


def trial(importance: list[float], seed: int = 1, **figures: Any) -> CrossValidation:
    """A cross-validation whose folds all have the same importances."""
    arrays = {name: np.array(figures.get(name, [0.0])) for name in ("fold", "predicted", "median")}
    return CrossValidation(seed, **arrays, importance=np.array([importance] * 5))


def learnt(values: np.ndarray, costs: np.ndarray) -> list[CrossValidation]:
    return cross_validations(values, costs, range(1, 4))


def test_fit_by_hand() -> None:
    # squares of errors 1 + 0 + 4 = 5, of distances from the mean 4: 4 + 0 + 4 = 8
    result = fit(np.array([2.0, 4.0, 6.0]), np.array([3.0, 4.0, 4.0]), np.array([4.0, 4.0, 5.0]))
    assert tuple(result) == pytest.approx((3, 1 - 5 / 8, (1 + 0 + 2) / 3, (2 + 0 + 1) / 3))


def test_gain_by_hand() -> None:
    costs = np.array([0.0, 0.0, 0.0, 0.0])
    trials = [
        trial([1], median=[4, 4, 4, 4], predicted=[1, 2, 3, 4]),  # smaller errors by 3, 2, 1, 0
        trial([1], median=[4, 4, 4, 4], predicted=[1, 4, 1, 4]),  # by 3, 0, 3, 0
    ]
    # averages 3, 1, 2, 0: mean 1.5, variance 5/3
    margin = 1.96 * (5 / 3) ** 0.5 / 2
    assert gain_of(costs, trials) == pytest.approx((1.5, 1.5 - margin, 1.5 + margin))


def test_weights_are_shares_of_the_importance_over_all_seeds() -> None:
    weights = weights_of([trial([3.0, 1.0, -1.0, 0.0]), trial([5.0, -1.0, -1.0, 0.0])])
    assert weights.weight.tolist() == [1.0, 0.0, 0.0, 0.0]  # means 4, 0, -1, 0
    weights = weights_of([trial([3.0, 1.0, -1.0, 0.0]), trial([3.0, 3.0, 1.0, 0.0])])
    assert weights.weight.tolist() == [0.6, 0.4, 0.0, 0.0]  # means 3, 2, 0, 0
    assert weights.lowest.tolist() == pytest.approx([3 / 7, 1 / 4, 0, 0])
    assert weights.highest.tolist() == pytest.approx([3 / 4, 3 / 7, 1 / 7, 0])


def test_agreement_is_the_mean_rank_correlation() -> None:
    # Ranks 1 2 3 against 1 3 2: Σd² = 2, so 1 − 6·2/(3·8) = 0.5; against 3 2 1: −1; 1 3 2 against 3 2 1: Σd² = 6, −0.5.
    trials = [trial([1.0, 2.0, 3.0]), trial([1.0, 9.0, 8.0]), trial([3.0, 2.0, 1.0])]
    assert weights_of(trials).agreement == pytest.approx((0.5 - 1 - 0.5) / 3)
    assert weights_of(trials[:1] * 2).agreement == pytest.approx(1)


def test_without_a_positive_importance_there_are_no_weights() -> None:
    with pytest.raises(NoWeights, match="all weights would be 0"):
        weights_of([trial([-1.0, 0.0])])


def test_the_drivers_get_the_weight() -> None:
    values = characteristics(150, 6, seed=10)
    costs = cost(values, {1: 80, 4: 40}, seed=10)
    trials = learnt(values, costs)
    require_better_than_median(gain_of(costs, trials), "GBP")
    weight = weights_of(trials).weight
    assert weight[1] > 1.5 * weight[4] > 10 * np.delete(weight, [1, 4]).max()
    assert weight[1] + weight[4] > 0.95
    assert weight.sum() == pytest.approx(1, abs=0.003)


@pytest.mark.parametrize("seed", range(20, 26))
def test_pure_noise_is_refused(seed: int) -> None:
    values = characteristics(100, 6, seed)
    costs = cost(values, {}, seed)
    with pytest.raises(NoWeights, match="no better than its median"):
        require_better_than_median(gain_of(costs, learnt(values, costs)), "GBP")


def test_equal_costs_are_refused() -> None:
    values = characteristics(60, 3, seed=11)
    costs = np.full(60, 7.0)
    gain = gain_of(costs, learnt(values, costs))
    assert gain == Gain(0, 0, 0)
    with pytest.raises(NoWeights):
        require_better_than_median(gain, "GBP")
    assert np.isnan(fit(costs, costs, costs).r_squared)


def test_the_whole_interval_must_be_above_zero() -> None:
    require_better_than_median(Gain(1, 0.01, 2), "GBP per m2")
    with pytest.raises(NoWeights, match=re.escape("0.4 GBP per m2 on average, and by chance it could be from -0.1 to")):
        require_better_than_median(Gain(0.4, -0.1, 0.9), "GBP per m2")


@pytest.mark.parametrize(("organisations", "variables", "needed"), [(49, 3, 50), (59, 12, 60)])
def test_too_few_organisations_are_refused(organisations: int, variables: int, needed: int) -> None:
    with pytest.raises(NoWeights, match=f"only {organisations} organisations .* at least {needed}"):
        require_enough(organisations, variables)
    require_enough(needed, variables)


def test_correlated_characteristics_are_reported_the_closest_first() -> None:
    x = np.arange(20.0)
    y = x.copy()
    y[[0, 19]] = y[[19, 0]]  # ranks 0 and 19 exchanged: Σd² = 722, 1 − 6·722/(20·399)
    values = np.column_stack([x, np.exp(x), -y, np.tile([1.0, 2.0], 10)])
    values[3, 1] = np.nan
    first, *others = correlated(values)
    assert (first.one, first.other) == (0, 1)
    assert first.correlation == pytest.approx(1)
    assert [(one, other) for one, other, _ in others] == []
    y[[0, 19]] = y[[19, 0]]
    y[[4, 9]] = y[[9, 4]]  # Σd² = 50
    (pair,) = correlated(np.column_stack([x, -y]))
    assert tuple(pair) == pytest.approx((0, 1, -(1 - 6 * 50 / (20 * 399))))


def test_drivers_that_repeat_each_other_share_the_weight_of_one() -> None:
    values = characteristics(150, 4, seed=12)
    values[:, 1] = values[:, 0]
    costs = cost(values, {0: 80}, seed=12)
    weight = weights_of(learnt(values, costs)).weight
    assert weight[0] + weight[1] > 0.95
    assert [(pair.one, pair.other) for pair in correlated(values)] == [(0, 1)]
