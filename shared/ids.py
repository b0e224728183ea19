"""Content ids: 32 hex digits, made by `shared.content.digest`. One type for each kind, so that they cannot be mixed."""

import re
from typing import NewType

from pydantic import StringConstraints

PATTERN = "[0-9a-f]{32}"

ReleaseId = NewType("ReleaseId", str)
MethodId = NewType("MethodId", str)
FileId = NewType("FileId", str)
SnapshotId = NewType("SnapshotId", str)

Hex = StringConstraints(pattern=f"^{PATTERN}$")
"""Checks an id that comes from outside: `Annotated[ReleaseId, Hex]`."""


def is_id(text: str) -> bool:
    """Whether a text has the form of an id, of whatever kind."""
    return re.fullmatch(PATTERN, text) is not None
