"""Whole tables as a release has them: `metrics` and `trend` with a file for each metric."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from shared import keys
from shared.aws.store import PARQUET, Store
from shared.compute import pc
from shared.content import digest, sha256
from shared.releases.manifest import Part
from shared.releases.write import InParts, StoredPart
from shared.tables import to_bytes


def in_parts(data: Store, name: str, tables: dict[str, pa.Table], of: Mapping[str, str]) -> InParts:
    """Take the tables that have a file for each metric out of `tables`, and write the files of the release `name`.

    `of`: opportunity → its metric.
    """
    parts: dict[str, dict[str, StoredPart]] = {}
    metrics = tables["metrics"]
    names: list[Any] = metrics["metric_id"].unique().to_pylist()
    ids = {name: [one for one, its in of.items() if its == name] for name in names}
    for table, column, rows_of in (
        ("metrics", "metric_id", {name: [name] for name in names}),
        ("trend", "opportunity_id", ids),
    ):
        whole = tables.pop(table)
        parts[table] = {one: _written(data, name, table, one, _rows(whole, column, rows_of[one])) for one in names}
    newest = {metric: pc.max(_rows(metrics, "metric_id", [metric])["period_end"]) for metric in parts["metrics"]}
    kept = [newest[row["metric_id"]].as_py() == row["period_end"] for row in _cells(metrics)]
    return InParts(parts, metrics.filter(pa.array(kept, pa.bool_())))


def _written(data: Store, name: str, table: str, metric: str, rows: pa.Table) -> StoredPart:
    runs = None
    if table == "metrics":
        rows = rows.sort_by([("period_end", "ascending"), ("period_start", "ascending")])
        counts: Any = rows["period_end"].value_counts().field("counts")
        runs = counts.to_pylist()
    body, key = to_bytes(rows, runs=runs), keys.series_table(digest(name, metric), table)
    data.put(key, body, PARQUET)
    return StoredPart(key, Part(sha256=sha256(body), rows=rows.num_rows))


def _rows(table: pa.Table, column: str, wanted: list[str]) -> pa.Table:
    return table.filter(pc.is_in(table[column], pa.array(wanted, pa.string())))


def _cells(table: pa.Table) -> Iterable[Any]:
    rows: list[Any] = table.select(["metric_id", "period_end"]).to_pylist()
    return rows
