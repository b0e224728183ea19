"""A comparison of the two releases made by hand, and a file that was tried: worked out by hand, not from tables."""

import json
from typing import Any

from functions.ingest.receipts import Receipt
from shared import keys
from shared.releases.assessment import Assessment
from shared.releases.impact import Impact
from tests.support.api.published import NEXT, RELEASE, Service
from tests.support.api.receipts import receipt

NO_SPREAD: dict[str, Any] = dict.fromkeys(("minimum", "lower_quartile", "median", "upper_quartile", "maximum"))


def distribution(gains: int, cash: float | None, units: float | None = None, unit: str = "GBP") -> dict[str, Any]:
    def spread(median: float | None) -> dict[str, Any]:
        return NO_SPREAD | {"n": gains, "median": median}

    return {
        "period_start": None, "period_end": None, "statuses": {"no_data": 1, "opportunity": gains}, "compared": gains,
        "value": spread(None), "unit": unit, "units_upper": spread(units), "cash_upper": spread(cash),
    }  # fmt: skip


def figure(lower: float, upper: float, status: str = "opportunity") -> dict[str, Any]:
    return {
        "status": status, "period_start": None, "period_end": None, "cash_lower": lower, "cash_upper": upper,
        "share_lower": None, "share_upper": None,
    }  # fmt: skip


def change(kind: str, code: str, opportunity: str, before: Any, after: Any) -> dict[str, Any]:
    names = {"trust_code": code, "trust_name": None, "opportunity_id": opportunity, "sentence": ""}
    return names | {"kind": kind, "before": before, "after": after}


GONE = figure(0.0, 0.0, "at_or_better_than_benchmark")
CHANGES = [
    change("moves", "RAA", "cleaning_cost", figure(2e5, 3e5), figure(2e5, 4.1e6)),
    change("moves", "RAF", "cleaning_cost", figure(5e5, 9e5), figure(3e5, 9e5)),
    change("vanishes", "RAA", "finance_cost", figure(2e4, 4e4), GONE),
    change("appears", "RAB", "cleaning_cost", None, figure(1e5, 1e5)),
]
PEER = {
    "group_id": "estate_type", "trust_code": "RAA", "period_before": None, "period_after": "2019-20",
    "came": ["RAJ"], "came_count": 1, "went": ["RAB", "RAC"], "went_count": 30, "sentence": "",
}  # fmt: skip
FOUND = {"severity": "warning", "rule": "drift", "dataset": "d", "period": "2019-20", "message": "<b>Ten times</b>."}
COMPARISON = {
    "currency": "GBP",
    "current": {"release_id": RELEASE, "method_id": "d" * 32, "build": 1},
    "preview": {"release_id": NEXT, "method_id": "c" * 32, "build": 1},
    "impact": {
        "at_least": 100_000.0, "share_at_least": 0.01, "summary": ["Opportunities that move: 2."],
        "counts": {
            "trusts_with_other_peers": 1, "peer_sets": 1, "appear": 1, "vanish": 1, "move": 5, "findings_appear": 1,
            "findings_vanish": 0,
        },
        "opportunities": CHANGES, "peers": [PEER], "findings": [FOUND | {"kind": "appears"}],
    },
    "opportunities": [
        {"opportunity_id": "cleaning_cost", "before": distribution(2, 6e5), "after": distribution(3, 1.234e6)},
        {"opportunity_id": "finance_cost", "before": distribution(1, 4e4), "after": distribution(0, None)},
        {"opportunity_id": "long_stays", "before": None, "after": distribution(1, None, 100.0, "bed days")},
        {"opportunity_id": "seen_share", "before": distribution(1, 42e3), "after": distribution(1, 42e3)},
    ],
}  # fmt: skip


def compare(service: Service) -> None:
    """Store the comparison, as if the two releases had been compared."""
    service.store.put(keys.comparison(RELEASE, NEXT), json.dumps(COMPARISON).encode())


OF_A_FILE = Impact.model_validate({
    "at_least": 1e5, "share_at_least": 0.01, "summary": ["Opportunities that move: 1."],
    "counts": dict.fromkeys(
        ("trusts_with_other_peers", "peer_sets", "appear", "vanish", "findings_appear", "findings_vanish"), 0
    ) | {"move": 1},
    "opportunities": [{
        "kind": "moves", "trust_code": "RAA", "trust_name": None, "opportunity_id": "cleaning_cost", "sentence": "",
        "before": figure(2e5, 3e5), "after": figure(2e5, 5.678e6),
    }],
    "peers": [], "findings": [],
})  # fmt: skip


def tried(state: str, **impact: Any) -> Receipt:
    """The receipt of a file that was tried."""
    return receipt(6, "dry-run/d/2019-20/north/c.csv", part="north",
                   impact=Assessment.model_validate({"state": state} | impact))  # fmt: skip
