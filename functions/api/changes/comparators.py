"""The comparators of an organisation and their values, as columns: all that are compared with the same organisations
share them, each without itself."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from functions.api.changes.rules import ROUNDING
from shared.releases.contents import Contents, Readings
from shared.releases.kept import Sized
from shared.releases.readable import arrow_array, number, numbers

if TYPE_CHECKING:
    import pyarrow as pa

_PER_CODE = 150  # bytes of a code in a list, about

type Members = frozenset[str]


class Pool:
    """Values of some organisations, each once: columns of codes and of numbers. `key` names it among those of a
    release; what is made of it is kept there."""

    def __init__(self, release: Contents, key: tuple[Hashable, ...], codes: Any, values: Any) -> None:
        self._release, self.key = release, key
        self.codes: pa.Array[Any] = codes
        self._values: pa.Array[Any] = values
        self._last: tuple[str, float | None] = "", None

    @classmethod
    def of(
        cls, release: Contents, name: tuple[Hashable, ...], readings: Readings, least: float | None, *, positive: bool
    ) -> "Pool":
        """The readings called `name` whose denominators are not below `least`; only values above zero if `positive`.
        Rules that leave out none of them have the same pool, so that what is made of it is made once."""
        key = ("pool", *name, least, positive)

        def made() -> "Sized[Pool]":
            codes, values = _possible(readings, least, positive=positive)
            if (least is not None or positive) and len(codes) == readings.columns.num_rows:
                return Sized(cls.of(release, name, readings, None, positive=False), _PER_CODE)
            return cls._sized(release, key, codes, values)

        return release.remember(key, made)

    @classmethod
    def _sized(cls, release: Contents, key: tuple[Hashable, ...], codes: Any, values: Any) -> "Sized[Pool]":
        return Sized(cls(release, key, codes, values), codes.nbytes + 2 * values.nbytes)

    @property
    def name(self) -> tuple[str, tuple[Hashable, ...]]:
        """What names it among those of all releases."""
        return self._release.name, self.key

    def _some(self, key: tuple[Hashable, ...], codes: Any) -> "Sized[Pool]":
        """Those with the codes of an array."""
        from shared.compute import pc

        found = pc.is_in(self.codes, value_set=codes)
        return self._sized(self._release, key, self.codes.filter(found), self._values.filter(found))

    def among(self, members: Members) -> "Pool":
        """Those of some codes."""
        key = (*self.key, members)
        return self._release.remember(key, lambda: self._some(key, self._codes_of(members)))

    def _codes_of(self, members: Members) -> Any:
        return self._release.remember(("codes", members), lambda: _sized_codes(members))

    def shared(self, other: "Pool") -> "Pool":
        """Those that another one has too."""
        if self.codes.equals(other.codes):
            return self
        key = ("shared", self.key, *other.name)
        return self._release.remember(key, lambda: self._some(key, other.codes))

    def others_than(self, other: "Pool") -> Sequence[str]:
        """The codes that another one does not have."""
        if self.codes.equals(other.codes):
            return ()
        return self._release.remember(("others_than", self.key, *other.name), lambda: self._others_than(other))

    def _others_than(self, other: "Pool") -> Sized[Sequence[str]]:
        from shared.compute import pc

        found: list[Any] = self.codes.filter(pc.invert(pc.is_in(self.codes, value_set=other.codes))).to_pylist()
        return Sized(found, _PER_CODE * (1 + len(found)))

    def value(self, code: str) -> float | None:
        """The value of an organisation; None if it is none of these. One opportunity needs it several times."""
        last, found = self._last
        if last != code:
            found = self._find(code)
            self._last = code, found
        return found

    def _find(self, code: str) -> float | None:
        from shared.compute import pc

        place: int = pc.index(self.codes, arrow_array((code,))[0]).as_py()
        found: float | None = self._values[place].as_py() if place >= 0 else None
        return found

    @cached_property
    def ordered(self) -> Sequence[float]:
        """The values from the smallest to the largest."""
        from shared.compute import pc

        if not len(self._values):
            return ()
        values: Any = self._values.take(pc.array_sort_indices(self._values))
        return memoryview(values.buffers()[1]).cast("d")[values.offset : values.offset + len(values)]

    def __len__(self) -> int:
        return len(self.codes)


def _sized_codes(members: Members) -> Sized[Any]:
    codes: Any = arrow_array((*members,))
    return Sized(codes, codes.nbytes)


def _possible(readings: Readings, least: float | None, *, positive: bool) -> tuple[Any, Any]:
    from shared.compute import pc

    table = readings.columns
    if not table.num_rows:  # its columns may have no known types
        return arrow_array(()), numbers(())
    if least is not None:
        short = pc.subtract(number(least), table["denominator"])
        table = table.filter(pc.invert(pc.greater(short, number(ROUNDING * least))))
    if positive:
        table = table.filter(pc.greater(table["value"], number(0.0)))
    codes, values = (table[name].combine_chunks() for name in ("trust_code", "value"))
    return codes, values


@dataclass(frozen=True)
class Comparators:
    """A pool without an organisation. `without`: the code of the one that is not its own comparator, None if it is."""

    pool: Pool
    without: str | None

    @cached_property
    def _own(self) -> float | None:
        return None if self.without is None else self.pool.value(self.without)

    def __len__(self) -> int:
        return len(self.pool) - (self._own is not None)

    def shared(self, other: "Comparators") -> "Comparators":
        """Those that another organisation's comparators, or its own of another release, have too."""
        return Comparators(self.pool.shared(other.pool), self.without)

    def others_than(self, other: "Comparators") -> list[str]:
        """The codes, in order, that the same organisation's comparators of another release do not have."""
        codes = {code for code in self.pool.others_than(other.pool) if code != self.without}
        if self.without is None and other.without and self.pool.value(other.without) is not None:
            codes.add(other.without)
        return sorted(codes)

    def ordered(self, scale: float = 1.0) -> Sequence[float]:
        """Their values times a scale, from the smallest to the largest."""
        values = self.pool.ordered
        return _Ordered(values, len(values) if self._own is None else bisect_left(values, self._own), scale)


class _Ordered(Sequence[float]):
    """Numbers times a scale, without the one at a place. A benchmark needs a few of them."""

    def __init__(self, values: Sequence[float], without: int, scale: float) -> None:
        self._values, self._without, self._scale = values, without, scale

    def __len__(self) -> int:
        return len(self._values) - (self._without < len(self._values))

    @overload
    def __getitem__(self, place: int) -> float: ...

    @overload
    def __getitem__(self, place: slice) -> list[float]: ...

    def __getitem__(self, place: int | slice) -> float | list[float]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            split = min(max(self._without, start), stop)
            found = [*self._values[start:split], *self._values[split + 1 : stop + 1]][::step]
            return found if self._scale == 1 else [value * self._scale for value in found]
        return self._values[place + (place >= self._without)] * self._scale
