"""What changes between two releases, counted row by row: for one period, opportunities differing by cash."""

from typing import Any

type Rows = list[dict[str, Any]]


def slow_counts(old: Rows, new: Rows, were: Rows, are: Rows, at_least: float = 100_000) -> dict[str, int]:
    """Counts by name, from rows of the tables `opportunities` (before, after) and `peers` (before, after)."""
    counts = {"appear": 0, "vanish": 0, "move": 0}
    named = {(row["trust_code"], row["opportunity_id"]) for row in old + new}
    for name in named:
        was = [row for row in old if (row["trust_code"], row["opportunity_id"]) == name and _shown(row)]
        now = [row for row in new if (row["trust_code"], row["opportunity_id"]) == name and _shown(row)]
        if now and not was:
            counts["appear"] += 1
        elif was and not now:
            counts["vanish"] += 1
        elif was and now and any(_far(was[0][end], now[0][end], at_least) for end in ("cash_lower", "cash_upper")):
            counts["move"] += 1
    trusts = {row["trust_code"] for row in were + are}
    other = {trust for trust in trusts if _peers(were, trust) != _peers(are, trust)}
    return counts | {"trusts_with_other_peers": len(other)}


def _shown(row: dict[str, Any]) -> bool:
    return bool(row["status"] == "opportunity")


def _far(was: float | None, now: float | None, at_least: float) -> bool:
    if was is None or now is None:
        return (was is None) != (now is None)
    return abs(was - now) > at_least


def _peers(rows: Rows, trust: str) -> set[tuple[str, str, str]]:
    return {
        (row["group_id"], row["period"], row["peer_code"])
        for row in rows
        if row["trust_code"] == trust and row["role"] == "peer"
    }
