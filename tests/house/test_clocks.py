"""Nothing but a handler asks what time it is: everything else is handed the time, so that it can be tested at any."""

import ast
from pathlib import Path

import pytest

from tests.support.paths import CHECKOUT

MODULES = sorted(path for folder in ("functions", "shared") for path in (CHECKOUT / folder).rglob("*.py"))
MAY = {
    "shared/aws/observability.py",
    *(f"functions/{name}/handler.py" for name in ("ingest", "peers", "opportunities", "api")),
}
WALL = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}
"""Name of a class or module → what it has that reads the wall clock where it is given no time. Where monotonic clocks
measure how long something takes, no result depends on them."""


def readings(source: str) -> list[int]:
    """Lines that read the wall clock, called or handed on, however the modules were imported."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in ("datetime", "time"):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
            lines += [node.lineno for alias in node.names if node.module == "time" and alias.name in WALL["time"]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in WALL.get(names.get(owner, owner), ()):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_only_handlers_read_the_wall_clock(path: Path) -> None:
    if str(path.relative_to(CHECKOUT)) not in MAY:
        assert readings(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\nnow = datetime.now(UTC)",
        "import datetime\nnow = datetime.datetime.now()",
        "import datetime as dt\nnow = dt.date.today()",
        "from datetime import datetime as moment\nclock = moment.utcnow",
        "import time\nnow = time.time()",
        "import time as clock\nnow = clock.time_ns()",
        "from time import time",
    ],
)
def test_each_way_to_read_it_is_noticed(source: str) -> None:
    assert readings(source)


@pytest.mark.parametrize(
    "source",
    [
        "import time\nbegan = time.monotonic()",
        "from datetime import datetime\ndef day(now: datetime): return now.date()",
        "def kept(context): return context.now()",
        "from datetime import datetime\nday = datetime.strptime('2025', '%Y')",
    ],
)
def test_a_time_that_was_handed_over_is_no_reading(source: str) -> None:
    assert readings(source) == []
