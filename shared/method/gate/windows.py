"""Whether a metric's window, and the periods that its targets are set from, can ever be held."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.method.contracts import LABEL, PeriodRule
from shared.method.faults import Broken, Fault
from shared.method.measures import Metric
from shared.method.method import Method
from shared.method.terms import Ref

_MONTHS = {"month": 1, "quarter": 3, "financial_year": 12, "year": 12}
"""How long periods are; those of other kinds may be of any length."""


class _Parts(NamedTuple):
    """Periods of so many months, one of which begins in month `starts`."""

    kind: str
    months: int
    starts: int

    @classmethod
    def of(cls, kind: str, year_starts: int) -> "_Parts":
        return cls(kind.replace("_", " "), _MONTHS[kind], 1 if kind == "year" else year_starts)

    def make_up(self, whole: "_Parts") -> bool:
        """Whether periods like these can fill one of those, from its first day to its last."""
        return whole.months % self.months == 0 and (whole.starts - self.starts) % self.months == 0


def unreachable(method: Method, broken: Broken) -> Iterator[Fault]:
    """Windows and baselines that nothing landed could ever fill: nobody would have a figure, nor be told why."""
    if ("programme", "programme") in broken:
        return
    year_starts = method.programme.year_starts
    for name, metric in method.metrics.items():
        at = ("metrics", name, "window")
        for parts in _parts(method, metric):
            if metric.window.months is not None and metric.window.months < parts.months:
                says = f"{metric.window.months} months hold no whole {parts.kind}, which is what {name} is stated for"
                yield Fault((*at, "months"), f"{says}; give {parts.months} or more")
            elif metric.window.financial_year and not parts.make_up(whole := _Parts.of("financial_year", year_starts)):
                yield Fault((*at, "financial_year"), _never(parts, whole))
    for name, one in method.opportunities.items():
        for end in ("lower", "upper"):
            rule = getattr(one, end)
            if rule is None or rule.period is None or one.metric not in method.metrics:
                continue
            whole = _Parts.of(rule.period.kind, year_starts)
            for parts in _parts(method, method.metrics[one.metric]):
                if not parts.make_up(whole):
                    yield Fault(("opportunities", name, end, "period"), _never(parts, whole))


def _parts(method: Method, metric: Metric) -> list[_Parts]:
    """What a metric's datasets are stated for, each kind once."""
    datasets = {Ref.parse(measure).dataset for measure in metric.measures()} & method.datasets.keys()
    stated = [_stated(method.datasets[dataset].period) for dataset in sorted(datasets)]
    return [*dict.fromkeys(parts for parts in stated if parts)]


def _stated(rule: PeriodRule) -> _Parts | None:
    """What a dataset's rows are for; None where that may be of any length. Dates in a file stand for their months."""
    if rule.in_file and LABEL not in rule.formats:
        return _Parts.of("month", 1) if rule.each == "month" else None
    return _Parts.of(rule.kind, rule.year_starts) if rule.kind in _MONTHS else None


def _never(parts: _Parts, whole: _Parts) -> str:
    if parts.months > whole.months:
        return f"the metric is stated for a {parts.kind} at a time, which no {whole.kind} holds; name a longer period"
    return (
        f"the metric's {parts.kind} begins in month {parts.starts} and a {whole.kind} here in month {whole.starts}, so "
        "that the one never fills the other; name another period, or correct year_starts"
    )
