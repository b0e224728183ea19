"""Whether units fit: sums of like units, a metric's unit that follows from its parts, prices that fit what they price.

What a reference does not resolve to is passed over here; `references` tells of it.
"""

from collections.abc import Iterator, Sequence
from math import inf, isclose

from shared.method.faults import Broken, Fault, Place
from shared.method.gate.references import measure_of
from shared.method.gate.units import Unit
from shared.method.measures import Metric, Term
from shared.method.method import Method
from shared.method.opportunities import Benchmark, Expression, Opportunity, Rate, Route
from shared.method.terms import Ref

DAY, YEAR = Unit.parse("day"), "year"
_FAR = 20
"""No target is so many times what it is made from; a factor beyond it is one of units."""


def misfits(method: Method, broken: Broken) -> Iterator[Fault]:
    """Every unit that does not follow from the others."""
    for name, metric in method.metrics.items():
        yield from _metric(method, ("metrics", name), metric)
    if ("programme", "programme") in broken:
        return
    yield from _prices(method)
    for name, opportunity in method.opportunities.items():
        if (of := method.metrics.get(opportunity.metric)) is not None:
            yield from _opportunity(method, ("opportunities", name), opportunity, of)
            yield from _Routes(method, ("opportunities", name), opportunity, of).faults()


# ---- metrics -------------------------------------------------------------------------------------------------------


def _metric(method: Method, at: Place, metric: Metric) -> Iterator[Fault]:
    yield from _sum(method, (*at, "numerator"), metric.numerator, metric.numerator_unit, "numerator_unit")
    yield from _sum(method, (*at, "denominator"), metric.denominator, metric.denominator_unit, "denominator_unit")
    yield from _ratio(at, metric.unit, metric.numerator_unit, metric.denominator_unit, metric.scale)
    alike = Unit.parse(metric.numerator_unit).measures_like(Unit.parse(metric.denominator_unit))
    if metric.chance == "proportion" and not alike:
        yield Fault(
            (*at, "chance"),
            f"{metric.numerator_unit} are no part of {metric.denominator_unit}, so this is no proportion; take it out",
        )


def _sum(method: Method, at: Place, terms: Sequence[Term], unit: str, said: str) -> Iterator[Fault]:
    whole = Unit.parse(unit)
    for number, term in enumerate(terms):
        parts = [measure.unit for name in term.measures if (measure := measure_of(method, name)) and measure.unit]
        if len(parts) < len(term.measures):
            continue
        found, told = Unit(), " × ".join(parts)
        for part in parts:
            found = found.times(Unit.parse(part))
        named = " × ".join(term.measures)
        if not found.measures_like(whole):
            remedy = f"name a measure in {unit}, or correct {said}"
            yield Fault((*at, number), f"{named} is in {told}, and {said} is {unit}; a sum adds like units: {remedy}")
        elif not isclose(found.factor / term.times, whole.factor) and (found.factor != 1 or whole.factor != 1):
            times = found.factor / whole.factor
            yield Fault(
                (*at, number), f"{named} is in {told}, and {said} is {unit}; write times: {times:g} to make it so"
            )


def _ratio(at: Place, unit: str, over: str, under: str, scale: float) -> Iterator[Fault]:
    """`unit` against `over` ÷ `under` × `scale`. Units that cancel must still be named right, unless none is named."""
    stated, top, bottom = Unit.parse(unit), Unit.parse(over), Unit.parse(under)
    found = top.per(bottom)
    same = (stated.top, stated.bottom) == (found.top, found.bottom)
    if not (same or (stated.is_number and found.measures_like(stated))):
        likely = "share" if found.measures_like(Unit()) else f"{over} per {under}"
        yield Fault(
            (*at, "unit"), f"{unit!r} does not follow from {over} divided by {under}; write {likely}, or correct those"
        )
    elif not isclose(wanted := found.factor / stated.factor, scale):
        yield Fault(
            (*at, "scale"),
            f"{over} divided by {under}, times {scale:,.12g}, is not in {unit!r}: the unit asks for a scale of "
            f"{wanted:,.12g}; correct one of the two",
        )


# ---- opportunities -------------------------------------------------------------------------------------------------


def _prices(method: Method) -> Iterator[Fault]:
    currency = method.programme.currency
    for name, price in method.prices.items():
        unit = Unit.parse(price.unit)
        if unit.top != Unit.parse(currency).top or not unit.bottom or unit.factor != 1:
            yield Fault(
                ("prices", name, "unit"),
                f"{price.unit!r} is no price; say what one of something costs, such as '{currency} per appointment'",
            )


def _opportunity(method: Method, at: Place, opportunity: Opportunity, metric: Metric) -> Iterator[Fault]:
    stated, needed = Unit.parse(opportunity.unit), Unit.parse(metric.numerator_unit)
    if not (stated.measures_like(needed) and isclose(stated.factor, needed.factor)):
        yield Fault(
            (*at, "unit"),
            f"a gap times the denominator is in {metric.numerator_unit}, the numerator's unit of {opportunity.metric}, "
            f"and not in {opportunity.unit}; correct the unit",
        )
    for end in ("lower", "upper"):
        rule = getattr(opportunity, end)
        if rule is not None and rule.rule == "target":
            yield from _target(method, (*at, end), rule, metric)


def _target(method: Method, at: Place, rule: Benchmark, metric: Metric) -> Iterator[Fault]:
    rules = metric.plausibility
    least, most = (-inf if rules.minimum is None else rules.minimum), (inf if rules.maximum is None else rules.maximum)
    if rule.value is not None and not least <= rule.value <= most:
        yield Fault(
            (*at, "value"),
            f"a target of {rule.value:g} {metric.unit} lies outside the metric's natural range, {least:g} to {most:g}; "
            "correct it (a share is written 0.22, not 22)",
        )
    own = measure_of(method, rule.measure) if rule.measure else None
    if own is None or own.unit is None:
        return
    found, needed = Unit.parse(own.unit), Unit.parse(metric.unit)
    if not found.measures_like(needed):
        yield Fault(
            (*at, "measure"), f"{rule.measure} is in {own.unit}, and the metric in {metric.unit}; name a target in that"
        )
    elif not 1 / _FAR < rule.times / (whole := found.factor / needed.factor) < _FAR:
        yield Fault(
            (*at, "times"),
            f"{rule.measure} is in {own.unit}, and the metric in {metric.unit}; write times: {whole:g} for the whole, "
            "or less for a part of it",
        )


class _Routes:
    """The steps from an opportunity's units to cash, activity and staff."""

    def __init__(self, method: Method, at: Place, opportunity: Opportunity, metric: Metric) -> None:
        self.method = method
        self.at = at
        self.opportunity = opportunity
        self.metric = metric

    def faults(self) -> Iterator[Fault]:
        for expression, route in self.opportunity.routes.items():
            at = (*self.at, expression)
            if route.own_rate:
                yield from self._rate((*at, "own_rate"), route.own_rate)
            yield from self._step(at, route)
            stated = Unit.parse(route.unit)
            if (
                expression == Expression.CASH
                and stated.without(YEAR).plain != Unit.parse(self.method.programme.currency).plain
            ):
                yield Fault(
                    (*at, "unit"),
                    f"cash is told in {self.method.programme.currency}, the programme's currency, not in {route.unit}",
                )
            if route.annual != (YEAR in stated.bottom):
                remedy = "write annual: true" if not route.annual else "write 'per year', or take annual out"
                yield Fault((*at, "annual"), f"the unit is {route.unit!r}; {remedy}, so that both say the same")

    def _rate(self, at: Place, rate: Rate) -> Iterator[Fault]:
        sides: list[str] = []
        for side in ("numerator", "denominator"):
            terms: Sequence[Term] = getattr(rate, side)
            units = [measure.unit for term in terms if (measure := measure_of(self.method, term.measure))]
            if not units or units[0] is None:
                return
            yield from _sum(self.method, (*at, side), terms, units[0], "the unit of the first part")
            sides.append(units[0])
        yield from _ratio(at, rate.unit, sides[0], sides[1], 1.0)

    def _step(self, at: Place, route: Route) -> Iterator[Fault]:
        """What a step makes of what it starts from, against what it says it makes."""
        before = self.opportunity.unit if route.of == "units" else self.opportunity.routes[Expression(route.of)].unit
        found, told = Unit.parse(before), before
        if route.price is not None:
            price = self.method.prices.get(route.price)
            if price is None:
                return
            unit = Unit.parse(price.unit)
            found = found.times(unit) if route.times else found.per(unit)
            told += f" {'times' if route.times else 'divided by'} {route.price}, which is in {price.unit},"
        elif route.own_rate:
            found, told = found.times(Unit.parse(route.own_rate.unit)), f"{told} times {route.own_rate.unit}"
        elif route.per_day:
            found, told = found.per(DAY), f"{told} per day"
        stated = Unit.parse(route.unit)
        if stated.measures_like(found) and isclose(stated.factor, found.factor):
            return
        if self._of_a_year() and stated.without(YEAR).measures_like(found.without(YEAR)) and route.divide_by:
            return
        yield Fault((*at, "unit"), f"{told} does not come to {route.unit}; correct the unit, or name what fits")

    def _of_a_year(self) -> bool:
        """Whether the metric's window is a year, so that what it counts is counted for a year."""
        window = self.metric.window
        if window.financial_year or window.months is not None:
            return window.financial_year or window.months == 12
        if self.metric.window.financial_year:
            return True
        kinds = {
            self.method.datasets[dataset].period.kind
            for name in self.metric.measures()
            if (dataset := Ref.parse(name).dataset) in self.method.datasets
        }
        return kinds <= {"year", "financial_year"}
