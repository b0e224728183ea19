"""The units below a trust, such as sites, that one figure is made of."""

from functions.api.lines import definition_of_row
from functions.api.release import Release, Row
from functions.api.schemas.figures import UnitLine, UnitsOfFigure
from shared.formatting import amount, headline
from shared.statuses import UnitStatus

_WHY_NOT = {
    UnitStatus.NOT_COLLECTED: ("has no figure of its own", "have no figure of their own"),
    UnitStatus.NO_DENOMINATOR: ("has no denominator", "have no denominator"),
    UnitStatus.MISSING: ("lacks a part of its data", "lack a part of their data"),
}


def units_of(release: Release, row: Row) -> UnitsOfFigure | None:
    """The units of a row of the table `opportunities`, largest possible gain first; None if it is not made of units."""
    rows = release.units[row["trust_code"], row["opportunity_id"]]
    if not rows:
        return None
    called, plural = _called(release, row)
    counted = [one for one in rows if one["status"] == UnitStatus.COUNTED]
    whole = sum(one["denominator"] or 0.0 for one in rows)
    held = sum(one["denominator"] or 0.0 for one in counted)
    left_out = {status: sum(one["status"] == status for one in rows) for status in _WHY_NOT}
    return UnitsOfFigure(
        called=called,
        plural=plural,
        total=len(rows),
        counted=len(counted),
        left_out={str(status): number for status, number in left_out.items() if number},
        denominator_counted=held / whole if whole > 0 else None,
        units=tuple(
            UnitLine.model_validate(one | {"display_name": release.programme.display_name(one["unit_name"])})
            for one in sorted(rows, key=_largest_first)
        ),
        words=_words(release, row, counted, rows, called, plural),
    )


def _called(release: Release, row: Row) -> tuple[str, str]:
    """The words for one unit and for many: those of the dataset or, above the first level, those of its members."""
    if row.get("level") != release.programme.population.level:
        return release.programme.organisation.one, release.programme.organisation.many
    sources = release.method.metrics[definition_of_row(release, row).metric].sources
    datasets = release.method.datasets
    named = (datasets[name].unit for source in sources for name in source.datasets if name in datasets)
    unit = next((one for one in named if one), None)
    return (unit.called, unit.plural) if unit else ("unit", "units")


def _largest_first(one: Row) -> tuple[bool, float, float, str]:
    return (
        one["status"] != UnitStatus.COUNTED,
        -(one["units_upper"] or 0.0),
        -(one["denominator"] or 0.0),
        one["unit_code"],
    )


def _words(release: Release, row: Row, counted: list[Row], rows: list[Row], called: str, plural: str) -> str:
    """How many units count and why the others do not, and where the largest possible gain is."""
    missing = sum(one["status"] == UnitStatus.MISSING for one in rows)
    noun = release.programme_of(row.get("level")).organisation.one
    if row["value"] is None and missing:
        what = f"{missing} of its {len(rows)} {plural if len(rows) != 1 else called}"
        return f"The {noun} has no value, because {what} {_WHY_NOT[UnitStatus.MISSING][missing > 1]}."
    figure = f"The figure is made of {len(counted)} of {len(rows)} {plural if len(rows) != 1 else called}."
    if len(counted) < len(rows):
        figure += f" {_left_out(rows)}"
    best = max(counted, key=lambda one: one["units_upper"] or 0.0, default=None)
    if best is None or not best["units_upper"]:
        return figure
    metric = release.method.metrics[definition_of_row(release, row).metric]
    name = release.programme.display_name(best["unit_name"]) or best["unit_code"]
    gain = headline(best["units_upper"], release.method.opportunities[row["opportunity_id"]].unit)
    return (
        f"{figure} The largest possible gain is {gain}, at {name}: it has "
        f"{amount(best['value'], metric.unit)}, and the {noun}'s ambitious benchmark is "
        f"{amount(row['benchmark_upper'], metric.unit)}."
    )


def _left_out(rows: list[Row]) -> str:
    """Why the units that do not count do not."""
    numbers = {status: sum(one["status"] == status for one in rows) for status in _WHY_NOT}
    others = sum(numbers.values())
    reasons = [_WHY_NOT[status] for status, number in numbers.items() if number]
    if others == 1:
        return f"The other one {reasons[0][0]} and is in neither sum."
    if len(reasons) == 1:
        return f"The other {others} {reasons[0][1]} and are in neither sum."
    each = [f"{number} {_WHY_NOT[status][number > 1]}" for status, number in numbers.items() if number]
    return f"Of the other {others}, {' and '.join(each)}; they are in neither sum."
