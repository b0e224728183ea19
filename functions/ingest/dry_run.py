"""Dry runs: a file is judged as if it had been landed. It gets a receipt but no verdict, so it is in no snapshot."""

from collections.abc import Mapping, Sequence

from functions.ingest.judge import Judgement, judge_body, rejected_unread
from functions.ingest.judge_landed import JudgeBody, judge, store_receipt
from functions.ingest.receipts import Receipt
from shared import keys
from shared.aws.store import Store
from shared.events import DryRunAccepted, Event
from shared.ids import MethodId
from shared.keys import CURRENT
from shared.landed import Landed
from shared.landing.read import read_method
from shared.landing.verdicts import Rules, method_rules_for, rules_for
from shared.releases.assessment import Assessment
from shared.statuses import FileStatus

_PENDING = "The file is accepted. What it would change is being computed: read this receipt again in a minute."
_METHOD = (
    "The method can be used. To see what it would change, land it under method/: while another method is current, it "
    "makes a preview release in addition to the current one, and nothing that readers see changes."
)


class FileDryRun:
    """The two buckets, the methods in force by channel (none, if `waits_for` says what is missing), and how a
    version's bytes are judged."""

    def __init__(
        self,
        landing: Store,
        data: Store,
        methods: Mapping[str, MethodId],
        waits_for: str = "",
        judge_body: JudgeBody = judge_body,
    ) -> None:
        self.landing = landing
        self.data = data
        self.method_id = methods.get(CURRENT)
        self.waits_for = waits_for
        self.judge_body = judge_body

    def look_at(self, entries: Sequence[Landed]) -> list[Event]:
        """Give each live version of a key (newest first) its receipt. The events request the private runs that are
        still to be made."""
        events: list[Event] = []
        for entry in entries:
            if entry.deleted:
                break
            receipt = self._receipt(entry)
            if receipt.impact and receipt.impact.state == "pending":
                ids = {"method_id": str(receipt.method_id), "file_id": str(receipt.file_id)}
                events.append(DryRunAccepted(landing_key=entry.key, version_id=entry.version_id, **ids))
        return events

    def _receipt(self, entry: Landed) -> Receipt:
        """The stored receipt, if it was made under the method in force; else a new one."""
        earlier = self.data.find_model(Receipt, keys.receipt(entry.key, entry.version_id))
        is_method = entry.key.startswith(keys.DRY_RUN_PREFIX + keys.METHOD_PREFIX)
        if earlier and (is_method or earlier.method_id == self.method_id):
            return earlier
        judgement = self._judge(entry, method_rules_for(), None) if is_method else self._judge_file(entry)
        receipt = judgement.receipt
        if receipt.status == FileStatus.ACCEPTED:
            state, note = ("none", _METHOD) if is_method else ("pending", _PENDING)
            receipt = receipt.model_copy(update={"impact": Assessment(state=state, notes=(note,))})
        if judgement.derived and receipt.file_id and not is_method:
            self.data.put(keys.dry_run_file(receipt.file_id), judgement.derived.body)
        store_receipt(self.data, receipt)
        return receipt

    def _judge_file(self, entry: Landed) -> Judgement:
        if self.method_id is None:
            why = f"{entry.key}: the file was not read, because {self.waits_for}. Land a method, then this file again."
            return rejected_unread(entry, "no_method", why)
        rules = rules_for(entry.key.removeprefix(keys.DRY_RUN_PREFIX), read_method(self.data, self.method_id))
        return self._judge(entry, rules, self.method_id)

    def _judge(self, entry: Landed, rules: Rules, method_id: MethodId | None) -> Judgement:
        return judge(self.landing, entry, rules, method_id, self.judge_body)
