"""The steps that `make scale` measures: with draws counted as items of a plan, the release is that of one call."""

import json
from pathlib import Path

import pytest

from benchmarks.scale import step
from benchmarks.scale.history import Size
from shared import keys
from shared.aws import store as aws_store
from shared.releases.channels import read_pointer

ORGANISATIONS, MONTHS = 30, 2


def released(folder: Path, patch: pytest.MonkeyPatch, most: int) -> tuple[int, dict[str, bytes]]:
    """The number of items of draws if one call counts at most so many values, and the objects of the release."""
    with patch.context() as patched:
        patched.setattr(aws_store, "client", aws_store.client)  # the steps replace it
        patched.setattr(step, "MOST_VALUES", most)
        step.write(folder, Size(ORGANISATIONS, MONTHS))
        buckets = step.Buckets(folder)
        step.peers(buckets)
        counted = buckets.items or 0
        for nth in range(counted):
            assert not json.loads(buckets.data.get("computed.json").body)
            step.draws(buckets, nth)
        if counted:
            step.peers(buckets)
        assert buckets.items == 0
        patched.setattr(step, "MOST_VALUES", 10**9)
        step.opportunities(buckets)
    pointer, _ = read_pointer(buckets.data, keys.CURRENT)
    assert pointer
    assert buckets.data.read_table(keys.peers(pointer.release_id)).num_rows > ORGANISATIONS
    prefixes = ("peers/", "tables/", "releases/")
    return counted, {name: buckets.data.get(name).body for prefix in prefixes for name in buckets.data.names(prefix)}


def test_draws_counted_side_by_side_make_the_release_of_one_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, whole = released(tmp_path / "one", monkeypatch, 10**9)
    together, parts = released(tmp_path / "many", monkeypatch, 100)
    assert alone == 0
    assert together >= 4
    assert parts == whole
