"""functions/api/openapi.json: the API's description, OpenAPI 3.1.

It is made from the routes and their models; the examples come from `infra.generate.openapi_examples`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from inspect import getdoc
from typing import Any, get_type_hints

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.api.http.auth import READ, RESOURCE_SERVER, sufficient_scopes
from functions.api.http.bodies import Body, DecisionBody, FeedbackBody, ResumeBody
from functions.api.http.queries import Query
from functions.api.http.route import ApiRoute
from functions.api.list_files import FILES, returns_list
from functions.api.routes import ROUTES
from functions.api.schemas import preview
from functions.api.table_files import MEDIA_TYPES, File
from functions.api.views.receipts import KINDS as FILE_RECEIPTS
from functions.api.views.releases import release_table
from infra.generate.described import answers_of, named, query_parameters
from infra.generate.openapi_examples import sample_answers
from infra.template import ROOT

COMMITTED = ROOT / "functions" / "api" / "openapi.json"

_REF = "#/components/schemas/{model}"
_PATH = {
    "code": "The code of an organisation. For that of a closed one, the answer is about its successor and says so.",
    "other": "The code of another organisation.",
    "opportunity_id": "An opportunity's id, from /v1/opportunities.",
    "release_id": "A release's id: 32 hexadecimal digits.",
    "dataset": "A dataset's id, from /v1/datasets.",
    "upload_id": "The id of an upload, from the answer of POST /v1/uploads.",
    "file_id": "The id of a file or, if it was rejected, of its receipt; with the extension .csv for CSV.",
    "table": "A table's name, with or without an extension: opportunities, opportunities.csv, opportunities.xlsx.",
}
_HEADERS = {
    "ETag": "The tag to send as If-None-Match in the next request.",
    "X-Release-Id": "The id of the release that the answer comes from.",
    "X-Release-Published": "When that release was published (RFC 3339, UTC); absent if it never was the current one.",
}


def document(examples: Mapping[str, Any]) -> dict[str, Any]:
    """The whole description; `examples` are answers by method and address (`GET /v1/trusts/<code>`)."""
    preview.load()
    hints = {route: get_type_hints(route.view) for route in ROUTES}
    models: set[tuple[Any, Any]] = {
        (answer, "serialization") for route in ROUTES for answer in answers_of(route) if issubclass(answer, BaseModel)
    }
    bodies: set[tuple[Any, Any]] = {(types["body"], "validation") for types in hints.values() if "body" in types}
    _, definitions = models_json_schema(sorted(models | bodies, key=str), ref_template=_REF)
    _, sent = models_json_schema(sorted(bodies, key=str), ref_template=_REF)
    for name in definitions["$defs"].keys() - sent["$defs"].keys():
        # A body with an unknown key is refused; an answer may get further fields, and clients must not refuse those.
        definitions["$defs"][name].pop("additionalProperties", None)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        path = re.sub("<([a-z_]+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, examples.get(named(route)))
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Headroom",
            "version": "1",
            "description": "Where organisations may find their biggest productivity gains, and how each figure was "
            "calculated. /v1/programme says what the programme calls its organisations. Each answer comes from one "
            "release. Gains must not be added together, because categories overlap.\n\n"
            "A list is also available as CSV or XLSX, with all of its rows: by the header Accept, or by the extension "
            ".csv or .xlsx of the path.\n\n"
            "Receipts, and all requests that change something, need an access token. Reading needs one unless the "
            "stage is open to all.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(definitions["$defs"].items())) | {"Problem": _PROBLEM, "Refusal": _REFUSAL},
            "securitySchemes": {_BEARER: _SCHEME},
        },
    }
    general: dict[str, Any] = _in_general_words(described)
    return general


def _in_general_words(described: Any, key: str = "") -> Any:
    """A description in which organisations are not called trusts, as the code calls them: each programme has a word of
    its own. Examples are answers of one programme and stay as they are."""
    if key in ("example", "examples"):
        return described
    if isinstance(described, dict):
        return {name: _in_general_words(part, name) for name, part in described.items()}
    if isinstance(described, list):
        return [_in_general_words(part) for part in described]
    return general_words(described) if key in ("description", "summary") else described


def general_words(text: str) -> str:
    """A text about trusts as one about organisations. Names in code style and addresses stay."""
    text = re.sub(r"\b([Aa])(\s+)trust\b", r"\1n\2organisation", text)
    text = re.sub(r"(?<![/\w`])trust(s?)\b", r"organisation\1", text)
    return re.sub(r"\bTrust(s?)\b(?=[\s,.:;'])", r"Organisation\1", text)


_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "An error, by RFC 9457. Further members help to correct the request.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": True,
}


_REFUSAL = {
    "title": "Refusal",
    "description": "Why a token was refused: API Gateway sends `message`; the API sends the other members.",
    "type": "object",
    "properties": {
        "message": {"type": "string"},
        **_PROBLEM["properties"],
        "scope": {"type": "string", "description": "The scope that the token lacks."},
    },
    "additionalProperties": True,
}
_BEARER = "bearer"
_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token from the stack's Cognito user pool; an ID token is not accepted. In a token, and "
    f"in a request for one, each scope has the prefix `{RESOURCE_SERVER}/`. `supply:<dataset>` means the scope of "
    "the dataset in question.",
}


def _security(route: ApiRoute) -> list[dict[str, list[str]]]:
    """Alternatives, any one of which is sufficient; an empty one means no token."""
    tokens = [{_BEARER: [scope]} for scope in sufficient_scopes(route.scope)]
    return [{}, *tokens] if route.scope == READ else tokens


def _operation(route: ApiRoute, example: Any) -> dict[str, Any]:
    summary, _, more = (getdoc(route.view) or "").partition(". ")
    body = get_type_hints(route.view).get("body")
    parameters = [*_path_parameters(route), *query_parameters(route), *([_IF_NONE_MATCH] if _lasting(route) else [])]
    return {
        "operationId": route.view.__name__,
        "summary": summary.rstrip("."),
        **({"description": " ".join(more.split())} if more else {}),
        "tags": [route.path.split("/")[2]],
        "parameters": parameters,
        **({"requestBody": _request_body(body)} if body else {}),
        "security": _security(route),
        "responses": _responses(route, body, example),
    }


def _path_parameters(route: ApiRoute) -> Iterator[dict[str, Any]]:
    for name in re.findall("<([a-z_]+)>", route.path):
        schema = {"type": "string", "minLength": 1, "maxLength": 100}
        yield {"name": name, "in": "path", "required": True, "description": _PATH[name], "schema": schema}


def _of_release(route: ApiRoute) -> bool:
    """Whether the answer comes from a release, which it then names."""
    return issubclass(get_type_hints(route.view)["query"], Query)


def _lasting(route: ApiRoute) -> bool:
    """Whether a client may cache the answer and revalidate it."""
    return _of_release(route) and route.method == "GET"


_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer. If that is still current, the answer is a 304.",
    "schema": {"type": "string"},
}


def _request_body(body: type[Body]) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=body.__name__)}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": body.EXAMPLE}}}


def _responses(route: ApiRoute, body: type[Body] | None, example: Any) -> dict[str, Any]:
    headers = {
        name: {"description": description, "schema": {"type": "string"}} for name, description in _HEADERS.items()
    }
    if not _of_release(route):
        headers = {}
    elif not _lasting(route):
        del headers["ETag"]
    responses: dict[str, Any] = {
        "200": {"description": "The answer.", "headers": headers, "content": _content(route, example)}
    }
    if _lasting(route):
        responses["304"] = {"description": "The earlier answer is still current.", "headers": headers}
    if route.view is release_table:
        where = {
            "Location": {
                "description": "The file's URL, valid for some minutes.",
                "schema": {"type": "string", "format": "uri"},
            }
        }
        responses["307"] = {
            "description": "The file is too large for this answer; fetch it from Location.",
            "headers": where,
        }
    return responses | {
        status: {"description": description, "content": _problem(int(status))}
        for status, description in _refusals(route, body).items()
    }


def _problem(status: int) -> dict[str, Any]:
    """The body of a problem. A token is refused by API Gateway first, whose body differs."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        schema = {"schema": {"$ref": _REF.format(model="Refusal")}}
        gateways = {"example": {"message": HTTPStatus(status).phrase}}
        return {"application/json": schema | gateways, "application/problem+json": schema | _problem_example(status)}
    schema = {"schema": {"$ref": _REF.format(model="Problem")}}
    return {"application/problem+json": schema | _problem_example(status)}


def _refusals(route: ApiRoute, body: type[Body] | None) -> dict[str, str]:
    """The possible errors, by status."""
    refusals = {
        "400": "A query parameter is invalid.",
        "401": "The token is missing or invalid.",
        "403": "The token lacks a scope.",
    }
    if _of_release(route) or "<" in route.path:
        refusals |= {"404": "There is nothing with that name or id."}
    if body:
        refusals |= {"413": "The body is too large.", "422": "The body is invalid."}
    if route.view is release_table:
        refusals |= {"413": "The table is too large for that format."}
    if returns_list(route):
        refusals |= {"413": "The list is too large for a file."}
    if File in answers_of(route) or returns_list(route):
        refusals |= {"406": "It is not available in that format."}
    if body in (DecisionBody, ResumeBody):
        refusals |= {"409": "The decision does not fit the current state."}
    if body is FeedbackBody:
        refusals |= {
            "429": "The caller has reached its daily limit; Retry-After has the seconds until it starts again."
        }
    return refusals | {"500": "An internal error.", "503": "The figures are temporarily unavailable; try again."}


def _problem_example(status: int) -> dict[str, Any]:
    return {
        "example": {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": "What is wrong, and how to correct it.",
        }
    }


def _content(route: ApiRoute, example: Any) -> dict[str, Any]:
    content: dict[str, Any] = {}
    kinds = MEDIA_TYPES if route.view is release_table else {"csv": FILE_RECEIPTS["csv"]}
    for answer in answers_of(route):
        if answer is File:
            content |= {kind: {"schema": _file_schema(kind)} for kind in kinds.values()}
        else:
            examples = {} if example is None else {"example": example}
            content["application/json"] = {"schema": {"$ref": _REF.format(model=answer.__name__)}, **examples}
    if returns_list(route):
        content |= {MEDIA_TYPES[kind]: {"schema": _file_schema(MEDIA_TYPES[kind])} for kind in FILES}
    return content


def _file_schema(media_type: str) -> dict[str, str]:
    return {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}


def text(described: dict[str, Any]) -> str:
    """The description as it is committed."""
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def shipped() -> str:
    """The description with examples from the release of the samples."""
    return text(document(sample_answers()))
