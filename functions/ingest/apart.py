"""Judging a file in a child process, where reading it may have ended the function's own process before.

A file that exhausts memory or time, or crashes a library, would otherwise end ingest at every delivery, become a dead
letter, and be queued again by the schedule for ever. How the child ends shows which files those are. An outage of S3 or
EventBridge fails in the parent and is retried as usual, and so is a child that ends before it starts to read.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from functions.ingest.judge import Judgement, judge_body, unreadable
from shared.aws.observability import logger
from shared.landed import Landed
from shared.landing.verdicts import Rules

SUSPECT = 4
"""From this delivery of a message on, its file is judged in a child process. The queue gives up after five."""

SECONDS = 90
"""How long the child may take: the function itself is stopped after 120 s."""

_STARTED = b"reading"
"""What the child writes first: after that, the file or the code that reads it is to blame if the child fails."""


class NotStarted(Exception):
    """The child ended before it read the file: a fault of this machine, and no verdict on the file."""


def judge_apart(entry: Landed, body: bytes, rules: Rules, method: str | None, seconds: float = SECONDS) -> Judgement:
    """Like `judge_body`; a rejection with the rule `unreadable` if the child was ended, failed or took too long while
    it read the file. NotStarted if the child ended before."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "body")
        file.write_bytes(body)
        child = subprocess.Popen(  # noqa: S603 (this module, by this interpreter)
            [sys.executable, "-m", __name__, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        why = ""
        try:
            answer, errors = child.communicate(pickle.dumps((entry, rules, method)), timeout=seconds)
        except subprocess.TimeoutExpired:
            why = f"took more than {seconds} s"
            child.kill()
            answer, errors = child.communicate()
    if not why and child.returncode == 0:
        judgement: Judgement = pickle.loads(answer.removeprefix(_STARTED))  # noqa: S301 (the child's own answer)
        return judgement
    why = why or f"ended with {child.returncode}"
    last_output = errors.decode(errors="replace")[-2000:]
    if not answer.startswith(_STARTED):
        raise NotStarted(f"the child {why} before it read the file: {last_output}")
    logger.warning("the file cannot be read", why=why, end=last_output)
    return unreadable(entry, body, rules, method)


def _main() -> None:
    entry, rules, method = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 (the parent's own question)
    body = Path(sys.argv[1]).read_bytes()
    sys.stdout.buffer.write(_STARTED)
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(pickle.dumps(judge_body(entry, body, rules, method)))


if __name__ == "__main__":
    _main()
