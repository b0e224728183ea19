"""What is said of a value in the wrong form: words, never a regular expression."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.api.http import bodies, queries
from functions.api.http.bodies import Body, UploadBody
from functions.api.http.problems import BadBody, BadParameter
from functions.api.http.queries import Parameters, Query

MODELS = [
    one
    for module in (queries, bodies)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Parameters | Body) and one is not Body
]


def patterns_of(schema: Any) -> Iterator[str]:
    """All patterns in a JSON schema, however deep."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = [*schema.values()]
    if isinstance(schema, list):
        for part in schema:
            yield from patterns_of(part)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_pattern_has_words(model: type[Parameters | Body]) -> None:
    for pattern in patterns_of(model.model_json_schema()):
        fault = {"type": "string_pattern_mismatch", "ctx": {"pattern": pattern}, "msg": pattern}
        assert queries.wrong_value(fault) != "it is not in the form that it needs", pattern


def test_a_day_that_is_none_is_told_how_to_be_written() -> None:
    with pytest.raises(BadParameter) as refused:
        Query.read({"as_at": "yesterday"})
    assert str(refused.value) == (
        "Invalid query parameter as_at: write the id of a release, which has 32 of the signs 0 to 9 and a to f, or a "
        "day such as 2025-01-31."
    )


def test_a_field_is_told_so_too() -> None:
    with pytest.raises(BadBody) as refused:
        UploadBody.read(b'{"dataset": "a b"}')
    assert str(refused.value) == (
        "Invalid field dataset in the body: begin with a letter or a digit, and use letters, digits, points, dashes "
        "and underscores only."
    )
