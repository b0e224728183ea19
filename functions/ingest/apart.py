"""Judging a file in a process of its own, where reading it may have killed the function before.

A file that exhausts memory or time, or crashes a library, would otherwise kill ingest at each delivery, end as a dead
letter, and be asked for again by the schedule for ever. The child's end says which files those are: an outage of S3 or
EventBridge fails in the parent and is retried as usual.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from functions.ingest.judge import Judgement, judge_body, unreadable
from shared.observability import logger
from shared.store import Landed
from shared.verdicts import Rules

SUSPECT = 4
"""From this delivery of a message on, its file is judged apart. The queue gives up after five."""

SECONDS = 90
"""How long the child may take: the function itself is stopped after 120 s."""


def judge_apart(entry: Landed, body: bytes, rules: Rules, method: str | None, seconds: float = SECONDS) -> Judgement:
    """Like `judge_body`; a rejection with the rule `unreadable` where the child died, failed or took too long."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "body")
        file.write_bytes(body)
        try:
            ran = subprocess.run(  # noqa: S603 (this module, by this interpreter)
                [sys.executable, "-m", __name__, str(file)],
                input=pickle.dumps((entry, rules, method)),
                capture_output=True,
                timeout=seconds,
                check=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        except subprocess.SubprocessError as error:
            ended = getattr(error, "stderr", None) or b""
            logger.warning("the file cannot be read", why=str(error), end=ended.decode(errors="replace")[-2000:])
            return unreadable(entry, body, rules, method)
    judgement: Judgement = pickle.loads(ran.stdout)  # noqa: S301 (the child's own answer)
    return judgement


if __name__ == "__main__":
    entry, rules, method = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 (the parent's own question)
    sys.stdout.buffer.write(pickle.dumps(judge_body(entry, Path(sys.argv[1]).read_bytes(), rules, method)))
