"""Receipts made by hand for the API's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from functions.ingest.receipts import Receipt
from shared.findings import Count, Finding
from shared.receipts import index

LANDED = datetime(2025, 1, 1, 12, tzinfo=UTC)

FAULT = Finding(severity="error", rule="not_a_number", message="a.csv: =1+1 is no number.", row=2, sample="=1+1")


def receipt(place: int, key: str, accepted: bool = True, **other: Any) -> Receipt:
    """A receipt, landed so many minutes after noon."""
    folders = key.removeprefix("dry-run/").split("/")
    told = {
        "landing_key": key,
        "version_id": f"v{place}",
        "landed_at": LANDED + timedelta(minutes=place),
        "status": "accepted" if accepted else "rejected",
        "dataset": folders[0] if len(folders) > 2 else None,
        "period": folders[1] if len(folders) > 2 else None,
        "part": None,
        "file_id": f"{place:032x}" if accepted else None,
        "sha256": "0" * 64,
        "size_bytes": 10,
        "method_id": "e" * 32,
        "findings": () if accepted else (FAULT,),
        "counts": () if accepted else (Count(severity="error", rule="not_a_number", number=1),),
        "errors": int(not accepted),
    }
    return Receipt.model_validate(told | other)


def id_of(one: Receipt) -> str:
    """The id by which a receipt is asked for."""
    return index.receipt_id(one.landing_key, one.version_id, one.file_id)


SAMPLE = "<img src=x onerror=alert(1)>"
FINDINGS = (
    Finding(severity="warning", rule="note", message="a.csv, row 9: the row looks like a note.", row=9),
    Finding(
        severity="error", rule="not_a_number", row=3, column="cost", code="RAA", sample=SAMPLE,
        message=f"a.csv, row 3, column 'cost': '{SAMPLE}' is not a number; correct it.",
    ),
    Finding(
        severity="error", rule="range", row=4, column="area", code="RAB", sample="https://example.org/",
        message="a.csv, row 4, column 'area': it is too large; correct it.",
    ),
)  # fmt: skip
REJECTED = receipt(
    2, "d/2019-20/a.csv", accepted=False, findings=FINDINGS, errors=301, warnings=1,
    counts=(
        Count(severity="error", rule="not_a_number", number=300), Count(severity="error", rule="range", number=1),
        Count(severity="warning", rule="note", number=1),
    ),
)  # fmt: skip
"""A file with two kinds of errors, of which three findings are listed, and with cells that look like markup."""
