"""`headroom scale`: what generated histories of several sizes cost, step by step; writes scale.json, prints a table."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.scale.history import Size
from infra.errors import CommandError

SIZES = ("250x12", "250x120", "2500x12")
"""Organisations × months, and maybe × metrics. Larger ones take longer: 2500x120 some minutes, and
25000x12 and 250x12x7000 about 20."""

_LINE = "{:<15}  {:<32}  {:>7}  {:>8}  {:>6}  {:>6}  {}"


class NoSuchSize(CommandError):
    """A size that is not written as organisations x months, and maybe x metrics."""


def run_sizes(sizes: Sequence[str], out: Path) -> int:
    """Measure the first release of each history, and the release after a new month of one dataset."""
    print(_LINE.format("size", "step", "CPU s", "peak MiB", "GETs", "PUTs", "shards computed"), flush=True)
    rows: list[dict[str, Any]] = []
    for text in sizes or SIZES:
        for row in _of_size(_size(text)):
            rows.append(row)
            calls, shards = row["calls"], row["shards"]
            counted = f"{shards['computed']} of {shards['of']}" if shards else ""
            figures = (f"{row['cpu']:.2f}", f"{row['peak_mib']:,.0f}", calls.get("get", 0), calls.get("put", 0))
            print(_LINE.format(row["size"], row["step"], *figures, counted), flush=True)
    out.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    print(f"\nwritten to {out}")
    return 0


def _size(text: str) -> Size:
    parts = text.split("x")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        raise NoSuchSize(f"{text!r} is not a size; write organisations x months, like {SIZES[0]}.")
    return Size(*map(int, parts))


def _of_size(size: Size) -> Iterator[dict[str, Any]]:
    with TemporaryDirectory(prefix="headroom-scale-") as folder:
        _step(folder, "write", *map(str, size))
        for row in _release(folder):
            yield {"size": str(size), **row}
        _step(folder, "month")
        for row in _release(folder):
            yield {"size": str(size), **row, "step": f"{row['step']}, a new month"}


def _release(folder: str) -> Iterator[dict[str, Any]]:
    """The steps of a release as they are deployed: what is too much for one call is planned, and computed as items."""
    for step, of_plan in (("peers", "draws"), ("opportunities", "shards")):
        done = _step(folder, step)
        if done["items"]:
            yield {"step": f"{step} plans", **done}
            yield _items(folder, of_plan, done["items"])
            done = _step(folder, step)
        yield {"step": step, **done}


def _items(folder: str, step: str, number: int) -> dict[str, Any]:
    """The items of a plan, one after the other: the sum of their time, the longest, and the largest peak."""
    items = [_step(folder, f"{step}:{nth}") for nth in range(number)]
    calls: Counter[str] = Counter()
    for one in items:
        calls.update(one["calls"])
    spent = [one["cpu"] for one in items]
    return {
        "step": f"{number} of {step}, longest {max(spent):.1f} s",
        "cpu": sum(spent),
        "peak_mib": max(one["peak_mib"] for one in items),
        "calls": calls,
        "shards": None,
    }


def _step(*arguments: str) -> dict[str, Any]:
    """A step in a process of its own: peaks of one step do not count for the next."""
    command = [sys.executable, "-m", "benchmarks.scale.step", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    measured: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return measured
