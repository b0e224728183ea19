"""A trust's newest value of every metric, and where it stands among all trusts."""

from functions.api.explain.standing import standing_sentence
from functions.api.http.paging import page
from functions.api.http.queries import PageQuery
from functions.api.lines import distribution_of
from functions.api.lookup import resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import MetricLine, TrustMetrics


def trust_metrics(release: Release, query: PageQuery, code: str) -> TrustMetrics:
    """A trust's newest value of every metric, and where it stands among all that may be compared."""
    trust = resolve_trust(release, code)
    newest = {row["metric_id"]: row for row in sorted(release.metrics[(trust.answered_for,)], key=_oldest_first)}
    on_page, next_cursor = page(sorted(newest.items()), query, lambda item: (item[0],))
    return TrustMetrics.of(
        trust,
        metrics=[_line(release, row) for _, row in on_page],
        total=len(newest),
        next_cursor=next_cursor,
    )


def _oldest_first(row: Row) -> tuple[str, str]:
    return row["period_end"].isoformat(), row["period_start"].isoformat()


def _line(release: Release, row: Row) -> MetricLine:
    metric = release.method.metrics[row["metric_id"]]
    more = {
        "title": metric.title,
        "direction": metric.direction,
        "unit": metric.unit,
        "numerator_unit": metric.numerator_unit,
        "denominator_unit": metric.denominator_unit,
        "standing": standing_sentence(row, metric, release.programme_of(row.get("level")).organisation),
        "sources": row.get("sources") or (),
        "distribution": distribution_of(
            release, row["metric_id"], row["period_start"], row["period_end"], row.get("level")
        ),
    }
    return MetricLine.model_validate(row | more)
