"""The snapshot: the current file of every slot, computed from the landing bucket's history and the verdicts.

It is a pure function of two listings. Nothing here depends on the order in which events arrived, and a later listing
never has less than an earlier one.
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared import keys
from shared.content import content_id
from shared.ids import FileId, MethodId, SnapshotId
from shared.keys import Slot
from shared.landing.history import Log
from shared.landing.parts import Excluded, ReadStatements, Replaced, SlotFile, contested, replaced, settle
from shared.landing.verdicts import rules_for
from shared.method.method import Method
from shared.statuses import FileStatus


class Snapshot(BaseModel):
    """The current file of every slot under one method, the files left out, and those that were replaced by a file of
    another name with fewer organisations, all in slot order."""

    model_config = ConfigDict(frozen=True)

    method_id: MethodId
    files: tuple[SlotFile, ...]
    left_out: tuple[Excluded, ...] = ()
    replaced: tuple[Replaced, ...] = ()

    @property
    def snapshot_id(self) -> SnapshotId:
        """Content id. It depends on where each file came from, so two landings of the same bytes are two snapshots."""
        return SnapshotId(content_id(self.model_dump(mode="json")))

    def file_ids(self) -> dict[str, str]:
        """What results depend on: slot → file_id, and `<slot> left out` → file_id.

        Which of two overlapping parts is left out depends on when they were landed. Without the files left out, two
        landings in opposite order would be one release id with two results. The files that were replaced have findings.
        """
        used: dict[str, str] = {str(file.slot): file.file_id for file in self.files}
        left_out = {f"{left.file.slot} left out": left.file.file_id for left in self.left_out}
        return used | left_out | {f"{lost.file.slot} replaced": lost.file.file_id for lost in self.replaced}


class SnapshotResult(NamedTuple):
    """A snapshot, the landing keys that have no verdict yet, and whether some of them had one under earlier rules."""

    snapshot: Snapshot
    unjudged: list[str]
    rereading: bool


def take(log: Log, method_id: MethodId, method: Method, read: ReadStatements) -> SnapshotResult:
    """The current file of every slot.

    A key's current file is its newest accepted version since its newest delete marker; a rejected version, or one
    without a verdict, leaves the version before it current. A slot's current file is the newest of its keys' current
    files, by (landed at, key). If a period comes in parts, `settle` chooses, and may choose any earlier version. The
    files of a relation never exclude each other: together they are one list, in which repeats count once.
    """
    keyed = [
        (key, rules, live)
        for key, live in log.by_key()
        if live and not key.startswith(keys.NOT_FILES)
        for rules in [rules_for(key, method)]
    ]
    in_parts = contested(
        [rules.slot for _, rules, _ in keyed if rules.slot and rules.contract and not rules.contract.relation]
    )
    candidates: dict[Slot, list[tuple[datetime, str, int, SlotFile]]] = {}
    unjudged: list[str] = []
    rereading = False
    for key, rules, live in keyed:
        for place, entry in enumerate(live):
            outcome = log.outcome(entry, rules)
            if outcome is None:
                unjudged.append(key)
                rereading = rereading or log.judged_before(entry)
            elif outcome != FileStatus.REJECTED and rules.slot is not None:
                file = SlotFile(
                    **rules.slot._asdict(),
                    file_id=FileId(outcome),
                    landing_key=key,
                    version_id=entry.version_id,
                    landed_at=entry.at,
                )
                candidates.setdefault(rules.slot, []).append((entry.at, key, -place, file))
                if rules.slot not in in_parts:
                    break
    newest_first = {slot: [file for *_, file in sorted(landed, reverse=True)] for slot, landed in candidates.items()}
    whole = [files[0] for slot, files in newest_first.items() if slot not in in_parts]
    parts = settle({slot: files for slot, files in newest_first.items() if slot in in_parts}, read)
    current = tuple(sorted([*whole, *parts.files], key=lambda file: file.slot))
    pairs = [
        (files[0], files[1]) for slot, files in sorted(newest_first.items()) if slot not in in_parts and len(files) > 1
    ]
    lost = tuple(filter(None, (replaced(file, before, read) for file, before in pairs)))
    snapshot = Snapshot(method_id=method_id, files=current, left_out=parts.left_out, replaced=lost)
    return SnapshotResult(snapshot, list(dict.fromkeys(unjudged)), rereading)
