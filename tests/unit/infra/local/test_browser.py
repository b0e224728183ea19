"""Which Chromium is run."""

import json
from pathlib import Path

import pytest

from infra.local import browser
from infra.local.browser import NoBrowser, executable
from tests.support.paths import CHECKOUT


def program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n", "utf-8")
    path.chmod(0o755)
    return path


def test_the_machines_own_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = program(tmp_path / "unpacked", "chromium")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert executable(unpacked) == str(unpacked)
    chrome = program(tmp_path / "bin", "google-chrome")
    assert executable(unpacked) == str(chrome)
    chromium = program(tmp_path / "bin", "chromium")
    assert executable(unpacked) == str(chromium)


def test_without_a_browser_it_is_said_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert executable(tmp_path / "nothing") is None
    monkeypatch.setattr(browser, "executable", lambda: None)
    with pytest.raises(NoBrowser, match=r"apt-get install chromium .*make \.venv-chromium/\.stamp"), browser.browser():
        pass


def test_lock_of_the_unpacked_browser_has_no_addresses() -> None:
    folder = CHECKOUT / "tests" / "web"
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 5
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["devDependencies"]
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted
