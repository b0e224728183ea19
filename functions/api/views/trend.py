"""A trust's figure over time, with the breaks in the series."""

from functions.api.explain import sentences
from functions.api.http.paging import page
from functions.api.http.queries import TrendQuery
from functions.api.lines import expression_units
from functions.api.lookup import definition_of, resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import Trend, TrendPoint


def trend(release: Release, query: TrendQuery, code: str, opportunity_id: str) -> Trend:
    """A trust's value and opportunity over time, oldest first, with breaks marked."""
    trust = resolve_trust(release, code)
    definition = definition_of(release, opportunity_id)
    metric = release.method.metrics[definition.metric]
    rows = [row for row in release.trend(trust.answered_for, opportunity_id) if row["period_end"] is not None]
    rows.sort(key=_oldest_first)
    on_page, next_cursor = page(rows, query, _oldest_first)
    organisation = release.programme_of(release.level_of(trust.answered_for)).organisation
    return Trend.of(
        trust,
        definition=definition,
        unit=definition.unit,
        value_unit=metric.unit,
        numerator_unit=metric.numerator_unit,
        denominator_unit=metric.denominator_unit,
        points=[TrendPoint.model_validate(_point(row)) for row in on_page],
        total=len(rows),
        next_cursor=next_cursor,
        cautions=(
            sentences.trend(organisation),
            *(
                sentences.break_sentence(name, organisation)
                for name in sorted({name for row in on_page for name in _breaks(row)})
            ),
        ),
        **expression_units(definition),
    )


def _oldest_first(row: Row) -> tuple[str, str]:
    return row["period_end"].isoformat(), row["period_start"].isoformat()


def _point(row: Row) -> Row:
    return row | {"flags": row["flags"] or (), "breaks": _breaks(row)}


def _breaks(row: Row) -> list[str]:
    return row["breaks"] or []
