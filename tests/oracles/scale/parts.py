"""Which file of each part of a period is used, decided slowly: every file is held against every file in use."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from shared.keys import Slot
from shared.landing.parts import STATEMENT, Excluded, ReadStatements, Settled, SlotFile


def settle(candidates: Mapping[Slot, Sequence[SlotFile]], read: ReadStatements) -> Settled:
    """What `shared.landing.parts.settle` returns; the calls of `read` grow with the square of the parts."""
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
    both = read(file.file_id).to_pandas().merge(read(other.file_id).to_pandas(), on=STATEMENT)
    return tuple(sorted(set(both["code"])))
