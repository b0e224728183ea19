"""By whose decision readers see a release, in a sentence."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.api.pages.views.writes.operate import by_whom
from shared.releases.channels import Pointer

SHOWN, OTHER = "a" * 32, "b" * 32


def pointer(**decision: Any) -> Pointer:
    made = {
        "number": 1, "method_id": "c" * 32, "who": "ops@example", "why": "Reviewed.\n",
        "when": datetime(2025, 1, 3, 12, tzinfo=UTC),
    }  # fmt: skip
    return Pointer.model_validate({
        "channel": "current", "sequence": 7, "release_id": SHOWN, "snapshot_id": "d" * 32, "method_id": "c" * 32,
        "build": 1, "published_at": datetime(2025, 1, 4, tzinfo=UTC),
        "decision": (made | decision) if decision else None,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        ({}, "It was published automatically, from the files that had been landed. No operator has decided anything."),
        ({"action": "promote", "release_id": SHOWN}, "It was promoted by ops@example on 3 January 2025: “Reviewed.”"),
        (
            {"action": "promote", "release_id": OTHER},
            "It was published automatically, from files that were landed later. Its method was promoted by ops@example "
            "on 3 January 2025: “Reviewed.”",
        ),
        ({"action": "rollback", "release_id": SHOWN}, "It was put back by ops@example on 3 January 2025: “Reviewed.”"),
        (
            {"action": "resume"},
            "It was published automatically, from the files that had been landed. The hold was lifted by ops@example "
            "on 3 January 2025: “Reviewed.”",
        ),
    ],
)
def test_who_decided(decision: dict[str, Any], words: str) -> None:
    assert by_whom(pointer(**decision)) == words
