"""The API: a trust's opportunities, asked for one trust after another, on one release in memory or on disk.

Ours answers whole requests, warm; the others only find the rows, each time anew in the file, and write them as JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.harness import OURS, Arrays, Case, System
from functions.api.desk import Desk
from functions.api.handler import application
from functions.api.release import Releases
from infra import gateway
from infra.landing import files_of
from infra.local import LocalStack
from shared import keys
from shared.releases import Manifest
from shared.store import Store, Stored

ROOT = Path(__file__).parents[1]
REAL, SAMPLES = ROOT.parent / "shared" / "data" / "landing", ROOT / "samples" / "landing"
REQUESTS = 200

Answers = list[dict[str, Any]]


class Made(NamedTuple):
    """A data bucket as a folder, the table `opportunities` in it, and the trusts to ask for."""

    bucket: Path
    table: Path
    trusts: Sequence[str]


class Folder(Store):
    """A bucket that is a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, key: str, version_id: str | None = None) -> Stored:
        """An object's bytes."""
        return Stored((self.path / key).read_bytes(), "etag")


def make() -> Made:
    """The release of the real files where there are any, else of the samples; made in a process of its own."""
    bucket = Path(mkdtemp(prefix="headroom-bench-"))
    command = [sys.executable, "-m", "benchmarks.api", str(bucket)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (table,) = bucket.rglob("opportunities.parquet")
    (about,) = bucket.rglob("trusts.parquet")
    trusts = pq.read_table(about, columns=["trust_code", "in_register", "closed"]).to_pylist()
    codes = [row["trust_code"] for row in trusts if row["in_register"] and row["closed"] is None]
    return Made(bucket, table, [codes[place % len(codes)] for place in range(REQUESTS)])


def release_into(bucket: Path) -> None:
    """Make a release and leave in a folder what the API reads of it."""
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(REAL if REAL.exists() else SAMPLES):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
        pointer = data.get(keys.channel(keys.CURRENT)).body
        release_id = json.loads(pointer)["release_id"]
        manifest = Manifest.model_validate_json(data.get(keys.release(release_id, "manifest.json")).body)
        names = ["manifest.json", "method.json", *(f"{output.name}.parquet" for output in manifest.outputs)]
        objects = {keys.channel(keys.CURRENT): pointer}
        objects |= {key: data.get(key).body for key in (keys.release(release_id, name) for name in names)}
    for key, body in objects.items():
        (bucket / key).parent.mkdir(parents=True, exist_ok=True)
        (bucket / key).write_bytes(body)


def _ours(ready: tuple[Any, Made]) -> Answers:
    app, made = ready
    answers: Answers = []
    for code in made.trusts:
        answer = app.resolve(gateway.event("GET", f"/v1/trusts/{code}/opportunities", {"limit": "500"}), None)
        answers.append(answer)
    return [json.loads(answer["body"]) for answer in answers]


def _warm(made: Made) -> tuple[Any, Made]:
    data = Folder(made.bucket)
    desk = Desk(data, data, data, lambda: datetime.now(UTC))
    app = application(Releases(data, 2.0, time.monotonic), desk, open_read=True)
    _ours((app, made))
    return app, made


def _in_pandas(made: Made) -> Answers:
    answers = []
    for code in made.trusts:
        rows = pd.read_parquet(made.table)
        rows = rows[(rows["trust_code"] == code) & (rows["status"] == "opportunity")].sort_values("rank")
        answers.append(
            {"opportunities": json.loads(rows.to_json(orient="records", date_format="iso", double_precision=15))}
        )
    return answers


def _in_duckdb(made: Made) -> Answers:
    database = duckdb.connect()
    asked = "select * from read_parquet($1) where trust_code = $2 and status = 'opportunity' order by rank"
    answers = []
    for code in made.trusts:
        found = database.execute(asked, [str(made.table), code])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        answers.append({"opportunities": json.loads(json.dumps(rows, default=str))})
    return answers


def _arrays(answers: Answers) -> Arrays:
    rows = [row for answer in answers for row in answer["opportunities"] if row["status"] == "opportunity"]
    units = [row["units_upper"] for row in rows]
    return {"units_upper": np.array(units, dtype=float), "rank": np.array([row["rank"] or 0 for row in rows])}


CASES = [
    Case(
        name="api",
        size=f"{REQUESTS} requests",
        make=make,
        systems={
            OURS: System(_warm, _ours, _arrays),
            "pandas": System(partial(Made._make), _in_pandas, _arrays),
            "duckdb": System(partial(Made._make), _in_duckdb, _arrays),
        },
    )
]


if __name__ == "__main__":
    release_into(Path(sys.argv[1]))
