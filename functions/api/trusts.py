"""What is answered about one trust: itself, its opportunities, and one of them with its receipt."""

from collections import Counter
from collections.abc import Iterable

from functions.api import words
from functions.api.definitions import EXPRESSIONS, NATIONAL, TARGET, Opportunity
from functions.api.paging import page
from functions.api.problems import NotFound, not_one_of, unknown
from functions.api.queries import NoQuery, OpportunitiesQuery
from functions.api.receipt import price_used, receipt
from functions.api.release import Release, Row
from functions.api.schemas import (
    Asked,
    Comparator,
    Comparators,
    Described,
    Line,
    Named,
    NamedOpportunity,
    OpportunityAnswer,
    OpportunityLines,
    Receipt,
    Trust,
    TrustAnswer,
)


def lead(release: Release, code: str) -> Asked:
    """Follow a code to the trust that answers for it now; NotFound with the nearest codes and names."""
    code = code.upper()
    if code not in release.trusts:
        raise _unknown_trust(release, code)
    successors = present(release, code)
    answered = code if not successors else successors[0] if len(successors) == 1 else None
    said = None
    if answered is None:
        several = ", ".join(f"{release.name(other)} ({other})" for other in successors)
        said = f"{code} was divided between several trusts; ask for one of them: {several}."
    elif answered != code:
        said = f"{code} is now part of {answered}, for which this answers."
    return Asked(
        requested_code=code,
        answered_for=answered,
        trust_name=release.name(answered or code),
        successors=tuple(named(release, other) for other in successors),
        words=said,
    )


def present(release: Release, code: str) -> list[str]:
    """The trusts that took over from one that is gone; none for one that lives on."""
    trust = release.trusts[code]
    if trust["closed"] is None and trust["in_register"]:
        return []
    return [other for other in trust["successors"] or () if other in release.trusts and other != code]


def named(release: Release, code: str) -> Named:
    """A code with its name."""
    return Named(trust_code=code, trust_name=release.name(code))


def _unknown_trust(release: Release, code: str) -> NotFound:
    names = {row["trust_name"].upper(): key for key, row in release.trusts.items() if row["trust_name"]}
    problem = unknown("trust", code, [*release.trusts, *names])
    near = dict.fromkeys(names.get(name, name) for name in problem.extra["suggestions"])
    problem.extra["suggestions"] = [dict(named(release, other)) for other in near]
    return problem


def trust(release: Release, query: NoQuery, code: str) -> TrustAnswer:
    """One trust, or the one that took over from it, and how many of its rows have which status."""
    asked = lead(release, code)
    rows = release.by_trust[(asked.answered_for,)]
    return TrustAnswer.of(
        asked,
        trust=Trust.model_validate(release.trusts[asked.answered_for or asked.requested_code]),
        statuses=dict(sorted(Counter(row["status"] for row in rows).items())),
    )


# ---- opportunities -------------------------------------------------------------------------------------------------


def trust_opportunities(release: Release, query: OpportunitiesQuery, code: str) -> OpportunityLines:
    """A trust's opportunities, the biggest first; there is no total of them, and there must be none."""
    asked = lead(release, code)
    definitions, groups = release.method.opportunities, release.method.peer_groups
    not_one_of("category", query.category, {definition.category for definition in definitions.values()})
    not_one_of("comparator", query.comparator, {*groups, NATIONAL, TARGET})
    kept = [
        row
        for row in release.by_trust[(asked.answered_for,)]
        if ("all" in query.status or row["status"] in query.status)
        and query.category in (None, row["category"])
        and query.comparator in (None, row["comparator"])
    ]
    kept.sort(key=_biggest_first)
    shown, following = page(kept, query, _biggest_first)
    prices = {name: None for row in shown for name in _illustrative(release, row)}
    cautions = [price_used(name, release.method.prices[name]).words for name in prices]
    return OpportunityLines.of(
        asked,
        opportunities=[line(release, row) for row in shown],
        total=len(kept),
        next_cursor=following,
        cautions=(words.DO_NOT_ADD, words.LOCAL_DATA, *cautions),
    )


def _biggest_first(row: Row) -> tuple[bool, int, str]:
    return row["rank"] is None, row["rank"] or 0, row["opportunity_id"]


def _definition(release: Release, row: Row) -> Opportunity:
    return release.method.opportunities[row["opportunity_id"]]


def _illustrative(release: Release, row: Row) -> list[str]:
    """The prices without a source that the figures of a row were made with."""
    if row["status"] != "opportunity":
        return []
    prices = release.method.prices
    return [name for name in _definition(release, row).price_ids() if prices[name].illustrative]


def line(release: Release, row: Row) -> Line:
    """A row as answers show it."""
    definition, prices = _definition(release, row), release.method.prices
    metric = release.method.metrics[definition.metric]
    group = release.group(_group_of(row))
    found = row["status"] == "opportunity"
    units = {f"{kind}_unit": route and route.unit for kind in EXPRESSIONS for route in [definition.route(kind)]}
    return Line.model_validate(
        row
        | units
        | {
            "title": definition.title,
            "flags": row["flags"] or (),
            "value_unit": metric.unit,
            "numerator_unit": metric.numerator_unit,
            "denominator_unit": metric.denominator_unit,
            "gain": words.gain(row, definition) if found else None,
            "gain_in_cash": words.gain_in_cash(row, definition, prices) if found else None,
            "words": words.status_sentence(row, definition, metric, group, prices),
            "cautions": words.flag_sentences(row, metric),
            "illustrative": _illustrative(release, row),
            "overlaps": [other.opportunity_id for other in overlapping(release, row["opportunity_id"])],
        }
    )


def overlapping(release: Release, opportunity_id: str) -> list[NamedOpportunity]:
    """The opportunities that must not be added to one, in the order of their ids."""
    definitions = release.method.opportunities
    return [
        NamedOpportunity(opportunity_id=name, title=definitions[name].title)
        for name in release.method.overlapping(opportunity_id)
    ]


def trust_opportunity(release: Release, query: NoQuery, code: str, opportunity_id: str) -> OpportunityAnswer:
    """One figure with its receipt: every step from the trust's own value to what it might gain."""
    asked = lead(release, code)
    described = definition_of(release, opportunity_id)
    row = row_of(release, asked.answered_for, opportunity_id) if asked.answered_for else None
    return OpportunityAnswer.of(
        asked,
        definition=described,
        opportunity=line(release, row) if row else None,
        receipt=_receipt(release, row) if row else None,
        cautions=(words.DO_NOT_ADD, words.LOCAL_DATA),
    )


def row_of(release: Release, code: str, opportunity_id: str) -> Row:
    """A trust's row of one opportunity; NotFound where it has none."""
    for row in release.by_trust[(code,)]:
        if row["opportunity_id"] == opportunity_id:
            return row
    raise NotFound(f"{code} has no row for {opportunity_id} in this release.", suggestions=[])


def _receipt(release: Release, row: Row) -> Receipt:
    definition, method = _definition(release, row), release.method
    return receipt(
        row,
        definition,
        method.metrics[definition.metric],
        method.prices,
        release.group(_group_of(row)),
        comparators(release, row),
        method.overlap_groups.get(definition.overlap_group),
        overlapping(release, row["opportunity_id"]),
    )


def definition_of(release: Release, opportunity_id: str) -> Described:
    """An opportunity's definition; NotFound with the nearest ids."""
    found = release.method.opportunities.get(opportunity_id)
    if found is None:
        raise unknown("opportunity", opportunity_id, release.method.opportunities)
    return Described(**dict(found), opportunity_id=opportunity_id)


def _group_of(row: Row) -> str:
    """The group that a row was compared with; for a target, which has none, the one that everyone is in."""
    return NATIONAL if row["comparator"] == TARGET else str(row["comparator"])


def comparators(release: Release, row: Row) -> Comparators | None:
    """Everyone a row was compared with, by value: the members of its group that have a value for its metric and
    window. None where it is held against a target, where the method lets nobody compare, or nothing was landed."""
    definition = _definition(release, row)
    metric = release.method.metrics[definition.metric]
    if row["comparator"] == TARGET or not metric.comparable or row["period_end"] is None:
        return None
    group = _group_of(row)
    values = release.comparable(definition.metric, row["period_start"], row["period_end"])
    members = release.members(group, row["trust_code"], row["period_end"])
    period = release.group_period(group, row["period_end"])
    held: Iterable[str] = values.keys() - {row["trust_code"]} if members is None else members & values.keys()
    found = [Comparator(trust_code=code, trust_name=release.name(code), value=values[code]) for code in held]
    return Comparators(
        group_id=group,
        title=release.group(group).title,
        period=period.label if period else None,
        count=len(found),
        unit=metric.unit,
        trusts=tuple(sorted(found, key=lambda one: (one.value, one.trust_code))),
    )
