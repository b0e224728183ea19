"""The dataset of landed prices, whose id is reserved: it needs a column for each part of a price."""

from collections.abc import Iterator

from shared.method.faults import MethodFault, UnreadableDefinitions
from shared.method.method import Method
from shared.method.prices import PRICES, TEXTS, VALUE


def misshapen(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """Faults of a dataset called `prices` that prices cannot be read from."""
    dataset = method.datasets.get(PRICES)
    if dataset is None:
        return
    at = ("datasets", PRICES)
    for name in (VALUE, *TEXTS):
        wanted = "number" if name == VALUE else "text"
        measure = dataset.measures.get(name)
        if measure is None or measure.type != wanted or not measure.required:
            yield MethodFault(
                (*at, "measures", name),
                f"a dataset called {PRICES} holds prices, and needs a required {wanted} called {name}; add it, or give "
                "the dataset another id",
            )
    if dataset.unit or dataset.long or dataset.relation or dataset.period.in_file or dataset.period.kind == "name":
        yield MethodFault(
            at,
            f"a dataset called {PRICES} has one price a row, for a period of the folder that has days; take unit, "
            "long, relation and the heading of the period out, and write period: {kind: edition}",
        )
