"""Dry runs: a file judged as if it had been landed. It gets a receipt and no verdict, so no snapshot ever holds it."""

from collections.abc import Mapping, Sequence

from functions.ingest.judge import Judgement, judge_body, turned_away
from functions.ingest.judge_landed import JudgeBody, judge
from functions.ingest.receipt_files import store
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
    "The method can be used. What it would change is seen by landing it under method/: while another one is current, "
    "it makes a preview release beside the current one, and nothing that readers see changes."
)


class DryRun:
    """The two buckets, the methods in force by channel (none, where `waits_for` says what is missing), and how a
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
        """Give each live version of a key (newest first) its receipt, and ask for the private runs still wanted."""
        asked: list[Event] = []
        for entry in entries:
            if entry.deleted:
                break
            receipt = self._receipt(entry)
            if receipt.impact and receipt.impact.state == "pending":
                ids = {"method_id": str(receipt.method_id), "file_id": str(receipt.file_id)}
                asked.append(DryRunAccepted(landing_key=entry.key, version_id=entry.version_id, **ids))
        return asked

    def _receipt(self, entry: Landed) -> Receipt:
        """The receipt there is, if it was made under the method in force; else a new one."""
        place = keys.receipt(entry.key, entry.version_id)
        earlier = self.data.find_model(Receipt, place)
        of_method = entry.key.startswith(keys.DRY_RUN_PREFIX + keys.METHOD_PREFIX)
        if earlier and (of_method or earlier.method_id == self.method_id):
            return earlier
        judged = self._read(entry, method_rules_for(), None) if of_method else self._judge(entry)
        receipt = judged.receipt
        if receipt.status == FileStatus.ACCEPTED:
            state, note = ("none", _METHOD) if of_method else ("pending", _PENDING)
            receipt = receipt.model_copy(update={"impact": Assessment(state=state, notes=(note,))})
        if judged.derived and receipt.file_id and not of_method:
            self.data.put(keys.dry_run_file(receipt.file_id), judged.derived.body)
        store(self.data, receipt)
        return receipt

    def _judge(self, entry: Landed) -> Judgement:
        if self.method_id is None:
            why = f"{entry.key}: the file was not read, because {self.waits_for}. Land a method, then this file again."
            return turned_away(entry, "no_method", why)
        rules = rules_for(entry.key.removeprefix(keys.DRY_RUN_PREFIX), read_method(self.data, self.method_id))
        return self._read(entry, rules, self.method_id)

    def _read(self, entry: Landed, rules: Rules, method_id: MethodId | None) -> Judgement:
        return judge(self.landing, entry, rules, method_id, self.judge_body)
