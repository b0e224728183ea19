"""What the clients of buckets in folders and in memory share: pages of listings, and errors as boto3 raises them."""

from collections.abc import Iterator
from typing import Any, Protocol

from botocore.exceptions import ClientError

PAGE = 1000


class Listing(Protocol):
    """A client that lists."""

    def pages(self, operation: str, bucket: str, prefix: str, after: str, size: int) -> Iterator[dict[str, Any]]:
        """The pages of a listing of keys or of versions, with `size` entries each."""


class Pages:
    """The paginator of an operation."""

    def __init__(self, client: Listing, operation: str) -> None:
        self._client, self._operation = client, operation

    def paginate(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        StartAfter: str = "",  # noqa: N803
        KeyMarker: str = "",  # noqa: N803
        PaginationConfig: Any = None,  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        """The pages under a prefix, after a key."""
        size = (PaginationConfig or {}).get("PageSize", PAGE)
        return self._client.pages(self._operation, Bucket, Prefix, StartAfter or KeyMarker, size)


def refused(code: str, status: int) -> ClientError:
    """An error of S3."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "S3")
