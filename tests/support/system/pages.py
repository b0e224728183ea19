"""Pages of the documentation as programs: their sections' blocks, run by a shell against the emulator."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.emulator import Emulator
from infra.template import REGION, ROOT

_PATIENCE_SECONDS = 1200  # a rebuild on a bad day and a busy machine


class Page:
    """A page, the block that all others need run before them, and what of that block is different on the emulator."""

    def __init__(self, path: str, begin: str, here: Mapping[str, str]) -> None:
        self._text = (ROOT / path).read_text(encoding="utf-8")
        self._begin = self.blocks(begin)[0] if begin else ""
        for written, replacement in here.items():
            assert self._begin.count(written) == 1, written
            self._begin = self._begin.replace(written, replacement)

    def sections(self) -> dict[str, str]:
        """Title → text of every section, of the first to the third rank."""
        parts = re.split(r"^#+ (.+)\n", self._text, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2], strict=True))

    def blocks(self, title: str) -> list[str]:
        """The blocks of commands in a section."""
        return re.findall(r"^```sh\n(.*?)^```$", self.sections()[title], flags=re.MULTILINE | re.DOTALL)

    def run(self, emulator: Emulator, title: str, place: int | None = None, **how: Any) -> str:
        """Run all blocks of a section, or the one at a place, after the page's first; see `run_commands`."""
        wanted = self.blocks(title) if place is None else [self.blocks(title)[place]]
        return self.run_commands(emulator, "".join(wanted), **how)

    def run_commands(
        self,
        emulator: Emulator,
        commands: str,
        *,
        only_check: bool = False,
        instead: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        **variables: str,
    ) -> str:
        """Run commands after the page's first block; what they print.

        `only_check`: AWS commands are held against the service's description and not sent. `instead`: programs by
        name, as shell scripts, in place of the real ones. Whatever fails ends in an AssertionError with the last words.
        """
        aws = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m tests.support.system.aws "$@"\n'
        with tempfile.TemporaryDirectory() as folder:
            for name, script in {"aws": aws, **(instead or {})}.items():
                program = Path(folder) / name
                program.write_text(f"#!/bin/sh\n{script}", "utf-8")
                program.chmod(0o755)
            # Not as part of the `make test` around it: a make within a make prints lines about folders.
            ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
            environment = ours | {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_ENDPOINT_URL": emulator.endpoint,
                "AWS_DEFAULT_REGION": REGION,
                "PATH": f"{folder}:{os.environ['PATH']}",
            }
            first = f'export PATH="{folder}:$PATH"\n' + ("export ONLY_CHECK=1\n" if only_check else "")
            done = subprocess.run(
                ["/bin/sh", "-eu", "-c", self._begin + first + commands],
                cwd=cwd,
                env=environment | variables,
                capture_output=True,
                text=True,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
        assert done.returncode == 0, f"{commands}: {done.stdout[-500:]}{done.stderr[-1500:]}"
        return done.stdout
