"""Parts: several files for one period of a dataset, and which file is used if two of them state the same figure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import batched, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from shared.ids import FileId
from shared.keys import Slot

if TYPE_CHECKING:
    import pyarrow as pa

STATEMENT = ["code", "unit", "period_start", "period_end", "measure"]
"""The columns that identify a figure: no two parts of a period may state the same one, whatever its value."""

type ReadStatements = Callable[[FileId], pa.Table]
"""file_id → the `STATEMENT` columns of its rows."""

type Whole = NDArray[np.int64]

_AT_ONCE, _READ_AHEAD = 8, 64
"""How many files are read at the same time, and how many are in memory before the first of them is looked at."""

_BITS = 32
"""A period has fewer than 2^31 pairs of code and unit, and fewer than 2^32 of period and measure."""


class SlotFile(BaseModel):
    """The current file of a slot, and where it came from."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    period: str
    part: str
    file_id: FileId
    landing_key: str
    version_id: str
    landed_at: datetime

    @property
    def slot(self) -> Slot:
        """The file's slot."""
        return Slot(self.dataset, self.period, self.part)


class Excluded(BaseModel):
    """The newest file of a slot, which is not used because files in use state the same figures.

    `overlaps`: slot of a file in use → the codes that both state."""

    model_config = ConfigDict(frozen=True)

    file: SlotFile
    overlaps: dict[str, tuple[str, ...]]


class Replaced(BaseModel):
    """A file that a file of another name replaced in its slot, without a tenth of its codes or more: `codes` of its
    `total`. In a dataset with units, codes are those of an organisation and a unit, with a blank between."""

    model_config = ConfigDict(frozen=True)

    file: SlotFile
    by: SlotFile
    codes: tuple[str, ...]
    total: int


_LOST = 0.1


def replaced(file: SlotFile, before: SlotFile, read: ReadStatements) -> Replaced | None:
    """What the current file of a slot lacks of the one before it, which has another name; None if that is little."""
    if file.file_id == before.file_id:
        return None
    codes = _codes(read(before.file_id))
    lost = sorted(codes - _codes(read(file.file_id)))
    if len(lost) < max(1.0, _LOST * len(codes)):
        return None
    return Replaced(file=before, by=file, codes=tuple(lost), total=len(codes))


def _codes(statements: "pa.Table") -> set[str]:
    pairs = set(zip(statements["code"].to_pylist(), statements["unit"].to_pylist(), strict=True))
    return {f"{code} {unit}" if unit is not None else str(code) for code, unit in pairs}


class Settled(NamedTuple):
    """The files in use and those left out, both in slot order."""

    files: tuple[SlotFile, ...]
    left_out: tuple[Excluded, ...]


def settle(candidates: Mapping[Slot, Sequence[SlotFile]], read: ReadStatements) -> Settled:
    """The file to use for each slot, from the slot's files (newest first, at least one).

    That is the newest one, unless another part of the same period states the same code, unit, period and measure. Of
    two such parts, the one whose newest file was landed later, by (landed at, key), uses its newest file that does not
    overlap, or none. No file is read twice, and an earlier one only if those after it overlap.
    """
    files: list[SlotFile] = []
    left_out: list[Excluded] = []
    for _, slots in groupby(sorted(candidates), key=lambda slot: (slot.dataset, slot.period)):
        period = _Period(read)
        for some in batched(sorted((candidates[slot] for slot in slots), key=_landed), _READ_AHEAD, strict=False):
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                newest = [*pool.map(read, [versions[0].file_id for versions in some])]
            for versions, statements in zip(some, newest, strict=True):
                period.add(versions, statements)
        files += period.used
        left_out += period.left_out()
    return Settled(
        tuple(sorted(files, key=lambda file: file.slot)), tuple(sorted(left_out, key=lambda left: left.file.slot))
    )


def _landed(versions: Sequence[SlotFile]) -> tuple[datetime, str]:
    return versions[0].landed_at, versions[0].landing_key


class _Period:
    """The parts of one period, added one after the other. `used`: the files in use."""

    def __init__(self, read: ReadStatements) -> None:
        self.used: list[SlotFile] = []
        self._read = read
        self._numbers = _Numbers()
        self._stated = _Stated()
        self._refused: list[tuple[SlotFile, Whole]] = []

    def add(self, versions: Sequence[SlotFile], newest: "pa.Table") -> None:
        """Use the newest of a slot's files that states nothing that a file in use states. `newest`: what the first of
        them states."""
        tried: set[FileId] = set()
        for file in versions:
            if file.file_id in tried:
                continue
            tried.add(file.file_id)
            numbers = self._numbers.of(newest if file is versions[0] else self._read(file.file_id))
            if not (self._stated.places(numbers) >= 0).any():
                self._stated.add(numbers, len(self.used))
                self.used.append(file)
                return
            if file is versions[0]:
                self._refused.append((file, numbers))

    def left_out(self) -> Iterator[Excluded]:
        """The newest files that are not used, with the files in use that overlap with them."""
        codes_of = self._numbers.codes()
        for file, numbers in self._refused:
            places = self._stated.places(numbers)
            shared: dict[int, set[str]] = {}
            for place, number in zip(places[places >= 0].tolist(), numbers[places >= 0].tolist(), strict=True):
                shared.setdefault(place, set()).add(codes_of[number >> _BITS])
            others = sorted((self.used[place].slot, codes) for place, codes in shared.items())
            overlaps = {str(slot): tuple(sorted(codes)) for slot, codes in others if slot != file.slot}
            yield Excluded(file=file, overlaps=overlaps)


class _Numbers:
    """A number for each statement, the same in every file: a number for its code and unit, and one for the rest."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Any, ...], int] = {}
        self._figures: dict[tuple[Any, ...], int] = {}

    def of(self, statements: "pa.Table") -> Whole:
        """The numbers of a file's statements."""
        columns = [statements[name].combine_chunks() for name in STATEMENT]
        return _numbered(columns[:2], self._rows) << _BITS | _numbered(columns[2:], self._figures)

    def codes(self) -> list[str]:
        """The code in a statement, by the upper bits of its number."""
        return [code for code, _ in self._rows]


def _numbered(columns: Sequence[Any], known: dict[tuple[Any, ...], int]) -> Whole:
    """The number of each row of some Arrow arrays. Rows that are not known yet are added to `known`."""
    rows = np.zeros(len(columns[0]), dtype=np.int64)
    values_of: list[list[Any]] = []
    for column in columns:
        coded = column if hasattr(column, "dictionary") else column.dictionary_encode()
        values = [*coded.dictionary.to_pylist(), None]
        rows = rows * len(values) + coded.indices.fill_null(len(values) - 1).to_numpy()
        values_of.append(values)
    distinct, which = np.unique(rows, return_inverse=True)
    texts: list[list[Any]] = []
    for values in reversed(values_of):
        texts.append([values[place] for place in (distinct % len(values)).tolist()])
        distinct //= len(values)
    numbers = [known.setdefault(row, len(known)) for row in zip(*reversed(texts), strict=True)]
    return np.array(numbers, dtype=np.int64)[which]


class _Stated:
    """Which file states what: sorted arrays of numbers with the file of each, every array at least twice as long as the
    next one. So adding a file seldom moves what is there, and there are few arrays to search."""

    def __init__(self) -> None:
        self._runs: list[tuple[Whole, Whole]] = []

    def add(self, numbers: Whole, place: int) -> None:
        """Add the file with this place, none of whose numbers is there."""
        numbers = np.unique(numbers)
        places = np.full(len(numbers), place, dtype=np.int64)
        while self._runs and len(self._runs[-1][0]) < 2 * len(numbers):
            longer, theirs = self._runs.pop()
            numbers, places = np.concatenate([longer, numbers]), np.concatenate([theirs, places])
            order = np.argsort(numbers, kind="stable")
            numbers, places = numbers[order], places[order]
        self._runs.append((numbers, places))

    def places(self, numbers: Whole) -> Whole:
        """The place of the file that states each number; -1 if none does."""
        found = np.full(len(numbers), -1, dtype=np.int64)
        for stated, places in self._runs:
            at = np.searchsorted(stated, numbers).clip(max=max(len(stated) - 1, 0))
            if len(stated):
                found = np.where(stated[at] == numbers, places[at], found)
        return found


def contested(slots: Iterable[Slot]) -> frozenset[Slot]:
    """The slots whose period comes in several parts."""
    distinct = set(slots)
    parts = Counter((slot.dataset, slot.period) for slot in distinct)
    return frozenset(slot for slot in distinct if parts[slot.dataset, slot.period] > 1)
