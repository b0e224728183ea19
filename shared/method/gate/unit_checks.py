"""Checks of units: sums add like units, a metric's unit follows from its parts, and prices fit what they multiply.

A reference that does not resolve is skipped here: `references` reports it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf, isclose
from typing import NamedTuple

from shared.method.faults import Location, MethodFault, UnreadableDefinitions
from shared.method.gate.references import measure_of
from shared.method.gate.units import Unit
from shared.method.measures import Metric, Term
from shared.method.method import Method
from shared.method.opportunities import Benchmark, Expression, Opportunity, Rate, Route
from shared.method.terms import Ref

DAY, YEAR = Unit.parse("day"), "year"
_FAR = 20
"""A target is never this many times the measure it is made from; a larger factor means that the units differ."""


def misfits(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Faults of units that do not follow from the others."""
    for name, metric in method.metrics.items():
        yield from _metric(method, ("metrics", name), metric)
    if ("programme", "programme") in unreadable:
        return
    yield from _prices(method)
    for name, opportunity in method.opportunities.items():
        if (of := method.metrics.get(opportunity.metric)) is not None:
            yield from _opportunity(method, ("opportunities", name), opportunity, of)
            yield from _Routes(method, ("opportunities", name), opportunity, of).faults()


# ---- metrics -------------------------------------------------------------------------------------------------------


def _metric(method: Method, at: Location, metric: Metric) -> Iterator[MethodFault]:
    for number, source in enumerate(metric.sources):
        there = (*at, "otherwise", number - 1) if number else at
        yield from _sum(method, (*there, "numerator"), source.numerator, metric.numerator_unit, "numerator_unit")
        yield from _sum(
            method, (*there, "denominator"), source.denominator, metric.denominator_unit, "denominator_unit"
        )
    yield from _ratio(at, metric.unit, metric.numerator_unit, metric.denominator_unit, metric.scale)
    alike = Unit.parse(metric.numerator_unit).measures_like(Unit.parse(metric.denominator_unit))
    if metric.chance == "proportion" and not alike:
        yield MethodFault(
            (*at, "chance"),
            f"{metric.numerator_unit} is not a part of {metric.denominator_unit}, so this is not a proportion; take "
            "chance out",
        )


class _Product(NamedTuple):
    """The unit of a product of measures, and the text of it."""

    unit: Unit
    text: str

    @classmethod
    def of(cls, method: Method, term: Term) -> "_Product | None":
        """That of a term without its constant; None if a measure is not defined or has no unit."""
        parts = [measure.unit for name in term.measures if (measure := measure_of(method, name)) and measure.unit]
        if len(parts) < len(term.measures):
            return None
        product = Unit()
        for part in parts:
            product = product.times(Unit.parse(part))
        return cls(product, " × ".join(parts))


def _sum(
    method: Method, at: Location, terms: Sequence[Term], unit: str, key: str, whole: Unit | None = None
) -> Iterator[MethodFault]:
    """Faults of terms that are not in `whole`, by default the unit that `unit` says."""
    whole = whole or Unit.parse(unit)
    for number, term in enumerate(terms):
        if (of := _Product.of(method, term)) is None:
            continue
        product, product_text = of
        measures = " × ".join(term.measures)
        if not product.measures_like(whole):
            remedy = f"name a measure in {unit}, or correct {key}"
            yield MethodFault((*at, number), f"{measures} is in {product_text}, but {key} is {unit}; {remedy}")
        elif not isclose(product.factor / term.times, whole.factor) and (product.factor != 1 or whole.factor != 1):
            times = product.factor / whole.factor
            yield MethodFault(
                (*at, number),
                f"{measures} is in {product_text}, but {key} is {unit}; write times: {times:g} to convert it",
            )


def _ratio(
    at: Location, unit: str, over: str, under: str, scale: float, sides: tuple[Unit, Unit] | None = None
) -> Iterator[MethodFault]:
    """Whether `unit` is that of `over` ÷ `under` × `scale`. Units that cancel must match too, unless `unit` has none.
    `sides`: the units of both, if a text cannot say them."""
    declared, (top, bottom) = Unit.parse(unit), sides or (Unit.parse(over), Unit.parse(under))
    quotient = top.per(bottom)
    same = (declared.top, declared.bottom) == (quotient.top, quotient.bottom)
    if not (same or (declared.is_number and quotient.measures_like(declared))):
        likely = "share" if quotient.measures_like(Unit()) else f"{over} per {under}"
        yield MethodFault(
            (*at, "unit"),
            f"{unit!r} is not the unit of {over} divided by {under}; write {likely}, or correct those units",
        )
    elif not isclose(needed := quotient.factor / declared.factor, scale):
        yield MethodFault(
            (*at, "scale"),
            f"{over} divided by {under}, times {scale:,.12g}, is not in {unit!r}, which needs a scale of "
            f"{needed:,.12g}; correct the scale or the unit",
        )


# ---- opportunities -------------------------------------------------------------------------------------------------


def _prices(method: Method) -> Iterator[MethodFault]:
    currency = method.programme.currency
    for name, price in method.prices.items():
        unit = Unit.parse(price.unit)
        if unit.top != Unit.parse(currency).top or not unit.bottom or unit.factor != 1:
            yield MethodFault(
                ("prices", name, "unit"),
                f"{price.unit!r} is not the unit of a price; write what one of something costs, such as '{currency} "
                "per appointment'",
            )


def _opportunity(method: Method, at: Location, opportunity: Opportunity, metric: Metric) -> Iterator[MethodFault]:
    declared, needed = Unit.parse(opportunity.unit), Unit.parse(metric.numerator_unit)
    if not (declared.measures_like(needed) and isclose(declared.factor, needed.factor)):
        yield MethodFault(
            (*at, "unit"),
            f"the unit is {opportunity.unit}, but a gap times the denominator is in {metric.numerator_unit}, the "
            f"numerator's unit of {opportunity.metric}; correct the unit",
        )
    for end in ("lower", "upper"):
        rule = getattr(opportunity, end)
        if rule is not None and rule.rule == "target":
            yield from _target(method, (*at, end), rule, metric)


def _target(method: Method, at: Location, rule: Benchmark, metric: Metric) -> Iterator[MethodFault]:
    rules = metric.plausibility
    least, most = (-inf if rules.minimum is None else rules.minimum), (inf if rules.maximum is None else rules.maximum)
    if rule.value is not None and not least <= rule.value <= most:
        yield MethodFault(
            (*at, "value"),
            f"the target of {rule.value:g} {metric.unit} is outside the metric's range, {least:g} to {most:g}; "
            "correct it (write a share as 0.22, not 22)",
        )
    own = measure_of(method, rule.measure) if rule.measure else None
    if own is None or own.unit is None:
        return
    unit, needed = Unit.parse(own.unit), Unit.parse(metric.unit)
    if not unit.measures_like(needed):
        yield MethodFault(
            (*at, "measure"),
            f"{rule.measure} is in {own.unit}, but the metric is in {metric.unit}; name a measure in {metric.unit}",
        )
    elif not 1 / _FAR < rule.times / (whole := unit.factor / needed.factor) < _FAR:
        yield MethodFault(
            (*at, "times"),
            f"{rule.measure} is in {own.unit}, but the metric is in {metric.unit}; write times: {whole:g} for the "
            "whole measure, or less for a part of it",
        )


class _Routes:
    """Checks the steps from an opportunity's units to cash, activity and staff."""

    def __init__(self, method: Method, at: Location, opportunity: Opportunity, metric: Metric) -> None:
        self.method = method
        self.at = at
        self.opportunity = opportunity
        self.metric = metric

    def faults(self) -> Iterator[MethodFault]:
        for expression, route in self.opportunity.routes.items():
            at = (*self.at, expression)
            if route.own_rate:
                yield from self._rate((*at, "own_rate"), route.own_rate)
            yield from self._step(at, route)
            declared = Unit.parse(route.unit)
            if (
                expression == Expression.CASH
                and declared.without(YEAR).plain != Unit.parse(self.method.programme.currency).plain
            ):
                yield MethodFault(
                    (*at, "unit"),
                    f"cash must be in {self.method.programme.currency}, the programme's currency, not in "
                    f"{route.unit}; correct the unit",
                )
            if route.annual != (YEAR in declared.bottom):
                remedy = "write annual: true" if not route.annual else "add 'per year' to the unit, or take annual out"
                yield MethodFault(
                    (*at, "annual"), f"the unit is {route.unit!r}, which does not agree with annual; {remedy}"
                )

    def _rate(self, at: Location, rate: Rate) -> Iterator[MethodFault]:
        for number, source in enumerate(rate.sources):
            there = (*at, "otherwise", number - 1) if number else at
            sides: list[_Product] = []
            for side in ("numerator", "denominator"):
                terms: Sequence[Term] = getattr(source, side)
                if (first := _Product.of(self.method, terms[0])) is None:
                    return
                whole = replace(first.unit, factor=first.unit.factor / terms[0].times)
                key = "the unit of the first part"
                yield from _sum(self.method, (*there, side), terms, first.text, key, whole)
                sides.append(_Product(whole, first.text))
            over, under = sides
            yield from _ratio(
                there if number else at, rate.unit, over.text, under.text, 1.0, sides=(over.unit, under.unit)
            )
        if rate.less is not None:
            yield from self._rate((*at, "less"), rate.less)
            one, other = Unit.parse(rate.unit), Unit.parse(rate.less.unit)
            if not (one.measures_like(other) and isclose(one.factor, other.factor)):
                yield MethodFault(
                    (*at, "less", "unit"),
                    f"the price that is taken off is in {rate.less.unit}, and the price in {rate.unit}; name measures "
                    "that give the same unit",
                )

    def _step(self, at: Location, route: Route) -> Iterator[MethodFault]:
        """Whether a step's unit follows from the unit it starts from."""
        before = self.opportunity.unit if route.of == "units" else self.opportunity.routes[Expression(route.of)].unit
        result, calculation = Unit.parse(before), before
        if route.price is not None:
            price = self.method.prices.get(route.price)
            if price is None:
                return
            unit = Unit.parse(price.unit)
            result = result.times(unit) if route.times else result.per(unit)
            calculation += f" {'times' if route.times else 'divided by'} {route.price} ({price.unit})"
        elif route.own_rate:
            result = result.times(Unit.parse(route.own_rate.unit))
            calculation += f" times {route.own_rate.unit}"
        elif route.per_day:
            result, calculation = result.per(DAY), f"{calculation} per day"
        declared = Unit.parse(route.unit)
        if declared.measures_like(result) and isclose(declared.factor, result.factor):
            return
        if self._of_a_year() and declared.without(YEAR).measures_like(result.without(YEAR)) and route.divide_by:
            return
        yield MethodFault(
            (*at, "unit"), f"{calculation} is not in {route.unit}; correct the unit, or name another price"
        )

    def _of_a_year(self) -> bool:
        """Whether the metric's window is a year, so that its counts are annual."""
        window = self.metric.window
        if window.financial_year or window.months is not None:
            return window.financial_year or window.months == 12
        kinds = {
            self.method.datasets[dataset].period.kind
            for name in self.metric.measures()
            if (dataset := Ref.parse(name).dataset) in self.method.datasets
        }
        return kinds <= {"year", "financial_year"}
