"""Pictures of pages: for the documentation, and of every state for a person to look at."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from infra.errors import CommandError
from infra.generate import pictures
from infra.generate.pictures import Picture, TooLarge, photograph
from infra.local.serve import served
from tests.support.web.worlds import StaticPage, static

pytestmark = pytest.mark.web


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A site with one page; pictures go into the test's own folder."""
    monkeypatch.setattr(pictures, "FOLDER", tmp_path)
    monkeypatch.setattr(pictures, "ROOT", tmp_path)
    with served(static({"/": StaticPage("<!doctype html><title>Page</title><h1>Title</h1>")})) as origin:
        yield origin


def test_a_picture_is_the_top_of_the_page_at_its_scale(browser: Browser, site: str, tmp_path: Path) -> None:
    photograph(browser, site, Picture("one", "/", 400, 300, 1.5))
    body = (tmp_path / "one.png").read_bytes()
    assert struct.unpack(">II", body[16:24]) == (600, 450)


def test_an_error_page_is_no_picture(browser: Browser, site: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="/gone is no page of this release"):
        photograph(browser, site, Picture("one", "/gone"))
    assert not (tmp_path / "one.png").exists()


def test_a_picture_that_is_too_large_is_refused(browser: Browser, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST", 100)
    with pytest.raises(TooLarge, match=r"one\.png has [\d,]+ bytes, more than 100"):
        photograph(browser, site, Picture("one", "/"))
