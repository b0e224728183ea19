"""What the landing bucket says now: its history with the verdicts on it, the methods in force, the current files.

The landing bucket is the log and this is its reading: a pure function of two listings, so whoever reads later
never knows less. Nothing here depends on the order in which events arrived.
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from shared import keys
from shared.content import content_id
from shared.ids import FileId, MethodId, SnapshotId
from shared.keys import Slot
from shared.landing.history import Log
from shared.landing.parts import Excluded, SlotFile, Stated, contested, settle
from shared.landing.verdicts import rules_for
from shared.method.method import Method
from shared.statuses import FileStatus


class Snapshot(BaseModel):
    """The current file of every slot under one method, in slot order, and the files left out of it."""

    model_config = ConfigDict(frozen=True)

    method_id: MethodId
    files: tuple[SlotFile, ...]
    left_out: tuple[Excluded, ...] = ()

    @property
    def snapshot_id(self) -> SnapshotId:
        """Content id, provenance included: two landings of the same bytes are two snapshots."""
        return SnapshotId(content_id(self.model_dump(mode="json")))

    def file_ids(self) -> dict[str, str]:
        """What results depend on: slot → file_id, without provenance.

        Which of two overlapping parts is left out depends on when they were landed, which is no content. So files left
        out are named as such: without that, two landings in opposite order would be one release with two results.
        """
        used: dict[str, str] = {str(file.slot): file.file_id for file in self.files}
        return used | {f"{left.file.slot} left out": left.file.file_id for left in self.left_out}


class SnapshotResult(NamedTuple):
    """A snapshot, the landing keys that still want a verdict, and whether files are being read anew."""

    snapshot: Snapshot
    unjudged: list[str]
    rereading: bool


def take(log: Log, method_id: MethodId, method: Method, stated: Stated) -> SnapshotResult:
    """The current file of every slot.

    A key's file is its newest accepted version above its newest delete marker, a slot's the newest of its keys'
    by (landed at, key): a rejected or unjudged version leaves the one before it current. Where a period comes in
    parts, `settle` has the last word, and may go back to any version; relations add up to one list, in which
    repeats count once.
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
    newest_first = {slot: [file for *_, file in sorted(found, reverse=True)] for slot, found in candidates.items()}
    whole = [found[0] for slot, found in newest_first.items() if slot not in in_parts]
    parts = settle({slot: found for slot, found in newest_first.items() if slot in in_parts}, stated)
    files = tuple(sorted([*whole, *parts.files], key=lambda file: file.slot))
    snapshot = Snapshot(method_id=method_id, files=files, left_out=parts.left_out)
    return SnapshotResult(snapshot, list(dict.fromkeys(unjudged)), rereading)
