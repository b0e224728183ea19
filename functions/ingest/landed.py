"""A landed version, read as far as it may be and judged."""

from functions.ingest.judge import Judgement, judge_file, judge_method, judge_too_large
from functions.ingest.readers import LARGEST
from shared.store import Landed, Store, TooLarge
from shared.verdicts import Rules


def judge(landing: Store, entry: Landed, rules: Rules, method: str | None) -> Judgement:
    """What becomes of one version under its rules; `method` is None where it is a method itself.

    More bytes than are ever read are not fetched: they would not fit into the function's memory.
    """
    try:
        body = landing.get_at_most(LARGEST, entry.key, entry.version_id).body
    except TooLarge as fault:
        return judge_too_large(entry, fault.size, rules, method)
    return judge_method(entry, body) if method is None else judge_file(entry, body, rules, method)
