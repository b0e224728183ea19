"""Messages, pages, docstrings, comments and method files are in plain English: no word of a list of mannered ones."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import CHECKOUT

MANNERED = (
    "aforesaid", "afore", "afresh", "albeit", "alas", "amid", "amidst", "anew", "aught", "befall", "befallen",
    "befalls", "befell", "beget", "begets", "behold", "beside", "besides", "bestow", "bestows", "betray", "betrays",
    "betwixt", "bygone", "deem", "deemed", "deems", "ere", "fate", "fates", "forsake", "forthwith", "hence",
    "henceforth", "herein", "heretofore", "hitherto", "inasmuch", "lest", "mend", "mended", "mending", "mends", "mere",
    "naught", "nigh", "nobody", "notwithstanding", "nought", "oft", "oftentimes", "perchance", "perforce", "reckon",
    "reckoned", "reckons", "suffice", "suffices", "tarry", "thence", "thereof", "therein", "thereupon", "thither",
    "thrice", "thus", "tidings", "told", "unbidden", "untold", "upon", "utter", "utters", "whence", "whereat",
    "wherefore", "wherein", "whereof", "whereupon", "whither", "whoever", "whom", "whomever", "whomsoever",
    "whosoever", "withal", "as it were", "come to pass", "for want of", "held against", "hold against",
    "holds against", "speak of", "speaks of", "so to speak", "tell of", "tells of",
)  # fmt: skip
"""What plain texts do not need. `holds against` and its like mean `is compared with`."""

PATTERN = re.compile(rf"\b(?:{'|'.join(word.replace(' ', r'\s+') for word in MANNERED)})\b", re.IGNORECASE)
SPELT = re.compile(r"^ +small: \[.*\]", re.MULTILINE)
"""Words of proper names that a programme writes without a capital: they are in the names, and not in a sentence."""
CODE = ("functions", "shared", "infra", "samples", "benchmarks")
TEXTS = ("*.md", "*.yaml", "*.jinja", "*.ts", "*.scss", "*.toml", "*.json")


def english_of(source: str) -> Iterator[tuple[int, str]]:
    """Comments and literals of Python source, docstrings included, with the line that each begins on."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.FSTRING_MIDDLE):
            yield token.start[0], token.string
        elif token.type == tokenize.STRING:
            literal = ast.literal_eval(token.string)
            if isinstance(literal, str):
                yield token.start[0], literal


def mannered(path: Path) -> list[str]:
    """`file:line: word` for each mannered word of a file."""
    text = path.read_text("utf-8")
    text = SPELT.sub("", text)
    parts = english_of(text) if path.suffix == ".py" else enumerate(text.splitlines(), 1)
    name = path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path.name
    return [
        f"{name}:{line + part[: match.start()].count('\n')}: {match[0]}"
        for line, part in parts
        for match in PATTERN.finditer(part)
    ]


def texts() -> list[Path]:
    """Every file that users, operators or developers read, but tests."""
    code = [path for folder in CODE for path in (CHECKOUT / folder).rglob("*.py")]
    pages = [path for folder in (*CODE, "docs", "method") for kind in TEXTS for path in (CHECKOUT / folder).rglob(kind)]
    top = [path for kind in TEXTS for path in CHECKOUT.glob(kind)]
    return [*code, *pages, *top, CHECKOUT / "Makefile", CHECKOUT / ".ci" / "run"]


def test_no_text_has_a_mannered_word() -> None:
    paths = texts()
    assert {"README.md", "template.yaml", "Makefile", "openapi.json", "home.jinja"} <= {path.name for path in paths}
    places = [place for path in paths for place in mannered(path)]
    assert not places, "\n".join(places)


@pytest.mark.parametrize(
    "source",
    [
        '"""Whoever asks."""',
        "x = 1  # nobody's",
        'f"{x} is told {y}"',
        '"beside" + x',
        '"""A.\n\nIt is held\nagainst x."""',
    ],
)
def test_a_mannered_word_is_noticed(tmp_path: Path, source: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(source, "utf-8")
    assert len(mannered(path)) == 1


def test_names_in_code_are_not_texts(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("told = besides + 1\n", "utf-8")
    assert mannered(path) == []
