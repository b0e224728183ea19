"""Which objects are needed, by their keys."""

import inspect
import random
from typing import Any

import pytest

from infra.ops.storage.needed import KINDS, Life, ids_of, in_turn, kind_of, needed
from infra.template import load
from shared import keys
from shared.ids import FileId, MethodId, ReleaseId, SnapshotId

GONE, KEPT, ALSO = "a" * 32, "b" * 32, "c" * 32
OF_A_RELEASE = [
    lambda one: keys.release(one, "manifest.json"),
    lambda one: keys.release(one, "method.json"),
    lambda one: keys.release(one, "shards.json"),
    lambda one: keys.in_order(one, "by_metric"),
    lambda one: keys.release(one, "trend.parquet"),
    lambda one: keys.export(one, "7/trend.csv"),
    keys.peers,
    keys.characteristics,
    keys.findings,
    lambda one: keys.snapshot(SnapshotId(one)),
    keys.series,
    lambda one: keys.series_table(one, "trend"),
    lambda one: keys.part(one, "trend", "cost"),
]
OTHERS = [
    keys.curated(FileId(GONE)),
    keys.verdict("work", GONE, "work/2025-01/a.csv", "v1", GONE),
    keys.receipt("work/2025-01/a.csv", GONE),
    keys.findings_csv(keys.receipt("work/2025-01/a.csv", GONE)),
    keys.upload("2025-x"),
    keys.method(MethodId(GONE)),
    keys.group(GONE),
    keys.survey(GONE),
    keys.dry_run(ReleaseId(GONE), "peers.parquet"),
    keys.dry_run_file(FileId(GONE)),
    keys.channel("current"),
    keys.earlier_pointer("current", 7, "20250101T000000.000000Z", ReleaseId(GONE)),
    keys.REMEMBERED_LOG,
    keys.known(GONE),
    keys.begun_group(GONE),
    keys.draws(GONE),
    keys.draws_part(GONE, 0, 5),
    keys.plan(GONE),
    f"{keys.FEEDBACK}2025/{GONE}.json",
]


@pytest.mark.parametrize("place", range(len(OF_A_RELEASE)))
def test_what_belongs_to_a_release_is_needed_as_long_as_that_is(place: int) -> None:
    key_of: Any = OF_A_RELEASE[place]
    assert ids_of(key_of(ReleaseId(GONE))) == [GONE]
    assert not needed(key_of(ReleaseId(GONE)), {KEPT})
    assert needed(key_of(ReleaseId(KEPT)), {KEPT})


def test_comparison_is_needed_as_long_as_both_releases_are() -> None:
    comparison = keys.comparison(ReleaseId(KEPT), ReleaseId(ALSO))
    assert needed(comparison, {KEPT, ALSO})
    assert not needed(comparison, {KEPT})
    assert not needed(comparison, {ALSO})


@pytest.mark.parametrize("key", OTHERS)
def test_everything_else_is_always_needed(key: str) -> None:
    assert kind_of(key) is not None
    assert needed(key, ())


@pytest.mark.parametrize(
    "key", [f"mine/{GONE}", GONE, "tables/notes.txt", "releases/", f"tables/x/release_id={GONE}0/x"]
)
def test_what_has_no_known_form_is_left_alone(key: str) -> None:
    assert needed(key, ())


def test_every_kind_of_key_is_of_one_kind() -> None:
    """The functions of `shared.keys` that make keys of the data bucket, by the names of their parameters."""
    some = [key_of(ReleaseId(GONE)) for key_of in OF_A_RELEASE]  # type: ignore[no-untyped-call]
    made = {*some, *OTHERS, keys.comparison(ReleaseId(GONE), ReleaseId(KEPT))}
    for key in made:
        assert len([kind for kind in KINDS if key.startswith(kind.prefix)]) == 1, key
    texts = [name for name, one in vars(keys).items() if inspect.isfunction(one) and one.__module__ == keys.__name__]
    read = {"slot_of", "key_hash", "verdict_name", "verdicts_of", "earlier_pointer_name", "table_folder", "release_id"}
    assert len({*texts} - read) == 28  # a new function: add its keys above


def test_manifests_go_first_and_peers_before_what_they_say_exists() -> None:
    releases = [ReleaseId(f"{number:032x}") for number in range(3)]
    names: list[str] = [key_of(one) for key_of in OF_A_RELEASE for one in releases]  # type: ignore[no-untyped-call]
    random.Random(1).shuffle(names)
    order = sorted(names, key=in_turn)
    assert order[:3] == [keys.release(one, "manifest.json") for one in releases]
    assert {name.split("/")[0] for name in order[:12]} == {"releases"}
    assert order[12:18] == [*(keys.peers(one) for one in releases), *(keys.series(one) for one in releases)]


def test_only_what_is_made_again_expires() -> None:
    """A lifecycle rule takes what is old, whatever a release names."""
    rules = load()["Resources"]["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule}
    computed_again = {"shards/", "series/", "exports/"}
    days = {rule.get("Prefix"): rule.get("ExpirationInDays") for rule in rules}
    assert (
        days["series/"] > days["shards/"] + 2
    )  # S3 may delete some days late, and a shard says that its series exists
    assert expiring == {kind.prefix for kind in KINDS if kind.life is Life.EXPIRES} | computed_again
    (earlier,) = (rule for rule in rules if "Prefix" not in rule)
    assert earlier["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}  # only then is there more space
    assert earlier["ExpiredObjectDeleteMarker"] is True
