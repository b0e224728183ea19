"""A method with hundreds of metrics more: computed in one call or as items side by side, the release is the same."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.scale import step
from benchmarks.scale.history import Size
from benchmarks.scale.many_metrics import method_text
from shared import keys
from shared.aws import store as aws_store
from shared.landing.snapshot import Snapshot
from shared.method.load import judged, parse
from shared.releases import write
from shared.releases.channels import read_pointer
from tests.support.paths import CHECKOUT

METRICS, ORGANISATIONS, MONTHS = 203, 11, 2


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history whose peers are known."""
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws_store, "client", aws_store.client)  # the steps replace it
        step.write(folder, Size(ORGANISATIONS, MONTHS, METRICS))
        buckets = step.Buckets(folder)
        step.peers(buckets)
        buckets.client.save()
    return folder


def released(folder: Path, patch: pytest.MonkeyPatch, most: int) -> tuple[int, step.Buckets, dict[str, bytes]]:
    """The number of items if one call computes at most so many values, the buckets, and the release's objects."""
    patch.setattr(aws_store, "client", aws_store.client)
    patch.setattr(step, "MOST_VALUES", most)
    buckets = step.Buckets(folder)
    step.opportunities(buckets)
    items = buckets.items or 0
    for nth in range(items):
        assert buckets.shards is None
        step.shards(buckets, nth)
    if items:
        step.opportunities(buckets)
    prefixes = ("tables/", "releases/")
    names = (name for prefix in prefixes for name in buckets.data.names(prefix))
    return items, buckets, {name: buckets.data.get(name).body for name in names}


def test_generated_method_has_every_metric_and_each_fourth_has_an_opportunity() -> None:
    shipped, made = (judged(parse(method_text(CHECKOUT / "method", number))) for number in (0, METRICS))
    new = made.metrics.keys() - shipped.metrics.keys()
    assert len(new) == METRICS
    assert len({one.metric for one in made.opportunities.values()} & new) == METRICS // 4 + 1


def test_items_side_by_side_make_the_release_of_one_call(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "many"):
        shutil.copytree(written, tmp_path / name)
    items, alone, whole = released(tmp_path / "one", monkeypatch, 10**9)
    assert (items, alone.shards and alone.shards.computed) == (0, alone.shards and alone.shards.of)
    items, together, parts = released(tmp_path / "many", monkeypatch, 800)
    assert items > 20
    assert (together.shards and together.shards.computed) == 0  # all were kept
    assert parts == whole
    pointer, _ = read_pointer(alone.data, keys.CURRENT)
    assert pointer
    manifest = json.loads(whole[keys.release(pointer.release_id, write.MANIFEST)])
    files = {one["name"]: one["parts"] for one in manifest["outputs"]}
    assert len(files["metrics"]) > METRICS


def test_figures_of_generated_metrics_are_those_of_their_files(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(written, tmp_path / "one")
    _, buckets, _ = released(tmp_path / "one", monkeypatch, 10**9)
    pointer, _ = read_pointer(buckets.data, keys.CURRENT)
    assert pointer
    snapshot = buckets.data.read_model(Snapshot, keys.snapshot(pointer.snapshot_id))
    landed: dict[tuple[str, str, object], float] = {}
    for file in snapshot.files:
        if file.dataset == "made_000":
            for row in buckets.data.read_table(keys.curated(file.file_id)).to_pylist():
                landed[row["code"], row["measure"], row["period_end"]] = row["value"]
    rows = write.read(buckets.data, pointer.release_id, ["metrics"])["metrics"].to_pylist()
    own = [row for row in rows if row["metric_id"] in {"m00000", "m00017", "m00199"} and row["value"] is not None]
    assert len(own) > 3 * MONTHS * ORGANISATIONS // 2
    for row in own:
        code, end = row["trust_code"], row["period_end"]
        assert row["numerator"] == landed[code, row["metric_id"], end]
        assert row["value"] == pytest.approx(landed[code, row["metric_id"], end] / landed[code, "available", end])
