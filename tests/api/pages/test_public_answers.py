"""Pages are made of public answers alone: made of answers fetched over HTTP, each is the same, byte for byte."""

import re
from urllib.parse import parse_qsl

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from functions.api.handler import no_such_endpoint
from functions.api.pages.addresses import ADDRESSES, READ
from functions.api.serve_pages import Pages, add_pages
from infra.local import gateway
from infra.local.ask_http import Answer, AskHttp
from tests.support.api.published import NEXT, RELEASE, Service


def over_http(service: Service) -> APIGatewayHttpResolver:
    """The pages of the same API, which is asked over HTTP."""
    sources = Service(service.store)

    def fetch(method: str, address: str, body: bytes) -> Answer:
        path, _, query = address.partition("?")
        answer = sources.get(path, dict(parse_qsl(query)), method, body)
        return Answer(answer.status, answer.headers, answer.body)

    app = APIGatewayHttpResolver()
    ask = AskHttp(fetch)
    add_pages(
        app, Pages(app, lambda _caller, _host: ask, lambda _as_at: None, open_read=True, build=""), no_such_endpoint
    )
    return app


PARTS = {
    "code": "RAA",
    "opportunity_id": "cleaning_cost",
    "other": "RAE",
    "release_id": RELEASE,
    "group": "recommended",
}
OF_READERS = [one.path for one in ADDRESSES if one.method == "GET" and one.scope in (READ, None)]
MORE = (
    "/trusts?q=saint", "/trusts?q=RAA", "/trusts?q=nothing+like+it", "/trusts/ROL", "/trusts/RSP", "/trusts/UNKNOWN",
    f"/?as_at={RELEASE}", f"/trusts/RAA?as_at={NEXT}", "/trusts/RAA?category=nothing", "/trusts/RAA?show=staff",
    "/trusts/RAA/opportunities/nothing", "/trusts/RAH/opportunities/cleaning_cost",
    "/trusts/RAA/peers?group=estate_type",
    "/trusts/RAA/opportunities/cleaning_cost/what-if?numerator=400000", "/nothing/here",
    "/trusts/RAA/opportunities/cleaning_cost/what-if?numerator=many", f"/releases/{RELEASE}/changes?since={NEXT}",
)  # fmt: skip


def asked(app: APIGatewayHttpResolver, address: str) -> gateway.Response:
    path, _, query = address.partition("?")
    event = gateway.event("GET", path, dict(parse_qsl(query)), {"accept": "text/html"})
    return gateway.response(app.resolve(event, object()))  # type: ignore[arg-type]


@pytest.mark.parametrize("address", [*OF_READERS, *MORE])
def test_a_page_is_the_same_from_the_public_api(service: Service, address: str) -> None:
    service.preview()
    path = re.sub(r"<(\w+)>", lambda part: PARTS[part[1]], address).replace("\\.", ".")
    name, _, query = path.partition("?")
    here = service.get(name, dict(parse_qsl(query)), accept="text/html")
    there = asked(over_http(service), path)
    assert (there.status, there.headers.get("location")) == (here.status, here.headers.get("location"))
    assert there.text == here.text
    assert here.status < 500
