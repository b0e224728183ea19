"""What the receipt of a dry run says. One stack serves all: by its promise, no dry run is seen by anything else."""

import json
from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack
from tests.support.pipeline.dry_runs import KEY, million, prepare, public, tried
from tests.support.pipeline.programme import event_types, objects, pointer
from tests.support.pipeline.small import METHOD_TEXT, work

HEAD = b"code,kind,cost,area\n"


@pytest.fixture(scope="module")
def calm() -> Iterator[LocalStack]:
    """A published release."""
    with LocalStack({"Build": "1"}) as running:
        prepare(running)
        yield running


def test_rejected_dry_run_has_its_findings_and_no_effect(calm: LocalStack) -> None:
    before, asked = public(calm), event_types(calm).count("DryRunAccepted")
    told = tried(calm, KEY, work(0))
    assert (told["status"], told["impact"]) == ("rejected", None)
    assert told["findings"][0]["row"] == 2
    assert public(calm) == before
    assert event_types(calm).count("DryRunAccepted") == asked


def test_findings_across_files_that_it_would_cause_are_told(calm: LocalStack) -> None:
    told = tried(calm, "dry-run/work/2025-02/a.csv", million(work(1, trusts=4)) + b"\nRX9,A,1,1\n")
    found = {finding["rule"]: finding for finding in told["impact"]["changes"]["findings"]}
    assert set(found) == {"coverage", "unknown_trust"}
    assert "RX9" in found["unknown_trust"]["message"]
    assert {finding["kind"] for finding in found.values()} == {"appears"}


def test_unit_slip_is_told_before_it_is_landed(calm: LocalStack) -> None:
    told = tried(calm, "dry-run/work/2025-02/a.csv", million(million(work(1))))
    assert [finding["rule"] for finding in told["impact"]["changes"]["findings"]] == ["drift"]


def test_part_that_overlaps_is_told_and_changes_no_figure(calm: LocalStack) -> None:
    told = tried(calm, "dry-run/work/2025-01/south/a.csv", HEAD + b"RA5,A,1,15\n")
    changes = told["impact"]["changes"]
    assert [finding["rule"] for finding in changes["findings"]] == ["overlap"]
    assert (changes["opportunities"], changes["peers"]) == ([], [])


def test_file_that_is_current_already_changes_nothing(calm: LocalStack) -> None:
    told = tried(calm, KEY, million(work(1)))
    assert told["impact"]["would_be"] == told["impact"]["compared_with"]
    assert told["impact"]["changes"]["counts"] == dict.fromkeys(told["impact"]["changes"]["counts"], 0)
    assert "Nothing changes" in told["impact"]["changes"]["summary"][0]


@pytest.mark.parametrize("text", [METHOD_TEXT, METHOD_TEXT.replace("rule: median", "rule: medium")])
def test_dry_run_of_a_method_tells_its_faults_and_makes_no_preview(calm: LocalStack, text: str) -> None:
    before = public(calm)
    told = tried(calm, "dry-run/method/2/method.yaml", text.replace("A small", "Another small").encode())
    if text == METHOD_TEXT:
        assert (told["status"], told["impact"]["state"]) == ("accepted", "none")
        assert "preview" in told["impact"]["notes"][0]
    else:
        assert told["status"] == "rejected"
        assert any("median" in finding["message"] or "medium" in finding["message"] for finding in told["findings"])
    assert public(calm) == before
    assert pointer(calm, "preview") is None


def test_dry_run_under_a_key_too_long_for_a_receipt_of_its_name_is_answered_too(calm: LocalStack) -> None:
    key = f"dry-run/work/2025-01/{'n' * 950}.csv"
    calm.land(key, million(work(3)))
    calm.run_until_idle()
    told = [json.loads(body) for name, body in objects(calm, "receipts/dry-run/").items() if name.endswith(".json")]
    assert [each["impact"]["state"] for each in told if each["landing_key"] == key] == ["done"]
