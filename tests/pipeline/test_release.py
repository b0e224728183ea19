"""`headroom release`: a folder of files in, a folder of tables and receipts out, or one plain sentence why not."""

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from infra.landing import METHOD_KEY, files_of
from infra.ops.cli import main
from shared import tables
from tests.support.paths import SAMPLES


def release(landing: Path, out: Path) -> int:
    return main(["release", "--landing", str(landing), "--out", str(out)])


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release") / "out"
    assert release(SAMPLES, out) == 0
    return out


def test_release_of_the_samples_is_written_whole(released: Path) -> None:
    manifest = json.loads((released / "manifest.json").read_text("utf-8"))
    written = {path.relative_to(released).as_posix(): path for path in released.rglob("*.parquet")}
    assert {name.removesuffix(".parquet").partition("/")[0] for name in written} == set(tables.RELEASE_TABLES)
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in written.items()}
    listed = {}
    for output in manifest["outputs"]:
        of_metrics = {f"{output['name']}/{metric}.parquet": part["sha256"] for metric, part in output["parts"].items()}
        listed |= of_metrics or {f"{output['name']}.parquet": output["sha256"]}
    assert hashes == listed
    assert pq.read_metadata(written["opportunities.parquet"]).num_rows > 0


def test_every_landed_file_has_its_receipt_under_its_key(released: Path) -> None:
    receipts = {path.relative_to(released / "receipts").as_posix() for path in (released / "receipts").rglob("*.json")}
    assert receipts == {f"{file.key}.json" for file in files_of(SAMPLES)}
    assert f"{METHOD_KEY}.json" in receipts


def test_progress_and_summary_name_what_happened(
    tmp_path: Path, released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    landing = tmp_path / "landing"
    shutil.copytree(SAMPLES, landing)
    (landing / "eric_trust" / "2023-24" / "zz.csv").write_text("no such\nfile,1\n", "utf-8")
    (landing / ".hidden").write_text("not landed", "utf-8")
    assert release(landing, tmp_path / "out") == 0
    told = capsys.readouterr().out
    count = len(files_of(SAMPLES)) + 1
    assert told.count("  accepted: ") == count - 1
    assert f"/{count}  eric_trust/2023-24/zz.csv  rejected: " in told
    assert f"{count - 1} files accepted, 1 rejected" in told
    assert json.loads((released / "manifest.json").read_text("utf-8"))["release_id"] in told


def test_earlier_release_is_replaced(tmp_path: Path, released: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(released, out)
    (out / "receipts" / "left.json").write_text("{}", "utf-8")
    assert release(SAMPLES, out) == 0
    assert not (out / "receipts" / "left.json").exists()
    assert (out / "opportunities.parquet").read_bytes() == (released / "opportunities.parquet").read_bytes()


def test_folder_that_brings_its_own_method_is_released_under_that(tmp_path: Path) -> None:
    (tmp_path / "method" / "7").mkdir(parents=True)
    (tmp_path / "method" / "7" / "method.yaml").write_text("--- # a.yaml\nprogramme: {}\n", "utf-8")
    (tmp_path / "a" / "1").mkdir(parents=True)
    (tmp_path / "a" / "1" / "f.csv").write_text("x\n", "utf-8")
    assert [file.key for file in files_of(tmp_path)] == ["method/7/method.yaml", "a/1/f.csv"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "holds no files; lay them out as <dataset>/<period>/<file>"),
        ({"eric_trust/2023-24/f.csv": "no such\nfile,1\n"}, "every file was rejected"),
        (
            {"method/1/method.yaml": "--- # a.yaml\nnonsense: 1\n", "a/1/f.csv": "x\n"},
            "the method was rejected: a.yaml",
        ),
    ],
)
def test_nothing_to_release_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], sentence: str
) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    for key, text in files.items():
        (landing / key).parent.mkdir(parents=True, exist_ok=True)
        (landing / key).write_text(text, "utf-8")
    assert release(landing, tmp_path / "out") == 1
    assert sentence in capsys.readouterr().err


def test_results_are_not_written_where_they_would_do_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine", "utf-8")
    for out, sentence in {
        SAMPLES / "out": "would be landed the next time",
        tmp_path / "other": "contains files that are not of an earlier release",
        tmp_path / "other" / "thesis.txt": "is a file",
    }.items():
        assert release(SAMPLES, out) == 1
        assert sentence in capsys.readouterr().err
    assert (tmp_path / "other" / "thesis.txt").read_text("utf-8") == "mine"


def test_folders_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "headroom release: Missing option '--landing'. See headroom release --help."
