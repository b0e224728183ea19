"""Dry runs: the peer groups of the release that would come of a file, had it been landed now. Nothing is published."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd

from functions.peers.checks import findings
from functions.peers.groups import peer_groups
from shared import keys
from shared.aws.store import Store
from shared.dry_run import FINDINGS, PEERS, SNAPSHOT, DryRunStore
from shared.errors import Transient
from shared.events import DryRunAccepted, DryRunPeersComputed
from shared.facts.apply_findings import apply_findings
from shared.ids import FileId, ReleaseId
from shared.keys import CURRENT, VerdictName, key_hash
from shared.landed import Landed
from shared.landing.history import Log
from shared.landing.parts import STATEMENT
from shared.landing.read import read_facts, read_method, statements
from shared.landing.snapshot import Snapshot, SnapshotResult, take
from shared.landing.verdicts import rules_for
from shared.method.method import Method
from shared.releases.channels import read_pointer

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class DryRun:
    """The two buckets, and an accepted dry-run file to be tried."""

    def __init__(self, landing: Store, data: Store, build: int, asked: DryRunAccepted) -> None:
        self.landing = landing
        self.data = DryRunStore(data.bucket, asked.file_id)
        self.build = build
        self.asked = asked

    def compute(self) -> DryRunPeersComputed:
        """Store snapshot, findings and peers of the private run. Transient while landed files are being read anew."""
        method = read_method(self.data, self.asked.method_id)
        pointer, _ = read_pointer(self.data, CURRENT)
        shown = None
        if pointer and pointer.method_id == self.asked.method_id:
            shown = self.data.read_model(Snapshot, keys.snapshot(pointer.snapshot_id))
        snapshot = self._snapshot(method, shown)
        would_be = keys.release_id(snapshot.file_ids(), snapshot.method_id, self.build)
        if not pointer or pointer.release_id != would_be:
            self._store(snapshot, method, would_be)
        return DryRunPeersComputed(
            landing_key=self.asked.landing_key,
            version_id=self.asked.version_id,
            file_id=self.asked.file_id,
            would_be=would_be,
            compared_with=pointer.release_id if pointer else None,
        )

    def _snapshot(self, method: Method, shown: Snapshot | None) -> Snapshot:
        """The current release's snapshot, but for the file's period: that is as it would be, had it been landed now.

        So the answer is about this file alone, whatever else was landed meanwhile and whether or not the channel is
        held. Where nothing is current under the method, it is the landing bucket as it stands.
        """
        key = self.asked.landing_key.removeprefix(keys.DRY_RUN_PREFIX)
        slot = keys.slot_of(key)
        of_period = f"{slot.dataset}/{slot.period}/" if shown else ""
        look = self._look(key, method, of_period)
        if look.rereading:
            raise Transient("landed files are being read anew")
        if shown is None:
            return look.snapshot
        period = slot.dataset, slot.period
        files = [file for file in shown.files if (file.dataset, file.period) != period] + list(look.snapshot.files)
        left = [left for left in shown.left_out if (left.file.dataset, left.file.period) != period]
        return Snapshot(
            method_id=shown.method_id,
            files=tuple(sorted(files, key=lambda file: file.slot)),
            left_out=tuple(sorted([*left, *look.snapshot.left_out], key=lambda left: left.file.slot)),
        )

    def _look(self, key: str, method: Method, prefix: str) -> SnapshotResult:
        """What the landing bucket would say under a prefix with the file as its newest entry."""
        history = self.landing.history(prefix)
        newest = max((entry.at for entry in history), default=_BEFORE_ALL)
        landed = Landed(key, self.asked.version_id, newest + timedelta(seconds=1), deleted=False)
        rules = rules_for(key, method)
        verdict = VerdictName(rules.dataset, rules.contract_id, key_hash(key), landed.version_id, self.asked.file_id)
        verdicts = [keys.verdict_name(name) for name in self.data.names(keys.VERDICTS)]
        return take(Log(_with(history, landed), [*verdicts, verdict]), self.asked.method_id, method, self._stated)

    def _stated(self, file_id: FileId) -> pd.DataFrame:
        if file_id != self.asked.file_id:
            return statements(self.data)(file_id)
        return self.data.read_table(keys.curated(file_id)).select(STATEMENT).to_pandas()

    def _store(self, snapshot: Snapshot, method: Method, would_be: ReleaseId) -> None:
        """All is named by what went into it; peers, written last, mean that the rest is there too."""
        if self.data.find(keys.dry_run(would_be, PEERS)) is not None:
            return
        facts, _ = read_facts(self.data, snapshot)
        found = findings(facts, snapshot, method)
        self.data.write_model(keys.dry_run(would_be, SNAPSHOT), snapshot)
        self.data.write_table(keys.dry_run(would_be, FINDINGS), found)
        self.data.write_table(keys.dry_run(would_be, PEERS), peer_groups(apply_findings(facts, found), method))


def _with(history: Sequence[Landed], landed: Landed) -> list[Landed]:
    """A history with one entry more, the newest of its key."""
    place = next((place for place, entry in enumerate(history) if entry.key == landed.key), len(history))
    return [*history[:place], landed, *history[place:]]
