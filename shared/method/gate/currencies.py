"""Checks that money is in the programme's currency, and written so that figures get its sign."""

from collections.abc import Iterator

from shared.formatting import CURRENCIES
from shared.method.faults import Location, MethodFault, UnreadableDefinitions
from shared.method.gate.units import Unit
from shared.method.method import Method


def in_currency(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Faults of the programme's currency, and of units of money that do not begin with its code."""
    if ("programme", "programme") in unreadable:
        return
    currency = method.programme.currency
    if currency not in CURRENCIES:
        yield MethodFault(
            ("programme", "currency"), f"{currency!r} is not a code of ISO 4217; write one, such as EUR or SEK"
        )
        return
    for at, text in _units(method):
        unit = Unit.parse(text)
        others = sorted((unit.top.keys() | unit.bottom.keys()) & CURRENCIES - {currency})
        if others:
            yield MethodFault(
                at,
                f"{text!r} has {' and '.join(others)}, and the programme's currency is {currency}; name measures in "
                f"{currency} and write it here, or correct the programme's currency",
            )
        elif currency in unit.top and text.split(" ")[0] != currency:
            yield MethodFault(
                at, f"{text!r} does not begin with {currency}; write the code first, as in '{currency} per m2'"
            )


def _units(method: Method) -> Iterator[tuple[Location, str]]:
    """Every unit that figures are shown in, with its place."""
    for name, metric in method.metrics.items():
        for step in ("unit", "numerator_unit", "denominator_unit"):
            yield ("metrics", name, step), getattr(metric, step)
    for name, opportunity in method.opportunities.items():
        yield ("opportunities", name, "unit"), opportunity.unit
        for expression, route in opportunity.routes.items():
            rate = route.own_rate
            at: Location = ("opportunities", name, expression, "own_rate")
            while rate is not None:
                yield (*at, "unit"), rate.unit
                rate, at = rate.less, (*at, "less")
