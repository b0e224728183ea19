"""A gradient boosting model of a cost, and what each characteristic adds to its predictions. Cross-validated: every
figure is about organisations that the model has not seen.

scikit-learn is imported here and nowhere else; the deployed functions do not have it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import permutation_importance
from sklearn.model_selection import KFold
from threadpoolctl import threadpool_limits

type Numbers = NDArray[np.float64]
type Counts = NDArray[np.intp]

FOLDS = 5
_SHUFFLES = 5


class CrossValidation(NamedTuple):
    """One seed's cross-validation of n organisations and m characteristics.

    `fold`, `predicted` and `median` (n each): the fold that an organisation was held out in, what the model of the
    other folds predicts, and the median of the other folds. `importance` (FOLDS × m): by how much the mean absolute
    error of the held-out organisations rises, in the unit of the cost, if the characteristic is shuffled among them.
    """

    seed: int
    fold: Counts
    predicted: Numbers
    median: Numbers
    importance: Numbers


def cross_validations(values: Numbers, cost: Numbers, seeds: Iterable[int]) -> list[CrossValidation]:
    """One for each seed, which draws the folds and the shuffles. `values`: n × m, NaN = missing; `cost`: n.

    The same seeds give the same figures: all work is done by one thread, so that sums are added up in one order.
    """
    with threadpool_limits(1), config_context(assume_finite=True):  # checking inputs takes as long as predicting
        return [_cross_validation(values, cost, seed) for seed in seeds]


def _cross_validation(values: Numbers, cost: Numbers, seed: int) -> CrossValidation:
    n, m = values.shape
    result = CrossValidation(seed, np.zeros(n, dtype=np.intp), np.zeros(n), np.zeros(n), np.zeros((FOLDS, m)))
    folds = KFold(FOLDS, shuffle=True, random_state=seed).split(values)
    for number, (known, held_out) in enumerate(folds):
        usable = np.where(np.isnan(values[known]).all(axis=0), 0.0, values)  # a column without a value cannot be fitted
        model = _model().fit(usable[known], cost[known])
        shuffled = permutation_importance(
            model, usable[held_out], cost[held_out], scoring="neg_mean_absolute_error", n_repeats=_SHUFFLES,
            random_state=seed,
        )  # fmt: skip
        result.fold[held_out] = number
        result.predicted[held_out] = model.predict(usable[held_out])
        result.median[held_out] = np.median(cost[known])
        result.importance[number] = shuffled.importances_mean
    return result


def _model() -> HistGradientBoostingRegressor:
    """Small trees that learn slowly, as a few hundred organisations allow. A missing value chooses a branch of its own.

    The loss is the absolute error, of which the median is the best constant prediction.
    """
    return HistGradientBoostingRegressor(
        loss="absolute_error", learning_rate=0.05, max_iter=100, max_depth=2, min_samples_leaf=10, early_stopping=False
    )
