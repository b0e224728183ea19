"""What weights are learnt from: the characteristics and the cost of each organisation in a release."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from functions.peers.characteristics import newest_values
from infra.errors import CommandError
from infra.learn.model import Numbers
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.contracts import Derived
from shared.method.method import Method
from shared.method.peer_groups import NearestGroup
from shared.method.terms import Ref
from shared.statuses import MetricStatus


class NothingToLearn(CommandError):
    """The group or the cost cannot be used; the message says why."""

    exit_code = 2


class Cost(NamedTuple):
    """A cost by organisation code, its title and unit, and the name of its period."""

    by_code: "pd.Series[float]"
    title: str
    unit: str
    period: str


class Examples(NamedTuple):
    """n organisations with a cost, in order of their codes, and their m characteristics (NaN = missing).

    `period`: of the characteristics. `without_cost`: how many others have characteristics.
    """

    codes: list[str]
    values: Numbers
    cost: Numbers
    period: str
    without_cost: int


def group_of(method: Method, name: str) -> NearestGroup:
    """A group of nearest peers of a method, by id. NothingToLearn."""
    group = method.peer_groups.get(name)
    if isinstance(group, NearestGroup):
        return group
    known = ", ".join(name for name, one in sorted(method.peer_groups.items()) if isinstance(one, NearestGroup))
    raise NothingToLearn(f"{name!r} is not a group of nearest peers; name one of {known or 'them (there are none)'}.")


def require_apart(group: NearestGroup, method: Method, cost_name: str) -> None:
    """NothingToLearn if a group's variable and the cost share a measure, as landed: the cost would predict itself.

    A derived measure stands for all that it is computed from.
    """
    metric = method.metrics.get(cost_name)
    parts = {one for name in (metric.measures() if metric else [cost_name]) for one in _landed(method, name)}
    if repeated := [one.measure for one in group.variables if not parts.isdisjoint(_landed(method, one.measure))]:
        raise NothingToLearn(
            f"{', '.join(repeated)}: this variable of the group is part of the cost {cost_name}, and would predict "
            "itself. Name a group without it, or another cost."
        )


def _landed(method: Method, name: str) -> set[str]:
    """A measure, and every one that it is computed from."""
    dataset_id, _, measure_id = name.partition(".")
    dataset = method.datasets.get(dataset_id)
    measure = dataset.measure(measure_id) if dataset else None
    parts = measure.measures if isinstance(measure, Derived) else ()
    return {name, *(f"{dataset_id}.{part}" for part in parts)}


def cost_of(method: Method, name: str, facts: Facts, metrics: pd.DataFrame, population: Population) -> Cost:
    """A metric's plausible values in its newest window, or a measure's in its newest period. NothingToLearn.

    `metrics`: the release's table of that name.
    """
    if name in method.metrics:
        metric = method.metrics[name]
        rows = metrics[metrics["metric_id"] == name]
        if rows.empty:
            raise NothingToLearn(f"no file has figures for the metric {name}; land one, or name another cost.")
        newest = rows[["period_end", "period_start"]].apply(tuple, axis=1).max()
        rows = rows[(rows["period_end"] == newest[0]) & (rows["period_start"] == newest[1])]
        values = rows[rows["status"] == MetricStatus.OK].set_index("trust_code")["value"]
        return Cost(values, metric.title, metric.unit, f"{newest[1]} to {newest[0]}")
    dataset, _, measure = name.partition(".")
    declared = method.datasets[dataset].measure(measure) if dataset in method.datasets else None
    if declared is None or declared.unit is None:
        raise NothingToLearn(
            f"{name!r} is neither a metric nor a measure with a unit; name one of the method, such as "
            f"{min(method.metrics, default='<metric>')} or <dataset>.<measure>."
        )
    ref = Ref(dataset, measure)
    period = facts.newest([ref])
    if period is None:
        raise NothingToLearn(f"no file has figures for {name}; land one, or name another cost.")
    at = facts.at(ref, period)
    values = at.loc[at["state"] == "value", "value"].astype(float)
    values = values[[population.is_trust(str(code)) for code in values.index]]
    return Cost(values, name, declared.unit, facts.label(dataset, period))


def examples_of(group: NearestGroup, cost: Cost, facts: Facts, population: Population) -> Examples:
    """The organisations that have a cost and any characteristic of a group. NothingToLearn if no file has them."""
    newest = newest_values(group, facts, population)
    if newest is None:
        raise NothingToLearn("no file has the characteristics of the group; land one, or name another group.")
    costs = np.asarray(cost.by_code.reindex(newest.codes), dtype=np.float64)
    known = np.isfinite(costs)
    codes = [code for code, has_cost in zip(newest.codes, known, strict=True) if has_cost]
    return Examples(codes, newest.matrix[known], costs[known], newest.period, int((~known).sum()))
