"""The data bucket as a private run sees it."""

from collections.abc import Mapping

from shared import keys
from shared.aws.store import Store, Stored
from shared.ids import FileId


class Aside(Store):
    """The data bucket in which a tried file's table stands as if it were curated."""

    def __init__(self, bucket: str, file_id: FileId) -> None:
        super().__init__(bucket)
        self._elsewhere: Mapping[str, str] = {keys.curated(file_id): keys.trial_file(file_id)}

    def get(self, key: str, version_id: str | None = None) -> Stored:
        """Like `Store.get`."""
        return super().get(self._elsewhere.get(key, key), version_id)


SNAPSHOT, FINDINGS, PEERS = "snapshot.json", "findings.parquet", "peers.parquet"
"""What a private run hands on."""
