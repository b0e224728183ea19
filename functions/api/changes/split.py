"""The difference between an opportunity's figures in two releases, split exactly into its reasons. Pure.

From the earlier release to the later one in steps, each a whole figure recomputed by the rules of the method:

1. *own value*: the trust's own value, denominator and own rates (its cost per m², its days) become the later ones;
2. *comparator set*: those of the earlier comparators that have no value in the later release are left out;
3. *benchmark*: the values of the rest become the later ones, and so does a target that the trust states itself;
4. *comparator set*: the comparators become the later ones, by the earlier minimums and fallback;
5. *price or method*: rules, minimums, fallback, scale, constant targets and prices become the later ones.

A part is the difference that its steps make: the parts add up whatever happened, and each depends on its place in the
order (own value at the earlier benchmark, benchmark at the later own value). A newer period is no part of its own: own
value and benchmark carry it. Whom a trust is compared with is the comparator set, whether data or method moved it.
What cannot be told apart, because a metric, rate or target of another definition has no earlier-style figure in the
later release, stands whole under price or method, and a note says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import fsum, isnan
from typing import NamedTuple

from functions.api.changes.notes import notes
from functions.api.changes.result import PARTS, Change, FigureChange, Parts, absence, sentence
from functions.api.changes.rules import Benchmarks
from functions.api.changes.side import Release, Side, State
from shared.method.opportunities import EXPRESSIONS
from shared.releases.contents import Row, pairs_of

_UNLIKE = (
    "The {} release's own figure does not come out again from the values and peers that it holds, "
    "so the change is not split."
)
_NO_ROUTE = "The {} release's method has no way from the units to {}."
_OTHER_UNIT = "It is stated in {} now, and was in {}."
_NO_RATE = "The {} release does not hold what one unit comes to as {}."


def changes(before: Release, after: Release, trust: str) -> list[Change]:
    """Every opportunity that a trust has a row for in either release, in order of their ids."""
    return [
        _change(trust, pair.opportunity, _side(before, pair.before), _side(after, pair.after))
        for pair in pairs_of(before.contents, after.contents, trust)
    ]


def _side(release: Release, row: Row | None) -> Side | None:
    return Side(release, row) if row else None


def _change(trust: str, opportunity: str, before: Side | None, after: Side | None) -> Change:
    came: set[str] = set()
    went: set[str] = set()
    path: list[_Step] = []
    said: tuple[str, ...] = ()
    reason = _absences(before, after)
    if before and after and not reason:
        came, went = set(after.compared(after.rules)), set(before.compared(before.rules))
        came, went = came - went, went - came
        said = tuple(notes(before.rules, after.rules, before.row, after.row))
        path = _path(before, after)
        unlike = [which for which, side in (("earlier", before), ("later", after)) if not side.whole]
        reason = " ".join(_UNLIKE.format(which) for which in unlike)
    figures = {one.figure: one for one in _figures(before, after, path, reason)}
    native = next(side.rules.native for side in (after, before) if side)
    return Change(
        trust_code=trust,
        opportunity_id=opportunity,
        before_status=before.row["status"] if before else None,
        after_status=after.row["status"] if after else None,
        before_comparator=before.row["comparator"] if before else None,
        after_comparator=after.row["comparator"] if after else None,
        figures=tuple(figures.values()),
        came=tuple(sorted(came)),
        went=tuple(sorted(went)),
        notes=said,
        sentence=sentence(figures[f"{native}_upper"]),
    )


def _absences(before: Side | None, after: Side | None) -> str:
    sides = (("earlier", before), ("later", after))
    return " ".join(
        absence(which, side.row["status"] if side else None) for which, side in sides if not (side and side.has_figure)
    )


class _Step(NamedTuple):
    """The part that a step belongs to, and the figure after it."""

    part: str
    state: State


def _path(before: Side, after: Side) -> list[_Step]:
    """From the earlier figure (of no part) to the later one; no steps if either cannot be recomputed."""
    start, end = before.whole, after.whole
    if start is None or end is None:
        return []
    path = [_Step("", start)]
    if before.rules.metric.definition == after.rules.metric.definition:
        rates = {name: _own_rate(before, after, name) for name in before.rules.worth}
        own = after.state(before.rules.metric.scale, start.benchmarks, rates)
        path.append(_Step("own_value", own))
        path += [_Step(part, replace(own, benchmarks=benchmarks)) for part, benchmarks in _benchmarks(before, after)]
    return [*path, _Step("method_changed", end)]


def _own_rate(before: Side, after: Side, name: str) -> float:
    """What one of the trust's units comes to later, at the earlier prices."""
    old, new = before.rules.worth[name], after.rules.worth.get(name)
    if new is None or old.own != new.own:
        return before.per_unit[name]
    rate = after.per_unit[name]
    return rate if old.price == new.price else old.price * (rate / new.price)


def _benchmarks(before: Side, after: Side) -> Iterator[tuple[str, Benchmarks]]:
    """The benchmarks after each step that moves them, by the earlier rules and in the earlier scale."""
    rules, scale = before.rules, before.rules.metric.scale / after.rules.metric.scale
    if before.targeted:
        if after.targeted and (rules.ends, scale) == (after.rules.ends, 1):
            yield "benchmark_moved", after.benchmarks
        return
    earlier, everyone = before.compared(rules), after.everyone(rules)
    if same := earlier.keys() & everyone.keys():
        yield "comparators_changed", rules.benchmarks([earlier[code] for code in same])
        yield "benchmark_moved", rules.benchmarks([everyone[code] * scale for code in same])
    if later := after.compared(rules):
        yield "comparators_changed", rules.benchmarks([value * scale for value in later.values()])


def _figures(before: Side | None, after: Side | None, path: Sequence[_Step], reason: str) -> Iterator[FigureChange]:
    for expression in ("units", *EXPRESSIONS):
        old, new = (side.unit(expression) if side else None for side in (before, after))
        if not (old or new):
            continue
        why = reason or _incomparable(expression, before, after)
        for end in ("lower", "upper"):
            figure = f"{expression}_{end}"
            was, now = (side.row[figure] if side else None for side in (before, after))
            total = now - was if old == new and was is not None and now is not None else None
            parts = None if why or total is None else _split(path, figure, total)
            yield FigureChange(figure, new or old, was, now, total, parts, why or None)


def _incomparable(expression: str, before: Side | None, after: Side | None) -> str:
    """Why an expression of two figures cannot be split; empty if it can."""
    if not (before and after):
        return ""
    sides = (("earlier", before), ("later", after))
    units = [side.unit(expression) for _, side in sides]
    if None in units:
        return next(_NO_ROUTE.format(which, expression) for which, side in sides if not side.unit(expression))
    if units[0] != units[1]:
        return _OTHER_UNIT.format(units[1], units[0])
    unknown = [which for which, side in sides if isnan(side.per_unit.get(expression, 1.0))]
    return " ".join(_NO_RATE.format(which, expression) for which in unknown)


def _split(path: Sequence[_Step], figure: str, total: float) -> Parts:
    """The parts of a figure's change. What rounding leaves between them and the total goes to the largest."""
    parts = dict.fromkeys(PARTS, 0.0)
    for was, now in pairwise(path):
        parts[now.part] += now.state.figures[figure] - was.state.figures[figure]
    largest = max(parts, key=lambda part: abs(parts[part]))
    parts[largest] += total - fsum(parts.values())
    return Parts(**parts)
