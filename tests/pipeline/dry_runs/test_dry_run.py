"""A dry run says in its receipt what a file would change, and changes nothing that readers or later releases see."""

import dataclasses
import io
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.stack import LocalStack
from shared.events import landed_message
from tests.support.pipeline.dry_runs import KEY, deliver_all_but, million, prepare, public, tried
from tests.support.pipeline.faults import Faults
from tests.support.pipeline.programme import current_release, event_types, objects, pointer, receipt
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "1"}) as running:
        yield running


@pytest.fixture
def published(stack: LocalStack) -> LocalStack:
    prepare(stack)
    return stack


def table(release: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(release[f"{name}.parquet"])).to_pylist()
    return rows


def slow_impact(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, int]:
    """Counted row by row from the tables of two releases, for a method whose opportunities are all in money."""
    was, now = (
        {(row["trust_code"], row["opportunity_id"]): row for row in table(release, "opportunities")}
        for release in (before, after)
    )
    counts = dict.fromkeys(("appear", "vanish", "move", "trusts_with_other_peers"), 0)
    for key in {*was, *now}:
        there = [key in rows and rows[key]["status"] == "opportunity" for rows in (was, now)]
        if there == [False, True]:
            counts["appear"] += 1
        elif there == [True, False]:
            counts["vanish"] += 1
        elif all(there):
            moved = [abs(now[key][end] - was[key][end]) > 100_000 for end in ("cash_lower", "cash_upper")]
            counts["move"] += any(moved)
    peers = []
    for release in (before, after):
        found: dict[tuple[str, str, str], set[str]] = {}
        for row in table(release, "peers"):
            if row["role"] == "peer":
                found.setdefault((row["trust_code"], row["group_id"], row["period"]), set()).add(row["peer_code"])
        kinds = [row for row in table(release, "characteristics") if row["group_id"] == "kind"]
        for one in kinds:
            alike = {row["trust_code"] for row in kinds if all(row[n] == one[n] for n in ("attribute", "period"))}
            found[one["trust_code"], "kind", one["period"]] = alike - {one["trust_code"]}
        peers.append(found)
    other = {key for key in {*peers[0], *peers[1]} if peers[0].get(key) != peers[1].get(key)}
    counts["trusts_with_other_peers"] = len({trust for trust, *_ in other})
    return counts


def test_receipt_says_what_landing_the_file_then_does(published: LocalStack) -> None:
    before, shown = current_release(published), pointer(published)
    body = million(work(3, trusts=7)).replace(b"RA1,B", b"RA1,A")  # one trust fewer, one of another kind,
    body = body.replace(b"RA0,A,100", b"RA0,A,900")  # and the best of its kind has become expensive
    told = tried(published, KEY, body)
    assert told["status"] == "accepted"
    assert told["impact"]["state"] == "done"
    assert told["impact"]["compared_with"] == (shown or {})["release_id"]
    assert pointer(published) == shown

    published.land(KEY.removeprefix("dry-run/"), body)
    published.run_until_idle()
    after = current_release(published)
    assert (pointer(published) or {})["release_id"] == told["impact"]["would_be"]
    changes = told["impact"]["changes"]
    expected = slow_impact(before, after)
    assert {name: changes["counts"][name] for name in expected} == expected
    assert min(expected.values()) > 0, "an example in which nothing moves would prove nothing"
    opportunities = {row["trust_code"]: row for row in table(after, "opportunities")}
    for change in changes["opportunities"]:
        row = opportunities[change["trust_code"]]
        assert change["after"]["status"] == row["status"]
        assert change["after"]["cash_upper"] == row["cash_upper"]


def test_nothing_is_published_by_a_dry_run(published: LocalStack) -> None:
    before = public(published)
    tried(published, KEY, million(work(3)))
    published.tick()
    published.run_until_idle()
    assert public(published) == before
    assert event_types(published).count("ReleasePublished") == 1


def test_receipt_is_there_after_one_invocation_and_says_that_the_rest_is_to_come(published: LocalStack) -> None:
    version = published.land(KEY, million(work(3)))
    published.deliver("IngestQueue")
    told = receipt(published, KEY, version)
    assert (told["status"], told["impact"]["state"]) == ("accepted", "pending")
    assert "again in a minute" in told["impact"]["notes"][0]
    published.run_until_idle()
    assert receipt(published, KEY, version)["impact"]["state"] == "done"


def test_files_landed_meanwhile_are_not_counted_as_its_effect(published: LocalStack) -> None:
    """The answer is about the file, whatever else stands in the landing bucket and is not published yet."""
    published.land("work/2025-02/a.csv", million(work(2)))
    deliver_all_but(published, "PeersQueue")
    assert published.pending() == {"PeersQueue": 1}
    version = published.land(KEY, million(work(1)))
    deliver_all_but(published, "PeersQueue")
    told = receipt(published, KEY, version)
    assert told["impact"]["changes"]["counts"] == dict.fromkeys(told["impact"]["changes"]["counts"], 0)


def test_pointer_that_moves_meanwhile_leaves_an_answer_about_the_release_it_names(published: LocalStack) -> None:
    before, shown = current_release(published), pointer(published)
    version = published.land(KEY, million(work(3)))
    published.deliver("IngestQueue")
    published.deliver("DryRunPeersQueue")
    published.land("work/2025-02/a.csv", million(work(2)))
    deliver_all_but(published, "DryRunOpportunitiesQueue")
    assert pointer(published) != shown
    published.run_until_idle()
    impact = receipt(published, KEY, version)["impact"]
    assert impact["compared_with"] == (shown or {})["release_id"]
    with LocalStack({"Build": "1"}) as other:
        prepare(other)
        other.land("work/2025-01/tried.csv", million(work(3)))
        other.run_until_idle()
        assert {name: impact["changes"]["counts"][name] for name in slow_impact(before, before)} == slow_impact(
            before, current_release(other)
        )


def test_answer_says_when_a_newer_method_or_build_is_part_of_the_difference(published: LocalStack) -> None:
    published.functions = {
        name: dataclasses.replace(function, environment={**function.environment, "BUILD": "2"})
        for name, function in published.functions.items()
    }
    told = tried(published, KEY, million(work(1)))["impact"]
    assert told["notes"] == [
        "The current release was computed by build 1, this one by build 2: "
        "the changes by the build are listed here too."
    ]
    assert told["changes"]["counts"] == dict.fromkeys(told["changes"]["counts"], 0)

    published.delete("method/1/method.yaml")
    dearer = METHOD_TEXT.replace("rule: median", "rule: quantile, q: 0.4")
    published.land("method/2/method.yaml", dearer.encode())
    deliver_all_but(published, "PeersQueue")
    version = published.land("dry-run/work/2025-01/later.csv", million(work(1)))
    deliver_all_but(published, "PeersQueue")
    told = receipt(published, "dry-run/work/2025-01/later.csv", version)["impact"]
    assert "another method" in told["notes"][0]
    assert told["changes"]["counts"]["move"] > 0


def test_before_the_first_release_everything_is_new(stack: LocalStack) -> None:
    stack.land("method/1/method.yaml", METHOD_TEXT.encode())
    stack.land("roll/2025/roll.csv", ROLL)
    stack.run_until_idle()
    stack.client("s3").delete_object(Bucket=stack.outputs["DataBucketName"], Key="channels/current.json")
    told = tried(stack, KEY, million(work(1)))
    assert told["impact"]["compared_with"] is None
    assert told["impact"]["changes"]["counts"]["appear"] > 0
    assert "no release to compare with" in told["impact"]["changes"]["summary"][0]


def test_without_a_figure_it_says_that_no_release_would_come_of_it(stack: LocalStack) -> None:
    stack.land("method/1/method.yaml", METHOD_TEXT.encode())
    told = tried(stack, "dry-run/roll/2025/roll.csv", ROLL)
    assert told["impact"]["state"] == "none"
    assert "The file would not make a release yet" in told["impact"]["notes"][0]


def test_without_a_method_it_is_told_to_come_again_and_is_read_when_it_does(stack: LocalStack) -> None:
    version = stack.land(KEY, million(work(1)))
    stack.run_until_idle()
    told = receipt(stack, KEY, version)
    assert (told["status"], told["findings"][0]["rule"]) == ("rejected", "no_method")
    assert "Land a method" in told["findings"][0]["message"]
    stack.land("method/1/method.yaml", METHOD_TEXT.encode())
    stack.run_until_idle()
    again(stack, KEY)
    assert receipt(stack, KEY, version)["status"] == "accepted"


def again(stack: LocalStack, key: str) -> None:
    """Ask ingest for a key once more."""
    (body,) = landed_message(stack.outputs["LandingBucketName"], [key])
    stack.client("sqs").send_message(QueueUrl=stack.outputs["IngestQueueUrl"], MessageBody=body)
    stack.run_until_idle()


def test_repeated_deliveries_change_no_answer(published: LocalStack) -> None:
    version = published.land(KEY, million(work(3)))
    published.run_until_idle()
    first = objects(published, "receipts/dry-run/"), objects(published, "dry-runs/")
    again(published, KEY)
    assert (objects(published, "receipts/dry-run/"), objects(published, "dry-runs/")) == first
    assert event_types(published).count("DryRunAssessed") == 1
    second = published.land(KEY, million(work(3)))
    published.run_until_idle()
    told = [receipt(published, KEY, each)["impact"] for each in (version, second)]
    assert told[0] == told[1]


def test_deleted_dry_run_is_nothing_to_anyone(published: LocalStack) -> None:
    tried(published, KEY, million(work(3)))
    before = objects(published, "")
    published.delete(KEY)
    published.run_until_idle()
    assert objects(published, "") == before
    assert "FileWithdrawn" not in event_types(published)
    published.land(KEY, million(work(2)))
    published.delete(KEY)  # before anyone has looked at it
    published.run_until_idle()
    assert objects(published, "") == before


def test_flood_of_dry_runs_does_not_wait_in_the_queues_that_publish(published: LocalStack) -> None:
    for number in range(12):
        published.land(f"dry-run/work/2025-01/{number}.csv", million(work(3)))
    deliver_all_but(published, "DryRunPeersQueue")
    assert published.pending() == {"DryRunPeersQueue": 12}
    assert published.deliver("DryRunPeersQueue") == 1


@settings(max_examples=4 if settings.get_current_profile_name() == "default" else 100)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=3))
def test_crash_at_any_call_ends_in_the_same_answer(crashes: list[tuple[int, bool]]) -> None:
    """Functions die at some AWS call, before or after it took effect; deliveries that follow put everything right."""
    with LocalStack({"Build": "1"}) as stack:
        prepare(stack)
        published = public(stack)
        calm = tried(stack, KEY, million(work(3)))
        version = stack.land("dry-run/work/2025-01/other.csv", million(work(3)))
        faults = Faults(stack)
        with faults.installed():
            for calls, after in crashes:
                faults.calls_left, faults.after = calls, after
                for queue in list(stack.pending()):
                    stack.deliver(queue)
            faults.calls_left = None
            stack.cold_start()
            stack.run_until_idle()
        assert stack.dead_letters() == {}
        assert (
            receipt(stack, "dry-run/work/2025-01/other.csv", version)["impact"]["changes"] == calm["impact"]["changes"]
        )
        assert public(stack) == published
