"""samconfig.toml as the pinned SAM CLI reads it."""

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.template import ROOT, load

STAGES: dict[str, dict[str, Any]] = {
    name: commands["deploy"]["parameters"]
    for name, commands in tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8")).items()
    if name not in ("version", "default")
}
CONVERT = """
import json, sys
from samcli.cli.types import CfnParameterOverridesType
print(json.dumps(CfnParameterOverridesType().convert(json.loads(sys.argv[1]), None, None)))
"""
OF_THE_BUILD = {"Build": "7", "Architecture": "arm64"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as `sam build` leaves it, where build 7 was built for arm64."""
    return build(tmp_path)


def build(folder: Path, **environment: str) -> Path:
    subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), "build-parameters"],
        cwd=folder,
        env=os.environ | {"BUILD": "7", "ARCHITECTURE": "arm64", "MAKEFLAGS": ""} | environment,
        check=True,
    )
    return folder


def overrides(stage: str, folder: Path) -> dict[str, str]:
    """The parameters with which SAM deploys a stage from a folder."""
    ran = subprocess.run(
        [ROOT / ".venv-sam" / "bin" / "python", "-c", CONVERT, json.dumps(STAGES[stage]["parameter_overrides"])],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    parameters: dict[str, str] = json.loads(ran.stdout)
    return parameters


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "local"])
def test_sam_reads_the_parameters_of_a_stage_and_of_the_build(stage: str, built: Path) -> None:
    written = dict(item.split("=", 1) for item in STAGES[stage]["parameter_overrides"] if "=" in item)
    assert overrides(stage, built) == written | OF_THE_BUILD
    assert written["Stage"] == stage
    assert written.keys() | OF_THE_BUILD.keys() <= load()["Parameters"].keys()


def test_a_build_may_say_that_it_takes_over_at_once(tmp_path: Path) -> None:
    assert overrides("prod", build(tmp_path, TAKEOVER="at-once"))["Takeover"] == "at-once"


def test_stages_are_those_that_the_template_knows() -> None:
    assert sorted(STAGES) == sorted(load()["Parameters"]["Stage"]["AllowedValues"])
    assert "parameter_overrides" not in STAGES["local"]  # whoever deploys it says which build it is


def test_without_a_build_there_is_nothing_to_deploy(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"built\.yaml"):
        overrides("dev", tmp_path)
