"""Where each trust stands among all with a comparable value of a metric, and among its peers. Arrays only."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from functions.opportunities.arrays import Floats, Whole, above, alike
from functions.opportunities.compare.comparators import PeerSets
from functions.opportunities.compare.plausibility import JudgedValues
from functions.opportunities.measure.metrics import MetricValues
from functions.opportunities.measure.plan import Case
from shared.facts.quantiles import of_ordered
from shared.method.measures import Metric, StandingRule
from shared.method.opportunities import NATIONAL, TARGET, Benchmark
from shared.method.peer_groups import NationalGroup
from shared.statuses import MetricStatus

QUARTERS = 4


class Standing(NamedTuple):
    """t trusts × c columns, NaN where a trust has no comparable value or the metric has no direction. `rank` 1 is the
    best of `of`, and equal values share the better rank; `percentile` 0 to 100; `quartile` and `band` from 1, the
    best, and NaN if there are fewer values than parts, or no bands."""

    rank: Floats
    of: Floats
    percentile: Floats
    quartile: Floats
    band: Floats


class PeerStanding(NamedTuple):
    """t × c. `rank` among the peers that count and the trust itself, `of` how many those are, and the percentile
    among them; and both of a median
    and the better quartile, of the peers and of all trusts. NaN for none."""

    rank: Floats
    of: Floats
    percentile: Floats
    peer_median: Floats
    peer_quartile: Floats
    national_median: Floats
    national_quartile: Floats


def comparable(metrics: MetricValues, judged: JudgedValues) -> Floats:
    """The values (t × c) that count in comparisons, NaN for all others."""
    usable = np.where(judged.status == MetricStatus.OK, metrics.value, np.nan)
    usable[:, [not span.metric.comparable for span in metrics.spans]] = np.nan
    return usable


def national(values: Floats, metrics: Sequence[Metric]) -> Standing:
    """The standing of `values` (t × c), each column of which is one metric over one window."""
    result = Standing(*(np.full(values.shape, np.nan) for _ in Standing._fields))
    for column, metric in enumerate(metrics):
        known = np.flatnonzero(~np.isnan(values[:, column]))
        if len(known):
            parts = _column(values[known, column], metric)
            for table, part in zip(result, parts, strict=True):
                table[known, column] = part
    return result


def _column(values: Floats, metric: Metric) -> Standing:
    rule, n = metric.standing, len(values)
    if metric.direction == "neither":  # no rank: the percentile and the bands grow with the value
        return _by_value(alike(values), metric)
    badness = alike(values if metric.lower_is_better else -values)
    ordered = np.sort(badness)
    better = np.searchsorted(ordered, badness, "left").astype(np.float64)
    worse = n - np.searchsorted(ordered, badness, "right").astype(np.float64)
    equal = n - 1 - better - worse
    below = worse if rule.turned or not metric.lower_is_better else better
    return Standing(
        rank=better + 1.0,
        of=np.full(n, float(n)),
        percentile=_percentile(rule, below, equal, np.full(n, n)),
        quartile=_parts(badness, ordered, QUARTERS, rule, metric),
        band=_parts(badness, ordered, rule.bands or 0, rule, metric),
    )


def _by_value(values: Floats, metric: Metric) -> Standing:
    ordered, n = np.sort(values), len(values)
    below = np.searchsorted(ordered, values, "left").astype(np.float64)
    equal = np.searchsorted(ordered, values, "right") - 1 - below
    none = np.full(n, np.nan)
    return Standing(
        rank=none,
        of=np.full(n, float(n)),
        percentile=_percentile(metric.standing, below, equal, np.full(n, n)),
        quartile=none,
        band=_parts(values, ordered, metric.standing.bands or 0, metric.standing, metric),
    )


def _percentile(rule: StandingRule, below: Floats, equal: Floats, n: Whole) -> Floats:
    """By the rule's convention, of n values each; NaN if it needs others and there are none."""
    if rule.percentile == "share_below":
        return 100 * below / n
    if rule.percentile == "at_or_below":
        return 100 * (below + equal + 1) / n
    part = below if rule.percentile == "percent_rank" else below + equal / 2
    share: Floats = np.divide(100 * part, n - 1, out=np.full(part.shape, np.nan), where=n > 1)
    return share


def _parts(badness: Floats, ordered: Floats, parts: int, rule: StandingRule, metric: Metric) -> Floats:
    """In which of so many equal parts each value is; boundaries are quantiles of type 7."""
    if not parts or len(ordered) < parts:
        return np.full(len(badness), np.nan)
    number, in_order = np.ones(len(badness)), ordered.tolist()
    for nth in range(1, parts):
        boundary = np.full(len(badness), of_ordered(in_order, nth / parts))
        worse_too = rule.boundary == "lower" and not metric.lower_is_better
        number += ~above(boundary, badness) if worse_too else above(badness, boundary)
    return number


def among_peers(cases: Sequence[Case], values: Floats, sets: PeerSets, peer_group: str | None) -> PeerStanding:
    """The standing among peers of each case's trusts. `values` (t × c): comparable values. `peer_group`: the group that
    is shown for opportunities that are compared with all trusts or with a target."""
    groups = [_peers_of(case, sets, peer_group) for case in cases]
    periods = [case.window.period for case in cases]
    lower_is_better = np.array([case.metric.lower_is_better for case in cases], dtype=bool)
    itself = [case.opportunity.including_itself for case in cases]
    ends = [
        [Benchmark(rule="median")] * len(cases),
        [Benchmark(rule="quantile", q=0.25 if down else 0.75) for down in lower_is_better],
    ]
    positive = np.array([case.opportunity.positive_comparators for case in cases], dtype=bool)
    counted = np.where(positive & (values <= 0), np.nan, values)
    near, far = (
        sets.benchmarks(counted, names, periods, ends, lower_is_better, itself=itself)
        for names in (groups, [NATIONAL] * len(cases))
    )
    badness = alike(np.where(lower_is_better, values, -values))
    among = sets.among(badness, np.where(np.isnan(counted), np.nan, badness), groups, periods)
    own = ~np.isnan(values) & (among.total > 0)
    undirected = np.array([case.metric.direction == "neither" for case in cases], dtype=bool)
    percentile = np.full(values.shape, np.nan)
    for column, case in enumerate(cases):
        rule, known = case.metric.standing, own[:, column]
        better, equal, total = (part[known, column].astype(np.float64) for part in among)
        worse = total - better - equal
        below = worse if rule.turned or not case.metric.lower_is_better else better
        percentile[known, column] = _percentile(rule, below, equal, among.total[known, column] + 1)
    return PeerStanding(
        np.where(own & ~undirected, among.better + 1.0, np.nan),
        np.where(own & ~undirected, among.total + 1.0, np.nan),
        percentile,
        near.benchmarks[0],
        near.benchmarks[1],
        far.benchmarks[0],
        far.benchmarks[1],
    )


def _peers_of(case: Case, sets: PeerSets, peer_group: str | None) -> str | None:
    comparator = case.opportunity.comparator
    if comparator in (NATIONAL, TARGET) or isinstance(sets.groups.get(comparator), NationalGroup):
        return peer_group
    return comparator
