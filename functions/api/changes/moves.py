"""Which organisations have another figure in a later release, and how far their figures moved: of all, without a split.

One pass over the columns of both releases, so that a list of changes can be in order of their size.
"""

from functions.api.changes.result import PER_YEAR
from shared.method.opportunities import EXPRESSIONS
from shared.releases.contents import Contents
from shared.releases.readable import differs
from shared.releases.side_by_side import KEY, side_by_side

_CELLS = ("status", "comparator", *(f"{name}_{end}" for name in ("units", *EXPRESSIONS) for end in ("lower", "upper")))
"""A change in one of these is a change of the opportunity."""


def moves(before: Contents, after: Contents) -> dict[str, float]:
    """Each organisation in which something changed, with the largest change of one of its figures in cash over a year,
    without a sign: 0 if none has such a figure in both releases."""
    import pyarrow.compute as pc

    names = (*KEY, *_CELLS, PER_YEAR)
    both = side_by_side(*(release.table("opportunities", *names) for release in (before, after)))
    if both is None:
        return {}
    # An organisation of one release alone differs in its code.
    changed = differs(both.before["trust_code"], both.after["trust_code"])
    for name in _CELLS:
        changed = pc.or_(changed, differs(both.before[name], both.after[name]))
    codes = pc.coalesce(both.before["trust_code"], both.after["trust_code"])
    sizes = pc.abs(pc.subtract(both.after[PER_YEAR], both.before[PER_YEAR]))
    moved: dict[str, float] = {}
    changes = (cells.filter(changed).to_pylist() for cells in (codes, sizes))
    for code, size in zip(*changes, strict=True):
        moved[code] = max(moved.get(code, 0.0), size or 0.0)
    return moved


def change_of(before: float | None, after: float | None) -> float | None:
    """The difference of a figure; None if there is no such figure in either release."""
    return None if before is None or after is None else after - before
