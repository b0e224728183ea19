"""The Makefile on machines of all sorts."""

import os
import subprocess
from pathlib import Path

from infra.template import ROOT


def make(target: str, cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), target],
        cwd=cwd,
        env={"PATH": path, "HOME": str(cwd)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_machine_without_python_313_is_told_so_in_one_line(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("python3.13", "python3", "python", "uv"):
        (tools / name).write_text("#!/bin/sh\nexit 1\n", "utf-8")
        (tools / name).chmod(0o755)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").touch()
    ran = make(".venv/.stamp", tmp_path, f"{tools}:{os.environ['PATH']}")
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[0].startswith("Headroom needs Python 3.13")
    assert not (tmp_path / ".venv").exists()


def test_make_alone_lists_the_targets(tmp_path: Path) -> None:
    listed = make("help", tmp_path, os.environ["PATH"]).stdout
    for target in ("run", "release", "test", "check", "fix", "lock"):
        assert f"make {target} " in listed
