"""Content ids, and JSON whose bytes depend on the value alone."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel


def digest(*parts: bytes | str) -> str:
    """A content id: 32 hex digits of the parts' SHA-256. Lengths are hashed too: (`ab`, `c`) is not (`a`, `bc`)."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()[:32]


def sha256(body: bytes) -> str:
    """The SHA-256 of some bytes in hex, as `sha256sum` prints it."""
    return hashlib.sha256(body).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def content_id(value: Any) -> str:
    """The id of a JSON-able value."""
    return digest(canonical(value))


def to_json(value: Any, indent: int | None = 1) -> bytes:
    """JSON as it is stored: keys sorted, the same bytes for the same value; one line if `indent` is None."""
    return (json.dumps(value, sort_keys=True, indent=indent, ensure_ascii=False) + "\n").encode()


def model_json(model: "BaseModel", indent: int | None = 1) -> bytes:
    """A model as `to_json` stores it."""
    return to_json(model.model_dump(mode="json"), indent)
