"""Which organisations have another figure in a later release, and how far their figures moved: of all, without a split.

One pass over the columns of both releases, so that a list of changes can be in order of their size.
"""

from collections.abc import Iterator
from typing import Any

from functions.api.changes.result import PER_YEAR
from shared.method.opportunities import EXPRESSIONS
from shared.releases.contents import Contents

_CELLS = ("status", "comparator", *(f"{name}_{end}" for name in ("units", *EXPRESSIONS) for end in ("lower", "upper")))
"""A change in one of these is a change of the opportunity."""

type Key = tuple[str, str]


def moves(before: Contents, after: Contents) -> dict[str, float]:
    """Each organisation in which something changed, with the largest change of one of its figures in cash over a year,
    without a sign: 0 if none has such a figure in both releases."""
    earlier, later = dict(_rows(before)), dict(_rows(after))
    moved: dict[str, float] = {}
    for key in earlier.keys() | later.keys():
        was, now = earlier.get(key), later.get(key)
        if was and now and was[:-1] == now[:-1]:
            continue
        change = change_of(was[-1] if was else None, now[-1] if now else None)
        moved[key[0]] = max(moved.get(key[0], 0.0), abs(change or 0.0))
    return moved


def change_of(before: float | None, after: float | None) -> float | None:
    """The difference of a figure; None if there is no such figure in either release."""
    return None if before is None or after is None else after - before


def _rows(release: Contents) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    for code, opportunity, *cells in release.columns(
        "opportunities", "trust_code", "opportunity_id", *_CELLS, PER_YEAR
    ):
        yield (code, opportunity), tuple(cells)
