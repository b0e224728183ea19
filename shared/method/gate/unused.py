"""Definitions that a method does not use. Each column must be used, or its contract must give a reason to keep it."""

from collections.abc import Iterator

from shared.method.faults import MethodFault, UnreadableDefinitions
from shared.method.method import Method
from shared.method.peer_groups import LandedListGroup, NearestGroup, SameAttributeGroup
from shared.method.prices import PRICES, TEXTS, VALUE


def unused(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Datasets, measures, prices and overlap groups that nothing uses.

    Not checked while a definition cannot be read, because it may use any of them. Peer groups and metrics may be
    unused: readers see them as they are.
    """
    if unreadable:
        return
    yield from _datasets(method)
    yield from _prices(method)
    groups = {opportunity.overlap_group for opportunity in method.opportunities.values()}
    for name in (name for name in method.overlap_groups if name not in groups):
        yield MethodFault(("overlap_groups", name), "no opportunity is in this group; add one, or take the group out")


def _prices(method: Method) -> Iterator[MethodFault]:
    used = {route.price for opportunity in method.opportunities.values() for route in opportunity.routes.values()}
    for name, price in method.prices.items():
        if name in used and price.kept is not None:
            yield MethodFault(
                ("prices", name, "kept"), "this price is used, so it needs no reason to be kept; take kept out"
            )
        if name not in used and price.kept is None:
            yield MethodFault(
                ("prices", name), "no route uses this price; use it, take it out, or give a reason in kept"
            )


def _datasets(method: Method) -> Iterator[MethodFault]:
    direct = {*_direct(method)}
    for name, dataset in method.datasets.items():
        used = {measure for measure in dataset.measures if f"{name}.{measure}" in direct}
        for derived, rule in dataset.derived.items():
            if f"{name}.{derived}" in direct:
                used |= {*rule.measures}
            else:
                yield MethodFault(("datasets", name, "derived", derived), "nothing uses this measure; take it out")
        used |= {text for text in (dataset.unit.name, dataset.unit.type) if text} if dataset.unit else set()
        for check in dataset.checks.values():
            if used & {*check.measures}:
                used |= {*check.measures}
        idle = dataset.measures.keys() - used
        kept = {measure for measure in idle for reason in dataset.kept if reason.covers(measure)}
        if not used and not kept:
            yield MethodFault(
                ("datasets", name), "nothing uses this dataset; use it, take it out, or give a reason in kept"
            )
            continue
        if idle - kept:
            yield MethodFault(
                ("datasets", name, "measures"),
                f"nothing uses {', '.join(sorted(idle - kept))}; use them, take them out, or give a reason in kept",
            )
        for number, reason in enumerate(dataset.kept):
            for position, pattern in enumerate(reason.measures):
                if not any(type(reason)(measures=(pattern,), because="").covers(measure) for measure in idle):
                    yield MethodFault(
                        ("datasets", name, "kept", number, "measures", position),
                        f"{pattern!r} names no unused measure; take it out",
                    )


def _direct(method: Method) -> Iterator[str]:
    """Measures that are used by something other than a check of their own contract."""
    yield from (f"{PRICES}.{name}" for name in (VALUE, *TEXTS))
    for metric in method.metrics.values():
        yield from metric.measures()
    for opportunity in method.opportunities.values():
        yield from opportunity.measures()
    for group in method.peer_groups.values():
        match group:
            case NearestGroup():
                yield from (needed.measure for needed in group.measures())
            case SameAttributeGroup():
                yield from group.attributes
            case LandedListGroup():
                yield group.measure
    population = method.programme.population
    if (register := population.trust_register) is not None:
        of_levels = (named for level in population.levels for named in (level.measure, level.name) if named)
        yield from (f"{register.dataset}.{measure}" for measure in (*register.measures, *of_levels))
    if (successors := population.successors) is not None:
        yield f"{successors.dataset}.{successors.successor}"
    yield from population.trust_type
