"""Inventory: what it prints is what the buckets hold, counted again from S3's own lists."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from infra.local.clock import Clock
from infra.local.stack import LocalStack
from infra.ops.cli import main
from infra.ops.storage import listing
from infra.ops.storage import prune as pruning
from infra.ops.storage.inventory import inventory
from infra.ops.storage.sizes import size
from tests.support.pipeline.programme import deployed, objects, pointer, small_stack, upload
from tests.support.pipeline.small import work

DAY = 24 * 60 * 60


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    """Three releases, published 100, 50 and 10 days ago; a corrected file and an upload that nothing fetched."""
    with small_stack("7", {"work/2025-01/a.csv": work(1)}) as running:
        assert isinstance(running.clock, Clock)
        for days, month in ((50, 1), (40, 2)):
            running.clock.advance(days * DAY)
            running.land(f"work/2025-0{month}/a.csv", work(month + 1))
            running.run_until_idle()
        upload(running, "upload-1", "work/2025-03/a.csv", work(3))
        running.clock.advance(10 * DAY)
        yield running


def listed(stack: LocalStack, name: str) -> list[dict[str, Any]]:
    """Every version in a bucket."""
    answer = stack.client("s3").list_object_versions(Bucket=stack.outputs[f"{name}BucketName"])
    assert not answer["IsTruncated"]
    versions: list[dict[str, Any]] = answer["Versions"]
    return versions


def printed(stack: LocalStack, **options: Any) -> list[str]:
    lines: list[str] = []
    inventory(deployed(stack), show=lines.append, now=stack.clock, **options)
    return lines


def test_tables_are_what_s3_lists(stack: LocalStack) -> None:
    text = "\n".join(printed(stack, keep_days=30))
    month = stack.clock() - timedelta(days=30)
    for name in ("Landing", "Incoming", "Data"):
        versions = listed(stack, name)
        table = text.partition(stack.outputs[f"{name}BucketName"])[2].partition("\n\n")[0].splitlines()[2:]
        rows = {line.split()[0]: re.split(r"\s{2,}|(?<=[B-])\s(?=[\d-])", line) for line in table}
        folders = {one["Key"].split("/")[0] + "/" for one in versions if "/" in one["Key"]}
        assert {*rows} - {"all"} == (folders or {"other"})
        for folder in rows:
            of = [one for one in versions if folder in ("all", "other") or one["Key"].startswith(folder)]
            newest = [one for one in of if one["IsLatest"]]
            sums = [sum(one["Size"] for one in some) for some in (
                newest,
                [one for one in newest if one["LastModified"] >= month],
                [one for one in of if not one["IsLatest"]],
            )]  # fmt: skip
            shown = [size(one) if one else "-" for one in sums]
            cells = rows[folder]
            assert (cells[1], cells[2], cells[4], cells[5]) == (f"{len(newest):,}", *shown), folder


def test_unneeded_is_what_prune_would_delete(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "busy", lambda _: False)  # the upload waits
    before = objects(stack, "")
    line = [one for one in printed(stack, keep_days=30) if one.startswith("all")][-1]
    bucket = stack.outputs["DataBucketName"]
    assert pruning.prune(deployed(stack), 30, bucket, now=stack.clock, wait=lambda _: None) > 0
    gone = sum(len(before[name]) for name in before.keys() - objects(stack, "").keys())
    assert f" {size(gone)} " in line
    line = [one for one in printed(stack, keep_days=30) if one.startswith("all")][-1]
    assert re.split(r"(?<=[B-]) +", line)[1] == "-"


def test_release_adds_its_own_objects_and_the_shards_that_the_one_before_does_not_name(stack: LocalStack) -> None:
    lines = [line.strip() for line in printed(stack) if "of its own" in line]
    shown = [json.loads(body) for body in objects(stack, "history/current/").values()]
    releases = [one["release_id"] for one in [pointer(stack) or {}, *shown]]
    assert len(releases) == 3
    stored = objects(stack, "")
    series = [{*json.loads(stored[f"releases/{one}/shards.json"]).values()} for one in releases]
    for line, release, own, before in zip(lines, releases, series, [*series[1:], set()], strict=True):
        size_of_own = sum(
            len(body)
            for name, body in stored.items()
            if name.startswith((f"releases/{release}/", "tables/")) and f"{release}/" in name
        )
        new = sum(len(body) for name, body in stored.items() for one in own - before if one in name)
        assert new > 0
        assert re.sub(" +", " ", line).split(f"{release} ")[1] == (
            f"{size(size_of_own)} of its own, {size(new)} of shards of 1 metric"
        )


def test_month_is_what_was_written_in_thirty_days_and_is_still_there(stack: LocalStack) -> None:
    month = stack.clock() - timedelta(days=30)
    sums = {
        name: sum(one["Size"] for one in listed(stack, name) if one["IsLatest"] and one["LastModified"] >= month)
        for name in ("Landing", "Incoming", "Data")
    }
    *_, count, growth = printed(stack)
    assert count == "In the last 30 days 1 release became current."
    assert growth == (
        f"In the last 30 days {size(sum(sums.values()))} were written that are still there: {size(sums['Landing'])} of "
        f"landed files and {size(sums['Data'])} in the data bucket. A month like it adds as much again."
    )


def test_buckets_are_listed_a_thousand_at_a_time(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages count: with small ones the tables are the same."""
    whole, calls = printed(stack), len(stack.calls)
    genuine = listing.versions

    def in_small_pages(of: Any, bucket: str, prefix: str = "") -> Any:
        client = of.client("s3")
        client.meta.events.register(
            "provide-client-params.s3.ListObjectVersions", lambda params, **_: params | {"MaxKeys": 7}
        )
        return genuine(of._replace(client=lambda _: client), bucket, prefix)

    monkeypatch.setattr("infra.ops.storage.inventory.versions", in_small_pages)
    assert printed(stack) == whole
    assert calls == len(stack.calls)  # these are of functions only


def test_empty_stack_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with LocalStack({"Build": "1"}):
        assert main(["inventory", "--stack", "headroom"]) == 0
    assert "Nothing has been published yet." in capsys.readouterr().out
