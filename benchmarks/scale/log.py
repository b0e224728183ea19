"""`python -m benchmarks.scale.log [VERSIONS …]`: looks at logs of some lengths, each in a process of its own.

Buckets in memory answer at once, without the XML that boto3 reads from S3. What that costs is measured apart, for one
page of a listing, and added for all entries listed.
"""

import json
import subprocess
import sys
import time
from typing import Any, cast

from botocore import parsers
from botocore.loaders import Loader
from botocore.model import ServiceModel

from benchmarks.harness import peak_mib
from benchmarks.scale.client_parts import PAGE
from benchmarks.scale.history import ROOT
from benchmarks.scale.memory_bucket import MemoryClient
from shared import keys, tables
from shared.aws.store import Store
from shared.content import digest
from shared.ids import FileId
from shared.landing.look import look
from shared.landing.verdicts import rules_for
from shared.method.load import bundle, documents_json, from_json, method_id, parse
from shared.tables import CURATED

LENGTHS = (1_000, 10_000, 100_000)
SHAPES = {"10 corrections of each file": (1, 10), "250 parts of a period, 4 times each": (250, 4)}
"""The parts of a period, and the versions of each."""

_DATASET = "eric_trust"


def measure(shape: str, versions: int) -> dict[str, dict[str, float]]:
    """Looks at a log of some length: CPU seconds, calls, bytes moved, and the peak after each."""
    parts, corrections = SHAPES[shape]
    client = MemoryClient()
    landing, data = Store("landing", cast(Any, client)), Store("data", cast(Any, client))
    text = bundle(ROOT / "method")
    identity, method = method_id(text), from_json(documents_json(parse(text)))
    rules = rules_for(f"{_DATASET}/2024/a.csv", method)

    def land(key: str, part: int) -> None:
        version = client.put_object(Bucket=landing.bucket, Key=key, Body=b"x")["VersionId"]
        client.clock += 1
        file_id = FileId(digest(key, version))
        if parts > 1:
            data.put(keys.curated(file_id), _part(part))
        data.put(keys.verdict(rules.dataset, rules.contract_id, key, version, file_id), b"")

    periods = versions // (parts * corrections)
    names = [
        (f"{_DATASET}/{1000 + period}/{f'p{part:03}/' if parts > 1 else ''}file.csv", part)
        for period in range(periods)
        for part in range(parts)
    ]
    for name in names * corrections:
        land(*name)

    def looked(changed: list[str] | None) -> dict[str, float]:
        client.calls.clear()
        client.listed = client.moved = 0
        started = time.process_time()
        seen = look(landing, data, {identity: method}, changed)
        spent = time.process_time() - started
        assert len(seen.results[identity].snapshot.files) == len(names)
        answer = {"cpu": round(spent, 2), "with XML": round(spent + xml * client.listed / PAGE, 2)}
        return answer | {"peak MiB": round(peak_mib()), "MiB moved": round(client.moved / 2**20, 1)} | client.calls

    xml = _page_of_xml()
    steps = {"in full, nothing remembered": looked(None), "in full": looked(None)}
    land(*names[0])
    steps["one key changed"] = looked([names[0][0]])
    steps["nothing changed"] = looked([])
    return steps


def _part(part: int) -> bytes:
    """A part's file: one organisation and two hundred measures."""
    measures = [f"measure_{nth}" for nth in range(200)]
    table = tables.of_columns(CURATED, 200, code=[f"R{part:03}"] * 200, measure=measures)
    return tables.to_bytes(table)


def _page_of_xml() -> float:
    """CPU seconds that botocore takes to read one page of versions."""
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    shape = model.operation_model("ListObjectVersions").output_shape
    one = (
        "<Version><Key>eric_trust/2024/p001/file.csv</Key><VersionId>{:032}</VersionId><IsLatest>false</IsLatest>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag>"
        "<Size>1</Size><StorageClass>STANDARD</StorageClass></Version>"
    )
    body = f"<ListVersionsResult>{''.join(map(one.format, range(PAGE)))}</ListVersionsResult>".encode()
    parser = parsers.create_parser("rest-xml")
    started = time.process_time()
    answer = parser.parse({"status_code": 200, "headers": {}, "body": body}, cast(Any, shape))
    assert len(answer["Versions"]) == PAGE
    return time.process_time() - started


def main(lengths: list[int]) -> None:
    """Print a row for each look."""
    for shape in SHAPES:
        for versions in lengths:
            command = [sys.executable, "-m", "benchmarks.scale.log", shape, str(versions)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            for step, figures in json.loads(answer.stdout.splitlines()[-1]).items():
                print(f"{shape} | {versions:,} | {step} | {figures}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in SHAPES:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main([int(one) for one in sys.argv[1:]] or [*LENGTHS])
