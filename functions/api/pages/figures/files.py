"""A figure's drawings and their data as files."""

from collections.abc import Iterator
from typing import Any

from functions.api.pages.ask import ReleaseShown
from functions.api.pages.charts.standalone import standalone
from functions.api.pages.figures.drawings import doubt_range, drawing_of
from functions.api.pages.figures.facts import Facts, in_title
from functions.api.pages.figures.wording import window_name
from functions.api.pages.page import Download
from shared.formatting import instant, unit_in_words
from shared.method.opportunities import TARGET
from shared.receipts.csv_files import as_csv

type Cells = dict[str, Any]

_SUBJECTS = {
    "strip": "{metric}",
    "sites": "{metric}, by {unit_of}",
    "doubt": "{title}: how the gain moves when one comparator is left out",
    "trend": "{metric}, over time",
}


def chart_file(facts: Facts, kind: str, release: ReleaseShown | None) -> Download | None:
    """A drawing as SVG with title, source and release in it; None if the figure has no such drawing."""
    drawing = drawing_of(facts, kind)
    if drawing is None:
        return None
    line, rate = facts.line, in_title(facts.line.value_unit)
    metric = line.metric_title + (f", {unit_in_words(rate)}" if rate else "")
    subject = _SUBJECTS[kind].format(
        metric=metric, title=line.title, unit_of=facts.answer.units.called if facts.answer.units else ""
    )
    period = window_name(line.period_start, line.period_end) if line.period_start and line.period_end else ""
    source = "Source: " + ", ".join(filter(None, ["; ".join(facts.answer.definition.sources), period]))
    text = standalone(drawing, f"{facts.name}. {subject}", source, _release_words(release))
    return Download(f"{_stem(facts, kind)}.svg", "image/svg+xml", text)


def data_file(facts: Facts, kind: str, release: ReleaseShown | None) -> Download | None:
    """What a drawing shows, as CSV; None if the figure has no such drawing. The API itself has that of a trend."""
    if drawing_of(facts, kind) is None:
        return None
    rows = list({"strip": _strip_rows, "sites": _sites_rows, "doubt": _doubt_rows}[kind](facts))
    published = release and release.published_at and instant(release.published_at)
    of_release = {"release_id": release and release.id, "published_at": published}
    made = [one | of_release for one in rows]
    body = as_csv([*made[0]], ([*one.values()] for one in made))
    return Download(f"{_stem(facts, kind)}.csv", "text/csv; charset=utf-8", body)


def _stem(facts: Facts, kind: str) -> str:
    return f"{facts.code}-{facts.line.opportunity_id}" + ("" if kind == "strip" else f"-{kind}")


def _release_words(release: ReleaseShown | None) -> str:
    if release is None:
        return ""
    at = release.published_at
    return f"Headroom, release {release.id[:8]}, " + (f"published {at.day} {at:%B %Y}" if at else "not published")


def _about(facts: Facts) -> Cells:
    line = facts.line
    return {
        "opportunity_id": line.opportunity_id,
        "title": line.title,
        "metric": line.metric_title,
        "direction": line.direction,
    }


def _strip_rows(facts: Facts) -> Iterator[Cells]:
    """One row for each benchmark, and one for each organisation with a value. `role`: modest_benchmark,
    ambitious_benchmark, benchmark (if there is one), target; this, comparator, other."""
    line = facts.line
    period = {"period_start": line.period_start, "period_end": line.period_end}
    for end, name in (("lower", "modest_benchmark"), ("upper", "ambitious_benchmark")):
        value, rule = getattr(line, f"benchmark_{end}"), getattr(line, f"benchmark_{end}_rule")
        if value is not None and not (end == "lower" and facts.single):
            role = "target" if line.comparator == TARGET else "benchmark" if facts.single else name
            yield _strip_row(facts, role, {"display_name": rule, "value": value} | period)
    compared = {one.trust_code for one in facts.receipt.comparators.trusts} if facts.receipt.comparators else set()
    for one in facts.everyone:
        if one.value is not None:
            role = "this" if one.trust_code == facts.code else "comparator" if one.trust_code in compared else "other"
            yield _strip_row(facts, role, one.model_dump())


def _strip_row(facts: Facts, role: str, one: Cells) -> Cells:
    line = facts.line
    return _about(facts) | {
        "role": role,
        "trust_code": one.get("trust_code"),
        "name": one["display_name"],
        "value": one["value"],
        "value_unit": line.value_unit,
        "numerator": one.get("numerator"),
        "numerator_unit": line.numerator_unit,
        "denominator": one.get("denominator"),
        "denominator_unit": line.denominator_unit,
        "comparable": one.get("comparable"),
        "period_start": one["period_start"],
        "period_end": one["period_end"],
    }


def _sites_rows(facts: Facts) -> Iterator[Cells]:
    line, units = facts.line, facts.answer.units
    for one in units.units if units else ():
        yield _about(facts) | {
            "trust_code": facts.code,
            "period_start": line.period_start,
            "period_end": line.period_end,
            **one.model_dump(),
            "value_unit": line.value_unit,
            "numerator_unit": line.numerator_unit,
            "denominator_unit": line.denominator_unit,
            "unit": line.unit,
            "cash_unit": line.cash_unit,
        }


def _doubt_rows(facts: Facts) -> Iterator[Cells]:
    moved, (lower, upper) = doubt_range(facts), facts.gain
    yield _about(facts) | {
        "trust_code": facts.code,
        "gain_lower": lower,
        "gain_upper": upper,
        "robust_low": moved and moved.low,
        "robust_high": moved and moved.high,
        "unit": facts.unit,
        "period_start": facts.line.period_start,
        "period_end": facts.line.period_end,
    }
