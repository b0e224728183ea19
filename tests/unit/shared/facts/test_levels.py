"""What organisations of a further level are compared by: sums, weighted percentages and shared texts of members."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from shared.facts.facts import Facts
from shared.facts.levels import facts_of_level
from shared.facts.population import Population
from shared.method.contracts import Dataset
from shared.method.method import Method
from shared.method.peer_groups import NearestGroup, SameAttributeGroup, Variable
from shared.method.programme import Programme

YEAR = (date(2024, 1, 1), date(2024, 12, 31))
HEAD = {"source": "s", "licence": "l", "period": {"kind": "year"}, "code": {"heading": "code"}}
LIST = Dataset.model_validate(
    HEAD
    | {
        "id": "list",
        "title": "List",
        "measures": {
            "patients": {"heading": "patients", "unit": "patient"},
            "older": {"heading": "older", "unit": "percent", "share_of": "patients"},
            "rate": {"heading": "rate", "unit": "GBP per patient"},
            "setting": {"heading": "setting", "type": "text"},
        },
    }
)
PROGRAMME = Programme.model_validate(
    {
        "id": "p", "name": "P", "description": "D", "currency": "GBP",
        "population": {
            "trust_register": {"dataset": "register", "name": "name"},
            "levels": [
                {"id": "practice"},
                {"id": "network", "measure": "network", "name": "network_name",
                 "organisation": {"one": "network", "many": "networks"}},
                {"id": "board", "measure": "board", "organisation": {"one": "board", "many": "boards"}},
            ],
        },
    }
)  # fmt: skip
GROUPS: dict[str, Any] = {
    "near": NearestGroup(
        kind="nearest", title="t", explanation="e", source="s",
        variables=tuple(Variable(measure=f"list.{name}", label=name) for name in ("patients", "older", "rate")),
    ),
    "alike": SameAttributeGroup(
        kind="same_attribute", title="t", explanation="e", source="s", attribute="list.setting"
    ),
}  # fmt: skip
METHOD = Method.model_construct(
    programme=PROGRAMME, peer_groups=GROUPS, datasets={"list": LIST}, metrics={}, opportunities={}, prices={},
    overlap_groups={},
)  # fmt: skip
type Cells = Mapping[tuple[str, str], float | str | None]


def table(cells: Cells) -> pd.DataFrame:
    """(code, measure) → a figure, a text, or None for a missing figure."""
    rows = [
        {
            "code": code, "unit": None, "period_start": YEAR[0], "period_end": YEAR[1], "measure": measure,
            "value": cell if isinstance(cell, float) else None, "text": cell if isinstance(cell, str) else None,
            "state": "missing" if cell is None else "value", "row": 2, "warnings": None, "period": "2024",
        }
        for (code, measure), cell in cells.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def registered(**networks: tuple[str, str | None, str]) -> pd.DataFrame:
    """Practice → network, its name, and board."""
    cells: dict[tuple[str, str], float | str | None] = {}
    for code, (network, name, board) in networks.items():
        cells |= {(code, "name"): f"Practice {code}", (code, "network"): network, (code, "board"): board}
        cells |= {(code, "network_name"): name} if name else {}
    return table(cells)


REGISTER = registered(
    A1=("n1", "First", "B1"), A2=("N1 ", "First", "B1"), A3=("N1", "1st", "B2"), A4=("N2", None, "B2")
)
LISTED: dict[tuple[str, str], float | str | None] = {
    ("A1", "patients"): 100.0, ("A2", "patients"): 300.0, ("A3", "patients"): 600.0, ("A4", "patients"): 50.0,
    ("A1", "older"): 10.0, ("A2", "older"): 20.0, ("A3", "older"): 30.0, ("A4", "older"): 40.0,
    ("A1", "rate"): 1.0, ("A2", "rate"): 2.0, ("A4", "rate"): 4.0, ("N2", "rate"): 7.0,
    ("A1", "setting"): "town", ("A2", "setting"): "town", ("A3", "setting"): "town", ("A4", "setting"): "sea",
}  # fmt: skip


def at(level: int, cells: Cells = LISTED) -> dict[tuple[str, str], Any]:
    """(code, measure) → a figure, a text or a state, of the organisations of a level."""
    facts = Facts({"register": REGISTER, "list": table(cells)}, {"list": LIST})
    made = facts_of_level(facts, PROGRAMME.population.levels[level], Population(facts, PROGRAMME), METHOD)
    return {
        (row["code"], row["measure"]): row["text"] if isinstance(row["text"], str)
        else row["value"] if row["state"] == "value" else row["state"]
        for row in made.tables["list"].to_dict("records")
    }  # fmt: skip


def test_figures_add_up_percentages_are_weighted_and_rates_are_left_out() -> None:
    """(100 × 10 + 300 × 20 + 600 × 30) / 1,000 = 25. N2 has a rate of its own in the file."""
    assert at(1) == {
        ("N1", "patients"): 1000, ("N1", "older"): 25, ("N1", "setting"): "town",
        ("N2", "patients"): 50, ("N2", "older"): 40, ("N2", "setting"): "sea", ("N2", "rate"): 7,
    }  # fmt: skip


def test_a_text_that_members_do_not_share_is_none_of_the_whole() -> None:
    boards = at(2)
    assert ("B1", "setting") in boards
    assert ("B2", "setting") not in boards  # A3 and A4
    assert boards["B2", "patients"] == 650


def test_a_missing_part_makes_the_sum_missing() -> None:
    assert at(1, LISTED | {("A2", "patients"): None})["N1", "patients"] == "missing"


def test_a_file_of_the_organisation_itself_counts_before_its_members() -> None:
    assert at(1, LISTED | {("N1", "patients"): 5.0})["N1", "patients"] == 5


@pytest.mark.parametrize(("level", "names"), [(1, {"N1": "First", "N2": "N2"}), (2, {"B1": "B1", "B2": "B2"})])
def test_an_organisation_has_the_name_that_most_members_give_it(level: int, names: dict[str, str]) -> None:
    population = Population(Facts({"register": REGISTER}), PROGRAMME)
    above = population.of_level(PROGRAMME.population.levels[level])
    assert above.names == names
    assert above.registered == names.keys()
    assert all(above.is_trust(code) and not population.is_trust(code) for code in names)
    assert not above.is_trust("A1")


def test_a_network_belongs_to_the_board_of_all_its_practices() -> None:
    population = Population(Facts({"register": REGISTER}), PROGRAMME)
    above = population.of_level(PROGRAMME.population.levels[1])
    assert (above.member_of("board", "N1"), above.member_of("board", "N2")) == (None, "B2")
    assert [population.member_of("network", code) for code in ("A1", "A4", "A5")] == ["N1", "N2", None]


def test_a_code_of_a_practice_or_of_another_level_is_no_network() -> None:
    facts = Facts({"register": registered(A1=("A2", None, "B1"), A2=("N1", None, "N1"), A3=("N1", None, "B1"))})
    population = Population(facts, PROGRAMME)
    assert population.ambiguous == {"network": {"A2"}, "board": {"N1"}}
    assert population.members == {"network": {"A2": "N1", "A3": "N1"}, "board": {"A1": "B1", "A3": "B1"}}
    assert population.is_trust("A2")


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([{"id": "a"}], "there is no level above the first"),
        ([{"id": "a", "measure": "m"}, {"id": "b", "measure": "m"}], "it has an id alone"),
        ([{"id": "a"}, {"id": "b", "measure": "m"}], "b needs a measure of the register, and organisation"),
        ([{"id": "a"}, {"id": "q", "measure": "m", "organisation": {"one": "b", "many": "bs"}}], "is called q; give"),
        ([{"id": "a"}, {"id": "a", "measure": "m", "organisation": {"one": "b", "many": "bs"}}], "two have the id a"),
    ],
)
def test_levels_that_make_no_sense_are_refused(levels: list[dict[str, Any]], said: str) -> None:
    population = PROGRAMME.population.model_dump()
    with pytest.raises(ValueError, match=said):
        type(PROGRAMME.population).model_validate(population | {"levels": levels})
    with pytest.raises(ValueError, match="only a register"):
        type(PROGRAMME.population).model_validate(population | {"trust_register": None})


@pytest.mark.parametrize("without", ["no row", "no text"])
def test_a_text_that_a_member_lacks_is_none_of_the_whole(without: str) -> None:
    """A2 is a practice of N1 and of B1."""
    cells = {key: cell for key, cell in LISTED.items() if key != ("A2", "setting")}
    cells |= {("A2", "setting"): None} if without == "no text" else {}
    assert ("N1", "setting") not in at(1, cells)
    assert at(1, cells)["N2", "setting"] == "sea"
    assert ("B1", "setting") not in at(2, cells)


@pytest.mark.parametrize(
    ("days", "shared"),
    [
        ({"closed": "2023-12-31"}, True), ({"opened": "2025-01-01"}, True),
        ({"closed": "2024-01-01"}, False), ({"opened": "2024-12-31"}, False),
    ],
)  # fmt: skip
def test_a_member_that_the_register_closes_before_the_period_or_opens_after_it_has_no_say(
    days: dict[str, str], shared: bool
) -> None:
    rule = PROGRAMME.population.model_dump()
    rule["trust_register"] |= {"opened": "opened", "closed": "closed"}
    programme = PROGRAMME.model_copy(update={"population": type(PROGRAMME.population).model_validate(rule)})
    register = pd.concat([REGISTER, table({("A2", name): day for name, day in days.items()})], ignore_index=True)
    listed = table({key: cell for key, cell in LISTED.items() if key[0] != "A2"})
    facts = Facts({"register": register, "list": listed}, {"list": LIST})
    made = facts_of_level(facts, PROGRAMME.population.levels[1], Population(facts, programme), METHOD).tables["list"]
    assert (("N1", "setting") in {*zip(made["code"], made["measure"], strict=True)}) is shared
