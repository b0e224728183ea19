"""The routes' answers and parameters, for the API's description and its examples."""

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from functions.api.http.route import ApiRoute

_OF_ATTRIBUTES = (
    "Attributes of organisations, a parameter each by its id (see /v1/programme), with a code or a name: ?area=North."
)


def named(route: ApiRoute) -> str:
    """The name of a route in the examples."""
    return f"{route.method} {route.path}"


def answers_of(route: ApiRoute) -> tuple[type, ...]:
    """What a route's view may return: an Answer, a File, or either."""
    returned = get_type_hints(route.view)["return"]
    return get_args(returned) or (returned,)


def query_parameters(route: ApiRoute) -> Iterator[dict[str, Any]]:
    """The parameters of a route's query."""
    model: type[BaseModel] = get_type_hints(route.view)["query"]
    whole = model.model_json_schema()
    required = whole.get("required", ())
    for name, schema in whole.get("properties", {}).items():
        schema.pop("title", None)
        described = {"description": schema.pop("description")} if "description" in schema else {}
        kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
        schema |= kinds[0] if kinds else {}
        if schema.get("default", ...) is None:
            del schema["default"]
        style = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
        needed = name in required
        yield {"name": name, "in": "query", "required": needed, **described, **style, "schema": schema}
    if isinstance(others := whole.get("additionalProperties"), dict):
        yield {
            "name": "attributes",
            "in": "query",
            "required": False,
            "description": _OF_ATTRIBUTES,
            "style": "form",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": others},
        }
