"""What is computed for a method and the files held: columns of figures, and columns of comparisons made of them."""

from collections.abc import Mapping
from typing import NamedTuple

from functions.opportunities.measure.measures import Landed
from functions.opportunities.measure.windows import MetricWindow, Window, window_named, windows_held
from shared.method.measures import Metric
from shared.method.method import Method
from shared.method.opportunities import Opportunity
from shared.method.periods import NamedPeriod


class Case(NamedTuple):
    """An opportunity over one window of its metric: one column of comparisons.

    `before` is the window before, None for the oldest. `of` is the column of the metric's figures, `baselines` those of
    the trust's own values that its modest and its ambitious target are set from.
    """

    name: str
    opportunity: Opportunity
    metric: Metric
    window: Window
    before: Window | None
    of: int
    baselines: tuple[int | None, int | None]


class Plan(NamedTuple):
    """`spans`: each metric over each of its windows, oldest first, and over the baselines that targets are set from.
    A metric for which nothing is held has a window without periods. `cases`: each opportunity over each window of its
    metric, by id and oldest first.

    Places: `held`, of the spans that are no mere baselines; `newest` and `newest_cases`, of the newest windows.
    """

    spans: list[MetricWindow]
    cases: list[Case]
    held: list[int]
    newest: list[int]
    newest_cases: list[int]


def plan(landed: Landed, method: Method) -> Plan:
    """Every metric and opportunity, over every window held."""
    year_starts = method.programme.year_starts
    found = Plan([], [], [], [], [])
    windows: dict[str, list[Window]] = {}
    place: dict[tuple[str, Window], int] = {}
    baselines = _baselines(landed, method)
    for name, metric in sorted(method.metrics.items()):
        windows[name] = windows_held(landed, metric, year_starts) or [Window()]
        needed = [window for (of, _), window in baselines.items() if of == name]
        for window in dict.fromkeys([*windows[name], *needed]):
            place[name, window] = len(found.spans)
            found.spans.append(MetricWindow(name, metric, window))
        found.held.extend(place[name, window] for window in windows[name])
        found.newest.append(found.held[-1])
    for name, one in sorted(method.opportunities.items()):
        modest, ambitious = (
            None if rule.period is None else place[one.metric, baselines[one.metric, rule.period]] for rule in one.rules
        )
        before = None
        for window in windows[one.metric]:
            of, metric = place[one.metric, window], method.metrics[one.metric]
            found.cases.append(Case(name, one, metric, window, before, of, (modest, ambitious)))
            before = window
        found.newest_cases.append(len(found.cases) - 1)
    return found


def _baselines(landed: Landed, method: Method) -> Mapping[tuple[str, NamedPeriod], Window]:
    """Metric and named period → window, of every own value that a target is set from."""
    return {
        (one.metric, rule.period): window_named(
            landed, method.metrics[one.metric], rule.period, method.programme.year_starts
        )
        for _, one in sorted(method.opportunities.items())
        for rule in one.rules
        if rule.period is not None
    }
