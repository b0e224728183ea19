"""The stage `dev` on the emulator, deployed with its own configuration as `sam deploy --config-env dev` would do it.

Left out of the template is what the emulator does not know: saved Athena queries, and an alarm on a ratio of metrics; a
number that it would take for a text is written out.
"""

import copy
import io
import json
import tomllib
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.landing import LandingFile
from infra.local.emulator import Emulator
from infra.ops.run import land
from infra.stacks import describe
from infra.template import ROOT, load, references
from tests.support.pipeline.small import METHOD_TEXT, ROLL
from tests.system.conftest import BUILD

STACK = "headroom-dev"
COLUMNS = {"code": ["RAA", "RBB"], "kind": ["A", "B"], "cost": [1200, 3400], "area": [11, 12]}


def parquet(codec: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(COLUMNS), sink, compression=codec)
    return sink.getvalue()


def for_the_emulator(built: Path) -> Path:
    """A built template without what the emulator does not know, next to it, since it names folders there."""
    template = load(built)
    unknown = {name: one for name, one in template["Resources"].items() if one.get("Condition") == "IsDeployed"}
    assert all(
        one["Type"] == "AWS::Athena::NamedQuery"
        or (one["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in one["Properties"])
        for one in unknown.values()
    ), unknown.keys()
    kept = {name: one for name, one in template["Resources"].items() if name not in unknown}
    # It hands a Number parameter over as a text, and then polls no queue.
    scaling = kept["IngestFunction"]["Properties"]["Events"]["Landed"]["Properties"]["ScalingConfig"]
    assert "IngestConcurrency" in references(scaling)
    scaling["MaximumConcurrency"] = template["Parameters"]["IngestConcurrency"]["Default"]
    made = built.with_name("dev.yaml")
    made.write_text(json.dumps(template | {"Resources": kept}), encoding="utf-8")  # JSON is YAML
    return made


@pytest.fixture(scope="module")
def dev(emulator: Emulator) -> Emulator:
    """The emulator as one who deployed `dev` sees it."""
    emulator.deploy_stage("dev", for_the_emulator(emulator.folder / "build" / "template.yaml"))
    seen = copy.copy(emulator)
    seen.outputs = dict(describe(STACK, emulator.client).outputs)
    return seen


def test_stack_has_the_parameters_of_its_stage_and_of_the_build(dev: Emulator) -> None:
    (stack,) = dev.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["dev"]["deploy"]["parameters"]
    written = dict(item.split("=", 1) for item in config["parameter_overrides"] if "=" in item)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert parameters.items() >= (written | {"Build": str(BUILD), "Architecture": "x86_64"}).items()


def test_api_starts_on_the_layer_and_is_closed_to_strangers(dev: Emulator) -> None:
    assert httpx.get(f"{dev.api}/openapi.json", timeout=60).status_code == 200
    assert httpx.get(f"{dev.api}/v1/trusts", timeout=60).status_code == 401


def test_files_are_judged_on_the_layer(dev: Emulator) -> None:
    files = [
        LandingFile("method/1/method.yaml", METHOD_TEXT.encode()),
        LandingFile("roll/2025/roll.csv", ROLL),
        LandingFile("work/2025-01/snappy.parquet", parquet("snappy")),
        LandingFile("work/2025-02/zstd.parquet", parquet("zstd")),
    ]
    receipts = dict(land(dev, files))
    rules = {key: [finding["rule"] for finding in receipt["findings"]] for key, receipt in receipts.items()}
    assert {key: receipt["status"] for key, receipt in receipts.items()} == {
        "method/1/method.yaml": "accepted",
        "roll/2025/roll.csv": "accepted",
        "work/2025-01/snappy.parquet": "accepted",
        "work/2025-02/zstd.parquet": "rejected",
    }, rules
    assert rules["work/2025-02/zstd.parquet"] == ["codec"]
