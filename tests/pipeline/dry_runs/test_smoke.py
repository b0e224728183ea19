"""`headroom smoke` on the local stack: what it says of a stack that is right, and of several that are not."""

import json
from collections.abc import Callable, Iterator
from itertools import count

import pytest

import functions.ingest.judge
from functions.ingest.judge import Judgement, judge_file, rejected_unread
from infra.local.stack import LocalStack
from infra.ops import smoke
from infra.ops.cli import main
from infra.ops.smoke import CannotTry, Fetch
from infra.stacks import Deployed, describe
from shared import keys
from shared.aws.store import Store
from shared.landed import Landed
from shared.landing.verdicts import Rules
from tests.support.pipeline.programme import land, land_method, method_text, objects, pointer, sample_files

FILES = sample_files("outpatients_quarterly", "trust_measures", "ods_trusts", "sickness_absence")
CLOSED = {"/": (200, b"<!doctype html><html>"), "/v1/releases/current": (401, b'{"message":"Unauthorized"}')}
CLOSED["/openapi.json"] = (200, b'{"paths": {"/v1/releases/current": {}}}')

type Meanwhile = Callable[[LocalStack], None]


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "7"}) as running:
        yield running


def deployed(stack: LocalStack, is_open: bool = False) -> Deployed:
    return describe("headroom", stack.client)._replace(parameters={"Build": "7", "OpenRead": str(is_open).lower()})


def asking(stack: LocalStack) -> Fetch:
    """The API of the stack in this process, without a token."""

    def fetch(path: str) -> tuple[int, bytes]:
        answer = stack.request("GET", path)
        return answer.status, answer.text.encode()

    return fetch


def tried(
    stack: LocalStack, fetch: Fetch = CLOSED.__getitem__, meanwhile: Meanwhile = lambda _: None, is_open: bool = False
) -> tuple[list[str], list[str]]:
    """The differences, and everything that is printed, where the functions run whenever smoke waits."""
    lines: list[str] = []
    ticks = count()

    def sleep(_: float) -> None:
        stack.run_until_idle()
        meanwhile(stack)

    found = smoke.smoke(
        deployed(stack, is_open), fetch, seconds=20, show=lines.append, sleep=sleep, clock=lambda: float(next(ticks))
    )
    return found, lines


def live_trials(stack: LocalStack) -> list[str]:
    history = Store(stack.outputs["LandingBucketName"], stack.client("s3")).history(keys.DRY_RUN_PREFIX)
    newest = {entry.key: entry.deleted for entry in reversed(history)}
    return [key for key, deleted in newest.items() if not deleted]


def test_stack_with_a_release_is_right_and_publishes_nothing(stack: LocalStack) -> None:
    land_method(stack)
    land(stack, FILES.items())
    stack.run_until_idle()
    before = pointer(stack)
    assert before is not None
    differences, lines = tried(stack, asking(stack), is_open=True)
    assert differences == []
    assert [line.split()[0] for line in lines[1:-1]] == ["right"] * 10  # four receipts, three impacts, three answers
    assert lines[-1].startswith("headroom agrees with this checkout: 4 files got the receipts")
    assert before["release_id"] in lines[-1]
    assert (pointer(stack), live_trials(stack)) == (before, [])
    stack.run_until_idle()
    assert (pointer(stack), stack.dead_letters()) == (before, {})
    receipts = [json.loads(body) for body in objects(stack, "receipts/dry-run/").values()]
    assert sorted(receipt["status"] for receipt in receipts) == ["accepted"] * 3 + ["rejected"]
    endings = sorted(receipt["landing_key"].rpartition(".")[2] for receipt in receipts)
    assert endings == ["csv", "csv", "parquet", "xlsx"]


def test_each_run_has_keys_of_its_own(stack: LocalStack) -> None:
    land_method(stack)
    stack.run_until_idle()
    for _ in range(2):
        assert tried(stack)[0] == []
    assert len(objects(stack, "receipts/dry-run/")) == 8


def test_stack_without_a_method_fails_and_says_how_to_land_one(stack: LocalStack) -> None:
    with pytest.raises(CannotTry, match=rf"make method .*s3://{stack.outputs['LandingBucketName']}/method/1/method"):
        tried(stack)
    assert live_trials(stack) == []


def test_method_without_a_verdict_is_not_taken_for_a_missing_one(stack: LocalStack) -> None:
    land_method(stack)
    with pytest.raises(CannotTry, match=r"no verdict yet.*less than a minute ago"):
        tried(stack)


def test_stack_before_its_first_release_is_right(stack: LocalStack) -> None:
    land_method(stack)
    stack.run_until_idle()
    differences, lines = tried(stack, asking(stack), is_open=True)
    assert differences == []
    assert "no release to compare with yet" in lines[-1]


def test_method_with_other_contracts_is_named_as_the_cause(stack: LocalStack) -> None:
    text = method_text()
    assert text.count("outpatient_first_attendances_dna") > 0
    stack.land("method/1/method.yaml", text.replace("outpatient_first_attendances_dna", "first_missed").encode())
    stack.run_until_idle()
    differences, lines = tried(stack)
    assert len(differences) == 1
    assert "by the method of the stack it is rejected, not accepted" in differences[0]
    assert "has other contracts than this checkout" in differences[0]
    assert lines[-1].startswith("headroom does not agree with this checkout: 1 difference, listed above.")


def test_function_that_reads_a_format_differently_is_found(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library built without a codec, as it would be in Lambda only."""

    def without_parquet(entry: Landed, body: bytes, rules: Rules, method: str) -> Judgement:
        if body.startswith(b"PAR1"):
            return rejected_unread(entry, "parquet", "codec not built")
        return judge_file(entry, body, rules, method)

    land_method(stack)
    stack.run_until_idle()
    monkeypatch.setattr(functions.ingest.judge, "judge_file", without_parquet)
    differences, _ = tried(stack)
    assert all(".parquet: " in difference for difference in differences)
    assert any('`status` is "rejected" on the stack and "accepted" here' in difference for difference in differences)
    assert any("holds other findings" in difference for difference in differences)


def altered(prefix: str, old: bytes, new: bytes) -> Meanwhile:
    """Replaces something in the first object under a prefix that holds it."""

    def alter(stack: LocalStack) -> None:
        for name, body in objects(stack, prefix).items():
            if old in body:
                changed = body.replace(old, new, 1)
                stack.client("s3").put_object(Bucket=stack.outputs["DataBucketName"], Key=name, Body=changed)

    return alter


@pytest.mark.parametrize(
    ("prefix", "old", "new", "said"),
    [
        ("receipts/dry-run/", b'"values": 486', b'"values": 487', "`values` is 487 on the stack and 486 here"),
        ("receipts/dry-run/", b'"status": "rejected"', b'"status":"rejected"', "but other bytes"),
        ("findings-csv/dry-run/", b"12x", b"13x", "holds other findings"),
    ],
)
def test_receipt_that_differs_in_anything_is_found(
    stack: LocalStack, prefix: str, old: bytes, new: bytes, said: str
) -> None:
    land_method(stack)
    stack.run_until_idle()
    differences, lines = tried(stack, meanwhile=altered(prefix, old, new))
    (difference,) = differences
    assert said in difference
    assert difference in lines


def test_missing_receipts_are_reported_once_a_file_and_the_files_deleted(stack: LocalStack) -> None:
    land_method(stack)
    stack.run_until_idle()
    ticks = count()
    found = smoke.smoke(
        deployed(stack), CLOSED.__getitem__, 5, lambda _: None, lambda _: None, lambda: float(next(ticks))
    )
    assert len(found) == 4
    assert all("there is no receipt" in difference for difference in found)
    assert live_trials(stack) == []


def test_dry_run_that_is_never_assessed_is_found(stack: LocalStack) -> None:
    land_method(stack)
    stack.run_until_idle()
    ticks = count()

    def only_ingest(_: float) -> None:
        while stack.pending().get("IngestQueue"):
            stack.deliver("IngestQueue")

    found = smoke.smoke(
        deployed(stack), CLOSED.__getitem__, 20, lambda _: None, only_ingest, lambda: float(next(ticks))
    )
    assert len(found) == 3
    assert all("its impact was not computed" in difference for difference in found)


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/", (500, b"oh"), "answered 500 instead of 200: oh"),
        ("/", (0, b"refused"), "answered nothing instead of 200: refused"),
        ("/openapi.json", (200, b"{}"), "unexpected content"),
        ("/v1/releases/current", (200, b"{}"), "answered 200 instead of 401"),
    ],
)
def test_api_that_answers_differently_is_found(
    stack: LocalStack, path: str, answer: tuple[int, bytes], said: str
) -> None:
    land_method(stack)
    stack.run_until_idle()
    differences, _ = tried(stack, (CLOSED | {path: answer}).__getitem__)
    (difference,) = differences
    assert said in difference


def test_unknown_stage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "--stage", "live"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("headroom smoke: there is no stage 'live'")
