"""Which codes are trusts, with and without a register, a pattern and successions."""

from datetime import date
from typing import Any

import pytest

from shared.facts.population import Population, successors_of
from shared.method.programme import Programme
from tests.support.small_programme import PROGRAMME, facts_of, figures, registered, texts

REGISTER, SUCCESSORS = PROGRAMME["population"]["trust_register"], PROGRAMME["population"]["successors"]
FACTS = facts_of(
    [
        *registered("T01", "X02"),
        *texts("closed", {"X02": "2020-03-31"}, "register", (date(2025, 1, 1), date(2025, 12, 31))),
        *texts("heir", {"T05": "T01"}, "heirs", (date(2022, 4, 1), date(2022, 4, 1))),
        *figures("cost", {"T01": 1, "T03": 1, "Y04": 1, "T99": 1}),
    ]
)


def population(**rule: Any) -> Population:
    excluded = {"excluded": {"T99": "is of another programme"}}
    return Population(FACTS, Programme.model_validate(PROGRAMME | {"population": excluded | rule}))


@pytest.mark.parametrize(
    ("rule", "trusts"),
    [
        ({"pattern": r"^T\d\d$", "trust_register": REGISTER}, {"T01", "T03", "X02"}),
        ({"trust_register": REGISTER}, {"T01", "X02"}),
        ({"pattern": r"^T\d\d$"}, {"T01", "T03"}),
        ({}, {"T01", "T03", "X02", "Y04"}),
    ],
)
def test_a_trust_matches_the_pattern_or_is_listed_or_is_anyone(rule: dict[str, Any], trusts: set[str]) -> None:
    found = population(**rule)
    assert {code for code in ("T01", "T03", "T99", "X02", "Y04") if found.is_trust(code)} == trusts


def test_without_a_register_nothing_is_listed_and_every_code_is_known() -> None:
    found = population()
    assert (found.registered, found.names, found.attributes, found.opened, found.closed) == (set(), {}, {}, {}, {})
    assert found.is_known("ANY")


def test_a_register_need_not_say_when_anyone_opened_or_closed() -> None:
    found = population(trust_register={"dataset": "register", "name": "name"})
    assert found.registered == {"T01", "X02"}
    assert (found.opened, found.closed, found.attributes) == ({}, {}, {})
    assert population(trust_register=REGISTER).closed == {"X02": date(2020, 3, 31)}


def test_without_successions_nothing_is_succeeded() -> None:
    found = population()
    assert (found.successors_dataset, found.successors.present("T05")) == (None, ("T05",))
    landed = Programme.model_validate(PROGRAMME | {"population": {"successors": SUCCESSORS}})
    assert successors_of(FACTS, landed).present("T05") == ("T01",)
