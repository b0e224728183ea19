"""Child processes that end when this process ends, however it ends."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from infra.errors import CommandError

_PATIENCE_SECONDS = 5
# The command and a second process share a process group. The second ends the group when this process's end of the pipe
# closes, which happens even if this process is killed.
_KEEPER = 'exec 3<&0; "$@" </dev/null & command=$!; { read -r _ <&3; kill -TERM 0; } & exec 3<&-; wait $command'


class CommandFailed(CommandError):
    """A command failed; the message is one line with the end of its output."""


class Child:
    """A command that runs in the background, with everything it starts, until `end`."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path, output: IO[bytes]) -> None:
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", *command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ended(self) -> bool:
        """Whether the command itself has ended."""
        return self.process.poll() is not None

    def end(self) -> None:
        """End the command and everything it started, gently first."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_PATIENCE_SECONDS)
                break
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process.stdin:
            self.process.stdin.close()


def run(command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> None:
    """Run a command to its end, its output into a log. CommandFailed if it fails. An interrupt ends the command too."""
    with log.open("ab") as output:
        start = output.tell()
        child = Child(command, env, cwd, output)
        try:
            status = child.process.wait()
        finally:
            child.end()
    if status:
        words = log.read_bytes()[start:].decode(errors="replace").split("\n")
        last = " ".join(line.strip() for line in words if line.strip())[-600:]
        raise CommandFailed(f"`{' '.join(command[:2])}` failed: …{last}")
