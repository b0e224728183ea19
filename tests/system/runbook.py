"""docs/runbook.md as a program: its sections' blocks, run by a shell against the emulator."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.emulator import Emulator
from infra.template import REGION, ROOT

_TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
_HERE = {"export STAGE=prod": "export STAGE=local", "STACK_NAME=headroom-$STAGE": "STACK_NAME=headroom"}
BEGIN = "Begin here"


def sections() -> dict[str, str]:
    """Title → text of every section, of the first and second rank."""
    parts = re.split(r"^##+ (.+)\n", _TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(title: str) -> list[str]:
    """The blocks of commands in a section."""
    return re.findall(r"^```sh\n(.*?)^```$", sections()[title], flags=re.MULTILINE | re.DOTALL)


def run(emulator: Emulator, title: str, place: int | None = None, only_check: bool = False, **variables: str) -> str:
    """Run all blocks of a section, or the one at a place, after the page's first; what they print.

    Whatever fails, ends in an AssertionError with the last words.
    """
    begin = blocks(BEGIN)[0]
    for told, here in _HERE.items():
        assert begin.count(told) == 1
        begin = begin.replace(told, here)
    wanted = blocks(title) if place is None else [blocks(title)[place]]
    with tempfile.TemporaryDirectory() as folder:
        aws = Path(folder) / "aws"
        aws.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tests.system.aws "$@"\n')
        aws.chmod(0o755)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "PATH": f"{folder}:{os.environ['PATH']}",
        }
        check = "export ONLY_CHECK=1\n" if only_check else ""
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", begin + check + "".join(wanted)],
            cwd=ROOT,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
    assert done.returncode == 0, f"{title}: {done.stdout[-500:]}{done.stderr[-1500:]}"
    return done.stdout
