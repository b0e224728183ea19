"""What to know about how a change was split: what the method changed, and what could not be told apart."""

from collections.abc import Iterator
from datetime import date

from functions.api.changes.rules import OpportunityRules
from shared.method.opportunities import TARGET
from shared.releases.contents import Row


def notes(before: OpportunityRules, after: OpportunityRules, earlier: Row, later: Row) -> Iterator[str]:
    """Plain sentences, for two rows with figures."""
    if before.metric.definition != after.metric.definition:
        yield (
            "The metric is defined otherwise now, and the later release holds no values by the earlier definition: "
            "the whole change stands under price or method."
        )
    if (earlier["period_start"], earlier["period_end"]) != (later["period_start"], later["period_end"]):
        yield (
            f"The earlier figure is for {_days(earlier)}, the later for {_days(later)}: "
            "own value and benchmark hold what moved between them."
        )
    if earlier["comparator"] != later["comparator"]:
        yield f"It is compared with {later['comparator']} now, and was with {earlier['comparator']}."
    if before.metric.believed != after.metric.believed:
        yield "Which values are believed is decided otherwise now; who came and went for it is under comparators."
    if before.ends != after.ends:
        yield "The method's benchmarks are other ones now." + (
            " A target of its own that the trust stated anew cannot be told apart from that."
            if before.comparator == after.comparator == TARGET
            else ""
        )
    if before.metric.scale != after.metric.scale:
        yield f"The metric's scale is {after.metric.scale:,g} now, and was {before.metric.scale:,g}."
    yield from _worth(before, after)


def _worth(before: OpportunityRules, after: OpportunityRules) -> Iterator[str]:
    both = [name for name in before.worth if name in after.worth]
    old = {key: price for name in both for key, price in before.worth[name].prices.items()}
    new = {key: price for name in both for key, price in after.worth[name].prices.items()}
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield f"The price {name} is {new[name]:,g} now, and was {old[name]:,g}."
    for name in both:
        if before.worth[name].own != after.worth[name].own:
            yield f"What a unit comes to as {name} is defined otherwise now; all of that stands under price or method."


def _days(row: Row) -> str:
    start, end = (_day(row[f"period_{edge}"]) for edge in ("start", "end"))
    return f"{start} to {end}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
