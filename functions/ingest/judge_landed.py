"""A landed version, read as far as it may be and judged."""

from collections.abc import Callable

from functions.ingest.conform.formats import LARGEST
from functions.ingest.judge import Judgement, judge_body, judge_too_large
from shared.aws.store import ObjectTooLarge, Store
from shared.landed import Landed
from shared.landing import uploads
from shared.landing.verdicts import Rules

type JudgeBody = Callable[[Landed, bytes, Rules, str | None], Judgement]


def judge(landing: Store, entry: Landed, rules: Rules, method: str | None, decide: JudgeBody = judge_body) -> Judgement:
    """What becomes of one version under its rules; `method` is None where it is a method itself.

    More bytes than are ever read are not fetched: they would not fit into the function's memory.
    """
    try:
        stored = landing.get_at_most(LARGEST, entry.key, entry.version_id)
    except ObjectTooLarge as fault:
        return judge_too_large(entry, fault.size, rules, method)
    judgement = decide(entry, stored.body, rules, method)
    by = {
        "upload_id": uploads.upload_id(stored.metadata),
        "uploaded_by": uploads.uploaded_by(stored.metadata),
    }
    return judgement._replace(receipt=judgement.receipt.model_copy(update=by))
