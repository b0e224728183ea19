"""A row of a release as answers show it."""

from collections.abc import Iterable

from functions.api.explain import sentences
from functions.api.release import Release, Row
from functions.api.schemas.figures import Comparator, Comparators, Line, NamedOpportunity
from shared.method.opportunities import EXPRESSIONS, NATIONAL, TARGET, Opportunity


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
    units = {f"{kind}_unit": route and route.unit for kind in EXPRESSIONS for route in [definition.routes.get(kind)]}
    return Line.model_validate(
        row
        | units
        | {
            "title": definition.title,
            "flags": row["flags"] or (),
            "value_unit": metric.unit,
            "numerator_unit": metric.numerator_unit,
            "denominator_unit": metric.denominator_unit,
            "gain": sentences.gain(row, definition) if found else None,
            "gain_in_cash": sentences.gain_in_cash(row, definition, prices) if found else None,
            "words": sentences.status_sentence(row, definition, metric, group, prices),
            "cautions": sentences.flag_sentences(row, metric),
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
