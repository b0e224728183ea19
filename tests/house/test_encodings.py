"""Texts are read and written as UTF-8 everywhere: what a locale prefers differs between machines."""

import ast

import pytest

from tests.support.paths import CHECKOUT

FOLDERS = ("functions", "shared", "infra", "samples", "benchmarks", "tests")
NEEDED = {"read_text": 1, "write_text": 2}
"""How many arguments a call has when it names its encoding."""


def unnamed(source: str) -> list[int]:
    """Lines on which a path's text is read or written without naming an encoding."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and len(node.args) + any(given.arg == "encoding" for given in node.keywords) < NEEDED.get(node.func.attr, 0)
    ]


def test_every_text_names_its_encoding() -> None:
    paths = [path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py")]
    found = {str(path.relative_to(CHECKOUT)): unnamed(path.read_text("utf-8")) for path in paths}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) > 300


@pytest.mark.parametrize("source", ["path.read_text()", "(a / b).write_text(text)"])
def test_text_without_an_encoding_is_noticed(source: str) -> None:
    assert unnamed(source) == [1]


@pytest.mark.parametrize("source", ["path.read_text('utf-8')", "path.write_text(text, encoding='utf-8')", "text()"])
def test_text_with_an_encoding_is_not(source: str) -> None:
    assert unnamed(source) == []
