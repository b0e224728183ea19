"""The lineage of a release as OpenLineage means it, held against what its published specification requires."""

import re
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from shared.releases.lineage import lineage
from shared.releases.manifest import Input

RELEASE = "00112233445566778899aabbccddeeff"
INPUTS = [
    Input(slot="work/2025-01", file_id="f1", sha256="0" * 64, rows=3),
    Input(slot="roll/2025", file_id="f2", sha256="1" * 64, rows=8),
]
OUTPUTS = {"peers": pa.table({"trust_code": ["RAA"], "rank": pa.array([1], pa.int32())})}
URI = re.compile(r"[a-z]+:\S+")


@pytest.fixture
def event() -> dict[str, Any]:
    return lineage(RELEASE, "m1", 7, INPUTS, OUTPUTS)


def facets(event: dict[str, Any]) -> list[dict[str, Any]]:
    held = [dataset.get(kind, {}) for dataset in event["inputs"] for kind in ("facets", "inputFacets")]
    held += [dataset.get(kind, {}) for dataset in event["outputs"] for kind in ("facets", "outputFacets")]
    return [facet for by_name in held for facet in by_name.values()]


def test_event_has_what_the_specification_requires_of_a_run_event(event: dict[str, Any]) -> None:
    # OpenLineage 2-0-2: BaseEvent requires eventTime, producer, schemaURL; RunEvent run and job.
    assert {"eventTime", "producer", "schemaURL", "run", "job"} <= event.keys()
    assert event["eventType"] in {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["eventTime"])
    assert URI.fullmatch(event["producer"])
    assert event["schemaURL"].endswith("/2-0-2/OpenLineage.json#/$defs/RunEvent")
    assert UUID(event["run"]["runId"]).hex == RELEASE
    assert all(isinstance(event["job"][name], str) for name in ("namespace", "name"))
    for dataset in event["inputs"] + event["outputs"]:
        assert all(isinstance(dataset[name], str) for name in ("namespace", "name"))


def test_every_facet_says_who_made_it_and_by_which_schema(event: dict[str, Any]) -> None:
    assert len(facets(event)) == 1 + 2 * 2 + 3
    for facet in facets(event):
        assert facet["_producer"] == event["producer"]
        assert re.fullmatch(r"https://openlineage\.io/spec/facets/\d-\d-\d/(\w+)\.json#/\$defs/\1", facet["_schemaURL"])


def test_every_file_and_the_method_are_inputs_with_version_and_rows(event: dict[str, Any]) -> None:
    versions = {one["name"]: one["facets"]["version"]["datasetVersion"] for one in event["inputs"]}
    assert versions == {"method": "m1", "work/2025-01": "f1", "roll/2025": "f2"}
    rows = {one["name"]: one["inputFacets"]["inputStatistics"]["rowCount"] for one in event["inputs"][1:]}
    assert rows == {"work/2025-01": 3, "roll/2025": 8}


def test_every_table_is_an_output_with_columns_rows_and_the_release_as_version(event: dict[str, Any]) -> None:
    (table,) = event["outputs"]
    assert table["name"] == "peers"
    assert table["facets"]["version"]["datasetVersion"] == RELEASE
    assert table["facets"]["schema"]["fields"] == [
        {"name": "trust_code", "type": "string"},
        {"name": "rank", "type": "int32"},
    ]
    assert table["outputFacets"]["outputStatistics"]["rowCount"] == 1


def test_same_release_is_told_the_same_and_another_differently(event: dict[str, Any]) -> None:
    assert lineage(RELEASE, "m1", 7, INPUTS, OUTPUTS) == event
    assert lineage(RELEASE, "m2", 7, INPUTS, OUTPUTS) != event
