"""A folder of method documents as the one file that is landed."""

import shutil
from pathlib import Path

import pytest

from infra.landing import files_of
from infra.ops.cli import main
from infra.template import ROOT


def test_file_holds_every_document_under_its_name_and_is_what_a_first_landing_lands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "method.yaml"
    assert main(["method", "--out", str(out)]) == 0
    text = out.read_text("utf-8")
    for document in (ROOT / "method").rglob("*.yaml"):
        assert document.read_text("utf-8").rstrip() in text
        assert document.relative_to(ROOT / "method").as_posix() in text
    assert files_of(ROOT / "samples" / "landing")[0] == ("method/1/method.yaml", out.read_bytes())
    assert "land it as method/<version>/method.yaml" in capsys.readouterr().out


def test_method_with_faults_is_told_fault_by_fault_and_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "method", tmp_path / "method.yaml"
    shutil.copytree(ROOT / "method", folder)
    (folder / "prices.yaml").write_text("prices: {}\n", "utf-8")
    assert main(["method", "--method", str(folder), "--out", str(out)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) > 1
    assert all(line.startswith("headroom method: ") and ".yaml" in line for line in told)
    assert not out.exists()


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["method"]) == 2
    assert "'--out'" in capsys.readouterr().err
    assert main(["method", "--out", str(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["method", "--method", str(tmp_path), "--out", str(tmp_path / "m.yaml")]) == 1
    assert "no .yaml files" in capsys.readouterr().err
