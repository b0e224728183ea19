"""All opportunities by category, and one of them for all organisations: how they are spread, and each in a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from functions.api.explain.titles import category_title
from functions.api.pages.ask import Asking
from functions.api.pages.charts.axis import figure
from functions.api.pages.charts.benchmarks import Named
from functions.api.pages.charts.strip import Quarters, Strip, strip
from functions.api.pages.everyone import all_trusts
from functions.api.pages.lists.rows import Worth
from functions.api.pages.page import Crumb, Page, PageRequest
from functions.api.pages.views.peers import name_of
from functions.api.schemas.figures import (
    AttributeDefinition,
    NationalValues,
    OpportunityDefinition,
    OpportunityList,
    PriceUsed,
    ProgrammeAnswer,
    Trust,
    TrustValue,
)
from shared.formatting import SHARE, amount, number, ordinal, span
from shared.method.opportunities import Expression
from shared.statuses import OpportunityStatus

ON_PAGE = 250
_MOST_CHOICES = 200
QUARTERS = {"1": "Best quarter", "2": "Second quarter", "3": "Third quarter", "4": "Worst quarter"}
COMPARED = {"better": "Better", "similar": "May be chance", "worse": "Worse"}
"""How a value compares with its benchmark by its interval."""
_OWN = ("q", "quartile", "compared")
"""Filters of this page; each attribute of the programme is one too, by its id."""
_STATUSES = {
    OpportunityStatus.AT_OR_BETTER: "As good as its benchmark, or better",
    OpportunityStatus.NOT_APPLICABLE: "Does not apply to it",
    OpportunityStatus.NO_DATA: "No data",
    OpportunityStatus.IMPLAUSIBLE: "Implausible value",
    OpportunityStatus.BELOW_MINIMUM: "Too small to compare",
    OpportunityStatus.NOT_COMPARABLE: "May not be compared",
    OpportunityStatus.NO_PEER_SET: "No peers",
    OpportunityStatus.INSUFFICIENT_COMPARATORS: "Too few comparators have a value",
}


class Category(NamedTuple):
    """A category's title, and the definitions of its opportunities."""

    title: str
    opportunities: Sequence[OpportunityDefinition]


class Row(NamedTuple):
    """One organisation, as text. `gain`: what closing its gap is worth, or why there is none; `bold`: whether it is a
    gain; `marks`: words about its value."""

    code: str
    name: str
    value: str
    place: str
    gain: str
    bold: bool
    marks: tuple[str, ...]


def opportunities(ask: Asking, _request: PageRequest) -> Page:
    """The page `/opportunities`."""
    first, *more = ask.pages(OpportunityList, "/v1/opportunities")
    all_of_them = [one for page in (first, *more) for one in page.opportunities]
    ordered = sorted(all_of_them, key=lambda one: (category_title(one.category), one.title))
    return Page(
        "opportunities.jinja",
        "Opportunities",
        {
            "answer": first,
            "categories": [
                Category(title, list(members))
                for title, members in groupby(ordered, lambda one: category_title(one.category))
            ],
        },
    )


def opportunity(ask: Asking, request: PageRequest) -> Page:
    """The page `/opportunities/{id}`. It asks for all values, of which its filters choose some."""
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    query = {name: value.strip() for name, value in request.query.items() if value.strip()}
    chosen = {one.attribute: query[one.attribute] for one in programme.attributes if one.attribute in query}
    chosen = {name: query[name] for name in _OWN if name in query} | chosen
    order = query["order"] if query.get("order") in ORDERS else "gain"
    level = {"level": query["level"]} if "level" in query else {}
    first, everyone = _everyone(ask, request.path["opportunity_id"], level)
    trusts = list(all_trusts(ask)) if programme.attributes else []
    fits = _filter(trusts, chosen)
    listed = sorted((one for one in everyone if fits(one)), key=ORDERS[order])
    pages = max(1, -(-len(listed) // ON_PAGE))
    page = _page_number(query.get("page", ""), pages)
    money = any(_worth(one, programme.currency).upper is not None for one in everyone)
    return Page(
        "opportunity_of_all.jinja",
        first.definition.title,
        {
            "answer": first,
            "category": category_title(first.definition.category),
            "organisations": _words_of(programme, first.level),
            "chart": _chart(first, everyone, _words_of(programme, first.level)),
            "deciles": [(f"{10 * nth}%", amount(value, first.unit)) for nth, value in _deciles(first)],
            "chosen": dict.fromkeys((*_OWN, *(one.attribute for one in programme.attributes)), "") | chosen,
            "kept": chosen | level,
            "level": level,
            "order": order,
            "quarters": QUARTERS if any(one.quartile for one in everyone) else {},
            "compared": COMPARED if any(one.compared for one in everyone) else {},
            "attributes": _choices(trusts, programme.attributes),
            "total": len(everyone),
            "matches": len(listed),
            "money": money,
            "illustrative": _illustrative(first) if money else [],
            "rows": [
                _row(one, first.unit, programme.currency if money else "")
                for one in listed[(page - 1) * ON_PAGE : page * ON_PAGE]
            ],
            "page_number": page,
            "pages": pages,
        },
        crumbs=(Crumb("Opportunities", "/opportunities"),),
    )


def _page_number(text: str, pages: int) -> int:
    return min(max(int(text), 1), pages) if text.isdecimal() and len(text) < 10 else 1


def _choices(
    trusts: Sequence[Trust], attributes: Sequence[AttributeDefinition]
) -> list[tuple[AttributeDefinition, list[tuple[str, str]]]]:
    """Each attribute that is a filter, with the codes that organisations have and their names, by name."""
    choices = []
    for one in attributes:
        values = (value for trust in trusts for value in trust.attributes if value.attribute == one.attribute)
        names = {value.code: value.name for value in values}
        if 1 < len(names) <= _MOST_CHOICES:
            choices.append((one, sorted(names.items(), key=lambda item: item[1])))
    return choices


def _everyone(
    ask: Asking, opportunity_id: str, level: Mapping[str, str]
) -> tuple[NationalValues, Sequence[TrustValue]]:
    """The first page of the answer, and the values of all its pages, the largest gain first."""
    query = {"order": "gain", **level}
    first, *more = ask.pages(NationalValues, "/v1/opportunities/<opportunity_id>", query, opportunity_id=opportunity_id)
    return first, [one for page in (first, *more) for one in page.trusts]


def _illustrative(answer: NationalValues) -> list[PriceUsed]:
    """The illustrative prices with which gains become money."""
    used = answer.definition.price_ids(Expression.CASH)
    return [one for one in answer.prices if one.status == "illustrative" and one.price_id in used]


def _words_of(programme: ProgrammeAnswer, level: str | None) -> str:
    """What the organisations of a level are called."""
    return next((one.organisations for one in programme.levels if one.level == level), programme.organisations)


def _filter(trusts: Sequence[Trust], chosen: Mapping[str, str]) -> Callable[[TrustValue], bool]:
    """Whether an organisation is one of those that the filters choose."""
    attributes = {(name, value) for name, value in chosen.items() if name not in _OWN}
    codes = {one.trust_code for one in trusts if attributes <= {(own.attribute, own.code) for own in one.attributes}}
    words = chosen.get("q", "").casefold().split()
    quartile, compared = chosen.get("quartile"), chosen.get("compared")

    def fits(one: TrustValue) -> bool:
        text = f"{one.trust_code} {one.trust_name or ''}".casefold()
        return (
            (not attributes or one.trust_code in codes)
            and all(word in text for word in words)
            and (quartile is None or str(one.quartile) == quartile)
            and (compared is None or one.compared == compared)
        )

    return fits


type _Key = tuple[int, float, str]


def _by_gain(one: TrustValue) -> _Key:
    """The largest gain in money over a year first; then the largest gap; those with neither last, by name."""
    if one.status == OpportunityStatus.OPPORTUNITY:
        for place, gain in enumerate((_worth(one, "").upper, one.distance_upper)):
            if gain is not None:
                return place, -gain, name_of(one)
    return 2 + (one.value is None), 0.0, name_of(one)


def _by_value(one: TrustValue) -> _Key:
    """The best first, by rank; then values without a rank, the smallest first; then those without a value."""
    if one.national_rank is not None:
        return 0, one.national_rank, name_of(one)
    return 1 + (one.value is None), one.value or 0.0, name_of(one)


ORDERS: Mapping[str, Callable[[TrustValue], _Key]] = {
    "gain": _by_gain,
    "value": _by_value,
    "name": lambda one: (0, 0.0, name_of(one)),
}


def _row(one: TrustValue, unit: str, currency: str) -> Row:
    gain, bold = _STATUSES.get(OpportunityStatus(one.status), ""), False
    if one.status == OpportunityStatus.OPPORTUNITY:
        worth = _worth(one, currency)
        if currency:
            gain, bold = worth.words() or "Not counted in money", worth.upper is not None
        elif one.distance_upper is not None:
            gain, bold = _gap(one.distance_lower, one.distance_upper, unit), True
        else:
            gain = "Behind its benchmark"
    marks = [COMPARED["similar"]] if one.compared == "similar" and bold else []
    return Row(
        code=one.trust_code,
        name=name_of(one),
        value="" if one.value is None else figure(one.value, unit),
        place="" if one.national_rank is None else ordinal(one.national_rank),
        gain=gain,
        bold=bold,
        marks=(*marks, *(["Check the data first"] if "check_data" in one.flags else [])),
    )


def _worth(one: TrustValue, currency: str) -> Worth:
    """What closing the gap is worth in money over a year, as in the organisation's own list."""
    return Worth(one.cash_per_year_lower, one.cash_per_year_upper, currency)


def _gap(lower: float | None, upper: float, unit: str) -> str:
    """A gap in the value's unit; that of a share in percentage points."""
    if unit != SHARE:
        return span(lower if lower is None else max(lower, 0.0), upper, unit)
    ends = [100 * end for end in (lower, upper) if end is not None]
    return f"{' to '.join(dict.fromkeys(number(max(end, 0.0)) for end in ends))} percentage points"


def _deciles(answer: NationalValues) -> Iterator[tuple[int, float]]:
    return enumerate(answer.distribution.deciles if answer.distribution else (), start=1)


def _chart(answer: NationalValues, everyone: Sequence[TrustValue], organisations: str) -> Markup | None:
    """All values on one axis, with the median and where the best quarter begins; None without any."""
    spread, unit, direction = answer.distribution, answer.unit, answer.metric.direction
    values = tuple(one.value for one in everyone if one.comparable and one.value is not None)
    if spread is None or not values or spread.median is None or spread.lower_quartile is None:
        return None
    lower, median, upper = spread.lower_quartile, spread.median, spread.upper_quartile or spread.median
    best = {"lower_is_better": lower, "higher_is_better": upper}.get(direction)
    half = f"{amount(lower, unit)} and {amount(upper, unit)}"
    words = (
        f"{spread.n:,} {organisations} have values from {amount(spread.min, unit)} to {amount(spread.max, unit)}. "
        f"Half of them lie between {half}; the median is {amount(median, unit)}."
    )
    return strip(
        Strip(
            unit=unit,
            direction=direction,
            own=None,
            modest=Named("Median", median),
            ambitious=None if best is None else Named("Best quarter", best),
            everyone=values,
            everyone_caption=f"All {spread.n:,} {organisations} with a value",
            quarters=Quarters(lower, median, upper),
            deciles=spread.deciles,
        ),
        words,
    )
