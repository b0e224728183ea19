"""Notes on how a change was split: what the method changed, and which causes could not be separated."""

from collections.abc import Iterator

from functions.api.changes.rules import OpportunityRules
from shared.formatting import window
from shared.method.opportunities import TARGET
from shared.releases.contents import Row


def notes(before: OpportunityRules, after: OpportunityRules, earlier: Row, later: Row) -> Iterator[str]:
    """Sentences about two rows that both have figures."""
    if before.metric.definition != after.metric.definition:
        yield (
            "The metric's definition has changed, and the later release has no values by the earlier definition. The "
            "whole change is counted as price or method."
        )
    was, now = (window(row["period_start"], row["period_end"]) for row in (earlier, later))
    if was != now:
        yield (
            f"The earlier figure is for {was}, the later for {now}. The change between the two periods is counted as "
            "own value and benchmark."
        )
    if earlier["comparator"] != later["comparator"]:
        yield f"The comparator is now {later['comparator']}; it was {earlier['comparator']}."
    if before.metric.believed != after.metric.believed:
        yield "The rules for implausible values have changed. Their effect is counted as comparators."
    if before.ends != after.ends:
        yield "The method's benchmarks have changed." + (
            " A change in a target of its own cannot be separated from this."
            if before.comparator == after.comparator == TARGET
            else ""
        )
    if before.metric.scale != after.metric.scale:
        yield f"The metric's scale is now {after.metric.scale:,g}; it was {before.metric.scale:,g}."
    yield from _worth(before, after)


def _worth(before: OpportunityRules, after: OpportunityRules) -> Iterator[str]:
    both = [name for name in before.worth if name in after.worth]
    old = {key: price for name in both for key, price in before.worth[name].prices.items()}
    new = {key: price for name in both for key, price in after.worth[name].prices.items()}
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield f"The price {name} is now {new[name]:,g}; it was {old[name]:,g}."
    for name in both:
        if before.worth[name].own != after.worth[name].own:
            yield f"The conversion to {name} has changed. Its whole effect is counted as price or method."
