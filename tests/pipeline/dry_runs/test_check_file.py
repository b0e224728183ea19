"""`headroom check-file` says before a file is landed what its receipt will say afterwards."""

import json
from pathlib import Path

import pytest

from infra.local.stack import LocalStack
from infra.ops import check_file
from infra.ops.cli import main
from shared import keys
from shared.keys import slot_of
from shared.method.load import bundle
from tests.support.conforming import workbook_of
from tests.support.paths import METHOD, SAMPLES
from tests.support.pipeline.programme import objects, sample_files

PROVENANCE = {"version_id", "landed_at"}
GOOD = next(iter(sample_files("eric_trust")))


def check(tmp_path: Path, file: Path, *more: str) -> tuple[int, dict[str, object], bytes]:
    slot = slot_of(GOOD)
    given = ["--dataset", slot.dataset, "--period", slot.period, "--file", str(file), "--out", str(tmp_path / "out")]
    status = main(["check-file", *given, *more])
    told = json.loads((tmp_path / "out" / check_file.RECEIPT).read_bytes())
    return status, told, (tmp_path / "out" / check_file.FINDINGS).read_bytes()


def test_receipt_is_the_one_that_landing_gives_but_for_where_and_when(tmp_path: Path) -> None:
    good = SAMPLES / GOOD
    bad = tmp_path / good.name
    lines = good.read_bytes().replace(b"Organisation Name", b"Organisation Nome").splitlines()
    bad.write_bytes(b"\n".join([*lines, lines[-1]]))
    with LocalStack({"Build": "1"}) as stack:
        stack.land("method/1/method.yaml", bundle(METHOD).encode())
        stack.run_until_idle()
        for file, expected in ((good, 0), (bad, 1)):
            version = stack.land(GOOD, file.read_bytes())
            stack.run_until_idle()
            status, told, table = check(tmp_path, file)
            assert status == expected
            place = keys.receipt(GOOD, version)
            (body,) = objects(stack, place).values()
            assert [*objects(stack, keys.findings_csv(place)).values()] == [table]
            receipt = json.loads(body)
            assert told.keys() == receipt.keys()
            assert {name for name in told if told[name] != receipt[name]} == PROVENANCE
            same = (tmp_path / "out" / check_file.RECEIPT).read_text("utf-8")
            for name in PROVENANCE:
                same = same.replace(json.dumps(told[name]), json.dumps(receipt[name]))
            assert same.encode() == body


def test_what_is_wrong_is_printed_in_plain_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r\x1b[31med.csv"
    file.write_bytes((SAMPLES / GOOD).read_bytes().replace(b"Organisation Name", b"Organisation Nome"))
    assert check(tmp_path, file)[0] == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "would be rejected: one error: " in said
    assert "error missing_column 1" in said
    assert "(did you mean 'Organisation Nome'?)" in said
    assert "\x1b" not in said


def test_what_cannot_be_checked_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = SAMPLES / GOOD
    given = ["--dataset", "eric_trust", "--period", "2024-25"]
    for arguments, word in (
        ([], "Missing option '--dataset'"),
        ([*given, "--file", str(tmp_path / "none.csv")], "cannot be read"),
        ([*given, "--file", str(file), "--method", str(tmp_path / "none")], "is not a folder"),
        ([*given, "--file", str(file), "--method", str(tmp_path)], "has faults"),
        ([*given, "--file", str(file), "--out", str(file)], "cannot be written to"),
    ):
        assert main(["check-file", *arguments]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert word in line


def test_file_larger_than_any_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.ingest.conform.limits.LARGEST", 10)
    status, told, _ = check(tmp_path, SAMPLES / GOOD)
    assert (status, told["sha256"], told["size_bytes"]) == (1, None, (SAMPLES / GOOD).stat().st_size)


def test_unknown_dataset_is_rejected_as_landing_it_would_be(tmp_path: Path) -> None:
    status = main(["check-file", "--dataset", "erik", "--period", "2024-25", "--file", str(SAMPLES / GOOD),
                              "--out", str(tmp_path / "out")])  # fmt: skip
    assert status == 1
    assert json.loads((tmp_path / "out" / check_file.RECEIPT).read_bytes())["findings"][0]["rule"] == "landing_key"


def test_the_sheet_that_is_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line.split("$") for line in (SAMPLES / GOOD).read_text("utf-8", errors="replace").splitlines()]
    file = tmp_path / "return.xlsx"
    file.write_bytes(workbook_of({"notes": [["Estates return"]], "2023-24": rows}))
    _, told, _ = check(tmp_path, file)
    assert told["sheet"] == "2023-24"
    assert "Sheet read: '2023-24'." in capsys.readouterr().out
