"""Commands end with whoever started them, however that came about."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.local.processes import Child, CommandFailed, run

SLEEPER = "import subprocess, sys, time; subprocess.Popen(['sleep', '600']); print('up', flush=True); time.sleep(600)"
PATH = {"PATH": os.environ["PATH"]}


def group_is_gone(group: int) -> bool:
    """Whether no process of the group is left, waited for up to five seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def wait_for(word: bytes, log: Path) -> None:
    while word not in log.read_bytes():
        time.sleep(0.02)


def test_ending_a_child_ends_what_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("ab") as output:
        child = Child([sys.executable, "-c", SLEEPER], PATH, tmp_path, output)
    wait_for(b"up", log)
    assert not child.ended()
    child.end()
    assert group_is_gone(child.process.pid)


def test_child_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    starter = (
        "import sys, time; from pathlib import Path; from infra.local.processes import Child\n"
        f"child = Child([sys.executable, '-c', {SLEEPER!r}], {PATH!r}, Path('.'), open({str(log)!r}, 'ab'))\n"
        "print(child.process.pid, flush=True); time.sleep(600)"
    )
    log.touch()
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        group = int(parent.stdout.readline())
        wait_for(b"up", log)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert group_is_gone(group)


def test_command_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('early'); sys.exit('it broke here')"]
    with pytest.raises(CommandFailed, match=r"-c` failed: .*it broke here"):
        run(command, PATH, tmp_path, tmp_path / "log")


def test_command_that_succeeds_leaves_its_output_in_the_log(tmp_path: Path) -> None:
    run([sys.executable, "-c", "print('fine')"], PATH, tmp_path, tmp_path / "log")
    assert (tmp_path / "log").read_text("utf-8") == "fine\n"
