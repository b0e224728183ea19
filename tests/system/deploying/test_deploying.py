"""The commands of docs/deploying.md, docs/suppliers.md and docs/api.md, run by a shell against the emulator.

`sam` is a stand-in there, held to the stages and options that exist: what SAM builds and deploys, other tests do.
"""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from infra.ops.tokens import token
from infra.stacks import describe
from infra.template import ROOT
from shared import keys
from shared.aws.store import Store
from tests.support.paths import SAMPLES
from tests.support.system.pages import Page
from tests.system.conftest import Published, settled_at

SAMPLE = "outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"
LOCAL = {"export STAGE=dev": "export STAGE=local", "STACK_NAME=headroom-$STAGE": "STACK_NAME=headroom"}
DEPLOYING = Page("docs/deploying.md", "Deploying", LOCAL)
SUPPLIERS = Page("docs/suppliers.md", "", {})
API = Page("docs/api.md", "", {})
SUBSCRIBE = "3. Subscribe to the alarms"


def test_alarms_are_subscribed_to_and_nothing_stands_against_deploying_again(published: Published) -> None:
    DEPLOYING.run(published.emulator, SUBSCRIBE, EMAIL="ops@example.org")
    topic = published.emulator.outputs["AlarmTopicArn"]
    listed = published.emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [(one["Protocol"], one["Endpoint"]) for one in listed] == [("email", "ops@example.org")]
    *lines, last = DEPLOYING.run(published.emulator, "1. Preflight").splitlines()
    outcomes = {line.split("  ", 2)[1].strip(): line for line in lines}
    assert set(outcomes) == {"passed", "by hand"}
    assert last.startswith("headroom can be deployed to eu-west-2")
    assert any("the pipeline may take 12" in line for line in lines)  # two each for six mappings
    assert any(re.search("the stack headroom is (CREATE|UPDATE)_COMPLETE", line) for line in lines)


def test_sam_is_called_with_stages_that_exist(published: Published) -> None:
    said = DEPLOYING.run(published.emulator, "2. Build and deploy", instead={"sam": 'echo "sam $*"\n'})
    assert said.splitlines() == ["sam build", "sam deploy --config-env local"]
    assert {"dev", "prod"} <= tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8")).keys()


def test_method_smoke_and_first_file(published: Published, tmp_path: Path) -> None:
    landing = Store(published.emulator.outputs["LandingBucketName"], published.emulator.client("s3"))
    DEPLOYING.run(published.emulator, "4. Land the method", FILE=str(tmp_path / "method.yaml"))
    assert landing.get("method/1/method.yaml").body == (tmp_path / "method.yaml").read_bytes()
    DEPLOYING.run(published.emulator, "6. First files", 0, FILE=str(SAMPLES / SAMPLE), KEY=SAMPLE)
    assert settled_at(published.emulator, published.release_id) == published.release_id
    assert (
        "headroom agrees with this checkout: 4 files" in DEPLOYING.run(published.emulator, "5. Smoke").splitlines()[-1]
    )
    said = DEPLOYING.run(published.emulator, "6. First files", 1)
    assert published.release_id in said
    assert settled_at(published.emulator, published.release_id) == published.release_id


def test_what_deletes_is_held_to_the_services_descriptions(published: Published) -> None:
    values = {"BUCKET": "headroom-dev-databucket-1", "POOL": "eu-west-2_abcdefghi"}
    DEPLOYING.run(published.emulator, "What a deleted stack leaves", only_check=True, **values)
    assert published.emulator.client("cloudformation").describe_stacks(StackName="headroom")["Stacks"]


def test_every_block_is_run_here() -> None:
    run = {"Deploying", "1. Preflight", "2. Build and deploy", SUBSCRIBE, "4. Land the method", "5. Smoke",
           "6. First files", "What a deleted stack leaves"}  # fmt: skip
    assert {title for title in DEPLOYING.sections() if DEPLOYING.blocks(title)} == run
    assert [title for title in SUPPLIERS.sections() if SUPPLIERS.blocks(title)] == ["Land a file over HTTP"]
    assert [title for title in API.sections() if API.blocks(title)] == ["SQL with Athena"]


@pytest.mark.skipif(not (shutil.which("jq") and shutil.which("curl")), reason="the page's example needs curl and jq")
@pytest.mark.parametrize("name", ["trust data.csv", "plain.csv", "a, b & (c).csv"])
def test_supplier_uploads_a_file_of_any_name_as_the_page_says(published: Published, tmp_path: Path, name: str) -> None:
    sample = next((SAMPLES / "eric_trust" / "2024-25").iterdir())
    shutil.copy(sample, tmp_path / name)
    stack = describe("headroom", published.emulator.client)
    values = {"API": published.api, "TOKEN": token(stack, ["supply:eric_trust"])}
    (block,) = SUPPLIERS.blocks("Land a file over HTTP")
    assert block.count('FILE="trust data.csv"\n') == 1
    commands = block.replace('"trust data.csv"', f"'{name}'")
    said = SUPPLIERS.run_commands(published.emulator, commands, cwd=tmp_path, **values)
    assert json.loads(said)["receipts"] is not None
    settled_at(published.emulator, published.release_id)
    landed = f"{keys.DRY_RUN_PREFIX}eric_trust/2024-25/{name}"
    landing = Store(published.emulator.outputs["LandingBucketName"], published.emulator.client("s3"))
    assert landing.get(landed).body == sample.read_bytes()


def test_saved_query_is_run_as_the_page_says(published: Published) -> None:
    values = {
        "QUERY": "0" * 36,
        "STACK_NAME": "headroom",
        "DATABASE": "headroom",
        "LATER": "b" * 32,
        "EARLIER": "a" * 32,
    }
    API.run(published.emulator, "SQL with Athena", only_check=True, **values)
