"""What is built for the pages: small, the same each time, and of one origin. `make web` sets up Node for it."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import ChainableUndefined, Environment, ModuleLoader, TemplateNotFound

from functions.api.pages.built import TEMPLATES
from infra.web import build
from tests.support.paths import CHECKOUT

KIB = 1024


def built_by_another_process(folder: Path, seed: str) -> dict[str, bytes]:
    """Content of each file of a build, by path; `seed` decides the order of sets in the process that builds."""
    command = [sys.executable, "-m", "infra.web.build", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The build of this checkout."""
    return built_by_another_process(tmp_path_factory.mktemp("web"), "1")


def test_a_second_build_in_another_folder_gives_the_same_bytes(files: dict[str, bytes], tmp_path: Path) -> None:
    again = built_by_another_process(tmp_path / "elsewhere", "2")
    assert again.keys() == files.keys()
    assert [name for name in files if files[name] != again[name]] == []


def test_style_and_script_stay_in_their_budgets(files: dict[str, bytes]) -> None:
    style, script = (len(gzip.compress(files[name], mtime=0)) for name in ("app.css", "app.js"))
    print(f"style {style}, script {script} bytes compressed")
    assert 1 * KIB < style <= 20 * KIB
    assert 0 < script <= 8 * KIB


def test_style_loads_nothing(files: dict[str, bytes]) -> None:
    """The policy of the pages permits neither other origins nor data addresses."""
    style = files["app.css"].decode()
    assert re.findall(r"url\(|@import|@font-face|//|image-set", style) == []


def test_nothing_says_where_it_was_built(files: dict[str, bytes]) -> None:
    assert [name for name, content in files.items() if str(CHECKOUT).encode() in content] == []


def test_tag_changes_with_the_style_and_with_the_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tags = set()
    for style, script in ((b"a", b"b"), (b"aa", b"b"), (b"a", b"bb"), (b"ab", b"")):
        monkeypatch.setattr(build, "style", lambda style=style: style)
        monkeypatch.setattr(build, "script", lambda script=script: script)
        build.build(tmp_path)
        tags.add((tmp_path / "hashes").read_text("ascii").split()[0])
    assert len(tags) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in tags)


def test_build_changes_with_a_template_and_the_tag_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "style", lambda: b"a")
    monkeypatch.setattr(build, "script", lambda: b"b")
    hashes = []
    for text in ("one", "two", "one"):
        (tmp_path / "page.jinja").write_text(text, "utf-8")
        build.build(tmp_path / "web", tmp_path)
        hashes.append((tmp_path / "web" / "hashes").read_text("ascii").split())
    (tag, first), (same, second), again = hashes
    assert tag == same
    assert first != second
    assert again == [tag, first]


def test_every_template_loads_without_being_compiled(files: dict[str, bytes], tmp_path: Path) -> None:
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja")]
    for name, content in files.items():
        if name.startswith("templates/"):
            (tmp_path / Path(name).name).write_bytes(content)
    environment = Environment(loader=ModuleLoader(tmp_path), autoescape=True)
    assert names
    assert [environment.get_template(name).name for name in names] == names


def test_of_the_components_only_those_used_are_compiled(tmp_path: Path) -> None:
    templates, compiled = tmp_path / "templates", tmp_path / "compiled"
    (templates / "macros").mkdir(parents=True)
    (templates / "page.jinja").write_text('{% extends "layout.jinja" %}', "utf-8")
    (templates / "layout.jinja").write_text('{% from "macros/a.jinja" import a %}{{ a() }}', "utf-8")
    button = '{% from "nhsuk/components/button/macro.jinja" import button %}'
    (templates / "macros" / "a.jinja").write_text(
        button + '{% macro a() %}{{ button({"text": "<Go>"}) }}{% endmacro %}', "utf-8"
    )
    build.compile_templates(compiled, templates)
    environment = Environment(loader=ModuleLoader(compiled), autoescape=True, undefined=ChainableUndefined)
    page = environment.get_template("page.jinja").render()
    assert "&lt;Go&gt;" in page
    assert "nhsuk-button" in page
    with pytest.raises(TemplateNotFound):
        environment.get_template("nhsuk/components/header/macro.jinja")


def test_filters_are_those_of_the_environment_that_renders(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "page.jinja").write_text('{{ "a" | twice }} {{ "b" | upper }}', "utf-8")
    build.compile_templates(tmp_path / "compiled", templates)
    environment = Environment(loader=ModuleLoader(tmp_path / "compiled"), autoescape=True)
    environment.filters["twice"] = lambda text: text * 2
    assert environment.get_template("page.jinja").render() == "aa B"


def test_a_template_chosen_by_an_expression_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.jinja").write_text("{% include name %}", "utf-8")
    with pytest.raises(ValueError, match=r"page\.jinja chooses a template by an expression"):
        build.compile_templates(tmp_path / "compiled", tmp_path)
