"""The manifest of a release: what it was made from, and its tables."""

from pydantic import BaseModel

from shared.ids import FileId, MethodId, ReleaseId

IN_PARTS = ("metrics", "trend")
"""The tables that have a file for each metric."""


class Input(BaseModel):
    """A file from which a release was computed; `sha256` is that of its bytes as landed."""

    slot: str
    file_id: FileId
    sha256: str
    rows: int


class Part(BaseModel):
    """One parquet file of a table that has a file for each metric."""

    sha256: str
    rows: int


class Output(BaseModel):
    """A table of a release; `sha256` is that of its parquet file. `parts`: by metric, of a table that has a file for
    each; `sha256` is then that of their hashes, in the order of the metrics."""

    name: str
    sha256: str
    rows: int
    parts: dict[str, Part] = {}

    @property
    def in_parts(self) -> bool:
        """Whether the table has a file for each metric; in an earlier release none has."""
        return self.name in IN_PARTS and bool(self.parts or not self.rows)


class Manifest(BaseModel):
    """What a release was made from, and its tables. It is written last: without a manifest there is no release."""

    release_id: ReleaseId
    method_id: MethodId
    build: int
    inputs: list[Input]
    outputs: list[Output]
