"""Judges landed files and stores receipts, verdicts and typed tables."""

from datetime import UTC, datetime

from functions.ingest.dry_run import FileDryRun
from functions.ingest.judge import judge_body, rejected_unread
from functions.ingest.judge_landed import JudgeBody, judge, store_receipt
from shared import keys
from shared.aws.observability import Measured, count
from shared.aws.store import Missing, Store
from shared.errors import NotReady
from shared.events import Event, FileCurated, FileRejected, FileWithdrawn, RecomputeRequested
from shared.ids import MethodId
from shared.keys import CURRENT
from shared.landed import Landed
from shared.landing.history import Log, methods_in_force, unjudged_methods
from shared.landing.read import read_decision, read_log_of_methods, read_method
from shared.landing.verdicts import Rules, method_rules_for, rules_for
from shared.statuses import FileStatus

_NO_TIME = datetime.min.replace(tzinfo=UTC)
"""The time of a delete marker that an event names: its real time is not needed."""


class Ingest:
    """The two buckets, and how a version's bytes are judged."""

    def __init__(self, landing: Store, data: Store, judge_body: JudgeBody = judge_body) -> None:
        self.landing = landing
        self.data = data
        self.judge_body = judge_body

    def look_at(self, key: str, version_id: str = "", deleted: bool = False) -> list[Event]:
        """Judge a version of a key and return the events that follow. NotReady without a method.

        Without a version, judge every version of the key. That includes those below a delete marker, since a release
        that is held may be made of one. An event names its version, and then no other is listed: a key may have a
        hundred thousand.
        """
        entries = self._entries(key, version_id, deleted)
        if not entries:
            return []
        if key.startswith(keys.DRY_RUN_PREFIX):
            return self._dry_run(entries)
        if key.startswith(keys.DECISIONS_PREFIX) and not entries[0].deleted:
            return [self._handle_decision(entries[0])]
        outcomes = {} if key.startswith(keys.DECISIONS_PREFIX) else self._judge_key(entries)
        if entries[0].deleted:
            return [FileWithdrawn(landing_key=key, version_id=entries[0].version_id)]
        return [self._event_for(entry, *outcomes[entry]) for entry in outcomes]

    def _entries(self, key: str, version_id: str, deleted: bool) -> list[Landed]:
        """The versions to look at, newest first. `deleted`: `version_id` is that of a delete marker."""
        # All versions of a dry run are listed, since one that was deleted meanwhile gets no receipt.
        if not version_id or key.startswith(keys.DRY_RUN_PREFIX):
            return [entry for entry in self.landing.history(key) if entry.key == key]
        if deleted:
            return [Landed(key, version_id, _NO_TIME, True)]
        try:
            return [Landed(key, version_id, self.landing.head(key, version_id).at, False)]
        except Missing:
            return []

    def _judge_key(self, entries: list[Landed]) -> dict[Landed, tuple[str, str]]:
        key = entries[0].key
        if key.startswith(keys.METHOD_PREFIX):
            return self._judge_versions(entries, method_rules_for(), None)
        outcomes: dict[Landed, tuple[str, str]] = {}
        for channel, method_id in self._methods().items():
            rules = rules_for(key, read_method(self.data, method_id))
            judged = self._judge_versions(entries, rules, method_id, with_receipt=channel == CURRENT)
            outcomes = outcomes or judged
        return outcomes

    def _dry_run(self, entries: list[Landed]) -> list[Event]:
        try:
            dry_run = FileDryRun(self.landing, self.data, self._methods(), judge_body=self.judge_body)
        except NotReady as reason:
            dry_run = FileDryRun(self.landing, self.data, {}, str(reason), self.judge_body)
        return dry_run.look_at(entries)

    def _methods(self) -> dict[str, MethodId]:
        """channel → method_id. Methods without a verdict are judged first: after a deployment that judges methods
        differently, files and dry runs would otherwise have to wait for the schedule."""
        log = read_log_of_methods(self.landing, self.data)
        waiting = unjudged_methods(log)
        for key in waiting:
            self._judge_key([entry for entry in log.history if entry.key == key])
        return methods_in_force(read_log_of_methods(self.landing, self.data) if waiting else log)

    def _handle_decision(self, entry: Landed) -> Event:
        """Request a recompute for a decision; a file that is not a valid one gets a receipt that rejects it."""
        try:
            decision = read_decision(self.landing, entry)
        except ValueError as fault:
            store_receipt(self.data, rejected_unread(entry, "decision", str(fault)).receipt)
            return self._event_for(entry, "decisions", FileStatus.REJECTED)
        return RecomputeRequested(reason=f"decision {decision.number}: {decision.action}")

    def _judge_versions(
        self, entries: list[Landed], rules: Rules, method_id: MethodId | None, with_receipt: bool = True
    ) -> dict[Landed, tuple[str, str]]:
        """(dataset, outcome) of the versions judged now or, if all had a verdict already, of the newest."""
        key = entries[0].key
        version = entries[0].version_id if len(entries) == 1 else ""
        names = self.data.names(keys.verdict(rules.dataset, rules.contract_id, key, version, "").rstrip("/") + "/")
        log = Log(entries, [keys.verdict_name(name) for name in names])
        judged = {}
        for entry in entries:
            if not entry.deleted and log.outcome(entry, rules) is None:
                judged[entry] = (rules.dataset, self._judge(entry, rules, method_id, with_receipt))
        return judged or {entries[0]: (rules.dataset, str(log.outcome(entries[0], rules)))}

    def _judge(self, entry: Landed, rules: Rules, method_id: MethodId | None, with_receipt: bool) -> str:
        """Judge one version. The verdict is written last: if anything before it is cut short, all is done again."""
        judgement = judge(self.landing, entry, rules, method_id, self.judge_body)
        if judgement.derived:
            self.data.put(judgement.derived.key, judgement.derived.body)
        receipt = judgement.receipt
        if with_receipt:
            store_receipt(self.data, receipt)
            count(Measured.FILES_ACCEPTED, int(receipt.file_id is not None))
            count(Measured.FILES_REJECTED, int(receipt.file_id is None))
            count(Measured.FINDING_ERRORS, receipt.errors)
            count(Measured.FINDING_WARNINGS, receipt.warnings)
        outcome = receipt.file_id or FileStatus.REJECTED
        self.data.put(keys.verdict(rules.dataset, rules.contract_id, entry.key, entry.version_id, outcome), b"")
        return outcome

    def _event_for(self, entry: Landed, dataset: str, outcome: str) -> Event:
        version = {"landing_key": entry.key, "version_id": entry.version_id, "dataset": dataset}
        if outcome == FileStatus.REJECTED:
            return FileRejected(**version, receipt=keys.receipt(entry.key, entry.version_id))
        return FileCurated(**version, file_id=outcome)
