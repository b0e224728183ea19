"""The words of a programme for one of its organisations."""

import pytest

from functions.api.pages.lists.nouns import about, nouns_of, within_sentence
from functions.api.schemas.figures import ProgrammeAnswer, Trust

PROGRAMME = ProgrammeAnswer.model_validate({
    "name": "", "description": "", "organisation": "practice", "organisations": "practices", "an_organisation": "",
    "code": "", "currency": "GBP", "currency_sign": "£", "attributes": [], "trust_type_names": {},
    "levels": [
        {"level": "practice", "organisation": "practice", "organisations": "practices"},
        {"level": "network", "organisation": "network", "organisations": "networks"},
    ],
})  # fmt: skip


@pytest.mark.parametrize(
    ("level", "words"),
    [(None, "practices"), ("network", "networks"), ("practice", "practices"), ("other", "practices")],
)
def test_the_noun_is_that_of_the_level(level: str | None, words: str) -> None:
    assert nouns_of(PROGRAMME, level).many == words


def test_an_attribute_without_a_name_is_its_title_and_code() -> None:
    region = {"attribute": "region", "title": "Region", "code": "Y63", "name": "North East"}
    board = {"attribute": "icb", "title": "Board", "code": "QI4", "name": "QI4"}
    trust = dict.fromkeys(Trust.model_fields) | {
        "trust_code": "RIL", "trust_type_name": "Large acute", "attributes": [region, board], "successors": [],
        "called": "trust", "belongs_to": [],
    }  # fmt: skip
    assert about(Trust.model_validate(trust)) == ["RIL", "Large acute", "North East", "Board QI4"]
    member = {"trust_code": "QI4", "trust_name": "B", "display_name": "B", "level": "board", "called": "board"}
    assert about(Trust.model_validate(trust | {"belongs_to": [member]})) == ["RIL", "Large acute", "North East"]
    assert about(Trust.model_validate(trust | {"trust_type_name": None, "attributes": []})) == ["RIL"]


@pytest.mark.parametrize(
    ("title", "inside"),
    [("Agency spend", "agency spend"), ("A&E attendances", "A&E attendances"), ("HR cost", "HR cost"), ("", "")],
)
def test_a_title_within_a_sentence(title: str, inside: str) -> None:
    assert within_sentence(title) == inside
