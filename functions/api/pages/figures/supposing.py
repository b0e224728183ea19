"""The form of what-if: its fields, what was typed into them, and the question that they ask."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from functions.api.pages.figures.facts import Facts
from functions.api.pages.figures.typed import Mistyped, read_number, shown, unit_label
from functions.api.pages.figures.wording import compared_with
from functions.api.schemas.figures import PeerGroupDefinition
from shared.method.names import capital
from shared.method.opportunities import TARGET

PRICE = "price."
_BETWEEN_CODES = re.compile(r"[\s,;]+")


class Field(NamedTuple):
    """One input. `text`: what stands in it; `published`: the published figure; `error`: what is wrong with it."""

    name: str
    label: str
    text: str
    published: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        """Its id in the page."""
        return self.name.replace(".", "-")


class Choice(NamedTuple):
    """A group to compare with; without an id the published comparators."""

    group_id: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class Form:
    """All fields. `groups` and `trusts` are missing where only a target can be supposed. `body`: the question, with the
    figures that differ from the published ones alone; empty if none does. `as_published`: the comparators."""

    sums: tuple[Field, ...]
    groups: tuple[Choice, ...]
    trusts: Field | None
    target: Field
    prices: tuple[Field, ...]
    as_published: str
    body: Mapping[str, Any]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All inputs but the choice of a group."""
        return (*self.sums, *([self.trusts] if self.trusts else []), self.target, *self.prices)

    @property
    def prices_changed(self) -> bool:
        """Whether a price is supposed, or wrong."""
        return "prices" in self.body or any(one.error for one in self.prices)

    @property
    def wrong(self) -> tuple[Field, ...]:
        """The fields with an error."""
        return tuple(one for one in self.fields if one.error)


def blank(facts: Facts, groups: Sequence[PeerGroupDefinition]) -> Form:
    """The form with the published figures."""
    return read(facts, groups, {})


def read(facts: Facts, groups: Sequence[PeerGroupDefinition], query: Mapping[str, str]) -> Form:
    """The form as it was sent. A figure that is left as published, or empty, is not supposed."""
    line = facts.line
    body: dict[str, Any] = {}
    sums = []
    for name, title in zip(("numerator", "denominator"), facts.sum_titles, strict=True):
        unit = getattr(line, f"{name}_unit")
        label = f"{title or capital(name)}, {unit_label(unit)}"
        field = Field(name, label, query.get(name, ""), shown(getattr(line, name), unit))
        sums.append(_number(field, unit, body, needed=bool(query), above_zero=name == "denominator"))
    only_target = line.comparator == TARGET or not facts.values.metric.comparable
    published = shown(line.benchmark_upper, line.value_unit) if line.comparator == TARGET else ""
    target = Field("target", f"A target, {unit_label(line.value_unit)}", query.get("target", ""), published)
    target = _number(target, line.value_unit, body)
    group, codes = query.get("group", ""), [one for one in _BETWEEN_CODES.split(query.get("trusts", "")) if one]
    trusts = Field("trusts", f"{capital(facts.nouns.many)} of your choice", query.get("trusts", ""))
    if group and not only_target:
        body["group"] = group
    if codes and not only_target:
        body["comparators"] = codes
    if sum(name in body for name in ("target", "group", "comparators")) > 1:
        error = f"Choose one of the three: a group, {facts.nouns.many} of your choice, or a target. Clear the others."
        field = trusts if codes else target
        trusts, target = (field._replace(error=error), target) if codes else (trusts, field._replace(error=error))
    choices = [Choice("", "The published comparators", not group)]
    choices += [Choice(one.group_id, one.title, one.group_id == group) for one in groups]
    prices: dict[str, float] = {}
    fields = tuple(_price(facts, one.price_id, prices, query) for one in facts.values.prices)
    if prices:
        body["prices"] = prices
    return Form(
        sums=tuple(sums),
        groups=() if only_target else tuple(choices),
        trusts=None if only_target else trusts,
        target=target,
        prices=fields,
        as_published=compared_with(facts),
        body=body,
    )


def refused(form: Form, field: str, detail: str) -> Form:
    """The form with what the API says about a field of the question, next to the input that it came from."""
    name = {"comparators": "trusts", "group": "trusts"}.get(field, field)
    if name == "prices" and form.prices:
        name = form.prices[0].name
    name = name if any(one.name == name for one in form.fields) else form.fields[0].name

    def marked(one: Field) -> Field:
        return one._replace(error=detail) if one.name == name else one

    return replace(
        form,
        sums=tuple(map(marked, form.sums)),
        trusts=form.trusts and marked(form.trusts),
        target=marked(form.target),
        prices=tuple(map(marked, form.prices)),
    )


def _price(facts: Facts, price_id: str, prices: dict[str, float], query: Mapping[str, str]) -> Field:
    price = next(one for one in facts.values.prices if one.price_id == price_id)
    name = f"{PRICE}{price_id}"
    field = Field(name, f"{price.title}, {unit_label(price.unit)}", query.get(name, ""), shown(price.value, price.unit))
    supposed: dict[str, Any] = {}
    field = _number(field, price.unit, supposed, above_zero=True)
    if name in supposed:
        prices[price_id] = supposed[name]
    return field


def _number(
    field: Field,
    unit: str,
    body: dict[str, Any],
    *,
    needed: bool = False,
    above_zero: bool = False,
) -> Field:
    """The field with its text, and its number in `body` if it differs from the published figure."""
    text = field.text.strip()
    if not text:
        if needed and not field.published:
            return field._replace(error=f"Write a number: nothing is published for “{field.label}”.")
        return field._replace(text=field.published)
    if text == field.published:
        return field._replace(text=text)
    try:
        value = read_number(text, unit)
    except Mistyped as wrong:
        return field._replace(error=str(wrong))
    if above_zero and value <= 0:
        return field._replace(error="Write a number above 0.")
    body[field.name] = value
    return field
