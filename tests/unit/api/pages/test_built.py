"""Where the pages' assets and templates come from: in a checkout, in an artefact, and where nothing was built."""

from pathlib import Path

import pytest
from jinja2 import BaseLoader, Environment

from functions.api.pages.built import assets, loader

FILES = ("app.css", "app.js", "icon.svg")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A build in which `page.jinja` says "old"."""
    folder = tmp_path / ".web"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text(name, "ascii")
    (folder / "hashes").write_text("0123 4567", "ascii")
    old = tmp_path / "old"
    old.mkdir()
    (old / "page.jinja").write_text("old", "utf-8")
    Environment(loader=loader(old), autoescape=True).compile_templates(
        folder / "templates", zip=None, filter_func=lambda name: name == "page.jinja"
    )
    return folder


def said(source: BaseLoader) -> str:
    return Environment(loader=source, autoescape=True).get_template("page.jinja").render()


def test_a_checkout_reads_its_own_templates_whatever_was_built(web: Path, tmp_path: Path) -> None:
    sources = tmp_path / "templates"
    sources.mkdir()
    (sources / "page.jinja").write_text("new", "utf-8")
    assert said(loader(sources, web)) == "new"


def test_an_artefact_has_compiled_templates_alone(web: Path, tmp_path: Path) -> None:
    assert said(loader(tmp_path / "templates", web)) == "old"


def test_assets_are_those_of_the_build_and_no_other_file(web: Path) -> None:
    (web / "other.txt").touch()
    assert assets(web) == ("0123", "4567", {name: name.encode() for name in FILES})


def test_without_a_build_there_are_no_assets(tmp_path: Path) -> None:
    assert assets(tmp_path) == ("unbuilt", "unbuilt", {})
