"""How light the API is: what it loads, and how long that takes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.published import OF_RELEASE, Service, path_of
from tests.paths import CHECKOUT

BUDGET_SECONDS = 0.45
PATHS = [path_of(route) for route in OF_RELEASE if route.method == "GET" and not route.path.endswith("changes")]


def cold(bucket: Path, *addresses: str) -> dict[str, Any]:
    script = CHECKOUT / "tests" / "api" / "cold.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(CHECKOUT), str(bucket), *addresses],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture
def bucket(service: Service, tmp_path: Path) -> Path:
    for key, body in service.store.objects.items():
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(body)
    return tmp_path


def test_no_answer_needs_pandas(bucket: Path) -> None:
    told = cold(bucket, *PATHS, "/")
    assert set(told["statuses"]) == {200}
    assert not told["pandas"]


def test_the_handler_is_imported_within_its_budget(tmp_path: Path) -> None:
    # Processor time, the best of several: what else the machine does is not the handler's.
    assert any(cold(tmp_path)["seconds"] < BUDGET_SECONDS for _ in range(10))
