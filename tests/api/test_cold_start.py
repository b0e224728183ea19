"""What the API loads. How long that takes is measured by `make bench CASES=import`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.api.published import OF_RELEASE, Service, path_of
from tests.support.paths import CHECKOUT

HEAVY = {"pandas", "openpyxl", "yaml", "pyarrow.compute", "pyarrow.csv", "pyarrow.dataset"}
"""What only other functions need, or only one address; pandas alone takes longer to import than all the rest."""
PATHS = [path_of(route) for route in OF_RELEASE if route.method == "GET" and not route.path.endswith("changes")]


def cold(bucket: Path, *addresses: str) -> dict[str, Any]:
    script = CHECKOUT / "tests" / "support" / "api" / "cold.py"
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


def test_cold_start_imports_nothing_heavy(tmp_path: Path) -> None:
    modules = cold(tmp_path)["modules"]
    assert {"boto3", "pyarrow", "functions.api.handler"} <= {*modules}
    assert not HEAVY & {*modules}


def test_no_answer_needs_templates(bucket: Path) -> None:
    loaded = cold(bucket, *PATHS)
    assert set(loaded["statuses"]) == {200}
    assert not {name for name in loaded["modules"] if name.startswith(("jinja2", "functions.api.pages"))}


def test_no_answer_needs_pandas(bucket: Path) -> None:
    told = cold(bucket, *PATHS, "/")
    assert set(told["statuses"]) == {200}
    assert "jinja2" in told["modules"]
    assert "pandas" not in told["modules"]
