"""Ranks: a trust's opportunities, biggest first."""

import numpy as np

from functions.opportunities.arrays import Flags, Floats, Whole


def ranks(ranked: Flags, cash: Floats, share: Floats) -> Whole:
    """Rank from 1 of each trust's opportunities (t × o, columns in order of their ids); 0 where not `ranked`.

    By `cash` (annual); then those without it by `share` of the trust's own denominator; ties by id.
    """
    without = np.isnan(cash)
    size = np.where(without, share, cash)
    order = np.lexsort((-size, without, ~ranked), axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    return np.where(ranked, place, 0)
