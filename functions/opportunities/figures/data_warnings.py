"""Which opportunities are computed from a figure that a check warned of."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from functions.opportunities.arrays import Flags
from functions.opportunities.measure.measures import TrustMeasures
from functions.opportunities.measure.metrics import MetricValues
from functions.opportunities.measure.plan import Case


def data_warnings(cases: Sequence[Case], metrics: MetricValues, measures: TrustMeasures) -> Flags:
    """For each trust and case (t × c), whether any of the trust's own figures in it has a warning: a figure of its
    metric, of the rates that price it, or of its target."""
    warned = np.zeros((len(measures.trusts), len(cases)), dtype=bool)
    for place, case in enumerate(cases):
        sources = case.metric.sources
        read = {
            *measures.held.used(sources, case.window.periods),
            *product(case.opportunity.measures(), case.window.periods),
        }
        for column in case.baselines:
            if column is not None:
                read |= {*measures.held.used(sources, metrics.spans[column].window.periods)}
        for name, period in read:
            warned[:, place] |= measures.at(name, period).warned
        newest = case.window.period
        for rule in case.opportunity.rules:
            if rule.measure is not None and newest is not None:
                warned[:, place] |= measures.newest(rule.measure, newest.end).warned
    return warned
