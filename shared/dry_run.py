"""The data bucket as a dry run sees it, and the names of what a dry run stores."""

from collections.abc import Mapping

from shared import keys
from shared.aws.store import Store, Stored
from shared.ids import FileId


class DryRunStore(Store):
    """The data bucket, in which the dry-run file's table is read as if it were a curated one."""

    def __init__(self, bucket: str, file_id: FileId) -> None:
        super().__init__(bucket)
        self._replaced: Mapping[str, str] = {keys.curated(file_id): keys.dry_run_file(file_id)}

    def get(self, key: str, version_id: str | None = None) -> Stored:
        """Like `Store.get`."""
        return super().get(self._replaced.get(key, key), version_id)


SNAPSHOT, FINDINGS, PEERS = "snapshot.json", "findings.parquet", "peers.parquet"
CHARACTERISTICS = "characteristics.parquet"
"""What peers stores for opportunities."""
