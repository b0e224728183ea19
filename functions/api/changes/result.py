"""A change in an answer: figures before and after, the parts of their difference, and one sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from shared.formatting import SHARE, amount, is_count, places_of


@dataclass(frozen=True)
class Parts:
    """The parts of a figure's change by cause, in the figure's unit. Their sum equals the total to 1e-9 of the
    largest."""

    own_value: float
    benchmark_moved: float
    comparators_changed: float
    method_changed: float


PARTS = tuple(field.name for field in fields(Parts))


@dataclass(frozen=True)
class FigureChange:
    """One figure (`units_lower`, `cash_upper`, …) in both releases. `reason` explains why total or parts are
    missing."""

    figure: str
    unit: str | None
    before: float | None
    after: float | None
    total: float | None
    parts: Parts | None
    reason: str | None


@dataclass(frozen=True)
class Change:
    """One opportunity of one trust in two releases. A status is None if the release has no row for it.

    `cash_per_year_change`: that of `cash_per_year_upper`, by which changes can be compared with each other; None if
    either release has no such figure. `figures`: all figures of either release. `came` and `went`: the codes of new and
    lost comparators. `notes`: sentences on how the parts were separated. `sentence`: the change of the upper figure in
    the native expression; in cash if that alone moved, as when a price did.
    """

    trust_code: str
    opportunity_id: str
    before_status: str | None
    after_status: str | None
    before_comparator: str | None
    after_comparator: str | None
    cash_per_year_change: float | None
    figures: tuple[FigureChange, ...]
    came: tuple[str, ...]
    went: tuple[str, ...]
    notes: tuple[str, ...]
    sentence: str


_PARTS_IN_WORDS = {
    "own_value": "own value",
    "benchmark_moved": "benchmark",
    "comparators_changed": "comparators",
    "method_changed": "price or method",
}
_ROUNDING = 1e-9
_WITHOUT = {
    "no_data": "part of its data is missing",
    "not_applicable": "it does not apply here",
    "implausible": "its value is implausible",
    "below_minimum": "its denominator is too small",
    "not_comparable": "the method does not allow it to be compared",
    "no_peer_set": "there are no peers in its group",
    "insufficient_comparators": "too few comparators have a value",
    None: "it is not in the release",
}


def absence(which: str, status: str | None) -> str:
    """The reason why the `earlier` or the `later` release has no figure."""
    return f"There is no figure in the {which} release: {_WITHOUT.get(status, status)}."


def expression_of(figures: Mapping[str, FigureChange], native: str) -> str:
    """The expression in which a change is reported: the native one, or cash if that alone moved."""
    own, cash = figures.get(f"{native}_upper"), figures.get("cash_upper")
    return "cash" if own and cash and _stays(own) and not _stays(cash) else native


def _stays(figure: FigureChange) -> bool:
    if figure.total is None or figure.before is None or figure.after is None:
        return False
    return abs(figure.total) <= _ROUNDING * max(abs(figure.before), abs(figure.after))


def sentence(headline: FigureChange) -> str:
    """`Up £310,000 to £1,200,000: own value +£420,000, benchmark −£110,000.`"""
    before, after, total, unit = headline.before, headline.after, headline.total, headline.unit
    if total is None or before is None or after is None:
        known = [(after, "later", "is"), (before, "earlier", "was")]
        sentences = [
            f"The {which} figure {verb} {amount(figure, unit)}." if figure else f"The {which} release shows no gain."
            for figure, which, verb in known
            if figure is not None
        ]
        return " ".join(filter(None, [headline.reason, *sentences]))
    largest = max(abs(before), abs(after), *(abs(part) for _, part in _parts(headline)))
    places = _places(largest, unit)
    if abs(total) <= _ROUNDING * largest:
        text = f"Unchanged at {amount(after, unit)}"
    else:
        text = f"{'Up' if total > 0 else 'Down'} {amount(abs(total), unit, places)} to {amount(after, unit, places)}"
    if headline.parts is None:
        return " ".join(filter(None, [f"{text}.", headline.reason]))
    parts = [
        f"{_PARTS_IN_WORDS[name]} {'+' if part > 0 else '−'}{amount(abs(part), unit, places)}"
        for name, part in _parts(headline)
        if amount(abs(part), unit, places) != amount(0.0, unit, places)
    ]
    return f"{text}: {', '.join(parts)}." if parts else f"{text}."


def _parts(change: FigureChange) -> Iterator[tuple[str, float]]:
    if change.parts is not None:
        for name in PARTS:
            yield name, getattr(change.parts, name)


def _places(largest: float, unit: str | None) -> int:
    """Decimals for all numbers of a sentence, so that they add up: three significant figures of the largest, but
    counts whole."""
    if largest >= 1 and is_count(unit or ""):
        return 0
    return places_of(100 * largest if unit == SHARE else largest, 3)
