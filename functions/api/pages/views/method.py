"""The method: how every figure is made, each peer group, and each price."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Crumb, Page, PageRequest
from functions.api.schemas.datasets import DatasetList
from functions.api.schemas.figures import (
    Methodology,
    OpportunityDefinition,
    OverlapGroupDefinition,
    PeerGroupDefinition,
    PeerGroups,
    PriceUsed,
    ProgrammeAnswer,
)
from shared.formatting import SHARE, amount, number, unit_in_words
from shared.method.names import capital
from shared.method.opportunities import NATIONAL, TARGET
from shared.method.peer_groups import Variable

_ABOVE = Crumb("Method", "/method")
_FEW = 4
"""Of more opportunities than this, a price has a folded list."""
_TRANSFORMED = {"none": "", "log1p": "its logarithm", "sqrt": "its square root"}
_SCALED = {"zscore": "in standard deviations from the mean", "range": "from 0 to 1 over its range", "none": "as it is"}


class Listed(NamedTuple):
    """An opportunity in a list: what it is compared with (`group` is the id of a peer group, empty if there is none),
    and the unit of its gain."""

    opportunity_id: str
    title: str
    compared_with: str
    group: str
    unit: str


class Overlap(NamedTuple):
    """An overlap group, its opportunities, and the titles of the groups that overlap with it."""

    group: OverlapGroupDefinition
    opportunities: Sequence[OpportunityDefinition]
    overlaps: Sequence[str]


class Characteristic(NamedTuple):
    """One variable of a peer group in words. `share`: its part of all weights; `treated`: how values are compared."""

    label: str
    measure: str
    weight: str
    share: str
    treated: str


class PriceRow(NamedTuple):
    """A price in words, and the opportunities that use it."""

    price: PriceUsed
    amount: str
    year: str
    users: Sequence[OpportunityDefinition]


def method(ask: Asking, _request: PageRequest) -> Page:
    """The page `/method`."""
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    answer = ask.get(Methodology, "/v1/methodology")
    datasets = ask.get(DatasetList, "/v1/datasets").datasets
    users = _users(answer)
    return Page(
        "method.jinja",
        "How figures are made",
        {
            "answer": answer,
            "categories": list(_by_category(answer, programme)),
            "overlaps": list(_overlaps(answer)),
            "datasets": datasets,
            "prices_used": sum(1 for price in answer.prices if users.get(price.price_id)),
            "illustrative": sum(1 for price in answer.prices if price.status == "illustrative"),
        },
    )


def peer_group(ask: Asking, request: PageRequest) -> Page:
    """The page `/method/peers/{group}`."""
    groups = ask.get(PeerGroups, "/v1/peer-groups").peer_groups
    wanted = request.path["group"]
    group = next((one for one in groups if one.group_id == wanted), None)
    if group is None:
        raise Refused(404, {"detail": "There is no such peer group in this release."})
    answer = ask.get(Methodology, "/v1/methodology")
    characteristics = [*_characteristics(group)]
    weights, treated = {one.weight for one in characteristics}, {one.treated for one in characteristics}
    return Page(
        "method_peers.jinja",
        group.title,
        {
            "group": group,
            "characteristics": characteristics,
            "same": {"weight": len(weights) == 1, "treated": next(iter(treated)) if len(treated) == 1 else ""},
            "users": [one for one in answer.opportunities if one.comparator == group.group_id],
            "others": [one for one in groups if one.group_id != group.group_id],
        },
        crumbs=(_ABOVE,),
    )


def prices(ask: Asking, _request: PageRequest) -> Page:
    """The page `/method/prices`: every price, those that opportunities use first."""
    answer = ask.get(Methodology, "/v1/methodology")
    users = _users(answer)
    rows = [
        PriceRow(price, amount(price.value, price.unit), _year(price), users.get(price.price_id, ()))
        for price in answer.prices
    ]
    rows.sort(key=lambda row: not row.users)
    return Page("method_prices.jinja", "Prices", {"rows": rows, "few": _FEW}, crumbs=(_ABOVE,))


def _by_category(answer: Methodology, programme: ProgrammeAnswer) -> Iterator[tuple[str, list[Listed]]]:
    titles = {group.group_id: group.title for group in answer.peer_groups}
    ordered = sorted(answer.opportunities, key=lambda one: (one.category, one.title))
    for category, members in groupby(ordered, lambda one: one.category):
        yield (
            capital(category.replace("_", " ")),
            [
                Listed(
                    one.opportunity_id,
                    one.title,
                    _compared_with(answer, programme, titles, one),
                    one.comparator if answer.metrics[one.metric].comparable and one.comparator in titles else "",
                    unit_in_words(one.unit),
                )
                for one in members
            ],
        )


def _compared_with(
    answer: Methodology, programme: ProgrammeAnswer, titles: Mapping[str, str], one: OpportunityDefinition
) -> str:
    if not answer.metrics[one.metric].comparable:
        return "Shown, not compared"
    if one.comparator == TARGET:
        target = one.upper.value
        named = target is None or one.upper.of_its_own
        return "A target of its own" if named else f"A target of {amount(target, answer.metrics[one.metric].unit)}"
    if one.comparator == NATIONAL:
        return titles.get(NATIONAL, f"All {programme.organisations}")
    return titles[one.comparator]


def _overlaps(answer: Methodology) -> Iterator[Overlap]:
    titles = {group.overlap_group: group.title for group in answer.overlap_groups}
    for group in answer.overlap_groups:
        members = [one for one in answer.opportunities if one.overlap_group == group.overlap_group]
        yield Overlap(group, members, [titles[other] for other in group.overlaps])


def _characteristics(group: PeerGroupDefinition) -> Iterator[Characteristic]:
    total = sum(variable.weight for variable in group.variables)
    for variable in sorted(group.variables, key=lambda one: -one.weight):
        yield Characteristic(
            variable.label,
            variable.measure,
            number(variable.weight),
            amount(variable.weight / total, SHARE),
            _treated(variable),
        )


def _treated(variable: Variable) -> str:
    """What is done to a value before it is compared, in its order."""
    changed = _TRANSFORMED[variable.transform]
    above = " above the mean" if variable.cap_side == "upper" else " from the mean"
    cap = f"at most {number(variable.cap)} standard deviations{above}" if variable.cap else ""
    steps = (cap, changed) if variable.cap_when == "before" else (changed, cap)
    return ", then ".join(step for step in (*steps, _SCALED[variable.scale]) if step)


def _users(answer: Methodology) -> Mapping[str, list[OpportunityDefinition]]:
    users: dict[str, list[OpportunityDefinition]] = {}
    for one in answer.opportunities:
        for price in one.price_ids():
            users.setdefault(price, []).append(one)
    return users


def _year(price: PriceUsed) -> str:
    """The price year; empty if the price is of none."""
    return price.price_year if any(sign.isdigit() for sign in price.price_year) else ""
