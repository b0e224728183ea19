"""Pages that people read: their links resolve, README is short, and the pictures of the pages are small."""

import re
import struct
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from infra.generate.pictures import FOLDER, LARGEST, PICTURES, Picture
from tests.support.paths import CHECKOUT

PAGES = [*sorted(CHECKOUT.glob("*.md")), *sorted(CHECKOUT.glob("docs/**/*.md")), CHECKOUT / "samples" / "README.md"]
LONGEST_README = 700
GENERATED = {"contracts.md", "method.md"}


def prose(page: Path) -> str:
    """A page without its fenced code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What may follow a `#`: headings as GitHub names them, and anchors written out."""
    text = prose(page)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return frozenset({*plain, *re.findall(r'<a id="([^"]+)">', text)})


def links(page: Path) -> Iterator[str]:
    """Targets of links and pictures, but for those to other sites."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target):
            yield target


def broken(page: Path) -> list[str]:
    """Links of a page whose file or anchor does not exist."""
    faults = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        if not other.exists() or (anchor and anchor not in anchors(other)):
            faults.append(target)
    return faults


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_link_and_anchor_resolves(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One, two\n[a](#one-two) [b](#three) [c](page.md#one-two) [d](no.md) [e](https://x.y)\n", "utf-8")
    assert broken(page) == ["#three", "no.md"]


def test_readme_is_short() -> None:
    assert len(prose(CHECKOUT / "README.md").split()) <= LONGEST_README


def test_every_page_is_in_the_index() -> None:
    for folder in ("docs", "docs/decisions"):
        index = CHECKOUT / folder / "README.md"
        others = {page.name for page in index.parent.glob("*.md")} - {"README.md"}
        assert others == {target for target in links(index) if "/" not in target}


def test_every_picture_is_made_by_the_generator() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {picture.path.name for picture in PICTURES}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_a_small_png(picture: Picture) -> None:
    body = picture.path.read_bytes()
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", body[16:24])
    assert width >= 600
    assert height >= 600
    assert len(body) < LARGEST == 150_000


def test_hooks_are_local_and_run_tools_of_the_environment() -> None:
    (repository,) = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    locked = (CHECKOUT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
        assert re.search(rf"^{hook['name'].split()[0]}==", locked, flags=re.MULTILINE)


def test_paths_that_pages_name_exist() -> None:
    """A path in code marks, with a slash or an ending, that begins with a folder of the repository."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()
    folders = {path.split("/")[0] for path in tracked if "/" in path}
    missing = []
    for page in PAGES:
        if page.name not in GENERATED | {"CHANGELOG.md"}:
            for path in re.findall(r"`([\w./-]+)`", prose(page)):
                if path.split("/")[0] in folders and "/" in path and not (CHECKOUT / path).exists():
                    missing.append(f"{page.name}: {path}")
    assert missing == []
