"""Which opportunities rest on a figure that a check warned of."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from functions.opportunities.arrays import Flags
from functions.opportunities.measure.measures import Columns
from functions.opportunities.measure.metrics import Measured
from functions.opportunities.measure.plan import Case


def doubted(cases: Sequence[Case], measured: Measured, columns: Columns) -> Flags:
    """For each trust and case (t × c) whether any figure of the trust's own in it carries a warning: of its metric, of
    the rates that price it, or of its target."""
    found = np.zeros((len(columns.trusts), len(cases)), dtype=bool)
    for place, case in enumerate(cases):
        own = [*case.metric.measures()]
        read = {*product({*own, *case.opportunity.measures()}, case.window.periods)}
        for column in case.baselines:
            if column is not None:
                read |= {*product(own, measured.spans[column].window.periods)}
        for name, period in read:
            found[:, place] |= columns.at(name, period).warned
        newest = case.window.period
        for rule in case.opportunity.rules:
            if rule.measure is not None and newest is not None:
                found[:, place] |= columns.newest(rule.measure, newest.end).warned
    return found
