"""Trends told the slow way: every opportunity over every window held, and what breaks the series."""

from datetime import date
from typing import Any

from shared.method.opportunities import Opportunity
from tests.oracles.opportunities import Programme


def trend(programme: Programme) -> dict[tuple[str, str, date], dict[str, Any]]:
    """Every trust × opportunity × window, without ranks. Metrics stand at their newest windows again thereafter."""
    found = {}
    for name, opportunity in programme.method.opportunities.items():
        earlier: date | None = None
        for window in programme.held[opportunity.metric]:
            programme.stand(opportunity.metric, window)
            last = window[-1][0]
            for trust in programme.everyone:
                breaks = [] if earlier is None else breaks_of(programme, opportunity, trust, earlier, last)
                found[trust, name, last] = programme.opportunity(name, trust) | {"breaks": breaks}
            earlier = last
    return found


def breaks_of(programme: Programme, opportunity: Opportunity, trust: str, earlier: date, last: date) -> list[str]:
    found = []
    if any(new == trust and old != trust and earlier < at <= last for old, new, at in programme.successions):
        found.append("merged")
    types = [type_on(programme, day, opportunity, trust) for day in (earlier, last)]
    if None not in types and types[0] != types[1]:
        found.append("type_changed")
    metric = programme.method.metrics[opportunity.metric]
    if any(earlier < change.since <= last for change in metric.redefined):
        found.append("definition_changed")
    return found


def type_on(programme: Programme, day: date, opportunity: Opportunity, trust: str) -> str | None:
    """A trust's type as last stated by a day, whatever its spelling; of two measures of one period the first."""
    group = programme.method.peer_groups.get(opportunity.comparator)
    names = list(programme.method.programme.population.trust_type)
    if group is not None and group.kind == "same_attribute":
        names = [*group.attributes]
    stated = [
        (f.end, f.start, -names.index(f"{f.dataset}.{f.measure}"), f.text)
        for f in programme.by_code.get(trust, [])
        if f.text and f"{f.dataset}.{f.measure}" in names and f.start <= day
    ]
    return " ".join(max(stated)[-1].lower().split()) if stated else None
