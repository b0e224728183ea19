"""The API's description, OpenAPI 3.1, committed as functions/api/openapi.json: `python -m infra.openapi` writes it.

Everything comes from the routes and their models. The examples are answers of the API on the release of the samples,
shortened; ids and times in them are made the same for every run, and figures have six digits.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from inspect import getdoc
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.api import problems
from functions.api.bodies import Body
from functions.api.definitions import TARGET
from functions.api.downloads import KINDS, File
from functions.api.routes import ROUTES, Route
from infra.landing import files_of
from infra.local import LocalStack

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "functions" / "api" / "openapi.json"
SAMPLES = ROOT / "samples" / "landing"

_REF = "#/components/schemas/{model}"
_PATH = {
    "code": "A trust's ODS code. An old code leads to the trust that took over, and the answer says so.",
    "other": "The ODS code of another trust.",
    "opportunity_id": "The id of an opportunity, as /v1/opportunities lists them.",
    "release_id": "The id of a release: 32 hexadecimal digits.",
    "table": "The name of a table, perhaps with an extension: opportunities, opportunities.csv, opportunities.xlsx.",
}
_HEADERS = {
    "ETag": "The tag to send as If-None-Match next time.",
    "X-Release-Id": "The release that the answer came from.",
}
_LONGEST_LIST = 2


def document(examples: Mapping[str, Any]) -> dict[str, Any]:
    """The whole description; `examples` are answers by address (`/v1/trusts/<code>`)."""
    told = {route: get_type_hints(route.view) for route in ROUTES}
    answers = {route: hints["return"] for route, hints in told.items()}
    models: set[tuple[Any, Any]] = {
        (answer, "serialization") for answer in answers.values() if issubclass(answer, BaseModel)
    }
    models |= {(hints["body"], "validation") for hints in told.values() if "body" in hints}
    _, definitions = models_json_schema(sorted(models, key=str), ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route, answer in answers.items():
        path = re.sub("<([a-z_]+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, answer, examples.get(route.path))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Headroom",
            "version": "1",
            "description": "Where hospital trusts may find their biggest productivity gains, and how each figure came "
            "about. Every answer comes from one release. Gains must not be added together: categories overlap.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": dict(sorted(definitions["$defs"].items())) | {"Problem": _PROBLEM}},
    }


_PROBLEM = {
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 has it. Further members help to mend it.",
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


def _operation(route: Route, answer: type, example: Any) -> dict[str, Any]:
    summary, _, more = (getdoc(route.view) or "").partition(". ")
    body = get_type_hints(route.view).get("body")
    parameters = [*_path_parameters(route), *_query_parameters(route), *([] if body else [_IF_NONE_MATCH])]
    return {
        "operationId": route.view.__name__,
        "summary": summary.rstrip("."),
        **({"description": " ".join(more.split())} if more else {}),
        "tags": [route.path.split("/")[2]],
        "parameters": parameters,
        **({"requestBody": _request_body(body)} if body else {}),
        "responses": _responses(answer, body is not None, example),
    }


def _path_parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall("<([a-z_]+)>", route.path):
        schema = {"type": "string", "minLength": 1, "maxLength": 100}
        yield {"name": name, "in": "path", "required": True, "description": _PATH[name], "schema": schema}


def _query_parameters(route: Route) -> Iterator[dict[str, Any]]:
    model: type[BaseModel] = get_type_hints(route.view)["query"]
    whole = model.model_json_schema()
    required = whole.get("required", ())
    for name, schema in whole["properties"].items():
        schema.pop("title", None)
        described = {"description": schema.pop("description")} if "description" in schema else {}
        kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
        schema |= kinds[0] if kinds else {}
        if schema.get("default", ...) is None:
            del schema["default"]
        style = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
        needed = name in required
        yield {"name": name, "in": "query", "required": needed, **described, **style, "schema": schema}


_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an answer one has: the answer is 304 while it holds.",
    "schema": {"type": "string"},
}


def _request_body(body: type[Body]) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=body.__name__)}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": body.EXAMPLE}}}


def _responses(answer: type, takes_body: bool, example: Any) -> dict[str, Any]:
    headers = {name: {"description": told, "schema": {"type": "string"}} for name, told in _HEADERS.items()}
    found: dict[str, Any] = {
        "200": {"description": "The answer.", "headers": headers, "content": _content(answer, example)}
    }
    refusals = {"400": "A query parameter cannot be used.", "404": "There is nothing of that name, or no such release."}
    if takes_body:
        del headers["ETag"]
        refusals |= {"413": "The body is too large.", "422": "The body cannot be used."}
    else:
        found["304"] = {"description": "You have this answer already.", "headers": headers}
    if answer is File:
        where = {"Location": {"description": "Where, for some minutes.", "schema": {"type": "string", "format": "uri"}}}
        found["307"] = {"description": "The file is too large for an answer: fetch it there.", "headers": where}
    if answer is File:
        refusals |= {"406": "Tables do not come in that form.", "413": "The table is too large for that form."}
    refusals |= {"500": "Something failed here.", "503": "The figures cannot be read just now; try again."}
    schema = {"schema": {"$ref": _REF.format(model="Problem")}}
    return found | {
        status: {"description": told, "content": {"application/problem+json": schema | _problem_example(int(status))}}
        for status, told in refusals.items()
    }


def _problem_example(status: int) -> dict[str, Any]:
    title = next(one.phrase for one in [*problems.STATUS.values(), problems.UNFORESEEN] if one.value == status)
    return {
        "example": {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": "What went wrong, and the remedy.",
        }
    }


def _content(answer: type, example: Any) -> dict[str, Any]:
    if answer is File:
        return {kind.media_type: {"schema": _file_schema(kind.media_type)} for kind in KINDS.values()}
    shown = {} if example is None else {"example": example}
    return {"application/json": {"schema": {"$ref": _REF.format(model=answer.__name__)}, **shown}}


def _file_schema(media_type: str) -> dict[str, str]:
    return {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}


# ---- examples ------------------------------------------------------------------------------------------------------


def sample_answers() -> dict[str, Any]:
    """One answer of each address that answers in JSON, on the release of the samples."""
    with LocalStack({"Build": "1"}) as stack:
        *first, last = files_of(SAMPLES)
        for file in first:
            stack.land(file.key, file.body)
        stack.run_until_idle()

        def read(path: str) -> Any:
            return stack.request("GET", path).json()

        def ask(route: Route, path: str) -> Any:
            body = get_type_hints(route.view).get("body")
            sent = json.dumps(body.EXAMPLE).encode() if body else b""
            needed = {one["name"]: parts[one["name"]] for one in _query_parameters(route) if one["required"]}
            answer = stack.request(route.method, path, needed, body=sent)
            assert answer.status == 200, f"{path}: {answer.text}"
            return answer.json()

        def released() -> str:
            release_id: str = read("/v1/releases/current")["manifest"]["release_id"]
            return release_id

        since = released()
        stack.land(last.key, last.body)
        stack.run_until_idle()
        codes = (trust["trust_code"] for trust in read("/v1/trusts")["trusts"])
        code = next(code for code in codes if read(f"/v1/trusts/{code}/peers")["peers"])
        lines = read(f"/v1/trusts/{code}/opportunities")["opportunities"]
        parts = {
            "code": code,
            "opportunity_id": next(line["opportunity_id"] for line in lines if line["comparator"] != TARGET),
            "other": read(f"/v1/trusts/{code}/peers")["peers"][0]["trust_code"],
            "release_id": released(),
            "since": since,
        }
        addresses = {
            route: re.sub("<([a-z_]+)>", lambda part: parts[part[1]], route.path)
            for route in ROUTES
            if get_type_hints(route.view)["return"] is not File
        }
        answers = {route.path: ask(route, path) for route, path in addresses.items()}
        return {path: _shown(answer) for path, answer in answers.items()}


def _shown(value: Any) -> Any:
    """An answer, shortened, and the same on every machine and at every time."""
    match value:
        case dict():
            return {name: _shown(one) for name, one in value.items()}
        case list():
            return [_shown(one) for one in value[:_LONGEST_LIST]]
        case float():
            return float(f"{value:.6g}")
        case str() if re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", value):
            return "0123456789abcdef" * (len(value) // 16)
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", value):
            return "2025-06-30T09:00:00Z"
    return value


def text(described: dict[str, Any]) -> str:
    """The description as it is committed."""
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the description, or with --check say whether the committed one is right."""
    made = text(document(sample_answers()))
    if "--check" not in arguments:
        COMMITTED.write_text(made, "utf-8")
        return 0
    if COMMITTED.exists() and COMMITTED.read_text("utf-8") == made:
        return 0
    print(f"{COMMITTED.relative_to(ROOT)} is not what the routes say: run make fix.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
