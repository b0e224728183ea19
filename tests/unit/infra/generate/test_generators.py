"""Generated files: each is what the code says, each is in the list, and a difference is reported."""

import subprocess
from pathlib import Path

import pytest

from infra.generate import generators, openapi
from infra.generate.generators import GENERATORS, Generator
from infra.generate.parts import MARK
from infra.ops.cli import main
from infra.template import ROOT, TEMPLATE

QUICK = [generator for generator in GENERATORS if generator.path != openapi.COMMITTED]
"""Without the API's description, which takes a release of the samples: tests/api/test_openapi.py has one at hand."""

SOME_TEXT = {
    "event schemas": "Events on Headroom",
    "Glue tables": "  FindingsTable",
    "alarms and dashboard": "  IngestQueueAgeAlarm",
    "scopes and clients": "  AeMonthlySupplier",
    "contract page": "| rule",
    "method page": "## Peer groups",
}
"""Something that each generator writes."""


@pytest.mark.parametrize("generator", QUICK, ids=lambda generator: generator.name)
def test_committed_file_is_what_the_code_says(generator: Generator) -> None:
    assert generators.differing([generator]) == []


def test_every_generated_file_is_in_the_list() -> None:
    listed = subprocess.run(["git", "grep", "-lF", MARK], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    marked = {ROOT / name for name in listed.splitlines() if not name.endswith(".py")}
    assert marked | {openapi.COMMITTED} == {generator.path for generator in GENERATORS}


@pytest.mark.parametrize("generator", QUICK, ids=lambda generator: generator.name)
def test_changed_byte_is_reported_and_written_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], generator: Generator
) -> None:
    text, copy = generator.path.read_text("utf-8"), tmp_path / generator.path.name
    copy.write_text(text.replace(SOME_TEXT[generator.name], SOME_TEXT[generator.name] + "x", 1), "utf-8")
    monkeypatch.setattr(generators, "GENERATORS", (generator._replace(path=copy),))
    assert main(["generate", "--check"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        line == f"{copy}: the {generator.name} differs from what the code generates. Run make fix and commit the file."
    )
    assert main(["generate"]) == 0
    assert copy.read_text("utf-8") == text
    assert main(["generate", "--check"]) == 0


def test_template_without_its_part_is_an_error() -> None:
    (glue, *_) = [generator for generator in GENERATORS if generator.path == TEMPLATE]
    with pytest.raises(ValueError, match="no part that begins with"):
        glue.updated("Resources: {}\n")
