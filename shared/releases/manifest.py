"""What a release was made from, and what it holds."""

from pydantic import BaseModel

from shared.ids import FileId, MethodId, ReleaseId


class Input(BaseModel):
    """One file a release was computed from; `sha256` is that of its bytes as landed."""

    slot: str
    file_id: FileId
    sha256: str
    rows: int


class Output(BaseModel):
    """One table of a release."""

    name: str
    sha256: str
    rows: int


class Manifest(BaseModel):
    """What a release is made of. Its presence is what makes the release exist."""

    release_id: ReleaseId
    method_id: MethodId
    build: int
    inputs: list[Input]
    outputs: list[Output]
