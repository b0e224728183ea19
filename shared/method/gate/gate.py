"""The quality gate: the checks that a method must pass when it lands, before any figure is computed with it."""

from collections.abc import Callable, Iterator

from shared.method.contracts import Measure
from shared.method.faults import Location, MethodFault, UnreadableDefinitions
from shared.method.gate.currencies import in_currency
from shared.method.gate.directions import misdirected
from shared.method.gate.landed_prices import misshapen
from shared.method.gate.references import measure_of, undeclared, unresolved
from shared.method.gate.unit_checks import misfits
from shared.method.gate.unused import unused
from shared.method.gate.windows import unreachable
from shared.method.method import Method

Check = Callable[[Method, UnreadableDefinitions], Iterator[MethodFault]]


def unexplained(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Faults of texts that readers need: missing, or not a full sentence."""
    for name, opportunity in method.opportunities.items():
        at = ("opportunities", name)
        for step in ("what", "why", "explanation"):
            yield from _sentence((*at, step), getattr(opportunity, step))
        for step in ("title", "category", "unit", "overlap_group"):
            yield from _present((*at, step), getattr(opportunity, step))
        for number, source in enumerate(opportunity.sources):
            yield from _present((*at, "sources", number), source)
    for kind in ("metrics", "peer_groups", "prices", "overlap_groups"):
        for name, definition in getattr(method, kind).items():
            yield from _present((kind, name, "title"), definition.title)
            if kind in ("peer_groups", "overlap_groups"):
                yield from _sentence((kind, name, "explanation"), definition.explanation)
            if kind in ("peer_groups", "prices"):
                yield from _present((kind, name, "source"), definition.source)
    for name, dataset in method.datasets.items():
        for number, kept in enumerate(dataset.kept):
            yield from _sentence(("datasets", name, "kept", number, "because"), kept.because)


def contradicted(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Faults of metrics whose zeros mean missing, although an organisation without a row has zero."""
    for name, metric in method.metrics.items():
        parts = (part for source in metric.sources for term in source.numerator for part in term.measures)
        for part in dict.fromkeys(parts) if metric.zero_numerator == "missing" else ():
            measure = measure_of(method, part)
            if isinstance(measure, Measure) and measure.absent == "zero":
                yield MethodFault(
                    ("metrics", name, "zero_numerator"),
                    f"a zero means missing here, but {part} is zero where it is absent; take one of the two out",
                )


def wrong_way(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Faults of benchmarks: on the worse side of the metric, or a lower one that is more ambitious than the upper."""
    for name, opportunity in method.opportunities.items():
        if (metric := method.metrics.get(opportunity.metric)) is not None:
            for end, sentence in misdirected(opportunity, metric):
                yield MethodFault(("opportunities", name, end), sentence)


def _present(at: Location, text: str) -> Iterator[MethodFault]:
    if not text.strip():
        yield MethodFault(at, "this is blank; write the text that readers should see")


def _sentence(at: Location, text: str) -> Iterator[MethodFault]:
    if not text.strip():
        yield MethodFault(at, "this is blank; explain it in plain sentences")
    elif not text.rstrip().endswith((".", "!", "?")):
        yield MethodFault(at, "this does not end with a full stop; finish the sentence")


NEEDED: tuple[Check, ...] = (unresolved,)
"""Checks without which nothing can be computed: they run whenever a method is read."""

GATE: tuple[Check, ...] = (
    unresolved, undeclared, contradicted, misshapen, in_currency, misfits, unreachable, wrong_way, unexplained, unused,
)  # fmt: skip
"""Checks that a landed method must pass once, to be accepted."""
