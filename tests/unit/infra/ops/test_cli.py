"""The command `headroom`: every subcommand has help, and a mistake is one line on standard error."""

import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest

from infra.ops.cli import headroom, main
from infra.template import ROOT

COMMANDS = (
    "any-day", "bench", "check-file", "generate", "inventory", "learn-weights", "method", "pages", "preflight",
    "preview", "promote", "prune", "rebuild", "redrive", "release", "releases", "replay", "resume", "rollback", "run",
    "scale", "smoke", "suppliers", "token",
)  # fmt: skip


def test_entry_point_is_the_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["scripts"]["headroom"].partition(":")
    assert getattr(import_module(module), name) is main


def test_help_lists_every_subcommand_with_a_whole_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == [*COMMANDS]
    assert [line for line in lines if line.endswith("...") or not line.endswith(".")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"Usage: headroom {name}" in capsys.readouterr().out
    options = [one for one in headroom.commands[name].params if isinstance(one, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_is_called_by_make(name: str) -> None:
    makefile = Path(ROOT / "Makefile").read_text("utf-8")
    recipe = f"$(HEADROOM) {name}"
    assert f"{recipe} " in makefile or f"{recipe}\n" in makefile


def test_nothing_and_unknown_subcommands_are_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err
    assert main(["fly"]) == 2
    assert capsys.readouterr().err == "headroom: No such command 'fly'. See headroom --help.\n"


def test_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", "--landng", "x"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headroom release: No such option")
    assert line.endswith("See headroom release --help.")


def test_work_that_cannot_be_done_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", "--landing", "/no/such/folder", "--out", "/no/such/folder/out"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headroom release: /no/such/folder")
