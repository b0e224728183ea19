"""Which organisations have another figure in a later release, and how far their figures moved: of all, without a split.

One pass over some columns of both releases, opportunity by opportunity, so that a list of changes can be in order of
their size.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from functions.api.changes.result import PER_YEAR
from shared.method.opportunities import EXPRESSIONS
from shared.releases.contents import Contents, Pair
from shared.releases.readable import differs
from shared.releases.side_by_side import KEY, side_by_side

if TYPE_CHECKING:
    import pyarrow as pa

_CELLS = ("status", "comparator", *(f"{name}_{end}" for name in ("units", *EXPRESSIONS) for end in ("lower", "upper")))
"""A change in one of these is a change of the opportunity."""

_COLUMNS = (*KEY, *_CELLS, PER_YEAR)


def moves(before: Contents, after: Contents) -> dict[str, float]:
    """Each organisation in which something changed, with the largest change of one of its figures in cash over a year,
    without a sign: 0 if none has such a figure in both releases."""
    moved: dict[str, float] = {}
    for opportunity in before.opportunity_ids | after.opportunity_ids:
        for code, size in _moves(*(release.of_opportunity(opportunity, *_COLUMNS) for release in (before, after))):
            moved[code] = max(moved.get(code, 0.0), size or 0.0)
    return moved


def has_changed(pair: Pair) -> bool:
    """Whether something changed in one opportunity of one organisation."""
    before, after = pair.before, pair.after
    return not (before and after) or any(before.get(name) != after.get(name) for name in _CELLS)


def _moves(before: "pa.Table", after: "pa.Table") -> Iterator[tuple[str, float | None]]:
    """The organisations in which something changed in one opportunity, and the size of the change."""
    from shared.compute import pc

    both = side_by_side(before, after)
    # An organisation of one release alone differs in its code.
    changed = differs(both.before["trust_code"], both.after["trust_code"])
    for name in _CELLS:
        changed = pc.or_(changed, differs(both.before[name], both.after[name]))
    codes = pc.coalesce(both.before["trust_code"], both.after["trust_code"])
    sizes = pc.abs(pc.subtract(both.after[PER_YEAR], both.before[PER_YEAR]))
    return zip(*(cells.filter(changed).to_pylist() for cells in (codes, sizes)), strict=True)


def change_of(before: float | None, after: float | None) -> float | None:
    """The difference of a figure; None if there is no such figure in either release."""
    return None if before is None or after is None else after - before
