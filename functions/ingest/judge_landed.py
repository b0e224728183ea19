"""Reads a landed version, unless it is too large, and judges it; stores receipts."""

from collections.abc import Callable

from functions.ingest.conform import limits
from functions.ingest.judge import Judgement, judge_body, judge_too_large
from functions.ingest.receipts import Receipt, files
from shared.aws.store import ObjectTooLarge, Store
from shared.landed import Landed
from shared.landing import uploads
from shared.landing.verdicts import Rules
from shared.receipts import index

type JudgeBody = Callable[[Landed, bytes, Rules, str | None], Judgement]


def judge(landing: Store, entry: Landed, rules: Rules, method: str | None, decide: JudgeBody = judge_body) -> Judgement:
    """The judgement of one version under its rules; `method` is None if the version is a method itself.

    A version larger than the limit is not fetched: it would not fit into the function's memory.
    """
    try:
        stored = landing.get_at_most(limits.LARGEST, entry.key, entry.version_id)
    except ObjectTooLarge as fault:
        return judge_too_large(entry, fault.size, rules, method)
    judgement = decide(entry, stored.body, rules, method)
    upload = {
        "upload_id": uploads.upload_id(stored.metadata),
        "uploaded_by": uploads.uploaded_by(stored.metadata),
    }
    return judgement._replace(receipt=judgement.receipt.model_copy(update=upload))


def store_receipt(data: Store, receipt: Receipt) -> None:
    """Write a receipt's files, then the index entries that lead to it: a reader of the index must find the receipt."""
    for file in files(receipt):
        data.put(*file)
    indexed = receipt.model_dump(include={"landing_key", "version_id", "landed_at", "status", "file_id"})
    for name in index.names(**indexed):
        data.put(name, b"")
