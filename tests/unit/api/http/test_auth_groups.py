"""Groups of the user pool as scopes, for tokens of the people's client alone."""

from typing import Any

import pytest

from functions.api.http.auth import caller_from, group_of

PEOPLE = "people-client"
CLAIMS = {"token_use": "access", "client_id": PEOPLE, "username": "ann", "scope": "openid headroom/read"}


def scopes(groups: Any, **other: Any) -> set[str]:
    return {*caller_from(CLAIMS | {"cognito:groups": groups} | other, PEOPLE).scopes}


@pytest.mark.parametrize("groups", ["[operators supply-eric_trust other]", ["operators", "supply-eric_trust", "other"]])
def test_groups_count_as_scopes_however_they_are_written(groups: Any) -> None:
    assert scopes(groups) == {"read", "operate", "supply:eric_trust"}
    assert caller_from(CLAIMS | {"cognito:groups": groups}, PEOPLE).datasets() == {"eric_trust"}


@pytest.mark.parametrize(
    "groups", [None, "", "[]", [], "[supply-]", "[Operators]", "[x,operators]", "[operator]", ["supply:eric_trust"]]
)
def test_other_groups_count_for_nothing(groups: Any) -> None:
    assert scopes(groups) == {"read"}


def test_groups_of_another_clients_token_do_not_count() -> None:
    assert scopes("[operators]", client_id="another") == {"read"}
    assert {*caller_from(CLAIMS | {"client_id": "", "cognito:groups": "[operators]"}, "").scopes} == {"read"}
    assert scopes("[operators]", token_use="id") == set()


def test_the_group_of_a_dataset_gives_its_scope() -> None:
    assert scopes([group_of("peer-lists.v2")]) == {"read", "supply:peer-lists.v2"}
