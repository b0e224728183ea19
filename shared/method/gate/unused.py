"""What a method defines and does not use. Every column has a purpose, or says why it is kept all the same."""

from collections.abc import Iterator

from shared.method.faults import Broken, Fault
from shared.method.method import Method
from shared.method.peer_groups import LandedListGroup, NearestGroup, SameAttributeGroup


def unused(method: Method, broken: Broken) -> Iterator[Fault]:
    """Datasets, measures, metrics, prices and overlap groups that serve nothing.

    A definition that could not be read may have used any of them, so nothing is said while there is one. Peer groups
    need no use: they are answers in themselves.
    """
    if broken:
        return
    yield from _datasets(method)
    metrics = {opportunity.metric for opportunity in method.opportunities.values()}
    for name in (name for name in method.metrics if name not in metrics):
        yield Fault(("metrics", name), "no opportunity uses this metric; use it, or take it out")
    yield from _prices(method)
    groups = {opportunity.overlap_group for opportunity in method.opportunities.values()}
    for name in (name for name in method.overlap_groups if name not in groups):
        yield Fault(("overlap_groups", name), "no opportunity is in this group; put one there, or take it out")


def _prices(method: Method) -> Iterator[Fault]:
    used = {route.price for opportunity in method.opportunities.values() for route in opportunity.routes.values()}
    for name, price in method.prices.items():
        if name in used and price.kept is not None:
            yield Fault(("prices", name, "kept"), "this price is used, so it needs no reason to be kept; take that out")
        if name not in used and price.kept is None:
            yield Fault(("prices", name), "no route uses this price; use it, take it out, or say in kept why it stays")


def _datasets(method: Method) -> Iterator[Fault]:
    direct = {*_direct(method)}
    for name, dataset in method.datasets.items():
        used = {measure for measure in dataset.measures if f"{name}.{measure}" in direct}
        for check in dataset.checks.values():
            if used & {*check.measures}:
                used |= {*check.measures}
        idle = dataset.measures.keys() - used
        kept = {measure for measure in idle for reason in dataset.kept if reason.covers(measure)}
        if not used and not kept:
            yield Fault(
                ("datasets", name), "nothing uses this dataset; use it, take it out, or say in kept why it stays"
            )
            continue
        if idle - kept:
            yield Fault(
                ("datasets", name, "measures"),
                f"nothing uses {', '.join(sorted(idle - kept))}; use them, take them out, or say in kept why they stay",
            )
        for number, reason in enumerate(dataset.kept):
            for place, pattern in enumerate(reason.measures):
                if not any(type(reason)(measures=(pattern,), because="").covers(measure) for measure in idle):
                    yield Fault(
                        ("datasets", name, "kept", number, "measures", place),
                        f"{pattern!r} is no measure that nothing uses; take it out",
                    )


def _direct(method: Method) -> Iterator[str]:
    """Measures that something other than a check of their own contract needs."""
    for metric in method.metrics.values():
        yield from metric.measures()
    for opportunity in method.opportunities.values():
        yield from opportunity.measures()
    for group in method.peer_groups.values():
        match group:
            case NearestGroup():
                yield from (variable.measure for variable in group.variables)
                yield from [group.within] if group.within else []
            case SameAttributeGroup():
                yield group.attribute
            case LandedListGroup():
                yield group.measure
    population = method.programme.population
    register, successors = population.trust_register, population.successors
    steps = [register.name, register.region, register.icb, register.opened, register.closed]
    steps += [register.trust_where.measure] if register.trust_where else []
    yield from (f"{register.dataset}.{step}" for step in steps)
    yield f"{successors.dataset}.{successors.successor}"
    yield from population.trust_type
