"""Which organisations have another figure in a later release, and how far their figures moved: of all, without a split.

One pass over some columns of both releases, opportunity by opportunity, so that a list of changes can be in order of
their size.
"""

from typing import TYPE_CHECKING, Any

from shared.releases.contents import Contents, Pair
from shared.releases.readable import arrow_array, differs, number, numbers
from shared.releases.side_by_side import CELLS, FIGURES, PER_YEAR, side_by_side

if TYPE_CHECKING:
    import pyarrow as pa


def moves(before: Contents, after: Contents) -> dict[str, float]:
    """Each organisation in which something changed, with the largest change of one of its figures in cash over a year,
    without a sign: 0 if none has such a figure in both releases."""
    import pyarrow as pa

    from shared.compute import pc

    codes, largest = arrow_array(()), numbers(())
    for opportunity in before.opportunity_ids | after.opportunity_ids:
        own, sizes = _moves(*(release.of_opportunity(opportunity, *FIGURES) for release in (before, after)))
        if not own.equals(codes):
            new = own.filter(pc.invert(pc.is_in(own, value_set=codes)))
            codes = pa.concat_arrays([codes, new])
            largest = pa.concat_arrays([largest, pa.nulls(len(new), largest.type)])
            sizes = sizes.take(pc.index_in(codes, value_set=own))
        largest = pc.max_element_wise(largest, sizes)
    known = pc.is_valid(largest)
    cells: list[list[Any]] = [column.filter(known).to_pylist() for column in (codes, largest)]
    return dict(zip(*cells, strict=True))


def has_changed(pair: Pair) -> bool:
    """Whether something changed in one opportunity of one organisation."""
    before, after = pair.before, pair.after
    return not (before and after) or any(before.get(name) != after.get(name) for name in CELLS)


def _moves(before: "pa.Table", after: "pa.Table") -> tuple[Any, Any]:
    """The codes of one opportunity, and the size of each one's change: null if nothing changed."""
    import pyarrow as pa

    from shared.compute import pc

    both = side_by_side(before, after)
    # An organisation of one release alone differs in its code.
    changed = differs(both.before["trust_code"], both.after["trust_code"])
    for name in CELLS:
        changed = pc.or_(changed, differs(both.before[name], both.after[name]))
    codes = pc.coalesce(both.before["trust_code"], both.after["trust_code"])
    sizes = pc.coalesce(pc.abs(pc.subtract(both.after[PER_YEAR], both.before[PER_YEAR])), number(0.0))
    found = pc.if_else(changed, sizes, pa.nulls(len(codes), pa.float64()))
    return codes.combine_chunks(), found.combine_chunks()


def change_of(before: float | None, after: float | None) -> float | None:
    """The difference of a figure; None if there is no such figure in either release."""
    return None if before is None or after is None else after - before
