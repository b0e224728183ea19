"""What is computed for a method and the landed files: shards, and the columns of arrays that some shards are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from functions.opportunities.measure.survey import Survey
from functions.opportunities.measure.windows import HeldWindow, MetricWindow, window_named, windows_held
from shared.method.measures import Metric
from shared.method.method import Method
from shared.method.opportunities import Opportunity
from shared.method.periods import NamedPeriod
from shared.method.terms import Period

type Baselines = Mapping[tuple[str, NamedPeriod], HeldWindow]
"""Metric and named period → window, for every own value from which a target is set."""


class Shard(NamedTuple):
    """The unit of work: a metric over one of its windows, with its opportunities, for all organisations.

    `before` is the window before, None for the oldest; `newest`: whether it is the last one. A metric without landed
    periods has one shard, whose window has no periods.
    """

    metric: str
    window: HeldWindow
    before: HeldWindow | None
    newest: bool


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


class Columns(NamedTuple):
    """`spans`: each metric over each of its windows, oldest first, and over the baselines from which targets are set.
    `cases`: each opportunity over each window of its metric, shard by shard and by id.

    Places: `published`, of each shard's span; `cases_of`, of each shard's cases by id; `newest_cases`, of those of the
    newest windows.
    """

    spans: list[MetricWindow]
    cases: list[Case]
    published: list[int]
    cases_of: list[range]
    newest_cases: set[int]


class Plan(NamedTuple):
    """All shards, by metric and oldest first; the windows of own targets; each metric's opportunities, by id."""

    method: Method
    shards: Sequence[Shard]
    baselines: Baselines
    opportunities: Mapping[str, Sequence[tuple[str, Opportunity]]]

    def columns(self, shards: Iterable[Shard]) -> Columns:
        """The columns of some shards, which are in the plan's order."""
        result = Columns([], [], [], [], set())
        place: dict[tuple[str, HeldWindow], int] = {}
        for name, group in groupby(shards, key=lambda shard: shard.metric):
            own = [*group]
            windows = [shard.window for shard in own]
            needed = [baseline for _, one in self.opportunities[name] for baseline in self.own_targets(one)]
            for window in dict.fromkeys([*windows, *needed]):
                place[name, window] = len(result.spans)
                result.spans.append(MetricWindow(name, self.method.metrics[name], window))
            for shard in own:
                first = len(result.cases)
                of, metric = place[name, shard.window], self.method.metrics[name]
                for each, one in self.opportunities[name]:
                    modest, ambitious = (
                        None if rule.period is None else place[name, self.baselines[name, rule.period]]
                        for rule in one.rules
                    )
                    result.cases.append(Case(each, one, metric, shard.window, shard.before, of, (modest, ambitious)))
                result.published.append(of)
                result.cases_of.append(range(first, len(result.cases)))
                if shard.newest:
                    result.newest_cases.update(result.cases_of[-1])
        return result

    def own_targets(self, one: Opportunity) -> Iterator[HeldWindow]:
        """The windows of own values from which an opportunity's targets are set."""
        return (self.baselines[one.metric, rule.period] for rule in one.rules if rule.period is not None)

    def spans(self) -> Iterator[MetricWindow]:
        """Every metric over every window that is read."""
        return iter(self.columns(self.shards).spans)

    def newest_spans(self) -> Iterator[MetricWindow]:
        """Every metric over its newest window."""
        return (
            MetricWindow(one.metric, self.method.metrics[one.metric], one.window) for one in self.shards if one.newest
        )

    def reads(self, shard: Shard, held: Survey) -> set[tuple[str, Period]]:
        """The measures and periods that a shard's figures are computed from."""
        metric, periods = self.method.metrics[shard.metric], shard.window.periods
        pairs = {(name, period) for name in metric.measures() for period in periods}
        for _, one in self.opportunities[shard.metric]:
            pairs |= {(name, period) for name in one.measures() for period in periods}
            for rule in one.rules:
                if rule.period is not None:
                    window = self.baselines[one.metric, rule.period]
                    pairs |= {(name, period) for name in metric.measures() for period in window.periods}
                if rule.measure is not None and shard.window.period:
                    begun = (period for period in held.periods(rule.measure) if period.start <= shard.window.period.end)
                    pairs |= {(rule.measure, period) for period in begun}
        return pairs


def plan(held: Survey, method: Method) -> Plan:
    """Every metric over every window held."""
    shards = []
    for name, metric in sorted(method.metrics.items()):
        before = None
        windows = windows_held(held, metric, method.programme.year_starts) or [HeldWindow()]
        for window in windows:
            shards.append(Shard(name, window, before, newest=window is windows[-1]))
            before = window
    opportunities: dict[str, list[tuple[str, Opportunity]]] = {name: [] for name in method.metrics}
    for name, one in sorted(method.opportunities.items()):
        opportunities[one.metric].append((name, one))
    return Plan(method, shards, _baselines(held, method), opportunities)


def _baselines(held: Survey, method: Method) -> Baselines:
    return {
        (one.metric, rule.period): window_named(
            held, method.metrics[one.metric], rule.period, method.programme.year_starts
        )
        for _, one in sorted(method.opportunities.items())
        for rule in one.rules
        if rule.period is not None
    }
