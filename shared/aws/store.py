"""S3 as the database: buckets of named bytes, models and tables, with conditional writes and version listings."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as CannotConnect

from shared import tables
from shared.content import model_json
from shared.errors import HeadroomError, Transient
from shared.landed import Landed

if TYPE_CHECKING:
    import pyarrow as pa
    from mypy_boto3_s3 import S3Client
    from pydantic import BaseModel

JSON, PARQUET = "application/json", "application/vnd.apache.parquet"


class Missing(HeadroomError):
    """There is no object with this key."""


class Conflict(HeadroomError):
    """A conditional write was refused because the object had changed."""


class ObjectTooLarge(HeadroomError):
    """An object has more bytes (`size`) than the caller allows; none of them were read."""

    def __init__(self, key: str, size: int) -> None:
        self.size = size
        super().__init__(f"{key} has {size:,} bytes")


class Stored(NamedTuple):
    """An object's bytes, its ETag, and the metadata it was written with."""

    body: bytes
    etag: str
    metadata: Mapping[str, str] = MappingProxyType({})


class Ending(NamedTuple):
    """The last bytes of an object, and the size of all of it in bytes."""

    body: bytes
    size: int


class Head(NamedTuple):
    """When a version was written, the metadata it was written with, and its ETag."""

    at: datetime
    metadata: Mapping[str, str]
    etag: str


class Patience(NamedTuple):
    """How long a client waits for AWS: seconds to connect, seconds for each read, and the number of attempts.

    The worst case must end before the function's own timeout: if Lambda stops a function in the middle of a call, its
    message waits for the whole visibility timeout.
    """

    connect: float
    read: float
    attempts: int

    def worst(self) -> float:
        """Seconds that one call may take, with botocore's longest pauses between attempts (1 s, 2 s, 4 s …)."""
        return self.attempts * (self.connect + self.read) + float(2 ** (self.attempts - 1) - 1)


PIPELINE = Patience(connect=2, read=20, attempts=4)
API = Patience(connect=1, read=3, attempts=2)

AT_ONCE = 8
"""How many calls are made at the same time. botocore keeps ten connections."""


def config(service: str, patience: Patience) -> Config:
    """How clients of a service call AWS.

    Virtual-hosted addresses name the region. S3 redirects a form that is posted to an address without one, and a form
    cannot follow. Forms and presigned addresses are signed with version 4 in every region: new buckets refuse version
    2, which botocore still chooses in the oldest regions.
    """
    return Config(
        signature_version="s3v4" if service == "s3" else None,
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        retries={"mode": "standard", "total_max_attempts": patience.attempts},
        s3={"addressing_style": "virtual"},
    )


@cache
def client(service: str, patience: Patience = PIPELINE) -> Any:
    """A boto3 client, one for each service in a process: making one takes longer than most calls."""
    clients: Any = boto3
    return clients.client(service, config=config(service, patience))


_GONE = {"NoSuchKey", "NoSuchVersion", "404", "NotFound", "ResourceNotFoundException"}
_LOST_RACE = {"PreconditionFailed", "412"}


_NETWORK = (CannotConnect, FlexibleChecksumError, HTTPClientError, IncompleteReadError)
"""What botocore raises if the network or the service failed. Its other errors are bugs or a wrong configuration, which
retries would only hide."""


def translate(error: Exception, what: str) -> HeadroomError | Exception:
    """An error of boto3 as Missing, Conflict or Transient; any other error as it is."""
    if isinstance(error, _NETWORK):
        return Transient(f"{what}: {error}")
    if not isinstance(error, ClientError):
        return error
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    if code in _GONE:
        return Missing(what)
    if code in _LOST_RACE:
        return Conflict(what)
    # S3 answers 409 while two conditional writes are in progress: neither has lost yet.
    if status >= 500 or status in (409, 429) or "Throttl" in code or code in {"SlowDown", "RequestTimeout"}:
        return Transient(f"{what}: {code}")
    return error


class Store:
    """One bucket. Methods raise Missing, Conflict or Transient; any other error is a bug."""

    def __init__(self, bucket: str, s3: "S3Client | None" = None) -> None:
        self.bucket = bucket
        self._s3: S3Client = s3 or client("s3")

    def get(self, key: str, version_id: str | None = None) -> Stored:
        """An object, in its newest version or the one named; Missing if there is none."""
        return self._get(key, version_id, None)

    def get_at_most(self, largest: int, key: str, version_id: str | None = None) -> Stored:
        """Like `get`; ObjectTooLarge if the object has more than `largest` bytes."""
        return self._get(key, version_id, largest)

    def _get(self, key: str, version_id: str | None, largest: int | None) -> Stored:
        request: Any = {"Bucket": self.bucket, "Key": key} | ({"VersionId": version_id} if version_id else {})
        try:
            answer = self._s3.get_object(**request)
            if largest is not None and answer["ContentLength"] > largest:
                answer["Body"].close()
                raise ObjectTooLarge(key, answer["ContentLength"])
            return Stored(answer["Body"].read(), answer["ETag"], answer["Metadata"])
        except (ClientError, BotoCoreError) as error:
            raise translate(error, key) from error

    def ending(self, key: str, length: int) -> Ending:
        """The last `length` bytes of an object, or all of it if it has fewer; Missing if there is none."""
        answer = self._ranged(key, f"-{length}")
        return Ending(answer["Body"], int(answer["ContentRange"].rpartition("/")[2]))

    def part(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes of an object from the place `start`; fewer if it ends before. Missing if there is none."""
        body: bytes = self._ranged(key, f"{start}-{start + length - 1}")["Body"]
        return body

    def _ranged(self, key: str, bytes_range: str) -> dict[str, Any]:
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={bytes_range}")
            return {**answer, "Body": answer["Body"].read()}
        except (ClientError, BotoCoreError) as error:
            raise translate(error, key) from error

    def find(self, key: str) -> Stored | None:
        """Like `get`, but None if there is no object."""
        try:
            return self.get(key)
        except Missing:
            return None

    def read_model[M: BaseModel](self, model: type[M], key: str) -> M:
        """A model that `write_model` wrote; Missing if there is none, ValidationError if it is of another type."""
        return model.model_validate_json(self.get(key).body)

    def find_model[M: BaseModel](self, model: type[M], key: str) -> M | None:
        """Like `read_model`, but None if there is no object."""
        stored = self.find(key)
        return None if stored is None else model.model_validate_json(stored.body)

    def read_table(self, key: str) -> "pa.Table":
        """A table that `write_table` wrote; Missing if there is none."""
        return tables.from_bytes(self.get(key).body)

    def get_all(self, keys: Sequence[str]) -> list[Stored]:
        """The objects of some keys, in the keys' order, several read at a time; Missing if one does not exist."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [*pool.map(self.get, keys)]

    def find_all(self, keys: Sequence[str]) -> list[Stored | None]:
        """Like `get_all`, with None for an object that does not exist."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [*pool.map(self.find, keys)]

    def etag(self, key: str) -> str | None:
        """The ETag of a key's newest version; None if there is none or it was deleted."""
        try:
            return self.head(key).etag
        except Missing:
            return None

    def existing(self, keys: Collection[str]) -> set[str]:
        """Which of some keys have an object, several looked up at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return {key for key, etag in zip(keys, pool.map(self.etag, keys), strict=True) if etag is not None}

    def head(self, key: str, version_id: str | None = None) -> Head:
        """When and with which metadata an object, or one version of it, was written; Missing if there is none."""
        request: Any = {"Bucket": self.bucket, "Key": key} | ({"VersionId": version_id} if version_id else {})
        try:
            answer = self._s3.head_object(**request)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, key) from error
        return Head(answer["LastModified"], answer["Metadata"], answer["ETag"])

    def written_at(self, key: str) -> datetime | None:
        """When an object was written; None if there is none. Unlike `head`, it needs no permission to read it."""
        try:
            listed = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        except (ClientError, BotoCoreError) as error:
            raise translate(error, key) from error
        return next((item["LastModified"] for item in listed if item["Key"] == key), None)

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Write an object; an existing one is replaced."""
        self._put(key, body, content_type)

    def copy_all(self, keys: Mapping[str, str]) -> None:
        """Copy objects within the bucket, several at a time; existing ones are replaced. Missing if one is not there.
        `keys`: from → to, in any order."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(self._copy, keys, keys.values()):
                pass

    def _copy(self, key: str, to: str) -> None:
        try:
            self._s3.copy_object(Bucket=self.bucket, Key=to, CopySource={"Bucket": self.bucket, "Key": key})
        except (ClientError, BotoCoreError) as error:
            raise translate(error, key) from error

    def write_model(self, key: str, model: "BaseModel") -> None:
        """Write a model as JSON; an existing object is replaced."""
        self.put(key, model_json(model), JSON)

    def write_table(
        self,
        key: str,
        table: "pa.Table | tables.Reordered",
        metadata: Mapping[str, str] | None = None,
        runs: Sequence[int] | None = None,
    ) -> bytes:
        """Write a table as parquet (see `to_bytes`); an existing object is replaced. Returns the bytes that were
        written."""
        body = tables.to_bytes(table, metadata, runs)
        self.put(key, body, PARQUET)
        return body

    def swap(
        self,
        key: str,
        body: bytes,
        expected: str | None,
        content_type: str = JSON,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Write only if the object still has the ETag `expected` (None: only if there is no object), else Conflict.

        If the same bytes are there already, it is not a Conflict: boto3 sends a request again if the answer was lost,
        and S3 then refuses the second one because of the first. With metadata it is a Conflict, because the same bytes
        may have been written for another upload.
        """
        condition: dict[str, Any] = {"IfMatch": expected} if expected else {"IfNoneMatch": "*"}
        if metadata:
            condition["Metadata"] = metadata
        try:
            self._put(key, body, content_type, **condition)
        except Missing as error:  # S3's answer to If-Match if the key was deleted
            raise Conflict(key) from error
        except Conflict:
            present = None if metadata else self.find(key)
            if present is None or present.body != body:
                raise

    def _put(self, key: str, body: bytes, content_type: str, **condition: Any) -> None:
        request: Any = {"Bucket": self.bucket, "Key": key, "Body": body, "ContentType": content_type} | condition
        try:
            self._s3.put_object(**request)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, key) from error

    def presigned(self, key: str, file_name: str, seconds: int = 300) -> str:
        """An address at which anyone can download an object for some seconds, as a file called `file_name`."""
        request = {
            "Bucket": self.bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        return self._s3.generate_presigned_url("get_object", Params=request, ExpiresIn=seconds)

    def upload_form(
        self, key: str, sizes: tuple[int, int], content_type: str, seconds: int, return_to: str | None = None
    ) -> tuple[str, dict[str, str]]:
        """The address and fields of a form with which anyone can write one object under a key, for some seconds. S3
        refuses another content type and fewer or more bytes than `sizes`, and then leads to the address `return_to`."""
        fields = {"Content-Type": content_type} | ({"success_action_redirect": return_to} if return_to else {})
        conditions: list[Any] = [
            *({name: value} for name, value in fields.items()),
            ["content-length-range", *sizes],
        ]
        form = self._s3.generate_presigned_post(
            self.bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
        )
        return form["url"], form["fields"]

    def names(self, prefix: str, after: str = "", upto: str = "") -> Iterator[str]:
        """The keys under a prefix, in S3's order (UTF-8 bytes); only those after `after` and up to `upto`, if these are
        not empty."""
        request: Any = {"Bucket": self.bucket, "Prefix": prefix} | ({"StartAfter": after} if after else {})
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(**request):
                for item in page.get("Contents", ()):
                    if _beyond(item["Key"], upto):
                        return
                    yield item["Key"]
        except (ClientError, BotoCoreError) as error:
            raise translate(error, prefix) from error

    def history(self, prefix: str = "", after: str = "", upto: str = "") -> list[Landed]:
        """Every version and delete marker under a prefix, only of keys after `after` and up to `upto` if these are not
        empty: keys in S3's order, each key's newest entry first.

        boto3 returns versions and delete markers as two lists, and S3 dates both to the second. If a key has one of
        each in the same second, its entries are listed one at a time to get their order.
        """
        entries: list[Landed] = []
        try:
            request: Any = {"Bucket": self.bucket, "Prefix": prefix} | ({"KeyMarker": after} if after else {})
            for page in self._s3.get_paginator("list_object_versions").paginate(**request):
                listed = [
                    Landed(item["Key"], item["VersionId"], item["LastModified"], deleted)
                    for deleted, kind in ((False, "Versions"), (True, "DeleteMarkers"))
                    for item in cast(Any, page).get(kind, ())
                ]
                entries += (entry for entry in listed if entry.key > after and not _beyond(entry.key, upto))
                if any(_beyond(entry.key, upto) for entry in listed):
                    break
            entries.sort(key=lambda entry: (entry.key.encode(), -entry.at.timestamp()))
            ordered: list[Landed] = []
            for key, group in groupby(entries, key=lambda entry: entry.key):
                of_key = list(group)
                ordered += self._one_by_one(key, of_key) if _ambiguous(of_key) else of_key
            return ordered
        except (ClientError, BotoCoreError) as error:
            raise translate(error, prefix) from error

    def _one_by_one(self, key: str, entries: list[Landed]) -> list[Landed]:
        by_version = {entry.version_id: entry for entry in entries}
        ordered: list[Landed] = []
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=key, PaginationConfig={"PageSize": 1}
        )
        for page in pages:
            for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if item["Key"] != key:  # a longer key that starts with this one; S3 lists it after this one
                    return ordered
                if item["VersionId"] in by_version:
                    ordered.append(by_version[item["VersionId"]])
        return ordered


def _beyond(key: str, upto: str) -> bool:
    """Whether S3 lists a key after another one, which is the last if it is not empty. Texts and their UTF-8 bytes have
    the same order."""
    return bool(upto) and key > upto


def _ambiguous(entries: list[Landed]) -> bool:
    """Whether a version and a delete marker of one key have the same time."""
    return bool({e.at for e in entries if e.deleted} & {e.at for e in entries if not e.deleted})
