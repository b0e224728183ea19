"""Checks that a metric's window, and the periods from which its targets are set, can be filled by the data."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.method.contracts import LABEL, PeriodRule
from shared.method.faults import MethodFault, UnreadableDefinitions
from shared.method.measures import Metric
from shared.method.method import Method
from shared.method.terms import Ref

_MONTHS = {"month": 1, "quarter": 3, "financial_year": 12, "year": 12}
"""Months in a period of each kind; other kinds may have any length."""


class _Parts(NamedTuple):
    """Periods of `months` months, one of which begins in calendar month `starts`."""

    kind: str
    months: int
    starts: int

    @classmethod
    def of(cls, kind: str, year_starts: int) -> "_Parts":
        return cls(kind.replace("_", " "), _MONTHS[kind], 1 if kind == "year" else year_starts)

    def make_up(self, whole: "_Parts") -> bool:
        """Whether periods like these can fill `whole` from its first day to its last."""
        return whole.months % self.months == 0 and (whole.starts - self.starts) % self.months == 0


def unreachable(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Windows and baselines that no landed data could fill, so that no trust would have a figure."""
    if ("programme", "programme") in unreadable:
        return
    year_starts = method.programme.year_starts
    for name, metric in method.metrics.items():
        at = ("metrics", name, "window")
        for parts in _parts(method, metric):
            if metric.window.months is not None and metric.window.months < parts.months:
                short = (
                    f"{metric.window.months} months are shorter than one {parts.kind}, the period of the metric's data"
                )
                yield MethodFault((*at, "months"), f"{short}; write {parts.months} or more")
            elif metric.window.financial_year and not parts.make_up(whole := _Parts.of("financial_year", year_starts)):
                yield MethodFault((*at, "financial_year"), _never(parts, whole))
    for name, one in method.opportunities.items():
        for end in ("lower", "upper"):
            rule = getattr(one, end)
            if rule is None or rule.period is None or one.metric not in method.metrics:
                continue
            whole = _Parts.of(rule.period.kind, year_starts)
            for parts in _parts(method, method.metrics[one.metric]):
                if not parts.make_up(whole):
                    yield MethodFault(("opportunities", name, end, "period"), _never(parts, whole))


def _parts(method: Method, metric: Metric) -> list[_Parts]:
    """The periods of a metric's datasets, each kind once."""
    datasets = {Ref.parse(measure).dataset for measure in metric.measures()} & method.datasets.keys()
    periods = [_of_dataset(method.datasets[dataset].period) for dataset in sorted(datasets)]
    return [*dict.fromkeys(parts for parts in periods if parts)]


def _of_dataset(rule: PeriodRule) -> _Parts | None:
    """The periods of a dataset's rows; None if they may have any length. A date in a file means its calendar month."""
    if rule.in_file and LABEL not in rule.formats:
        return _Parts.of("month", 1) if rule.each == "month" else None
    return _Parts.of(rule.kind, rule.year_starts) if rule.kind in _MONTHS else None


def _never(parts: _Parts, whole: _Parts) -> str:
    if parts.months > whole.months:
        return (
            f"the metric's data have one figure for each {parts.kind}, which is longer than a {whole.kind}; name a "
            "longer period"
        )
    return (
        f"the metric's {parts.kind} begins in month {parts.starts} and the programme's {whole.kind} in month "
        f"{whole.starts}, so the data never fill it exactly; name another period, or correct year_starts"
    )
