"""Dry runs: the peer groups of the release that a file would make if it were landed now. Nothing is published."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from functions.peers.compute import compute
from functions.peers.datasets.stored import known_facts
from functions.peers.parts import StoredGroups
from shared import keys
from shared.aws.store import Store
from shared.dry_run import CHARACTERISTICS, FINDINGS, PEERS, SNAPSHOT, DryRunStore
from shared.errors import Transient
from shared.events import DryRunAccepted, DryRunPeersComputed
from shared.ids import FileId, ReleaseId
from shared.keys import CURRENT, VerdictName, key_hash
from shared.landed import Landed
from shared.landing.history import Log
from shared.landing.parts import STATEMENT
from shared.landing.read import read_method, statements
from shared.landing.snapshot import Snapshot, SnapshotResult, take
from shared.landing.verdicts import rules_for
from shared.method.method import Method
from shared.releases.channels import read_pointer

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class PeersDryRun:
    """The two buckets, and an accepted dry-run file."""

    def __init__(self, landing: Store, data: Store, build: int, accepted: DryRunAccepted) -> None:
        self.landing = landing
        self.data = DryRunStore(data.bucket, accepted.file_id)
        self.build = build
        self.accepted = accepted
        self._landed_statements = statements(self.data)

    def compute(self) -> DryRunPeersComputed:
        """Store the private run's snapshot, findings and peers. Transient while landed files are being judged again."""
        method = read_method(self.data, self.accepted.method_id)
        pointer, _ = read_pointer(self.data, CURRENT)
        current = None
        if pointer and pointer.method_id == self.accepted.method_id:
            current = self.data.read_model(Snapshot, keys.snapshot(pointer.snapshot_id))
        snapshot = self._snapshot(method, current)
        would_be = keys.release_id(snapshot.file_ids(), snapshot.method_id, self.build)
        if not pointer or pointer.release_id != would_be:
            self._store(snapshot, method, would_be)
        return DryRunPeersComputed(
            landing_key=self.accepted.landing_key,
            version_id=self.accepted.version_id,
            file_id=self.accepted.file_id,
            would_be=would_be,
            compared_with=pointer.release_id if pointer else None,
        )

    def _snapshot(self, method: Method, current: Snapshot | None) -> Snapshot:
        """The current release's snapshot, with the file's period as it would be if the file were landed now.

        So the answer is about this file alone, whatever else was landed meanwhile and whether or not the channel is
        held. If there is no current release of the method, the snapshot is that of the whole landing bucket.
        """
        key = self.accepted.landing_key.removeprefix(keys.DRY_RUN_PREFIX)
        slot = keys.slot_of(key)
        of_period = f"{slot.dataset}/{slot.period}/" if current else ""
        result = self._take(key, method, of_period)
        if result.rereading:
            raise Transient("landed files are being judged again")
        if current is None:
            return result.snapshot
        period = slot.dataset, slot.period
        files = [file for file in current.files if (file.dataset, file.period) != period] + list(result.snapshot.files)
        left_out = [left for left in current.left_out if (left.file.dataset, left.file.period) != period]
        replaced = [lost for lost in current.replaced if (lost.file.dataset, lost.file.period) != period]
        return Snapshot(
            method_id=current.method_id,
            files=tuple(sorted(files, key=lambda file: file.slot)),
            left_out=tuple(sorted([*left_out, *result.snapshot.left_out], key=lambda left: left.file.slot)),
            replaced=tuple(sorted([*replaced, *result.snapshot.replaced], key=lambda lost: lost.file.slot)),
        )

    def _take(self, key: str, method: Method, prefix: str) -> SnapshotResult:
        """The snapshot of the landing bucket under a prefix with the file as its newest entry."""
        history = self.landing.history(prefix)
        newest = max((entry.at for entry in history), default=_BEFORE_ALL)
        landed = Landed(key, self.accepted.version_id, newest + timedelta(seconds=1), deleted=False)
        rules = rules_for(key, method)
        verdict = VerdictName(rules.dataset, rules.contract_id, key_hash(key), landed.version_id, self.accepted.file_id)
        of_dataset = f"{rules.dataset}/" if prefix else ""
        verdicts = [keys.verdict_name(name) for name in self.data.names(keys.VERDICTS + of_dataset)]
        return take(
            Log(_with(history, landed), [*verdicts, verdict]), self.accepted.method_id, method, self._statements
        )

    def _statements(self, file_id: FileId) -> pa.Table:
        if file_id != self.accepted.file_id:
            return self._landed_statements(file_id)
        return self.data.read_table(keys.curated(file_id)).select(STATEMENT)

    def _store(self, snapshot: Snapshot, method: Method, would_be: ReleaseId) -> None:
        """All are named by their inputs; peers are written last, so that the others exist if they do."""
        if self.data.find(keys.dry_run(would_be, PEERS)) is not None:
            return
        facts = known_facts(self.data, snapshot, method, keep=False)
        computed = compute(facts, snapshot, method, StoredGroups(self.data, keep=False))
        self.data.write_model(keys.dry_run(would_be, SNAPSHOT), snapshot)
        self.data.write_table(keys.dry_run(would_be, FINDINGS), computed.findings)
        self.data.write_table(keys.dry_run(would_be, CHARACTERISTICS), computed.characteristics)
        self.data.write_table(keys.dry_run(would_be, PEERS), computed.peers)


def _with(history: Sequence[Landed], landed: Landed) -> list[Landed]:
    """A history with one more entry, the newest of its key."""
    place = next((place for place, entry in enumerate(history) if entry.key == landed.key), len(history))
    return [*history[:place], landed, *history[place:]]
