"""What is computed for a method and the landed files: columns of figures, and columns of comparisons made of them."""

from collections.abc import Mapping
from typing import NamedTuple

from functions.opportunities.measure.measures import LandedMeasures
from functions.opportunities.measure.windows import HeldWindow, MetricWindow, window_named, windows_held
from shared.method.measures import Metric
from shared.method.method import Method
from shared.method.opportunities import Opportunity
from shared.method.periods import NamedPeriod


class Case(NamedTuple):
    """An opportunity over one window of its metric: one column of comparisons.

    `before` is the window before, None for the oldest. `of` is the column of the metric's figures; `baselines` are the
    columns of the trust's own values from which its modest and its ambitious target are set.
    """

    name: str
    opportunity: Opportunity
    metric: Metric
    window: HeldWindow
    before: HeldWindow | None
    of: int
    baselines: tuple[int | None, int | None]


class ComputationPlan(NamedTuple):
    """`spans`: each metric over each of its windows, oldest first, and over the baselines from which targets are set.
    A metric without landed periods has a window without periods. `cases`: each opportunity over each window of its
    metric, by id and oldest first.

    Places: `published`, of the spans that are not baselines alone; `newest` and `newest_cases`, of the newest windows.
    """

    spans: list[MetricWindow]
    cases: list[Case]
    published: list[int]
    newest: list[int]
    newest_cases: list[int]


def plan(landed: LandedMeasures, method: Method) -> ComputationPlan:
    """Every metric and opportunity, over every window held."""
    year_starts = method.programme.year_starts
    result = ComputationPlan([], [], [], [], [])
    windows: dict[str, list[HeldWindow]] = {}
    place: dict[tuple[str, HeldWindow], int] = {}
    baselines = _baselines(landed, method)
    for name, metric in sorted(method.metrics.items()):
        windows[name] = windows_held(landed, metric, year_starts) or [HeldWindow()]
        needed = [window for (of, _), window in baselines.items() if of == name]
        for window in dict.fromkeys([*windows[name], *needed]):
            place[name, window] = len(result.spans)
            result.spans.append(MetricWindow(name, metric, window))
        result.published.extend(place[name, window] for window in windows[name])
        result.newest.append(result.published[-1])
    for name, one in sorted(method.opportunities.items()):
        modest, ambitious = (
            None if rule.period is None else place[one.metric, baselines[one.metric, rule.period]] for rule in one.rules
        )
        before = None
        for window in windows[one.metric]:
            of, metric = place[one.metric, window], method.metrics[one.metric]
            result.cases.append(Case(name, one, metric, window, before, of, (modest, ambitious)))
            before = window
        result.newest_cases.append(len(result.cases) - 1)
    return result


def _baselines(landed: LandedMeasures, method: Method) -> Mapping[tuple[str, NamedPeriod], HeldWindow]:
    """Metric and named period → window, for every own value from which a target is set."""
    return {
        (one.metric, rule.period): window_named(
            landed, method.metrics[one.metric], rule.period, method.programme.year_starts
        )
        for _, one in sorted(method.opportunities.items())
        for rule in one.rules
        if rule.period is not None
    }
