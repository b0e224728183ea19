"""The manifest of a release: what it was made from, and its tables."""

from pydantic import BaseModel

from shared.ids import FileId, MethodId, ReleaseId


class Input(BaseModel):
    """A file from which a release was computed; `sha256` is that of its bytes as landed."""

    slot: str
    file_id: FileId
    sha256: str
    rows: int


class Output(BaseModel):
    """A table of a release; `sha256` is that of its parquet file."""

    name: str
    sha256: str
    rows: int


class Manifest(BaseModel):
    """What a release was made from, and its tables. It is written last: without a manifest there is no release."""

    release_id: ReleaseId
    method_id: MethodId
    build: int
    inputs: list[Input]
    outputs: list[Output]
