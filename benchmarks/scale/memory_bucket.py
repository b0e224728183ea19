"""Versioned buckets in memory: a client with the part of boto3's S3 that a look at the log calls, which it counts."""

import hashlib
import io
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

from benchmarks.scale.client_parts import Pages, refused

FIRST = datetime(2030, 1, 1, tzinfo=UTC)


class _Version(NamedTuple):
    version_id: str
    body: bytes | None  # None: a delete marker
    at: datetime
    etag: str


class MemoryClient:
    """`calls`: how often each operation was called; a page is a call. `listed`: the entries of all pages. `moved`:
    bytes read and written. The caller moves `clock`, the second at which versions are dated; those of one second keep
    the order of writing."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.listed = self.moved = 0
        self.clock = 0
        self._buckets: dict[str, dict[str, list[_Version]]] = {}
        self._ordered: dict[str, list[str]] = {}
        self._written = 0
        self._lock = Lock()

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **more: Any) -> dict[str, Any]:  # noqa: N803
        """Write an object, under the same conditions as S3."""
        with self._lock:
            self.calls["put"] += 1
            self.moved += len(Body)
            newest = next(iter(self._buckets.get(Bucket, {}).get(Key, ())), None)
            present = newest if newest and newest.body is not None else None
            if more.get("IfNoneMatch") and present:
                raise refused("PreconditionFailed", 412)
            if (wanted := more.get("IfMatch")) and not present:
                raise refused("NoSuchKey", 404)
            if wanted and present and present.etag != wanted:
                raise refused("PreconditionFailed", 412)
            return {"VersionId": self._add(Bucket, Key, Body)}

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """Add a delete marker."""
        with self._lock:
            self.calls["delete"] += 1
            return {"VersionId": self._add(Bucket, Key, None)}

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        """Read an object or one of its versions."""
        with self._lock:
            self.calls["get"] += 1
            for version in self._buckets.get(Bucket, {}).get(Key, ()):
                if VersionId in ("", version.version_id) and version.body is not None:
                    self.moved += len(version.body)
                    body = io.BytesIO(version.body)
                    return {"Body": body, "ETag": version.etag, "Metadata": {}, "ContentLength": len(version.body)}
                if not VersionId:
                    break
            raise refused("NoSuchKey", 404)

    def get_paginator(self, operation: str) -> Pages:
        """The pages of a listing of keys or of versions."""
        return Pages(self, operation)

    def pages(self, operation: str, bucket: str, prefix: str, after: str, size: int) -> Iterator[dict[str, Any]]:
        """The pages of a listing, with `size` entries each."""
        page: dict[str, list[dict[str, Any]]] = {}
        for name, entry in self._listed(operation, bucket, prefix, after):
            if sum(map(len, page.values())) == size:
                yield self._counted(page)
                page = {}
            page.setdefault(name, []).append(entry)
        yield self._counted(page)

    def _counted(self, page: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        with self._lock:
            self.calls["list"] += 1
            self.listed += sum(map(len, page.values()))
        return page

    def _listed(self, operation: str, bucket: str, prefix: str, after: str) -> Iterator[tuple[str, dict[str, Any]]]:
        ordered, of_bucket = self._ordered.get(bucket, []), self._buckets.get(bucket, {})
        start = (
            bisect_right(ordered, after) if after >= prefix else bisect_right(ordered, prefix) - (prefix in of_bucket)
        )
        for place in range(start, len(ordered)):
            key = ordered[place]
            if not key.startswith(prefix):
                return
            if operation == "list_object_versions":
                for version in of_bucket[key]:
                    about = {"Key": key, "VersionId": version.version_id, "LastModified": version.at}
                    yield ("DeleteMarkers" if version.body is None else "Versions"), about
            elif of_bucket[key][0].body is not None:
                yield "Contents", {"Key": key}

    def _add(self, bucket: str, key: str, body: bytes | None) -> str:
        self._written += 1
        version = f"{self._written:032}"
        etag = f'"{hashlib.md5(body or b"", usedforsecurity=False).hexdigest()}"'
        of_bucket = self._buckets.setdefault(bucket, {})
        if key not in of_bucket:
            insort(self._ordered.setdefault(bucket, []), key)
        of_bucket.setdefault(key, []).insert(0, _Version(version, body, FIRST + timedelta(seconds=self.clock), etag))
        return version
