"""The API: a trust's opportunities, trust after trust, on one release in memory or on disk; and each
kind of address.

Ours answers whole requests, warm; the others only find the rows, each time from the file, and write them as JSON,
or only write the answers as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.harness import OURS, Arrays, Case, System
from functions.api.handler import application
from functions.api.http.context import RequestContext
from functions.api.release import Releases
from infra.landing import files_of
from infra.local import gateway
from infra.local.clock import MOMENT
from infra.local.stack import LocalStack
from shared import keys
from shared.aws.store import Ending, Store, Stored
from shared.releases.manifest import Manifest

ROOT = Path(__file__).parents[1]
REAL, SAMPLES = ROOT.parent / "shared" / "data" / "landing", ROOT / "samples" / "landing"
REQUESTS = 200
EACH = 20

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

    def ending(self, key: str, length: int) -> Ending:
        """The last bytes of an object."""
        body = self.get(key).body
        return Ending(body[-length:], len(body))

    def part(self, key: str, start: int, length: int) -> bytes:
        """Some bytes of an object."""
        return self.get(key).body[start : start + length]


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
        manifest = data.read_model(Manifest, keys.release(release_id, "manifest.json"))
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
    desk = RequestContext(data, data, data, lambda: MOMENT)
    app = application(Releases(data, 2.0, lambda: 0.0), desk, open_read=True)
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
    query = "select * from read_parquet($1) where trust_code = $2 and status = 'opportunity' order by rank"
    answers = []
    for code in made.trusts:
        result = database.execute(query, [str(made.table), code])
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        answers.append({"opportunities": json.loads(json.dumps(rows, default=str))})
    return answers


def _arrays(answers: Answers) -> Arrays:
    rows = [row for answer in answers for row in answer["opportunities"] if row["status"] == "opportunity"]
    units = [row["units_upper"] for row in rows]
    return {"units_upper": np.array(units, dtype=float), "rank": np.array([row["rank"] or 0 for row in rows])}


# ---- each kind of address -------------------------------------------------------------------------------------------


def _addresses(ready: tuple[Any, Made]) -> list[str]:
    ranked = [answer["opportunities"] for answer in _ours(ready) if answer["opportunities"]]
    code, opportunity = ranked[0][0]["trust_code"], ranked[0][0]["opportunity_id"]
    trust = f"/v1/trusts/{code}"
    of_trust = [trust, f"{trust}/opportunities", f"{trust}/opportunities/{opportunity}", f"{trust}/peers"]
    return ["/v1/trusts", *of_trust, f"/v1/opportunities/{opportunity}", "/v1/releases/current"]


def _warm_addresses(made: Made) -> tuple[Any, list[str]]:
    ready = _warm(made)
    addresses = _addresses(ready)
    _answers((ready[0], addresses))
    return ready[0], addresses


def _answers(ready: tuple[Any, list[str]]) -> Answers:
    app, addresses = ready
    answers = [app.resolve(gateway.event("GET", path), None) for path in addresses for _ in range(EACH)]
    return [{"body": answer["body"]} for answer in answers]


def _parsed(made: Made) -> Answers:
    return [json.loads(answer["body"]) for answer in _answers(_warm_addresses(made))]


def _encoded(answers: Answers) -> Answers:
    return [{"body": json.dumps(answer)} for answer in answers]


def _members(answers: Answers) -> Arrays:
    return {"members": np.array([len(json.loads(answer["body"])) for answer in answers])}


CASES = [
    Case(
        name="api_addresses",
        size=f"7 x {EACH}",
        make=make,
        systems={OURS: System(_warm_addresses, _answers, _members), "json": System(_parsed, _encoded, _members)},
    ),
    Case(
        name="api",
        size=f"{REQUESTS} requests",
        make=make,
        systems={
            OURS: System(_warm, _ours, _arrays),
            "pandas": System(partial(Made._make), _in_pandas, _arrays),
            "duckdb": System(partial(Made._make), _in_duckdb, _arrays),
        },
    ),
]


if __name__ == "__main__":
    release_into(Path(sys.argv[1]))
