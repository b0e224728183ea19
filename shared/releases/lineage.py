"""What a release was made of, in the shape of an OpenLineage run event (specification 2-0-2), for tools that draw it.

It is a function of the release alone, as all of a release is: the run's id is the release's, and its time is the epoch,
since the moment of publication belongs to the channel's history and not to the release.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa

if TYPE_CHECKING:
    from shared.releases.manifest import Input

LANDING, RELEASES = "headroom/landing", "headroom/releases"
"""The namespaces of what comes in and what goes out; buckets have other names in each stack."""

_SPEC = "https://openlineage.io/spec"
_NO_TIME = "1970-01-01T00:00:00Z"


def lineage(
    release_id: str, method_id: str, build: int, inputs: "Sequence[Input]", outputs: Mapping[str, pa.Table]
) -> dict[str, Any]:
    """The event that says a release is complete: each landed file and the method in, each table out, with its columns,
    rows and version (file id, method id or release id)."""
    producer = f"urn:headroom:build:{build}"

    def facet(kind: str, version: str, **said: Any) -> dict[str, Any]:
        return {
            "_producer": producer,
            "_schemaURL": f"{_SPEC}/facets/{version}/{kind}.json#/$defs/{kind}",
            **said,
        }

    def version(what: str) -> dict[str, Any]:
        return facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=what)

    def landed(file: "Input") -> dict[str, Any]:
        rows = facet("InputStatisticsInputDatasetFacet", "1-0-0", rowCount=file.rows)
        return {
            "namespace": LANDING,
            "name": file.slot,
            "facets": {"version": version(file.file_id)},
            "inputFacets": {"inputStatistics": rows},
        }

    def made(name: str, table: pa.Table) -> dict[str, Any]:
        fields = [{"name": field.name, "type": str(field.type)} for field in table.schema]
        rows = facet("OutputStatisticsOutputDatasetFacet", "1-0-2", rowCount=table.num_rows)
        schema = facet("SchemaDatasetFacet", "1-1-1", fields=fields)
        return {
            "namespace": RELEASES,
            "name": name,
            "facets": {"version": version(release_id), "schema": schema},
            "outputFacets": {"outputStatistics": rows},
        }

    method = {"namespace": LANDING, "name": "method", "facets": {"version": version(method_id)}}
    return {
        "eventType": "COMPLETE",
        "eventTime": _NO_TIME,
        "producer": producer,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(UUID(hex=release_id)), "facets": {}},
        "job": {"namespace": "headroom", "name": "opportunities", "facets": {}},
        "inputs": [method, *map(landed, inputs)],
        "outputs": [made(name, table) for name, table in outputs.items()],
    }
