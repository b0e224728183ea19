"""Where the pages' assets and templates come from: in a checkout, in an artefact, and where nothing was built."""

from pathlib import Path

import pytest
from jinja2 import BaseLoader, Environment

from functions.api.pages.built import asset, assets_hash, template_loader


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A build in which `page.jinja` says "old"."""
    folder = tmp_path / ".web"
    folder.mkdir()
    (folder / "app.css").write_bytes(b"p{}")
    (folder / "hash").write_text("0123456789abcdef", "ascii")
    old = tmp_path / "old"
    old.mkdir()
    (old / "page.jinja").write_text("old", "utf-8")
    Environment(loader=template_loader(old), autoescape=True).compile_templates(
        folder / "templates", zip=None, filter_func=lambda name: name == "page.jinja"
    )
    return folder


def said(loader: BaseLoader) -> str:
    return Environment(loader=loader, autoescape=True).get_template("page.jinja").render()


def test_a_checkout_reads_its_own_templates_whatever_was_built(web: Path, tmp_path: Path) -> None:
    sources = tmp_path / "templates"
    sources.mkdir()
    (sources / "page.jinja").write_text("new", "utf-8")
    assert said(template_loader(sources, web)) == "new"


def test_an_artefact_has_compiled_templates_alone(web: Path, tmp_path: Path) -> None:
    assert said(template_loader(tmp_path / "templates", web)) == "old"


def test_assets_are_those_of_the_build(web: Path) -> None:
    assert asset("app.css", web) == b"p{}"
    assert assets_hash(web) == "0123456789abcdef"


@pytest.mark.parametrize("name", ["hash", "../old/page.jinja", "app.txt", ""])
def test_no_other_file_is_an_asset(web: Path, name: str) -> None:
    assert asset(name, web) is None


def test_without_a_build_there_are_no_assets(tmp_path: Path) -> None:
    assert asset("app.css", tmp_path) is None
    assert assets_hash(tmp_path) == "unbuilt"
