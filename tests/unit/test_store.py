"""The store on moto: conditional writes, and a history in the order in which things happened."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from shared.store import Conflict, Missing, Store, TooLarge


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="eu-west-2")
        s3.create_bucket(Bucket="landing", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
        yield Store("landing", s3)


def test_swap_succeeds_only_for_who_saw_the_newest(store: Store) -> None:
    store.swap("p", b"1", None)
    with pytest.raises(Conflict):
        store.swap("p", b"other first", None)
    seen = store.get("p").etag
    store.swap("p", b"2", seen)
    with pytest.raises(Conflict):
        store.swap("p", b"late", seen)
    assert store.get("p").body == b"2"


def test_missing_objects_are_named(store: Store) -> None:
    with pytest.raises(Missing, match="nothing/here"):
        store.get("nothing/here")
    assert store.find("nothing/here") is None


def test_object_larger_than_asked_for_is_not_read(store: Store) -> None:
    store.put("k", b"12345")
    assert store.get_at_most(5, "k").body == b"12345"
    with pytest.raises(TooLarge, match="k has 5 bytes") as caught:
        store.get_at_most(4, "k")
    assert caught.value.size == 5


def test_list_goes_past_one_page(store: Store) -> None:
    for i in range(1005):
        store.put(f"many/{i:04}", b"")
    assert len(list(store.names("many/"))) == 1005


def test_history_keeps_the_order_of_a_put_and_a_delete_in_one_second(store: Store) -> None:
    acts = []
    for i in range(6):
        store.put("k", f"{i}".encode())
        acts.append(False)
        if i % 2:
            store._s3.delete_object(Bucket="landing", Key="k")
            acts.append(True)
    store.put("k/longer", b"")
    entries = [entry for entry in store.history("k") if entry.key == "k"]
    assert [entry.deleted for entry in entries] == acts[::-1]
    bodies = [store.get("k", entry.version_id).body for entry in entries if not entry.deleted]
    assert bodies == [b"5", b"4", b"3", b"2", b"1", b"0"]
