"""The API's description, held against the API by consumers that know nothing else."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import CHECKS

from functions.api.http.bodies import FeedbackBody, UploadBody
from functions.api.routes import ROUTES
from functions.ingest.judge_landed import store_receipt
from infra.generate import openapi
from infra.local.http_api import access_token
from shared import keys
from shared.landing.uploads import Upload
from tests.support.api.guarding import guarded
from tests.support.api.published import NEXT, NOW, RELEASE, Service
from tests.support.api.receipts import receipt
from tests.support.api.wsgi import wsgi

DESCRIBED: dict[str, Any] = json.loads(openapi.COMMITTED.read_text("utf-8"))
KNOWN = {
    "code": "RAA",
    "other": "RAB",
    "opportunity_id": "cleaning_cost",
    "dataset": "d",
    "release_id": RELEASE,
    "table": "trusts",
    "since": RELEASE,
    "file_id": "f" * 32,
    "upload_id": "2025-01-31-0123456789abcdef-000",
}
# What an operation is told first; what operators decide has to be about what they see.
SENT: dict[str, dict[str, Any]] = {
    "what_if": {"target": 30},
    "upload": {**UploadBody.EXAMPLE},
    "give_feedback": {**FeedbackBody.EXAMPLE},
    "give_named_feedback": {**FeedbackBody.EXAMPLE},
    "promote": {"why": "Reviewed.", "instead_of": RELEASE},
    "roll_back": {"why": "It was wrong.", "instead_of": NEXT},
    "resume": {"why": "It was mended.", "held": RELEASE},
}
ASKED: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {}),
    ({}, {"If-None-Match": "*"}),
    ({}, {"Accept": "image/png"}),
    ({"as_at": "yesterday"}, {}),
    ({"as_at": "c" * 32}, {}),
]
# 307, 413, 500 and 503 need a release that is too large, a bug, or an outage; 401 and 403 another caller, and 429 one
# who sends too much: other tests make them.
SELDOM = {"307", "401", "403", "413", "429", "500", "503"}


def test_committed_description_is_a_valid_one() -> None:
    OpenAPIV31SpecValidator(DESCRIBED).validate()


def test_committed_description_is_what_the_routes_say_whenever_it_is_made(openapi_examples: dict[str, Any]) -> None:
    assert openapi.text(openapi.document(openapi_examples)) == openapi.COMMITTED.read_text("utf-8"), "run make fix"


def texts_of(described: Any, key: str = "") -> Iterator[str]:
    if isinstance(described, dict):
        for name, part in described.items():
            yield from () if name in ("example", "examples") else texts_of(part, name)
    elif isinstance(described, list):
        for part in described:
            yield from texts_of(part)
    elif key in ("description", "summary"):
        yield described


def test_no_text_calls_organisations_by_the_word_of_one_programme() -> None:
    texts = [*texts_of(DESCRIBED)]
    assert len(texts) > 300
    words = re.compile(r"(?<![/`\w])(trusts?|ODS|NHS|hospitals?|GBP)\b|£|\ba organisation", re.IGNORECASE)
    assert [text for text in texts if words.search(text)] == []


def test_texts_about_trusts_are_made_ones_about_organisations() -> None:
    assert openapi.general_words("A trust's code; a\ntrust of Trusts. `trust_code`, /v1/trusts") == (
        "An organisation's code; an\norganisation of Organisations. `trust_code`, /v1/trusts"
    )


def test_every_address_is_described_with_an_example_and_what_can_go_wrong() -> None:
    told = {(path, method) for path, methods in DESCRIBED["paths"].items() for method in methods}
    assert {(path.replace("{", "<").replace("}", ">"), method.upper()) for path, method in told} == {
        (route.path, route.method) for route in ROUTES
    }
    for path, method in told:
        operation = DESCRIBED["paths"][path][method]
        answers = operation["responses"]["200"]["content"]
        assert all("example" in content for kind, content in answers.items() if kind == "application/json"), path
        assert all(parameter["description"] for parameter in operation["parameters"]), path
        assert {"400", "500", "503"} <= operation["responses"].keys()
    names = [DESCRIBED["paths"][path][method]["operationId"] for path, method in told]
    assert len(names) == len(set(names))


def test_whatever_is_asked_the_answer_is_one_that_is_described() -> None:
    service = Service()
    service.publish()
    service.preview()
    store_receipt(service.store, receipt(15, "work/2025-01/a.csv", file_id=KNOWN["file_id"]))
    requested = {"landing_key": "work/2025-01/b.csv", "content_type": "text/csv", "uploaded_by": "somebody"}
    service.store.write_model(keys.upload(KNOWN["upload_id"]), Upload(**requested, requested_at=NOW))
    behind = guarded(service)
    token = access_token("OperatorClient", "read", "operate", "supply:eric_trust")

    def resolve(event: dict[str, Any]) -> dict[str, Any]:
        event["headers"].pop("accept-encoding", None)  # asked for by a client that cannot unpack it
        return behind(event)

    api = schemathesis.openapi.from_wsgi("/openapi.json", wsgi(resolve))
    # A filter that names nothing is refused though its form is right.
    left_out = CHECKS.get_by_names(["positive_data_acceptance"])
    seen: dict[str, set[str]] = defaultdict(set)

    def ask(case: schemathesis.Case) -> None:
        # told at once what it sends, it tries as well what comes of no token and of a bad one
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=left_out)
        seen[case.operation.label].add(str(answer.status_code))
        service.now += 3  # longer than the pointer is remembered

    for operation in (result.ok() for result in api.get_all_operations()):
        name = operation.definition.raw["operationId"]
        known = KNOWN | ({"release_id": NEXT} if name == "promote" else {})
        for query, headers in ASKED:
            there = {one.name: known[one.name] for one in operation.path_parameters}
            needed = {one.name: known[one.name] for one in operation.query if one.is_required}
            body = {"body": SENT[name], "media_type": "application/json"} if operation.body else {}
            ask(operation.Case(path_parameters=there, query=needed | query, headers=headers, **body))
        if operation.body:
            ask(operation.Case(path_parameters=there, body={"nothing": "known"}, media_type="application/json"))
        fuzz = settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        fuzz(given(case=operation.as_strategy())(ask))()
    for path, methods in DESCRIBED["paths"].items():
        for method, operation in methods.items():
            told = seen[f"{method.upper()} {path}"]
            assert told - {"403"} == operation["responses"].keys() - SELDOM, path
