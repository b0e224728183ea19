"""Parts: several files for one period of a dataset, and which file is used if two of them state the same figure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.ids import FileId
from shared.keys import Slot

if TYPE_CHECKING:
    import pandas as pd

STATEMENT = ["code", "unit", "period_start", "period_end", "measure"]
"""The columns that identify a figure: no two parts of a period may state the same one, whatever its value."""

type ReadStatements = Callable[[FileId], pd.DataFrame]
"""file_id → the `STATEMENT` columns of its rows."""


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


def _codes(statements: "pd.DataFrame") -> set[str]:
    pairs = statements[["code", "unit"]].drop_duplicates().itertuples(index=False)
    return {f"{code} {unit}" if isinstance(unit, str) else str(code) for code, unit in pairs}


class Settled(NamedTuple):
    """The files in use and those left out, both in slot order."""

    files: tuple[SlotFile, ...]
    left_out: tuple[Excluded, ...]


def settle(candidates: Mapping[Slot, Sequence[SlotFile]], read: ReadStatements) -> Settled:
    """The file to use for each slot, from the slot's files (newest first, at least one).

    That is the newest one, unless another part of the same period states the same code, unit, period and measure. Of
    two such parts, the one whose newest file was landed later, by (landed at, key), uses its newest file that does not
    overlap, or none.
    """
    files: list[SlotFile] = []
    left_out: list[Excluded] = []
    for _, slots in groupby(sorted(candidates), key=lambda slot: (slot.dataset, slot.period)):
        used: list[SlotFile] = []
        refused: list[SlotFile] = []
        for versions in sorted((candidates[slot] for slot in slots), key=_landed):
            free = (file for file in versions if not any(_shared(file, other, read) for other in used))
            chosen = next(free, None)
            used += [chosen] if chosen else []
            refused += [versions[0]] if chosen != versions[0] else []
        files += used
        left_out += [Excluded(file=file, overlaps=dict(_overlaps(file, used, read))) for file in refused]
    return Settled(
        tuple(sorted(files, key=lambda file: file.slot)), tuple(sorted(left_out, key=lambda left: left.file.slot))
    )


def _landed(versions: Sequence[SlotFile]) -> tuple[datetime, str]:
    return versions[0].landed_at, versions[0].landing_key


def _overlaps(file: SlotFile, used: Sequence[SlotFile], read: ReadStatements) -> Iterator[tuple[str, tuple[str, ...]]]:
    for other in sorted(used, key=lambda other: other.slot):
        codes = _shared(file, other, read) if other.slot != file.slot else ()
        if codes:
            yield str(other.slot), codes


def _shared(file: SlotFile, other: SlotFile, read: ReadStatements) -> tuple[str, ...]:
    both = read(file.file_id).merge(read(other.file_id), on=STATEMENT)
    return tuple(sorted(set(both["code"])))


def contested(slots: Iterable[Slot]) -> frozenset[Slot]:
    """The slots whose period comes in several parts."""
    distinct = set(slots)
    parts = Counter((slot.dataset, slot.period) for slot in distinct)
    return frozenset(slot for slot in distinct if parts[slot.dataset, slot.period] > 1)
