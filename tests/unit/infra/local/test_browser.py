"""Which Chromium is run."""

from pathlib import Path

import pytest

from infra.local import browser
from infra.local.browser import NoBrowser, executable


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
