"""Corrections, late comers, repeats, withdrawals and parts, each through the real events: what readers then see."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stack import LocalStack
from tests.support.pipeline.programme import current_release, event_types, pointer, receipt, released_rows, small_stack
from tests.support.pipeline.small import work

SLOT = "work/2025-01"
KEY = f"{SLOT}/a.csv"


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with small_stack(files={KEY: work(1)}) as running:
        yield running


def shown(stack: LocalStack) -> dict[str, Any]:
    """The pointer, once everything has come to rest."""
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    found = pointer(stack)
    assert found is not None
    return found


def costs(stack: LocalStack) -> dict[str, float]:
    """Trust → cost of January as readers see it."""
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    rows = [row for row in released_rows(stack, "metrics") if row["status"] == "ok" and row["period_start"].month == 1]
    return {row["trust_code"]: row["numerator"] for row in rows}


def said(seed: int, trusts: int = 8) -> dict[str, float]:
    """The same of a month's file, read plainly."""
    rows = [line.split(",") for line in work(seed, trusts).decode().splitlines()[1:]]
    return {code: float(cost) for code, _, cost, _ in rows}


def a_second_later(stack: LocalStack) -> None:
    """S3 dates what is landed to the second, and of two keys in one second the later name counts as the later."""
    stack.clock.advance(1)


def taken_back(stack: LocalStack) -> list[str]:
    """The events that wait for ingest, which then never get there."""
    sqs, url = stack.client("sqs"), stack.outputs["IngestQueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]


def delivered(stack: LocalStack, bodies: list[str]) -> None:
    for body in bodies:
        stack.client("sqs").send_message(QueueUrl=stack.outputs["IngestQueueUrl"], MessageBody=body)


# ---- corrections ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, f"{SLOT}/0-corrected.csv"])
def test_corrected_file_supersedes_whatever_it_is_called(stack: LocalStack, key: str) -> None:
    before = shown(stack)
    a_second_later(stack)
    stack.land(key, work(2))
    after = shown(stack)
    assert after["release_id"] != before["release_id"]
    assert after["sequence"] == before["sequence"] + 1
    assert costs(stack) == said(2) != said(1)


def test_correction_that_is_rejected_leaves_the_file_before_it(stack: LocalStack) -> None:
    before = shown(stack)
    version = stack.land(KEY, work(0))
    assert shown(stack) == before
    assert receipt(stack, KEY, version)["status"] == "rejected"


def test_earlier_bytes_landed_anew_are_a_correction_too(stack: LocalStack) -> None:
    before = shown(stack), current_release(stack)
    stack.land(KEY, work(2))
    shown(stack)
    stack.land(KEY, work(1))
    assert shown(stack)["release_id"] == before[0]["release_id"]
    assert shown(stack)["sequence"] == before[0]["sequence"] + 2
    assert current_release(stack) == before[1]


# ---- late comers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("older", [KEY, f"{SLOT}/z.csv"])
def test_older_file_whose_event_comes_late_does_not_supersede(stack: LocalStack, older: str) -> None:
    version = stack.land(older, work(2))
    late = taken_back(stack)
    a_second_later(stack)
    stack.land(KEY, work(3))
    after = shown(stack)
    assert costs(stack) == said(3)
    delivered(stack, late)
    assert shown(stack) == after
    assert receipt(stack, older, version)["status"] == "accepted"  # its supplier is answered all the same


def test_older_of_two_files_landed_in_one_batch_does_not_supersede_in_whatever_order_they_come(
    stack: LocalStack,
) -> None:
    stack.land(KEY, work(2))
    stack.land(KEY, work(3))
    delivered(stack, taken_back(stack)[::-1])
    assert costs(stack) == said(3)


def test_withdrawal_that_comes_before_the_landing_it_withdraws(stack: LocalStack) -> None:
    before = shown(stack)
    stack.land(f"{SLOT}/b.csv", work(2))
    stack.delete(f"{SLOT}/b.csv")
    landed, withdrawn = taken_back(stack)
    delivered(stack, [withdrawn])
    assert shown(stack) == before
    delivered(stack, [landed])
    assert shown(stack) == before


# ---- repeats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, f"{SLOT}/again.csv"])
def test_same_bytes_again_change_nothing(stack: LocalStack, key: str) -> None:
    before = shown(stack), current_release(stack)
    version = stack.land(key, work(1))
    assert (shown(stack), current_release(stack)) == before
    assert receipt(stack, key, version)["status"] == "accepted"
    assert event_types(stack).count("ReleasePublished") == 1


def test_same_event_again_changes_nothing(stack: LocalStack) -> None:
    stack.land(KEY, work(2))
    events = taken_back(stack)
    delivered(stack, events)
    before = shown(stack)
    delivered(stack, events * 5)
    assert shown(stack) == before


# ---- withdrawals ----------------------------------------------------------------------------------------------------


def test_deleted_object_withdraws_its_file_and_the_one_before_is_current_again(stack: LocalStack) -> None:
    before = shown(stack), current_release(stack)
    stack.land(f"{SLOT}/b.csv", work(2))
    assert costs(stack) == said(2)
    stack.delete(f"{SLOT}/b.csv")
    assert shown(stack)["release_id"] == before[0]["release_id"]
    assert current_release(stack) == before[1]
    assert "FileWithdrawn" in event_types(stack)


def test_withdrawal_whose_event_is_lost_is_found_by_the_schedule(stack: LocalStack) -> None:
    before = shown(stack)
    stack.land(f"{SLOT}/b.csv", work(2))
    shown(stack)
    stack.delete(f"{SLOT}/b.csv")
    taken_back(stack)
    stack.tick()
    assert shown(stack)["release_id"] == before["release_id"]


def test_key_that_is_deleted_is_withdrawn_with_all_its_versions_until_it_is_landed_anew(stack: LocalStack) -> None:
    before = shown(stack)
    stack.land("work/2025-02/a.csv", work(1))
    stack.land("work/2025-02/a.csv", work(2))
    assert shown(stack)["release_id"] != before["release_id"]
    stack.delete("work/2025-02/a.csv")
    assert shown(stack)["release_id"] == before["release_id"]
    stack.land("work/2025-02/a.csv", work(1))
    assert shown(stack)["release_id"] != before["release_id"]
    assert b"work/2025-02" in current_release(stack)["manifest.json"]


def test_deleting_what_was_superseded_changes_nothing(stack: LocalStack) -> None:
    stack.land(f"{SLOT}/b.csv", work(2))
    before = shown(stack)
    stack.delete(KEY)
    assert shown(stack) == before


# ---- parts ----------------------------------------------------------------------------------------------------------


def rows(seed: int, *trusts: int) -> bytes:
    """A month's file of some trusts alone."""
    head, *lines = work(seed).splitlines(keepends=True)
    return head + b"".join(lines[trust] for trust in trusts)


@pytest.fixture
def parted(stack: LocalStack) -> LocalStack:
    stack.delete(KEY)
    stack.land(f"{SLOT}/north/a.csv", rows(2, 0, 1, 2, 3))
    stack.land(f"{SLOT}/south/a.csv", rows(2, 4, 5, 6, 7))
    return stack


def test_parts_of_a_period_combine(parted: LocalStack) -> None:
    assert costs(parted) == said(2)
    manifest = current_release(parted)["manifest.json"]
    assert b'"work/2025-01/north"' in manifest
    assert b'"work/2025-01/south"' in manifest
    assert released_rows(parted, "findings") == []


def test_corrected_part_leaves_the_others(parted: LocalStack) -> None:
    costs(parted)
    parted.land(f"{SLOT}/south/a.csv", rows(3, 4, 5, 6, 7))
    assert costs(parted) == {code: cost for code, cost in said(2).items() if code < "RA4"} | {
        code: cost for code, cost in said(3).items() if code >= "RA4"
    }


@pytest.mark.parametrize("first", ["north", "south"])
def test_overlap_of_parts_is_an_error_that_names_the_part_left_out(stack: LocalStack, first: str) -> None:
    stack.delete(KEY)
    second = {"north": "south", "south": "north"}[first]
    stack.land(f"{SLOT}/{first}/a.csv", rows(2, 0, 1, 2, 3, 4))
    a_second_later(stack)
    stack.land(f"{SLOT}/{second}/a.csv", rows(3, 4, 5, 6, 7))
    assert costs(stack) == {code: cost for code, cost in said(2).items() if code <= "RA4"}
    (one,) = [row for row in released_rows(stack, "findings") if row["rule"] == "overlap"]
    assert one["severity"] == "error"
    lost, _, stands = one["message"].partition("the file of")
    assert f"{SLOT}/{second}" in lost
    assert "1 code (RA4)" in lost
    assert f"{SLOT}/{first}" in stands


def test_part_that_begins_to_overlap_goes_back_to_the_file_before(parted: LocalStack) -> None:
    costs(parted)
    parted.land(f"{SLOT}/south/a.csv", rows(3, 3, 4, 5, 6, 7))
    assert costs(parted) == said(2)
    assert [row["rule"] for row in released_rows(parted, "findings") if row["severity"] == "error"] == ["overlap"]
    parted.land(f"{SLOT}/south/a.csv", rows(3, 4, 5, 6, 7))
    assert costs(parted)["RA4"] == said(3)["RA4"]
    assert released_rows(parted, "findings") == []


def test_withdrawn_part_takes_its_trusts_along(parted: LocalStack) -> None:
    costs(parted)
    parted.delete(f"{SLOT}/south/a.csv")
    assert costs(parted) == {code: cost for code, cost in said(2).items() if code < "RA4"}


def test_file_withdrawn_and_restored_while_its_absence_is_being_published_is_back_at_rest(stack: LocalStack) -> None:
    """Peers sees the file again before the release without it is shown, and so finds nothing to do then."""
    stack.land("work/2025-02/b.csv", work(2))
    before = shown(stack)["release_id"]
    stack.delete("work/2025-02/b.csv")
    stack.deliver("IngestQueue")
    stack.deliver("PeersQueue")
    stack.land("work/2025-02/b.csv", work(2))
    stack.deliver("IngestQueue")
    stack.deliver("PeersQueue")
    assert stack.pending() == {"OpportunitiesQueue": 1}
    stack.deliver("OpportunitiesQueue")
    found = pointer(stack)
    assert found is not None
    assert found["release_id"] != before
    assert shown(stack)["release_id"] == before
