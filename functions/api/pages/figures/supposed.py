"""The result of what-if: published and supposed next to each other, and the difference in a sentence."""

from typing import NamedTuple

from functions.api.pages.figures.facts import AHEAD, Facts
from functions.api.schemas.figures import Line, WhatIfAnswer, WhatIfResult
from shared.formatting import amount, counted, span

_EXPRESSIONS = {"cash": "As money", "activity": "As activity", "staff": "As staff"}


class Both(NamedTuple):
    """One figure as published and as supposed."""

    title: str
    published: str
    supposed: str
    kind: str = ""


def both_rows(facts: Facts, answer: WhatIfAnswer) -> list[Both]:
    """Every figure of the sum, published and supposed."""
    published, supposed = answer.published, answer.supposed
    native, unit = _expression(facts, answer)
    rows = [
        Both(
            title or name.capitalize(),
            counted(getattr(published, name), getattr(published, f"{name}_unit")),
            counted(getattr(supposed, name), getattr(supposed, f"{name}_unit")),
        )
        for name, title in zip(("numerator", "denominator"), facts.sum_titles, strict=True)
    ]
    rate = supposed.value_unit
    rows.append(Both(published.metric_title, amount(published.value, rate), amount(supposed.value, rate)))
    ends = [("lower", "Modest benchmark"), ("upper", "Ambitious benchmark")]
    if facts.single and supposed.benchmark_lower == supposed.benchmark_upper:
        ends = [("upper", "Benchmark")]
    for end, title in ends:
        name = f"benchmark_{end}"
        rows.append(Both(title, amount(getattr(published, name), rate), amount(getattr(supposed, name), rate)))
    rows.append(Both("Gain", _gain(published, native, unit), _gain(supposed, native, unit), "total"))
    others = [(kind, title) for kind, title in _EXPRESSIONS.items() if kind != native]
    for kind, title in others:
        other = getattr(supposed, f"{kind}_unit")
        if other is not None and getattr(supposed, f"{kind}_upper") is not None:
            rows.append(Both(title, _gain(published, kind, other), _gain(supposed, kind, other)))
    return rows


def _expression(facts: Facts, answer: WhatIfAnswer) -> tuple[str, str]:
    """The expression of the gain, and its unit: the opportunity's own units where the supposed gain has no native one,
    because nothing is known that it needs."""
    native = facts.answer.definition.native
    if native is None or getattr(answer.supposed, f"{native}_upper") is None:
        return "units", facts.line.unit
    return native, facts.unit


def _gain(one: Line | WhatIfResult, kind: str, unit: str) -> str:
    lower, upper = (getattr(one, f"{kind}_{end}") for end in ("lower", "upper"))
    return "no figure" if upper is None else "none" if not upper else span(lower, upper, unit, rough=True)


def difference_words(facts: Facts, answer: WhatIfAnswer) -> tuple[str, str]:
    """The difference as a sentence, and in short for those who hear it: `£664,686 at most, £400,370 less than
    published`."""
    kind, unit = _expression(facts, answer)
    after, before = (getattr(one, f"{kind}_upper") for one in (answer.supposed, answer.published))
    if answer.supposed.status == AHEAD or not after:
        first, short = f"With these figures this {facts.nouns.one} is as good as its benchmark or better", "No gain"
    elif after < 0:
        cost = amount(-after, unit)
        first, short = f"With these figures closing the gap would cost {cost}", f"A cost of {cost}"
    else:
        most = amount(after, unit)
        first, short = f"With these figures the gain is at most {most}", f"{most} at most"
    change = _change(after or 0.0, before, unit)
    return f"{first}: {change}.", f"{short}, {change}"


def _change(after: float, before: float | None, unit: str) -> str:
    if before is None:
        return "there is no published gain"
    moved = amount(abs(after - before), unit)
    if moved == amount(0.0, unit):
        return "the same as published"
    than = f"{moved} {'more' if after > before else 'less'} than published"
    return f"the gain is {than}" if after < 0 else than
