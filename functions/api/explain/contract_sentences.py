"""The rules of a dataset's contract as phrases. Pure."""

from collections.abc import Sequence

from shared.method.contracts import Check, Dataset, Measure, Way

_RELATIONS = {"at_most": "at most", "at_least": "at least", "equals": "equal to"}


def check_phrase(check: Check, dataset: Dataset) -> str:
    """A check of a row: `Floor area is at most Gross floor area, within 1`."""
    left = _sum(check.sum, dataset) + (f" per {_sum(check.per, dataset)}" if check.per else "")
    left = left if check.times == 1 else f"{check.times:g} × {left}"
    bound = _sum(check.bound, dataset) if isinstance(check.bound, tuple) else f"{check.bound:,.6g}"
    slack = f", within {check.tolerance:g}" if check.tolerance else ""
    return f"{left} is {_RELATIONS[check.relation]} {bound}{slack}"


def _sum(names: Sequence[str], dataset: Dataset) -> str:
    return " + ".join(dataset.measures[name].heading or f"`{name}`" for name in names)


def way_phrase(way: Way) -> str:
    """One way to compute a derived measure: `0.01 × `area` × (`empty` + `under_used`)`."""
    parts = " + ".join(f"`{name}`" for name in way.sum)
    if way.also:
        parts += f" (and, if the file has them, {', '.join(f'`{name}`' for name in way.also)})"
    times = [f"{way.times:g}"] * (way.times != 1) + ([f"`{way.of}`"] if way.of else [])
    return " × ".join([*times, f"({parts})" if times and len(way.sum) > 1 else parts])


def required_phrase(dataset: Dataset, measure: Measure) -> str:
    """Whether a file needs a measure: `yes`, `no`, or `in some years`. In a long file no measure is needed."""
    if dataset.long:
        return "no"
    return "in some years" if measure.quiet else "no" if measure.optional else "yes"
