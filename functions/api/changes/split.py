"""The difference between an opportunity's figures in two releases, split exactly into its causes. Pure.

It goes from the earlier release to the later one in steps. Each step changes one thing and recomputes the figure:

1. *own value*: the trust's value, denominator and own rates (its cost per m², its days) become the later ones; 2.
*comparator set*: earlier comparators without a value in the later release are left out; 3. *benchmark*: the values of
the other comparators become the later ones, and so does a trust's own target; 4. *comparator set*: the comparators
become the later ones, by the earlier minimums and fallback; 5. *price or method*: rules, minimums, fallback, scale,
constant targets and prices become the later ones, and so does an amount per unit that has the national price in it,
because the trust has no rate of its own in one of the releases.

A part is the difference that its steps make, so the parts always add up, and each depends on the order of the steps
(own value at the earlier benchmark, benchmark at the later own value). A newer period is not a part: it is included in
own value and benchmark. A change of comparators is part of the comparator set, whether the data or the method caused
it. If a metric, rate or target has a new definition, the later release has no figure by the earlier one: the whole
change is then counted as price or method, and a note says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import fsum, isnan
from typing import NamedTuple

from functions.api.changes.moves import change_of, has_changed
from functions.api.changes.notes import notes
from functions.api.changes.result import (
    PARTS,
    Change,
    FigureChange,
    Parts,
    absence,
    expression_of,
    sentence,
)
from functions.api.changes.rules import Benchmarks
from functions.api.changes.side import ComparedRelease, Side, State
from shared.method.opportunities import EXPRESSIONS
from shared.releases.contents import Pair, Row, pairs_of
from shared.releases.side_by_side import PER_YEAR

_UNLIKE = "The {} release's figure cannot be reproduced from its values and peers, so the change is not split."
_NO_ROUTE = "The {} release's method has no conversion to {}."
_OTHER_UNIT = "Its unit is now {}; it was {}."
_NO_RATE = "The {} release has no amount per unit for {}."


def changes(before: ComparedRelease, after: ComparedRelease, trust: str) -> list[Change]:
    """The changes of all opportunities that a trust has in either release, ordered by id."""
    return [_change(before, after, pair) for pair in pairs_of(before.contents, after.contents, [trust])]


def changed(before: ComparedRelease, after: ComparedRelease, trusts: Sequence[str]) -> dict[str, list[Change]]:
    """Of each of some trusts, the changes of the opportunities in which something changed, ordered by id.

    One opportunity after the other, because trusts share comparators.
    """
    found: dict[str, list[Change]] = {trust: [] for trust in trusts}
    for pair in pairs_of(before.contents, after.contents, trusts):
        if has_changed(pair):
            found[pair.trust].append(_change(before, after, pair))
    return found


def _side(release: ComparedRelease, row: Row | None) -> Side | None:
    return Side(release, row) if row else None


def _change(earlier: ComparedRelease, later: ComparedRelease, pair: Pair) -> Change:
    before, after = _side(earlier, pair.before), _side(later, pair.after)
    came: list[str] = []
    went: list[str] = []
    path: list[_Step] = []
    sentences: tuple[str, ...] = ()
    reason = _absences(before, after)
    if before and after and not reason:
        now, then = after.compared(after.rules), before.compared(before.rules)
        came, went = now.others_than(then), then.others_than(now)
        sentences = tuple(notes(before.rules, after.rules, before.row, after.row))
        path = _path(before, after)
        unlike = [which for which, side in (("earlier", before), ("later", after)) if not side.whole]
        reason = " ".join(_UNLIKE.format(which) for which in unlike)
    figures = {one.figure: one for one in _figures(before, after, path, reason)}
    native = next(side.rules.native for side in (after, before) if side)
    return Change(
        trust_code=pair.trust,
        opportunity_id=pair.opportunity,
        before_status=before.row["status"] if before else None,
        after_status=after.row["status"] if after else None,
        before_comparator=before.row["comparator"] if before else None,
        after_comparator=after.row["comparator"] if after else None,
        cash_per_year_change=change_of(*(side.row.get(PER_YEAR) if side else None for side in (before, after))),
        figures=tuple(figures.values()),
        came=tuple(came),
        went=tuple(went),
        notes=sentences,
        sentence=sentence(figures[f"{expression_of(figures, native)}_upper"]),
    )


def _absences(before: Side | None, after: Side | None) -> str:
    sides = (("earlier", before), ("later", after))
    return " ".join(
        absence(which, side.row["status"] if side else None) for which, side in sides if not (side and side.has_figure)
    )


class _Step(NamedTuple):
    """The part that a step belongs to, and the state after it."""

    part: str
    state: State


def _path(before: Side, after: Side) -> list[_Step]:
    """The steps from the earlier figure (which belongs to no part) to the later one; none if either cannot be
    recomputed."""
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
    """The later amount per unit, at the earlier prices. The earlier one if its change is not the trust's own: by
    another rule, or where either amount has the national price in it."""
    old, new = before.rules.worth[name], after.rules.worth.get(name)
    at_national = old.or_national and (before.at_national_price or after.at_national_price)
    if new is None or old.own != new.own or at_national:
        return before.per_unit[name]
    rate = after.per_unit[name]
    return rate if old.price == new.price else old.price * (rate / new.price)


def _benchmarks(before: Side, after: Side) -> Iterator[tuple[str, Benchmarks]]:
    """(part, benchmarks) after each step that changes benchmarks, by the earlier rules and in the earlier scale."""
    rules, scale = before.rules, before.rules.metric.scale / after.rules.metric.scale
    if before.targeted:
        if after.targeted and (rules.ends, scale) == (after.rules.ends, 1):
            yield "benchmark_moved", after.benchmarks
        return
    earlier = before.compared(rules)
    if same := after.possible(rules).shared(earlier):
        yield "comparators_changed", rules.benchmarks(earlier.shared(same).ordered())
        yield "benchmark_moved", rules.benchmarks(same.ordered(scale))
    if later := after.compared(rules):
        yield "comparators_changed", rules.benchmarks(later.ordered(scale))


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
    """The reason why the change of an expression cannot be split; empty if it can."""
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
    """The parts of a figure's change. The rounding difference to the total is added to the largest part."""
    parts = dict.fromkeys(PARTS, 0.0)
    for was, now in pairwise(path):
        parts[now.part] += now.state.figures[figure] - was.state.figures[figure]
    largest = max(parts, key=lambda part: abs(parts[part]))
    parts[largest] += total - fsum(parts.values())
    return Parts(**parts)
