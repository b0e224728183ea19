"""The quality gate of a method: what must hold before anybody is shown a figure made with it."""

from collections.abc import Callable, Iterator

from shared.method.faults import Broken, Fault, Place
from shared.method.gate.directions import misdirected
from shared.method.gate.references import undeclared, unresolved
from shared.method.gate.unit_checks import misfits
from shared.method.gate.unused import unused
from shared.method.gate.windows import unreachable
from shared.method.method import Method

Check = Callable[[Method, Broken], Iterator[Fault]]


def unexplained(method: Method, broken: Broken) -> Iterator[Fault]:
    """Texts that a reader needs and that are not there, or not sentences."""
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


def wrong_way(method: Method, broken: Broken) -> Iterator[Fault]:
    """Benchmarks on the worse side of their metric, and lower ones that ask for more than the upper."""
    for name, opportunity in method.opportunities.items():
        if (metric := method.metrics.get(opportunity.metric)) is not None:
            for end, sentence in misdirected(opportunity, metric):
                yield Fault(("opportunities", name, end), sentence)


def _present(at: Place, text: str) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(at, "is blank; write what a reader should see")


def _sentence(at: Place, text: str) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(at, "is blank; explain it in plain sentences")
    elif not text.rstrip().endswith((".", "!", "?")):
        yield Fault(at, "ends in the middle of a sentence; finish it with a full stop")


NEEDED: tuple[Check, ...] = (unresolved,)
"""What the arithmetic cannot do without: checked whenever a method is read."""

GATE: tuple[Check, ...] = (unresolved, undeclared, misfits, unreachable, wrong_way, unexplained, unused)
"""What a landed method must pass, once, to be accepted."""
