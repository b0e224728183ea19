"""The examples of the API's description: its answers on the release of the samples, shortened.

Ids, times and signatures in them are made the same for every run, and figures have six digits.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_type_hints

from functions.api.http.route import ApiRoute
from functions.api.routes import ROUTES
from functions.api.table_files import File
from functions.api.views.writes.uploads import upload
from infra.generate.described import answers_of, named, query_parameters
from infra.landing import files_of
from infra.local.clock import MOMENT, Clock
from infra.local.stack import LocalStack
from infra.template import ROOT
from shared.method.opportunities import TARGET

SAMPLES = ROOT / "samples" / "landing"

_LONGEST_LIST = 2
_SAME: Mapping[str, str] = {
    r"[0-9a-f]{32}": "0123456789abcdef" * 2,
    r"[0-9a-f]{64}": "0123456789abcdef" * 4,
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "01234567-89ab-cdef-0123-456789abcdef",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*": "2025-06-30T09:00:00Z",
    r"\d{7}-([0-9a-f]{16}|anonymous)-\d{3}": "9260574-0123456789abcdef-000",
    r"\d{4}-\d\d-\d\d-[0-9a-f]{16}-\d{3}": "2025-06-30-0123456789abcdef-000",
    r"/v1/uploads/\d{4}-\d\d-\d\d-[0-9a-f]{16}-\d{3}": "/v1/uploads/2025-06-30-0123456789abcdef-000",
    r"\d{8}T\d{6}Z": "20250630T090000Z",
    r"[^/]+/\d{8}/[a-z0-9-]+/s3/aws4_request": "EXAMPLE/20250630/eu-west-2/s3/aws4_request",
    r"https://.+\.amazonaws\.com/": "https://incoming.s3.eu-west-2.amazonaws.com/",
    r"eyJ[A-Za-z0-9+/=]{100,}": "eyJleHBpcmF0aW9uIjogIjIwMjUtMDYtMzAiLCAiY29uZGl0aW9ucyI6IFtdfQ==",
    r"[0-9a-f]{32}\.WyJ[A-Za-z0-9_-]+": "0123456789abcdef0123456789abcdef.WyJST1UiXQ",
    r"WyI[A-Za-z0-9_-]+": "WyI4MjQ4NzEyMzk5MDEyMzQ1NjciXQ",
}
"""Patterns of texts that differ by time, machine or build, and their replacements."""


def sample_answers(now: datetime = MOMENT) -> dict[str, Any]:
    """One answer of each route with JSON answers, by method and address; the stack's clock shows `now`."""
    clock = Clock(now)
    with LocalStack({"Build": "1"}, clock=clock) as stack:
        method, *first, last = files_of(SAMPLES)
        for file in (method, *first):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        datasets = sorted({file.key.split("/")[0] for file in first})
        scopes = ("read", "operate", *(f"supply:{dataset}" for dataset in datasets))
        signed = {"Authorization": f"Bearer {stack.token('an example', *scopes)}"}

        def read(path: str) -> Any:
            return stack.request("GET", path).json()

        def release_in(channel: str) -> str:
            bucket = stack.outputs["DataBucketName"]
            pointer = stack.client("s3").get_object(Bucket=bucket, Key=f"channels/{channel}.json")
            release_id: str = json.loads(pointer["Body"].read())["release_id"]
            return release_id

        def answer_of(route: ApiRoute, parts: Mapping[str, str], sent: Mapping[str, Any]) -> Any:
            path = re.sub("<([a-z_]+)>", lambda part: parts[part[1]], route.path)
            needed = {one["name"]: parts[one["name"]] for one in query_parameters(route) if one["required"]}
            body = json.dumps(sent).encode() if sent else b""
            answer = stack.request(route.method, path, needed, signed, body)
            assert answer.status == 200, "\n".join((f"{path}: {answer.text}", *stack.logs[-3:]))
            return answer.json()

        since = release_in("current")
        clock.advance(60)  # receipts are listed by the second in which their files landed
        stack.land(last.key, last.body)
        stack.run_until_idle()
        clock.advance(60)
        stack.land("method/2/method.yaml", method.body + b"# another\n")
        stack.run_until_idle()
        current, preview = release_in("current"), release_in("preview")
        codes = (trust["trust_code"] for trust in read("/v1/trusts")["trusts"])
        code = next(code for code in codes if read(f"/v1/trusts/{code}/peers")["peers"])
        lines = read(f"/v1/trusts/{code}/opportunities")["opportunities"]
        parts = {
            "code": code,
            "opportunity_id": next(line["opportunity_id"] for line in lines if line["comparator"] != TARGET),
            "other": read(f"/v1/trusts/{code}/peers")["peers"][0]["trust_code"],
            "dataset": datasets[0],
            "release_id": current,
            "since": since,
            "file_id": read("/v1/releases/current")["manifest"]["inputs"][0]["file_id"],
        }
        # the bodies of these name releases that exist
        decided = {
            "promote": ({"release_id": preview}, {"instead_of": current}),
            "roll_back": ({"release_id": current}, {"instead_of": preview}),
            "resume": ({}, {"held": current}),
        }
        answers = {}
        for route in ROUTES:
            if answers_of(route) != (File,):
                body = get_type_hints(route.view).get("body")
                where, what = decided.get(route.view.__name__, ({}, {}))
                answers[named(route)] = answer_of(route, parts | where, body.EXAMPLE | what if body else {})
                if route.view is upload:
                    parts["upload_id"] = answers[named(route)]["upload_id"]
        return {name: _stable(answer) for name, answer in answers.items()}


def _stable(value: Any) -> Any:
    """An answer, shortened, without anything that differs by time, machine or build."""
    match value:
        case dict():
            return {name: _stable(one) for name, one in value.items()}
        case list():
            return [_stable(one) for one in value[:_LONGEST_LIST]]
        case float():
            return float(f"{value:.6g}")
        case str():
            return next((same for kind, same in _SAME.items() if re.fullmatch(kind, value)), value)
    return value
