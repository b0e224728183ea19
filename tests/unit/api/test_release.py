"""Organisations of a release by code."""

from functions.api.release import Trusts
from tests.support.api.published import table


def test_organisations_are_in_the_order_of_their_codes_each_with_its_own_row() -> None:
    """The table has one level after the other."""
    rows = [{"trust_code": code, "trust_name": f"Name of {code}"} for code in ("RB", "RC", "RA", "QB")]
    trusts = Trusts(table("trusts", rows))
    assert [*trusts] == ["QB", "RA", "RB", "RC"]
    assert [trusts[code]["trust_name"] for code in trusts] == [f"Name of {code}" for code in ("QB", "RA", "RB", "RC")]
    assert [(code, row["trust_name"]) for code, row in trusts.all().items()] == [
        (code, f"Name of {code}") for code in ("QB", "RA", "RB", "RC")
    ]
