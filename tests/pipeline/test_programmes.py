"""A programme that is nothing like the shipped one: other words, another currency, no register."""

import json
import re
from collections.abc import Iterator

import pytest

from infra.local.stack import LocalStack
from tests.support.api.published import Service
from tests.support.api.texts_of import texts_of
from tests.support.pipeline.programme import objects, receipt
from tests.support.pipeline.schools import WHOLE, addresses, budgets, land_schools, method, reader_of

KRONOR = "SEK\N{NO-BREAK SPACE}"
FOREIGN = re.compile(r"(?<![/\w])(trusts?|ODS|NHS|England|hospitals?|organisations?|GBP|pounds?)\b|£", re.IGNORECASE)
"""Words of another programme. In names of fields and addresses they may be."""


@pytest.fixture(scope="module")
def schools() -> Iterator[tuple[LocalStack, Service]]:
    with LocalStack({"Build": "1"}) as stack:
        land_schools(stack, method(WHOLE))
        assert stack.dead_letters() == {}
        yield stack, reader_of(stack)


def test_figures_are_those_worked_out_by_hand(schools: tuple[LocalStack, Service]) -> None:
    """2024: school n spends 9,010 − 400 n on a pupil. The first has 100 pupils; the others' median is 7,410, and their
    lower quartile 6,810: 1,600 and 2,200 for each of 100 pupils."""
    body = schools[1].get("/v1/trusts/1001/opportunities/spend").json()
    row = body["opportunity"]
    assert (row["value"], row["benchmark_lower"], row["benchmark_upper"]) == (9_010, 7_410, 6_810)
    assert (row["cash_lower"], row["cash_upper"], row["value_unit"]) == (160_000, 220_000, "SEK per pupil")
    assert body["receipt"]["summary"].startswith(
        f"Spend, 1 January 2024 to 31 December 2024: the school had {KRONOR}9,010 per pupil. The benchmarks from "
        f"7 other schools are {KRONOR}7,410 to {KRONOR}6,810 per pupil (modest to ambitious). Closing the gap would be "
        f"worth {KRONOR}160,000 to {KRONOR}220,000."
    )


def test_without_a_register_schools_are_the_codes_that_report(schools: tuple[LocalStack, Service]) -> None:
    body = schools[1].get("/v1/trusts").json()
    assert [one["trust_code"] for one in body["trusts"]] == [str(1001 + nth) for nth in range(8)]
    second = body["trusts"][1]
    assert (second["trust_name"], second["display_name"]) == ("SMK SCHOOL OF THE B", "SMK School of the B")
    assert (second["attributes"], second["in_register"]) == ([], None)
    assert (body["trusts"][0]["trust_type"], body["trusts"][0]["trust_type_name"]) == ("P", "Primary")
    assert len(schools[1].get("/v1/trusts", {"type": "primary"}).json()["trusts"]) == 4
    assert schools[1].get("/v1/trusts/9999").json()["detail"] == "There is no school 9999 in this release."


def test_a_client_learns_the_words_of_the_programme(schools: tuple[LocalStack, Service]) -> None:
    assert schools[1].get("/v1/programme").json() == {
        "name": "Costs of schools",
        "description": "Invented, for tests.",
        "organisation": "school",
        "organisations": "schools",
        "an_organisation": "a school",
        "code": "school number",
        "currency": "SEK",
        "currency_sign": KRONOR,
        "attributes": [],
        "levels": [],
        "trust_type_names": {"P": "Primary"},
    }


def test_no_answer_has_a_word_of_another_programme(schools: tuple[LocalStack, Service]) -> None:
    stack, service = schools
    read = 0
    for path, query in addresses(service):
        answer = service.get(path, query)
        assert answer.status == 200, (path, answer.text)
        if answer.headers["content-type"] == "application/json":
            texts = [text for text in texts_of(answer.json()) if text != "trusts"]  # the name of a table
            assert [text for text in texts if FOREIGN.search(text)] == [], path
            read += len(texts)
    assert read > 300
    for group, other in (
        ("national", "1002"),
        ("kind", "1002"),
        ("kind", "1003"),
        ("alike", "1001"),
        ("alike", "1008"),
    ):
        why = service.get(f"/v1/trusts/1001/peers/{other}", {"group": group})
        assert FOREIGN.search(why.json()["explanation"]) is None
    refused = service.post("/v1/trusts/1001/opportunities/spend/what-if", {"comparators": ["1001"]})
    assert refused.json()["detail"] == "None of the schools to compare with has a comparable value."
    for body in objects(stack, "receipts/").values():
        assert [text for text in texts_of(json.loads(body)) if FOREIGN.search(text)] == []


def test_a_dry_run_says_what_changes_in_the_words_of_the_programme(schools: tuple[LocalStack, Service]) -> None:
    stack, _ = schools
    key = "dry-run/budget/2024/budgets.csv"
    version = stack.land(key, budgets().replace(b"1001,SCHOOL OF THE A,P,900000", b"1001,SCHOOL OF THE A,P,9000000"))
    stack.run_until_idle()
    (changed, *_) = receipt(stack, key, version)["impact"]["changes"]["opportunities"]
    assert re.search(rf"1001, spend: (moves|vanishes|appears).*{KRONOR}", changed["sentence"])
    assert not FOREIGN.search(" ".join(texts_of(receipt(stack, key, version)["impact"])))
