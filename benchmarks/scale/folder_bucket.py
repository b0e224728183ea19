"""Buckets that are folders: a client with the part of boto3's S3 that Headroom calls. It counts its calls.

It answers at once and in this process, so what is measured is the CPU time and the memory of Headroom itself.
"""

import hashlib
import io
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from benchmarks.scale.client_parts import PAGE, Pages, refused

FIRST = datetime(2030, 1, 1, tzinfo=UTC)
_INDEX = "index.json"


class FolderClient:
    """Buckets in `root`, each a folder. `calls`: how often each operation was called; a page is a call. `read`: bytes.

    Every write is a version of its own, dated a second after the one before. `save` writes the index that another
    process needs.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: Counter[str] = Counter()
        self.read = 0
        self._lock = Lock()
        self._versions: dict[str, dict[str, list[list[Any]]]] = {}
        self._ordered: dict[str, list[str]] = {}
        self._written = 0
        self._folders: set[str] = set()
        if (root / _INDEX).exists():
            self._versions, self._written = json.loads((root / _INDEX).read_text("utf-8"))

    def save(self) -> None:
        """Write the index of all versions."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / _INDEX).write_text(json.dumps([self._versions, self._written]), "utf-8")

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **more: Any) -> dict[str, Any]:  # noqa: N803
        """Write an object, under the same conditions as S3."""
        with self._lock:
            self.calls["put"] += 1
            newest = self._newest(Bucket, Key)
            if more.get("IfNoneMatch") and newest:
                raise refused("PreconditionFailed", 412)
            if (wanted := more.get("IfMatch")) and not newest:
                raise refused("NoSuchKey", 404)
            if wanted and newest and newest[1] != wanted:
                raise refused("PreconditionFailed", 412)
            self._written += 1
            version = f"v{self._written:08}"
            self._path(Bucket, Key, version).write_bytes(Body)
            entry = [version, f'"{hashlib.md5(Body, usedforsecurity=False).hexdigest()}"', self._written]
            self._add(Bucket, Key, entry)
            return {"ETag": entry[1], "VersionId": entry[0]}

    def copy_object(self, *, Bucket: str, Key: str, CopySource: dict[str, str]) -> dict[str, Any]:  # noqa: N803
        """Write an object with the bytes of another; the file is linked, as S3 copies without the caller."""
        entry = self._entry(CopySource["Bucket"], CopySource["Key"], "")
        with self._lock:
            self.calls["copy"] += 1
            self._written += 1
            version = f"v{self._written:08}"
            self._path(Bucket, Key, version).hardlink_to(self._path(CopySource["Bucket"], CopySource["Key"], entry[0]))
            self._add(Bucket, Key, [version, entry[1], self._written])
            return {}

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = "", Range: str = "") -> dict[str, Any]:  # noqa: N803
        """Read an object, one of its versions, or a range of its bytes."""
        entry = self._entry(Bucket, Key, VersionId)
        with self._path(Bucket, Key, entry[0]).open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            first, _, last = Range.removeprefix("bytes=").partition("-")
            start = int(first) if first else max(size - int(last or size), 0)
            file.seek(start)
            body = file.read(int(last) + 1 - start if first and last else size)
        with self._lock:
            self.calls["get"] += 1
            self.read += len(body)
        about = {"ContentRange": f"bytes 0-0/{size}"} if Range else {}
        return self._about(entry, len(body)) | about | {"Body": io.BytesIO(body)}

    def generate_presigned_url(self, _operation: str, **about: Any) -> str:
        """An address, which nothing answers."""
        return f"folder:{about['Params']['Key']}"

    def head_object(self, *, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        """What is known of an object."""
        self.calls["head"] += 1
        entry = self._entry(Bucket, Key, VersionId)
        return self._about(entry, self._path(Bucket, Key, entry[0]).stat().st_size)

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        StartAfter: str = "",  # noqa: N803
        MaxKeys: int = PAGE,  # noqa: N803
    ) -> dict[str, Any]:
        """The first keys under a prefix."""
        self.calls["list"] += 1
        of_bucket = self._versions.get(Bucket, {})
        keys = list(_some(self._under(Bucket, Prefix, StartAfter), MaxKeys))
        return {"Contents": [{"Key": key, **self._listed(of_bucket[key][0])} for key in keys]}

    def get_paginator(self, operation: str) -> Pages:
        """The pages of a listing."""
        return Pages(self, operation)

    def pages(self, operation: str, bucket: str, prefix: str, after: str, size: int) -> Iterator[dict[str, Any]]:
        """The pages of a listing of keys or of versions, with `size` entries each."""
        of_bucket = self._versions.get(bucket, {})
        entries: list[dict[str, Any]] = []
        for key in self._under(bucket, prefix, after):
            listed = of_bucket[key][:1] if operation == "list_objects_v2" else of_bucket[key]
            entries += [{"Key": key, "VersionId": one[0], **self._listed(one)} for one in listed]
        name = "Contents" if operation == "list_objects_v2" else "Versions"
        for start in range(0, max(len(entries), 1), size):
            self.calls["list"] += 1
            yield {name: entries[start : start + size]}

    def _under(self, bucket: str, prefix: str, after: str) -> Iterator[str]:
        if bucket not in self._ordered:
            self._ordered[bucket] = sorted(self._versions.get(bucket, {}))
        ordered = self._ordered[bucket]
        place = bisect_left(ordered, max(prefix, after))
        while place < len(ordered) and ordered[place].startswith(prefix):
            if ordered[place] != after:
                yield ordered[place]
            place += 1

    def _add(self, bucket: str, key: str, entry: list[Any]) -> None:
        of_bucket = self._versions.setdefault(bucket, {})
        if key not in of_bucket:
            self._ordered.pop(bucket, None)
        of_bucket.setdefault(key, []).insert(0, entry)

    def _newest(self, bucket: str, key: str) -> list[Any] | None:
        return next(iter(self._versions.get(bucket, {}).get(key, ())), None)

    def _entry(self, bucket: str, key: str, version: str) -> list[Any]:
        for entry in self._versions.get(bucket, {}).get(key, ()):
            if version in ("", entry[0]):
                return entry
        raise refused("NoSuchKey", 404)

    def _path(self, bucket: str, key: str, version: str) -> Path:
        folder = self.root / bucket
        if bucket not in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            self._folders.add(bucket)
        return folder / f"{quote(key, safe='')}@{version}"

    def _about(self, entry: list[Any], size: int) -> dict[str, Any]:
        return {"ETag": entry[1], "LastModified": _at(entry), "Metadata": {}, "ContentLength": size}

    def _listed(self, entry: list[Any]) -> dict[str, Any]:
        return {"LastModified": _at(entry), "ETag": entry[1]}


def _some(keys: Iterator[str], most: int) -> Iterator[str]:
    for _, key in zip(range(most), keys, strict=False):
        yield key


def _at(entry: list[Any]) -> datetime:
    return FIRST + timedelta(seconds=entry[2])
