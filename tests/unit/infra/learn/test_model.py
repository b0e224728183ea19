"""A gradient boosting model, cross-validated: what drives a cost is important, and noise is not."""

import numpy as np

from infra.learn.model import FOLDS, cross_validations
from tests.support.drawn_examples import characteristics, cost


def test_every_organisation_is_held_out_once_and_compared_with_the_median_of_the_others() -> None:
    values = characteristics(61, 3, seed=1)
    costs = cost(values, {0: 60}, seed=1)
    for one in cross_validations(values, costs, [1, 2]):
        assert sorted(np.bincount(one.fold)) == [12, 12, 12, 12, 13]
        for fold in range(FOLDS):
            others = sorted(costs[one.fold != fold])
            middle = len(others) // 2
            median = others[middle] if len(others) % 2 else (others[middle - 1] + others[middle]) / 2
            assert set(one.median[one.fold == fold]) == {median}


def test_a_prediction_does_not_depend_on_the_organisations_own_cost() -> None:
    values = characteristics(60, 3, seed=2)
    costs = cost(values, {0: 60}, seed=2)
    (before,) = cross_validations(values, costs, [1])
    changed = costs.copy()
    changed[before.fold == 0] += 1_000_000
    (after,) = cross_validations(values, changed, [1])
    assert (after.predicted[before.fold == 0] == before.predicted[before.fold == 0]).all()
    assert (after.predicted[before.fold == 1] != before.predicted[before.fold == 1]).any()


def test_the_driver_is_important_and_noise_is_not() -> None:
    values = characteristics(120, 6, seed=3)
    (one,) = cross_validations(values, cost(values, {2: 80}, seed=3), [1])
    importance = one.importance.mean(axis=0)
    # Two draws from 0 to 1 differ by 1/3 on average, so a shuffled driver is wrong by 80/3, less the model's own error.
    assert 15 < importance[2] < 80 / 3
    assert np.abs(np.delete(importance, 2)).max() < 1


def test_a_driver_of_which_some_values_are_missing_is_found() -> None:
    values = characteristics(120, 4, seed=4)
    costs = cost(values, {1: 80}, seed=4)
    values[::5, 1] = np.nan
    values[:, 3] = np.nan
    (one,) = cross_validations(values, costs, [1])
    assert one.importance.mean(axis=0).argmax() == 1
    assert one.importance[:, 3].tolist() == [0] * FOLDS


def test_one_seed_gives_one_result_and_another_seed_another() -> None:
    values = characteristics(60, 3, seed=5)
    costs = cost(values, {0: 60}, seed=5)
    first, again, other = (cross_validations(values, costs, [seed])[0] for seed in (7, 7, 8))
    assert all((one == two).all() for one, two in zip(first[1:], again[1:], strict=True))
    assert (first.fold != other.fold).any()
