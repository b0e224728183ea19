"""Whose peers differ between two releases: of pairs and of texts, by hand."""

from datetime import date
from typing import Any

from shared.releases.contents import Contents
from shared.releases.peer_moves import peer_moves
from tests.support.api.published import table

YEARS = {"2024-25": date(2025, 3, 31), "2025-26": date(2026, 3, 31)}

type Moves = list[tuple[str, str, str | None, str | None, str, str]]


def pairs(trust: str, peers: str, period: str = "2024-25", role: str = "peer") -> list[dict[str, Any]]:
    about = {"group_id": "near", "trust_code": trust, "period": period, "period_end": YEARS[period], "role": role}
    return [about | {"peer_code": code} for code in peers]


def texts(period: str = "2024-25", **codes: str) -> list[dict[str, Any]]:
    """Who has which text: `ACUTE="ABC"`."""
    about = {"group_id": "kind", "period": period, "period_end": YEARS[period]}
    return [about | {"trust_code": code, "attribute": text} for text, own in codes.items() for code in own]


def release(*rows: list[dict[str, Any]], levels: dict[str, str] | None = None) -> Contents:
    every = [row for some in rows for row in some]
    return Contents.of(
        {
            "peers": table("peers", [row for row in every if "peer_code" in row]),
            "characteristics": table("characteristics", [row for row in every if "attribute" in row]),
            "opportunities": table(
                "opportunities", [{"trust_code": code, "level": level} for code, level in (levels or {}).items()]
            ),
        }
    )


def moves(before: Contents, after: Contents) -> Moves:
    found = sorted(peer_moves(before, after), key=lambda one: (one.group, one.trust, one.now or ""))
    return [(one.group, one.trust, one.then, one.now, "".join(one.came), "".join(one.went)) for one in found]


def test_a_trust_that_changes_its_text_moves_both_groups_and_never_itself() -> None:
    before = release(texts(ACUTE="ABC", MENTAL="DE"))
    after = release(texts(ACUTE="AC", MENTAL="BDE"))
    assert moves(before, after) == [
        ("kind", "A", "2024-25", "2024-25", "", "B"),
        ("kind", "B", "2024-25", "2024-25", "DE", "AC"),
        ("kind", "C", "2024-25", "2024-25", "", "B"),
        ("kind", "D", "2024-25", "2024-25", "B", ""),
        ("kind", "E", "2024-25", "2024-25", "B", ""),
    ]


def test_the_only_one_of_a_text_has_no_peers() -> None:
    before, after = release(texts(ACUTE="AB", OTHER="C")), release(texts(ACUTE="AB", OTHER="D"))
    assert moves(before, after) == []
    assert moves(before, release(texts(ACUTE="A", OTHER="BC"))) == [
        ("kind", "A", "2024-25", None, "", "B"),
        ("kind", "B", "2024-25", "2024-25", "C", "A"),
        ("kind", "C", None, "2024-25", "B", ""),
    ]


def test_pairs_of_before_and_the_texts_of_now_are_the_same_peers() -> None:
    listed = [row | {"group_id": "kind"} for row in [*pairs("A", "B"), *pairs("B", "A")]]
    assert moves(release(listed), release(texts(ACUTE="AB"))) == []
    assert moves(release(listed), release(texts(ACUTE="ABC"))) == [
        ("kind", "A", "2024-25", "2024-25", "C", ""),
        ("kind", "B", "2024-25", "2024-25", "C", ""),
        ("kind", "C", None, "2024-25", "AB", ""),
    ]


def test_pairs_without_runners_up() -> None:
    before = release(pairs("A", "BC"), pairs("A", "D", role="runner_up"))
    after = release(pairs("A", "BD"), pairs("A", "C", role="runner_up"))
    assert moves(before, after) == [("near", "A", "2024-25", "2024-25", "D", "C")]


def test_a_new_period_is_compared_with_the_newest_and_an_old_one_with_itself() -> None:
    before = release(texts(ACUTE="ABC"))
    after = release(texts(ACUTE="AB", OTHER="C"), texts("2025-26", ACUTE="AC", OTHER="B"))
    assert moves(before, after) == [
        ("kind", "A", "2024-25", "2024-25", "", "C"),
        ("kind", "A", "2024-25", "2025-26", "", "B"),
        ("kind", "B", "2024-25", "2024-25", "", "C"),
        ("kind", "C", "2024-25", "2025-26", "", "B"),
    ]


def test_organisations_of_further_levels_are_left_out() -> None:
    levels = {"A": "practice", "B": "practice", "N": "network"}
    before = release(pairs("A", "B"), pairs("N", "M"), levels=levels)
    after = release(pairs("A", "C"), pairs("N", "O"), levels=levels)
    assert moves(before, after) == [("near", "A", "2024-25", "2024-25", "C", "B")]
