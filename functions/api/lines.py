"""Converts a row of the table `opportunities` to its form in answers."""

from collections.abc import Mapping, Set
from datetime import date

from functions.api.explain import sentences, titles
from functions.api.explain.standing import compared_sentence, distance_sentence, standing_sentence
from functions.api.release import Release, Row
from functions.api.schemas.figures import Comparator, Comparators, Line, NamedOpportunity, ValueDistribution
from shared.facts.quantiles import of_ordered
from shared.method.opportunities import EXPRESSIONS, NATIONAL, TARGET, Opportunity
from shared.releases.contents import Readings
from shared.statuses import OpportunityStatus


def definition_of_row(release: Release, row: Row) -> Opportunity:
    """The definition of a row's opportunity."""
    return release.method.opportunities[row["opportunity_id"]]


def expression_units(definition: Opportunity) -> dict[str, str | None]:
    """`cash_unit`, `activity_unit` and `staff_unit`: the unit of each expression, None for one it does not have."""
    routes = definition.routes
    return {f"{kind}_unit": routes[kind].unit if kind in routes else None for kind in EXPRESSIONS}


def illustrative_prices(release: Release, row: Row) -> list[str]:
    """The ids of illustrative prices used in a row's figures; none for a row without a gain."""
    if row["status"] != OpportunityStatus.OPPORTUNITY:
        return []
    prices = release.method.prices
    return [name for name in definition_of_row(release, row).price_ids() if prices[name].illustrative]


def illustrative_expressions(release: Release, row: Row) -> list[str]:
    """The expressions of a row's gain that an illustrative price makes."""
    definition, used = definition_of_row(release, row), {*illustrative_prices(release, row)}
    return [kind for kind in EXPRESSIONS if kind in definition.routes and used.intersection(definition.price_ids(kind))]


def line(release: Release, row: Row) -> Line:
    """A row with its units, sentences and overlaps."""
    definition, prices = definition_of_row(release, row), release.method.prices
    metric, programme = release.method.metrics[definition.metric], release.programme_of(row.get("level"))
    group = release.group(group_of_row(row), row.get("level"))
    has_gain = row["status"] == OpportunityStatus.OPPORTUNITY
    overlap_group = release.method.overlap_groups.get(definition.overlap_group)
    return Line.model_validate(
        row
        | expression_units(definition)
        | _benchmark_rules(release, row)
        | {
            "metric_title": metric.title,
            "direction": metric.direction,
            "category_title": titles.category_title(definition.category),
            "comparator_title": None if row["comparator"] == TARGET else group.title,
            "overlap_group_title": overlap_group and overlap_group.title,
        }
        | {
            "display_name": programme.display_name(row["trust_name"]),
            "title": definition.title,
            "flags": row["flags"] or (),
            "value_unit": metric.unit,
            "numerator_unit": metric.numerator_unit,
            "denominator_unit": metric.denominator_unit,
            "native": definition.native,
            "compared_with": sentences.comparators_phrase(row, definition, group, programme.organisation),
            "gain": sentences.gain(row, definition) if has_gain else None,
            "gain_in_cash": sentences.gain_in_cash(row, definition, prices) if has_gain else None,
            "words": sentences.status_sentence(row, definition, metric, group, prices, programme),
            "standing": standing_words(release, row),
            "cautions": sentences.flag_sentences(row, metric, programme.organisation),
            "illustrative": illustrative_prices(release, row),
            "illustrative_in": illustrative_expressions(release, row),
            "overlaps": [other.opportunity_id for other in overlapping(release, row["opportunity_id"])],
        }
    )


def _benchmark_rules(release: Release, row: Row) -> dict[str, str]:
    definition = definition_of_row(release, row)
    metric, comparator = release.method.metrics[definition.metric], row["comparator"]
    group = None if comparator in (TARGET, NATIONAL) else release.group(comparator, row.get("level")).title
    fixed = comparator == TARGET or row["benchmark_upper"] is None or sentences.is_single(row)
    if fixed or None not in [rule.quantile for rule in definition.rules]:
        values = [0.0, 1.0]  # the order of two quantiles is the same for any values
    else:
        values = [*comparable_values(release, row).values()]
    organisation = release.programme_of(row.get("level")).organisation
    return titles.benchmark_rules(row, definition, metric, values, group, organisation)


def standing_words(release: Release, row: Row) -> str | None:
    """Where a row's value stands, in sentences; None for a value that is not compared."""
    definition = definition_of_row(release, row)
    metric = release.method.metrics[definition.metric]
    words = (
        standing_sentence(row, metric, release.programme_of(row.get("level")).organisation),
        distance_sentence(row, metric, definition),
        compared_sentence(row, metric),
    )
    return " ".join(filter(None, words)) or None


def overlapping(release: Release, opportunity_id: str) -> list[NamedOpportunity]:
    """The opportunities that must not be added to this one, ordered by id."""
    definitions = release.method.opportunities
    return [
        NamedOpportunity(opportunity_id=name, title=definitions[name].title)
        for name in release.method.overlapping(opportunity_id)
    ]


def distribution_of(
    release: Release, metric_id: str, start: date | None, end: date | None, level: str | None
) -> ValueDistribution | None:
    """How the comparable values of a metric and window are spread within a level; None if the method does not allow a
    comparison."""
    metric = release.method.metrics[metric_id]
    if not metric.comparable:
        return None
    if release.distribution is not None:
        rows = release.distribution[metric_id, start, end]
        row = next((row for row in rows if row["level"] == level), None)
        cells = {name: row and row[column] for name, column in _IN_DISTRIBUTION.items()}
        tenths = tuple(row[f"decile_{nth}"] for nth in range(1, 10)) if row else ()
        return ValueDistribution(n=row["count"] if row else 0, unit=metric.unit, deciles=tenths, **cells)
    values = release.comparable(metric_id, start, end, level).ordered
    quantiles = {name: of_ordered(values, q) if values else None for name, q in _QUANTILES.items()}
    deciles = tuple(of_ordered(values, nth / 10) for nth in range(1, 10)) if values else ()
    return ValueDistribution(n=len(values), unit=metric.unit, deciles=deciles, **quantiles)


_QUANTILES = {"min": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "max": 1.0}
_IN_DISTRIBUTION = {"min": "smallest", "median": "decile_5", "max": "largest"} | {
    name: name for name in ("lower_quartile", "upper_quartile")
}
"""The same in the table `distribution`."""


def group_of_row(row: Row) -> str:
    """The id of the peer group that a row was compared with; `national` for a target, which has no group."""
    return NATIONAL if row["comparator"] == TARGET else str(row["comparator"])


def chosen_values(
    definition: Opportunity, own: str, values: Mapping[str, float], members: Set[str] | None
) -> dict[str, float]:
    """Those of all comparable `values` that the trust `own` is compared with: of the members of its group (None: of
    all), with or without itself, as the method says."""
    return {
        code: value
        for code, value in values.items()
        if (definition.including_itself if code == own else members is None or code in members)
        and (value > 0 or not definition.positive_comparators)
    }


def values_among(readings: Readings, own: str, members: Set[str] | None) -> dict[str, float]:
    """Value by code of the members of a group (None: of all) and of the trust `own`."""
    found = readings.among(None if members is None else members | {own})
    return {code: value for code, (value, _) in found.items()}


def comparable_values(release: Release, row: Row) -> dict[str, float]:
    """Value by code of all that a row of a comparable metric was compared with: see `comparators`."""
    definition, own = definition_of_row(release, row), row["trust_code"]
    readings = release.comparable(definition.metric, row["period_start"], row["period_end"], row.get("level"))
    members = release.members(group_of_row(row), own, row["period_end"])
    return chosen_values(definition, own, values_among(readings, own, members), members)


def comparators(release: Release, row: Row) -> Comparators | None:
    """The trusts that a row was compared with, ordered by value: members of its group with a value for the same metric
    and window, and the trust itself if the method says so. None for a target, for a metric that may not be compared,
    and for a row without data."""
    definition = definition_of_row(release, row)
    metric = release.method.metrics[definition.metric]
    if row["comparator"] == TARGET or not metric.comparable or row["period_end"] is None:
        return None
    group = group_of_row(row)
    values = comparable_values(release, row)
    period = release.group_period(group, row.get("level"), row["period_end"])
    compared = [Comparator.model_validate(release.names(code) | {"value": value}) for code, value in values.items()]
    return Comparators(
        group_id=group,
        title=release.group(group, row.get("level")).title,
        period=period.label if period else None,
        count=len(compared),
        unit=metric.unit,
        trusts=tuple(sorted(compared, key=lambda one: (one.value, one.trust_code))),
    )
