"""`python -m benchmarks.scale.readers FOLDER [ROUTE …]`: the first and the next request of each GET route.

Each route is measured in a process of its own, on the current release of a folder of buckets. With `FOLDER make TIMES
OUT`, the release that `step` made in a folder is written into another one, with TIMES as many organisations, each of
them a copy.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.harness import peak_mib
from benchmarks.scale.by_metric import in_parts
from benchmarks.scale.folder_bucket import FolderClient
from benchmarks.scale.history import DATA, LANDING
from functions.api.handler import application
from functions.api.http.context import RequestContext
from functions.api.release import Releases
from infra.local import gateway
from shared import keys
from shared.aws.store import Store
from shared.ids import ReleaseId
from shared.method.method import published
from shared.releases import write
from shared.releases.channels import Pointer
from shared.releases.manifest import Manifest

_NOW = datetime(2031, 1, 1, tzinfo=UTC)
_OTHERS = ("e" * 32, "f" * 32)
"""Two more releases, so that three are open: in these, every value and figure is one per cent larger."""

_LARGER = ("value", "numerator", "benchmark", "gap", "units", "cash", "activity", "staff")
"""How the columns begin that grow with a value."""

_CODES = ("trust_code", "peer_code")
_OF_ALL = ("distribution", "totals", "findings")
_SORTED = {
    "peers": ("group_id", "period_end", "trust_code", "role", "rank", "peer_code"),
    "characteristics": ("group_id",),
}


def routes(code: str, other: str, opportunity: str) -> Mapping[str, str]:
    """An address of each route that reads a release, by name."""
    trust, since = f"/v1/trusts/{code}", _OTHERS[0]
    return {
        "trusts": "/v1/trusts?limit=50",
        "search": "/v1/trusts?q=trust%20R00&limit=50",
        "trust": trust,
        "opportunities of a trust": f"{trust}/opportunities?status=all&limit=500",
        "figure": f"{trust}/opportunities/{opportunity}",
        "trend": f"{trust}/opportunities/{opportunity}/trend",
        "metrics": f"{trust}/metrics?limit=500",
        "peers": f"{trust}/peers",
        "peers by attribute": f"{trust}/peers?group=estate_type",
        "why a peer": f"{trust}/peers/{other}",
        "opportunities": "/v1/opportunities",
        "national": f"/v1/opportunities/{opportunity}?limit=50",
        "national by gain": f"/v1/opportunities/{opportunity}?limit=50&order=gain",
        "programme": "/v1/programme",
        "methodology": "/v1/methodology",
        "datasets": "/v1/datasets",
        "tables": "/v1/tables",
        "release": "/v1/releases/current",
        "table": "/v1/releases/{release}/tables/trend.parquet",
        "changes of a trust": f"/v1/releases/{{release}}/changes?since={since}&trust={code}",
        "changes": f"/v1/releases/{{release}}/changes?since={since}",
        "changes by size": f"/v1/releases/{{release}}/changes?since={since}&order=move&limit=1",
    }


def make(source: Path, times: int, out: Path) -> None:
    """Write the newest release of a folder into another, with `times` as many organisations, and two more of them."""
    data = Store(DATA, FolderClient(source))  # type: ignore[arg-type]
    client = FolderClient(out)
    made = Store(DATA, client)  # type: ignore[arg-type]
    pointer = data.read_model(Pointer, keys.channel(keys.CURRENT))
    manifest = data.read_model(Manifest, keys.release(pointer.release_id, write.MANIFEST))
    method = data.get(keys.release(pointer.release_id, write.METHOD)).body
    read = write.read(data, ReleaseId(pointer.release_id), [one.name for one in manifest.outputs])
    tables = {name: table if name in _OF_ALL else _times(name, table, times) for name, table in read.items()}
    changed = tables | {name: _larger(tables[name]) for name in ("opportunities", "metrics")}
    of = {name: one.metric for name, one in published(json.loads(method)).opportunities.items()}
    for release_id, whole in ((pointer.release_id, tables), *((one, changed) for one in _OTHERS)):
        outputs = {**whole}
        parts = in_parts(made, release_id, outputs, of)
        write.write(
            made, ReleaseId(release_id), manifest.method_id, 1, method, manifest.inputs, outputs, in_parts=parts
        )
    made.write_model(keys.channel(keys.CURRENT), pointer)
    client.save()


def _larger(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        grows = field.name.partition("_")[0] in _LARGER and not field.name.endswith("_per_unit")
        if grows and field.type == pa.float64():
            larger: Any = pc.multiply(table[field.name], pa.scalar(1.01))
            table = table.set_column(place, field, larger)
    return table


def _times(name: str, table: pa.Table, times: int) -> pa.Table:
    import pyarrow.compute as pc

    if name == "peers":
        texts = pc.is_in(table["group_id"], value_set=pa.array(["estate_type"]))
        table = table.filter(pc.invert(texts))
    if times == 1:
        return table
    copies = []
    for place in range(times):
        copy = table
        for column in _CODES:
            if column in table.column_names:
                codes = pa.array([f"{chr(ord('A') + place)}{code}" for code in copy[column].to_pylist()], pa.string())
                copy = copy.set_column(copy.column_names.index(column), column, codes)
        copies.append(copy)
    whole = pa.concat_tables(copies).combine_chunks()
    if name not in _SORTED:
        return whole
    numbered = whole.append_column("", pa.array(range(whole.num_rows), pa.int64()))
    order: Any = [(column, "ascending") for column in (*_SORTED[name], "")]
    return whole.take(numbered.select([column for column, _ in order]).sort_by(order)[""]).combine_chunks()


def measure(folder: Path, address: str) -> dict[str, Any]:
    """The first and the next request for an address: CPU seconds, calls and MiB read; and the MiB of memory above those
    of the application without any request, after the same of two more releases."""
    import pyarrow.compute  # noqa: F401

    client = FolderClient(folder)
    data = Store(DATA, client)  # type: ignore[arg-type]
    context = RequestContext(data, Store(LANDING, client), data, lambda: _NOW)  # type: ignore[arg-type]
    releases = Releases(data, 1e9, lambda: 0.0)
    app = application(releases, context, open_read=True)
    pointer = data.read_model(Pointer, keys.channel(keys.CURRENT))
    app.resolve(gateway.event("GET", "/openapi.json", {}), None)
    bare = peak_mib()
    path, _, query = address.replace("{release}", pointer.release_id).partition("?")
    parameters = dict(one.split("=") for one in query.split("&") if one)
    parameters = {name: value.replace("%20", " ") for name, value in parameters.items()}

    def ask(**more: str) -> tuple[float, int, float, int]:
        client.calls.clear()
        client.read, started = 0, time.process_time()
        answer = app.resolve(gateway.event("GET", path, parameters | more), None)
        return time.process_time() - started, sum(client.calls.values()), client.read / 2**20, answer["statusCode"]

    first, again = ask(), min(ask() for _ in range(3))
    one = peak_mib() - bare
    for release_id in _OTHERS if "changes" not in path else ():
        ask(as_at=release_id)
    return {
        "status": first[3], "first": first[0], "calls": first[1], "read_mib": first[2], "warm": again[0],
        "mib": one, "mib_of_three": peak_mib() - bare,
    }  # fmt: skip


def _addresses(folder: Path) -> Mapping[str, str]:
    data = Store(DATA, FolderClient(folder))  # type: ignore[arg-type]
    pointer = data.read_model(Pointer, keys.channel(keys.CURRENT))
    trusts = data.read_table(keys.release(pointer.release_id, "trusts.parquet"))["trust_code"].to_pylist()
    code, other = map(str, trusts[len(trusts) // 2 :][:2])
    return routes(code, other, "cleaning_cost")


def main(folder: Path, *names: str) -> None:
    """Measure some routes, or all."""
    if names[:1] == ("make",):
        make(folder, int(names[1]), Path(names[2]))
        return
    if names[:1] == ("one",):
        print(json.dumps(measure(folder, names[1])))
        return
    print("| route | first, CPU s | warm | calls | MiB read | MiB of memory | with three releases |")
    print("|---|---|---|---|---|---|---|")
    for name, address in _addresses(folder).items():
        if names and name not in names:
            continue
        command = [sys.executable, "-m", "benchmarks.scale.readers", str(folder), "one", address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            found = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            print(f"| {name} | failed: {done.stderr[-300:]} |")
            continue
        status = "" if found["status"] in (200, 307) else f" ({found['status']})"
        print(
            f"| {name}{status} | {found['first']:.2f} | {found['warm'] * 1e3:.0f} ms | {found['calls']} | "
            f"{found['read_mib']:.1f} | {found['mib']:.0f} | {found['mib_of_three']:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
