"""Files that stand side by side: the parts of one period, and what happens where two state the same figure."""

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

STATEMENT = ["code", "period_start", "period_end", "measure"]
"""What no two parts may both state, whatever they say of it."""

type Stated = Callable[[FileId], pd.DataFrame]
"""file_id → its rows' `STATEMENT` columns."""


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
        """What the file speaks of."""
        return Slot(self.dataset, self.period, self.part)


class Excluded(BaseModel):
    """The newest file of a slot, left out because files in use state the same: their slots → the codes concerned."""

    model_config = ConfigDict(frozen=True)

    file: SlotFile
    overlaps: dict[str, tuple[str, ...]]


class Settled(NamedTuple):
    """The files in use and those left out, both in slot order."""

    files: tuple[SlotFile, ...]
    left_out: tuple[Excluded, ...]


def settle(candidates: Mapping[Slot, Sequence[SlotFile]], stated: Stated) -> Settled:
    """Of each slot's files, newest first and never empty, the one to use.

    That is the newest, unless another part of its period states the same code, period and measure: then the part
    whose newest file was landed later, by (landed at, key), goes back to its newest file without overlap, or has none.
    """
    files: list[SlotFile] = []
    left_out: list[Excluded] = []
    for _, slots in groupby(sorted(candidates), key=lambda slot: (slot.dataset, slot.period)):
        used: list[SlotFile] = []
        refused: list[SlotFile] = []
        for versions in sorted((candidates[slot] for slot in slots), key=_landed):
            free = (file for file in versions if not any(_shared(file, other, stated) for other in used))
            chosen = next(free, None)
            used += [chosen] if chosen else []
            refused += [versions[0]] if chosen != versions[0] else []
        files += used
        left_out += [Excluded(file=file, overlaps=dict(_overlaps(file, used, stated))) for file in refused]
    return Settled(
        tuple(sorted(files, key=lambda file: file.slot)), tuple(sorted(left_out, key=lambda left: left.file.slot))
    )


def _landed(versions: Sequence[SlotFile]) -> tuple[datetime, str]:
    return versions[0].landed_at, versions[0].landing_key


def _overlaps(file: SlotFile, used: Sequence[SlotFile], stated: Stated) -> Iterator[tuple[str, tuple[str, ...]]]:
    for other in sorted(used, key=lambda other: other.slot):
        codes = _shared(file, other, stated) if other.slot != file.slot else ()
        if codes:
            yield str(other.slot), codes


def _shared(file: SlotFile, other: SlotFile, stated: Stated) -> tuple[str, ...]:
    both = stated(file.file_id).merge(stated(other.file_id), on=STATEMENT)
    return tuple(sorted(set(both["code"])))


def contested(slots: Iterable[Slot]) -> frozenset[Slot]:
    """Those of the slots whose period comes in several."""
    distinct = set(slots)
    parts = Counter((slot.dataset, slot.period) for slot in distinct)
    return frozenset(slot for slot in distinct if parts[slot.dataset, slot.period] > 1)
