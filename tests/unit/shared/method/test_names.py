"""What a programme calls things: articles, numbers, and names as people write them."""

import pytest
from pydantic import ValidationError

from shared.method.names import Display, Organisation, capital
from shared.method.programme import Programme, Register

DISPLAY = Display(case="title", keep=("NHS", "MoD"), small=("and", "of", "on", "the"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"one": "trust", "many": "trusts"}, "a trust"),
        ({"one": "organisation", "many": "organisations"}, "an organisation"),
        ({"one": "Academy", "many": "Academies"}, "an Academy"),
        ({"one": "university", "many": "universities", "article": "a"}, "a university"),
        ({"one": "hourly service", "many": "hourly services", "article": "an"}, "an hourly service"),
        ({}, "an organisation"),
    ],
)
def test_the_article_fits_the_noun(words: dict[str, str], expected: str) -> None:
    assert Organisation.model_validate(words).with_article == expected


def test_one_is_not_many() -> None:
    practice = Organisation(one="practice", many="practices")
    assert [practice.count(number) for number in (0, 1, 2)] == ["0 practices", "1 practice", "2 practices"]
    assert (practice.others(1), practice.others(6_500)) == ("1 other practice", "6,500 other practices")
    assert capital(practice.with_article) == "A practice"


@pytest.mark.parametrize("words", [{"one": ""}, {"many": "  "}, {"article": "the"}, {"few": "trusts"}])
def test_words_that_say_nothing_are_refused(words: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Organisation.model_validate(words)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SOUTH DOWNS NHS TRUST", "South Downs NHS Trust"),
        ("THE QUEEN'S HOSPITAL, KING'S LYNN, NHS TRUST", "The Queen's Hospital, King's Lynn, NHS Trust"),
        ("STOKE-ON-TRENT AND THE MOORS", "Stoke-on-Trent and the Moors"),
        ("GUY’S AND ST THOMAS’ (FICTIONAL)", "Guy’s and St Thomas’ (Fictional)"),
        ("ON THE HILL", "On the Hill"),
        ("MOD HOSPITAL 2", "MoD Hospital 2"),
        ("ÉCOLE DE LYON", "École De Lyon"),
        ("St Mary's NHS trust", "St Mary's NHS trust"),
        ("", ""),
    ],
)
def test_names_in_capitals_are_written_as_people_write_them(name: str, expected: str) -> None:
    assert DISPLAY.of(name) == expected


def test_a_programme_without_a_rule_shows_names_as_landed() -> None:
    programme = Programme(id="p", name="P", description="D", currency="SEK")
    assert (programme.display_name("OAK SCHOOL"), programme.display_name(None)) == ("OAK SCHOOL", None)
    shown = programme.model_copy(update={"display": DISPLAY})
    assert (shown.display_name("OAK SCHOOL"), shown.display_name(None)) == ("Oak School", None)


def test_a_word_cannot_be_kept_and_small() -> None:
    with pytest.raises(ValidationError, match="on stands in keep and in small; take it out of one of them"):
        Display(case="title", keep=("ON",), small=("on",))


@pytest.mark.parametrize(
    ("ids", "fault"),
    [
        (["type"], "type: a parameter of the API has this name; give the attribute another id"),
        (["area", "area"], "area: two attributes have this id; give one of them another"),
        (["Region"], "should match pattern"),
    ],
)
def test_attributes_need_ids_of_their_own(ids: list[str], fault: str) -> None:
    attributes = [{"id": one, "measure": "m", "title": "T"} for one in ids]
    with pytest.raises(ValidationError, match=fault):
        Register.model_validate({"dataset": "d", "name": "n", "attributes": attributes})
