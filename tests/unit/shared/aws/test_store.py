"""The store on moto: conditional writes, and a history in the order in which things happened."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from pydantic import BaseModel, ValidationError

from infra.local.stack import mocked_aws
from shared.aws.store import (
    API,
    PIPELINE,
    Conflict,
    Ending,
    Missing,
    ObjectTooLarge,
    Patience,
    Store,
    Stored,
    config,
    translate,
)
from shared.errors import Transient


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mocked_aws():
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


class Example(BaseModel):
    name: str
    day: date


def test_models_are_stored_as_json_and_read_as_they_were(store: Store) -> None:
    example = Example(name="a", day=date(2026, 1, 2))
    store.write_model("k", example)
    assert json.loads(store.get("k").body) == {"name": "a", "day": "2026-01-02"}
    assert store.read_model(Example, "k") == store.find_model(Example, "k") == example
    assert store.find_model(Example, "nothing") is None
    with pytest.raises(Missing):
        store.read_model(Example, "nothing")


def test_object_of_another_model_is_not_read(store: Store) -> None:
    store.put("k", b'{"name": "a"}')
    with pytest.raises(ValidationError, match="day"):
        store.read_model(Example, "k")


def test_tables_are_stored_as_parquet_and_read_as_they_were(store: Store) -> None:
    table = pa.table({"code": ["RX1", None]})
    written = store.write_table("k", table, {"release_id": "r"})
    assert written == store.get("k").body
    assert store.read_table("k").equals(table)
    assert store.read_table("k").schema.metadata == {b"release_id": b"r"}


def test_objects_are_copied_as_they_are(store: Store) -> None:
    for name in "ab":
        store.put(name, name.encode(), "text/plain")
    store.put("to/b", b"earlier")
    store.copy_all({"a": "to/a", "b": "to/b"})
    assert [store.get(f"to/{name}").body for name in "ab"] == [b"a", b"b"]
    with pytest.raises(Missing, match="nothing"):
        store.copy_all({"a": "to/c", "nothing": "to/d"})


def test_object_larger_than_asked_for_is_not_read(store: Store) -> None:
    store.put("k", b"12345")
    assert store.get_at_most(5, "k").body == b"12345"
    with pytest.raises(ObjectTooLarge, match="k has 5 bytes") as caught:
        store.get_at_most(4, "k")
    assert caught.value.size == 5


DIGITS = b"0123456789"


@pytest.mark.parametrize(("length", "body"), [(4, b"6789"), (10, DIGITS), (99, DIGITS)])
def test_the_ending_of_an_object_comes_with_the_size_of_all_of_it(store: Store, length: int, body: bytes) -> None:
    store.put("k", DIGITS)
    assert store.ending("k", length) == Ending(body, 10)


@pytest.mark.parametrize(("start", "length", "body"), [(0, 1, b"0"), (2, 3, b"234"), (8, 5, b"89"), (0, 10, DIGITS)])
def test_part_of_an_object(store: Store, start: int, length: int, body: bytes) -> None:
    store.put("k", DIGITS)
    assert store.part("k", start, length) == body


def test_no_part_of_a_missing_object(store: Store) -> None:
    with pytest.raises(Missing, match="gone"):
        store.ending("gone", 4)
    with pytest.raises(Missing, match="gone"):
        store.part("gone", 0, 4)


def test_parts_of_an_object_are_those_of_its_newest_bytes(store: Store) -> None:
    store.put("k", DIGITS)
    store.put("k", b"abc")
    assert (store.ending("k", 2), store.part("k", 0, 2)) == (Ending(b"bc", 3), b"ab")


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


NAMES = ["a", "a/b", "b", "b\n", "é", "文", "🏥"]  # in the order of their UTF-8 bytes


@pytest.mark.parametrize(("after", "upto"), [(after, upto) for after in ["", *NAMES] for upto in ["", *NAMES, "c"]])
def test_listings_between_two_keys(store: Store, after: str, upto: str) -> None:
    """The first is one of the bucket: moto leaves out a version after a marker that is none."""
    for name in [*NAMES, *NAMES]:
        store.put(name, b"")
    store._s3.delete_object(Bucket="landing", Key="b")
    between = [name for name in NAMES if name > after and (not upto or name <= upto)]
    assert [entry.key for entry in store.history("", after, upto)] == sorted([*between, *between, *{"b"} & {*between}])
    assert [*store.names("", after, upto)] == [name for name in between if name != "b"]


def test_listing_ends_with_the_page_that_goes_beyond_the_last_key(store: Store) -> None:
    for nth in range(2500):
        store.put(f"{nth:04}", b"")
    pages = []
    store._s3.meta.events.register("before-call.s3", lambda model, **_: pages.append(model.name))
    assert len([*store.names("", "", "0999")]) == len(store.history("", "", "0999")) == 1000
    assert len(store.history("", "0500", "1200")) == 700
    assert pages == ["ListObjectsV2", "ListObjectsV2", "ListObjectVersions", "ListObjectVersions", "ListObjectVersions"]


def test_swap_of_what_is_gone_is_a_conflict_and_not_a_missing_object(store: Store) -> None:
    """S3 answers If-Match with 404 where the key was deleted: the caller has to look again, as after any lost race."""
    store.swap("p", b"1", None)
    seen = store.get("p").etag
    store._s3.delete_object(Bucket="landing", Key="p")

    def gone(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "NoSuchKey"}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "PutObject")

    store._s3.put_object = gone
    with pytest.raises(Conflict):
        store.swap("p", b"2", seen)


def test_write_that_is_sent_again_because_its_answer_was_lost_succeeds(store: Store) -> None:
    store.swap("p", b"mine", None)
    store.swap("p", b"mine", None)
    seen = store.get("p").etag
    store.swap("p", b"mine too", seen)
    store.swap("p", b"mine too", seen)
    with pytest.raises(Conflict):
        store.swap("p", b"another's", seen)
    assert store.get("p").body == b"mine too"


def test_metadata_is_read_back_with_a_version_and_alone(store: Store) -> None:
    store.swap("k", b"1", None, "text/csv", {"upload-id": "u1"})
    version = store.history("k")[0]
    assert store.get("k", version.version_id).metadata == {"upload-id": "u1"}
    head = store.head("k", version.version_id)
    assert (head.metadata, head.at) == ({"upload-id": "u1"}, version.at)
    with pytest.raises(Missing):
        store.head("nothing", version.version_id)


def test_etag_is_of_the_newest_version_and_none_once_it_is_deleted(store: Store) -> None:
    assert store.etag("k") is None
    store.put("k", b"1")
    assert store.etag("k") == store.get("k").etag
    store._s3.delete_object(Bucket="landing", Key="k")
    assert store.etag("k") is None


def test_existing_are_the_keys_that_have_an_object_now(store: Store) -> None:
    for key in ("a", "b", "c"):
        store.put(key, b"1")
    store._s3.delete_object(Bucket="landing", Key="b")
    assert store.existing(["a", "b", "c", "d"]) == {"a", "c"}
    assert store.existing([]) == set()


class Slow(Store):
    """A bucket whose reads are answered only once eight are under way."""

    def __init__(self) -> None:
        self.together = threading.Barrier(8, timeout=20)

    def get(self, key: str, version_id: str | None = None) -> Stored:
        self.together.wait()
        return Stored(key.encode(), "etag")


def test_several_objects_are_read_eight_at_a_time_and_come_in_order() -> None:
    keys = [f"k{place:02}" for place in range(24)]
    assert [stored.body.decode() for stored in Slow().get_all(keys)] == keys


def test_of_several_objects_one_that_is_missing_is_told_or_none(store: Store) -> None:
    store.put("a", b"1")
    with pytest.raises(Missing, match="b"):
        store.get_all(["a", "b"])
    assert [found and found.body for found in store.find_all(["b", "a"])] == [None, b"1"]


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (EndpointConnectionError(endpoint_url="x"), True),
        (ConnectTimeoutError(endpoint_url="x"), True),
        (ReadTimeoutError(endpoint_url="x"), True),
        (NoCredentialsError(), False),
        (ParamValidationError(report="x"), False),
    ],
)
def test_only_what_the_network_did_is_tried_again(error: BotoCoreError, retried: bool) -> None:
    """A bug that is retried for an hour under the name of a hiccup is seen an hour later."""
    translated = translate(error, "what")
    assert isinstance(translated, Transient) == retried
    assert retried or translated is error


@pytest.mark.parametrize("region", ["eu-west-2", "eu-west-1", "us-east-1", "us-west-2", "ap-southeast-1"])
@pytest.mark.parametrize("made", ["form", "address"])
def test_forms_and_addresses_are_signed_with_version_4_in_every_region(region: str, made: str) -> None:
    keys: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3: Any = boto3.client("s3", region_name=region, config=config("s3", PIPELINE), **keys)
    store = Store("bucket", s3)
    if made == "form":
        assert store.upload_form("key", (1, 1), "text/csv", 60)[1]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    else:
        assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in store.presigned("key", "name")


@pytest.mark.parametrize("service", ["s3", "sqs", "events"])
@pytest.mark.parametrize("patience", [API, PIPELINE])
def test_clients_wait_no_longer_than_they_are_told(service: str, patience: Patience) -> None:
    made = boto3.client(service, region_name="eu-west-2", config=config(service, patience))  # type: ignore[call-overload]
    told = made.meta.config
    assert (told.connect_timeout, told.read_timeout) == (patience.connect, patience.read)
    assert told.retries["total_max_attempts"] == patience.attempts


@pytest.fixture
def silent() -> Iterator[tuple[str, list[socket.socket]]]:
    """A server that takes connections and never answers: its address, and the connections it took."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", taken
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)
        for connection in taken:
            connection.close()


def test_server_that_never_answers_is_given_up_after_so_many_attempts(
    silent: tuple[str, list[socket.socket]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, taken = silent
    for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's pauses between attempts
    hurried = config("s3", Patience(connect=5, read=0.2, attempts=3)).merge(_plain_addresses())
    s3: Any = boto3.client("s3", region_name="eu-west-2", endpoint_url=address, config=hurried)
    with pytest.raises(Transient, match=r"timed out|timeout"):
        Store("bucket", s3).get("key")
    assert len(taken) == 3


def _plain_addresses() -> Any:
    from botocore.config import Config

    return Config(s3={"addressing_style": "path"})
