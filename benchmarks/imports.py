"""What a cold start of the API has to import, against the two libraries that it cannot do without.

Each run is a fresh interpreter, so its start is part of every time, and the peak is not its own.
"""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.harness import OURS, Arrays, Case, System

ROOT = Path(__file__).parents[1]


def _import(path: str, modules: Sequence[str]) -> Sequence[str]:
    """Import modules in an interpreter without the site's or the user's settings, and return their names."""
    program = f"import sys; sys.path.insert(0, {path!r}); import {', '.join(modules)}"
    subprocess.run([sys.executable, "-I", "-c", program], check=True)
    return modules


def _arrays(modules: Sequence[str]) -> Arrays:
    return {"imported": np.array([len(modules) > 0])}


def _of(*modules: str) -> System:
    return System(str, partial(_import, modules=modules), _arrays)


CASES = [
    Case(
        name="import",
        size="API handler",
        make=partial(str, ROOT),
        systems={OURS: _of("functions.api.handler"), "libraries": _of("boto3", "pyarrow"), "python": _of("sys")},
    )
]
