"""The table of trusts: who is in a release, and what is known of them."""

from datetime import date
from typing import Any

from tests.oracles.opportunities import Fact
from tests.support.small_programme import figures, method, registered, run, texts

BEFORE = (date(2019, 4, 1), date(2020, 3, 31))
SINCE = (date(2022, 4, 1), date(2022, 4, 1))
LATER = (date(2024, 4, 1), date(2024, 4, 1))
REGISTER = (date(2025, 1, 1), date(2025, 12, 31))


def trusts(rows: list[Fact]) -> dict[str, dict[str, Any]]:
    return {row["trust_code"]: row for row in run(rows, [], method()).trusts.to_pylist()}


def test_register_says_what_it_knows() -> None:
    facts = registered("T01") + texts("icb", {"T01": "Q1"}, "register", REGISTER)
    facts += texts("opened", {"T01": "1994-04-01"}, "register", REGISTER)
    facts += texts("closed", {"T01": "2025-03-31"}, "register", REGISTER)
    assert trusts(facts)["T01"] == {
        "trust_code": "T01",
        "trust_name": "Trust T01",
        "attributes": [("region", "Y1"), ("icb", "Q1")],
        "trust_type": None,
        "opened": date(1994, 4, 1),
        "closed": date(2025, 3, 31),
        "successors": [],
        "in_register": True,
        "level": None,
        "belongs_to": None,
    }


def test_trust_that_the_register_lacks_has_its_newest_landed_name() -> None:
    facts = figures("cost", {"T01": 1}) + figures("area", {"T01": 1})
    facts += texts("name", {"T01": "New name"}) + texts("name", {"T01": "Old name"}, days=BEFORE)
    found = trusts(facts)["T01"]
    assert (found["trust_name"], found["in_register"], found["attributes"]) == ("New name", False, [])


def test_name_of_the_register_wins() -> None:
    facts = registered("T01") + texts("name", {"T01": "As landed"}, days=(date(2026, 4, 1), date(2027, 3, 31)))
    assert trusts(facts)["T01"]["trust_name"] == "Trust T01"


def test_type_is_the_newest_stated() -> None:
    facts = registered("T01", "T02") + texts("kind", {"T01": "new"})
    facts += texts("kind", {"T01": "old", "T02": "old"}, days=BEFORE)
    assert [row["trust_type"] for row in trusts(facts).values()] == ["new", "old"]


def test_old_code_leads_through_every_succession_to_the_present() -> None:
    facts = registered("T03", "T04") + texts("heir", {"T01": "T02"}, "heirs", SINCE)
    facts += texts("heir", {"T02": "T03"}, "heirs", LATER)
    facts += [row._replace(text="T04") for row in texts("heir", {"T02": "x"}, "heirs", LATER)]
    found = trusts(facts)
    assert found["T01"]["successors"] == found["T02"]["successors"] == ["T03", "T04"]
    assert found["T03"]["successors"] == []
    assert not found["T01"]["in_register"]


def test_old_code_of_nobody_in_the_release_is_not_listed() -> None:
    facts = registered("T03") + texts("heir", {"T01": "T09", "X01": "T03"}, "heirs", SINCE)
    assert list(trusts(facts)) == ["T03"]
