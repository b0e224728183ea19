"""Receipts made by hand for the API's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from functions.ingest.receipts import Receipt
from shared.findings import Count, Finding

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
