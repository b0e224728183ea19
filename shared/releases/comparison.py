"""Two releases side by side, as they stand before a method is promoted: what changes, and how each opportunity moves.

Of the releases' public tables alone; it needs neither pandas nor AWS.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.facts.quantiles import quantile
from shared.method.programme import Programme
from shared.releases.contents import Contents, Row
from shared.releases.impact import Impact, impact
from shared.releases.readable import selected
from shared.statuses import OpportunityStatus


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Spread(_Model):
    """Where values lie, interpolated linearly between them; null where there are none."""

    n: int
    minimum: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    maximum: float | None


class Distribution(_Model):
    """One opportunity in one release, over trusts.

    `compared` trusts have a value and a benchmark, `statuses` counts all of them. `value` is spread over those
    compared; `units_upper` (in `unit`) and `cash_upper` (in `currency`) over those with status `opportunity`.
    """

    period_start: date | None
    period_end: date | None
    statuses: Mapping[str, int]
    compared: int
    value: Spread
    unit: str | None
    units_upper: Spread
    cash_upper: Spread


class Moved(_Model):
    """One opportunity before and after; null where a release does not have it."""

    opportunity_id: str
    before: Distribution | None
    after: Distribution | None


class ReleaseInfo(_Model):
    """One of the releases."""

    release_id: str
    method_id: str
    build: int


class Comparison(_Model):
    """What readers would see change if the preview became current. `opportunities` are in the order of their ids.

    `currency` is the preview's, and so are the words; null in a comparison of before there was another than one."""

    currency: str | None = None
    current: ReleaseInfo
    preview: ReleaseInfo
    impact: Impact
    opportunities: tuple[Moved, ...]


def compare(
    current: ReleaseInfo, preview: ReleaseInfo, before: Contents, after: Contents, programme: Programme
) -> Comparison:
    """Compare what two releases hold. `programme`: that of the preview."""
    old, new = (_distributions(release) for release in (before, after))
    return Comparison(
        currency=programme.currency,
        current=current,
        preview=preview,
        impact=impact(before, after, programme),
        opportunities=tuple(
            Moved(opportunity_id=name, before=old.get(name), after=new.get(name)) for name in sorted({*old, *new})
        ),
    )


_COLUMNS = (
    "opportunity_id", "status", "period_start", "period_end", "value", "gap_upper", "unit", "units_upper", "cash_upper",
)  # fmt: skip


def _distributions(release: Contents) -> dict[str, Distribution]:
    table = release.own(*_COLUMNS)
    names = map(str, table["opportunity_id"].unique().to_pylist())
    return {name: _distribution(selected(table, {"opportunity_id": name}).to_pylist()) for name in names}


def _distribution(rows: Sequence[Row]) -> Distribution:
    compared = [row for row in rows if row["gap_upper"] is not None]
    gains = [row for row in rows if row["status"] == OpportunityStatus.OPPORTUNITY]
    statuses = [row["status"] for row in rows]
    return Distribution(
        period_start=_first(rows, "period_start"),
        period_end=_first(rows, "period_end"),
        statuses={status: statuses.count(status) for status in sorted({*statuses})},
        compared=len(compared),
        value=_spread(row["value"] for row in compared),
        unit=_first(rows, "unit"),
        units_upper=_spread(row["units_upper"] for row in gains),
        cash_upper=_spread(row["cash_upper"] for row in gains),
    )


def _first(rows: Sequence[Row], column: str) -> Any:
    """The value that an opportunity's rows share; None if no row has one."""
    return next((row[column] for row in rows if row[column] is not None), None)


def _spread(figures: Iterable[float | None]) -> Spread:
    values = [value for value in figures if value is not None]
    points = {"minimum": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "maximum": 1.0}
    return Spread(
        n=len(values),
        **{name: quantile(values, q) if values else None for name, q in points.items()},
    )
