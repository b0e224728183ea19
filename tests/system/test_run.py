"""`headroom run` as a person meets it: addresses that work, Ctrl-C that ends everything, one line for each failure."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infra.ops.cli import main
from infra.template import ROOT
from tests.support.paths import SAMPLES

FEW = ("ods_trusts", "eric_trust", "eric_trust_profile")


def emulators() -> set[str]:
    """The processes of this machine's emulators, by id."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"ministack" in command:
            found.add(folder.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for left-over processes under /proc")
def test_addresses_printed_work_and_interrupting_ends_every_process(tmp_path: Path) -> None:
    for dataset in FEW:
        shutil.copytree(SAMPLES / dataset, tmp_path / "landing" / dataset)
    before = emulators()
    command = [sys.executable, "-m", "infra.ops", "run", "--landing", str(tmp_path / "landing")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout
        told = []
        for line in running.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        text = "".join(told)
        try:
            assert emulators() - before, text
            page = re.search(r"page +(http://(\S+?)/)\n", text)
            api = re.search(r"(http://127\.0\.0\.1:\d+/_aws/execute-api/\w+) ", text)
            assert page, text
            assert api, text
            assert httpx.get(f"{api[1]}/v1/releases/current", timeout=30).status_code == 200
            # curl knows *.localhost; this client does not, so it is told where that is.
            answer = httpx.get(f"http://127.0.0.1:{page[2].partition(':')[2]}/", headers={"Host": page[2]}, timeout=30)
            assert answer.headers["content-type"].startswith("text/html")
        finally:
            running.send_signal(signal.SIGINT)
        assert running.wait(timeout=300) == 0  # it has 2 GB of unpacked layers to remove, on any disk
    assert emulators() <= before


def test_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["run", "--port", str(port)]) == 1
    assert capsys.readouterr().err == f"headroom run: port {port} is taken: use --port with another one.\n"


def test_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--landing", "/no/such/folder"]) == 1
    assert capsys.readouterr().err.startswith("headroom run: /no/such/folder is not a folder;")


def test_build_that_fails_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "make").write_text("#!/bin/sh\necho no rule to make it >&2\nexit 2\n", "utf-8")
    (tmp_path / "make").chmod(0o755)
    assert main(["run"]) == 1
    told = capsys.readouterr().err
    assert "sam build` failed" in told
    assert "no rule to make it" in told
