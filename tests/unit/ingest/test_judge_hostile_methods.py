"""A method is landed like a file: what cannot be one is answered with a fault, and ends no process."""

from datetime import UTC, datetime

import pytest

from functions.ingest.judge import judge_method
from shared.landed import Landed

ENTRY = Landed("method/1/method.yaml", "v", datetime(2026, 1, 1, tzinfo=UTC), deleted=False)
HEAD = b"--- # a.yaml\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0",
        b"\xff\xfe",
        b"[" * 100_000,
        b"- " * 100_000 + b"a",
        b"{a: " * 100_000,
        HEAD + b"prices: {a: 9999-99-99}\n",
        HEAD + b"prices: {a: " + b"9" * 5_000 + b"}\n",
        HEAD + b"? [a, b]\n: c\n",
        HEAD + b"prices: &a [*a]\n",
        HEAD + b"prices: !!python/object/apply:os.abort []\n",
    ],
    ids=["empty", "nul", "binary", "flow", "block", "map", "date", "integer", "key", "cycle", "object"],
)
def test_what_is_no_method_is_a_fault_with_a_sentence(body: bytes) -> None:
    judged = judge_method(ENTRY, body)
    assert (judged.derived, judged.receipt.status, judged.receipt.findings[0].rule) == (None, "rejected", "method")
