"""Pages over HTTP: who looks, which release, whether the browser's copy is still right; and the headers of a page."""

import hashlib
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.http.auth import Caller, authorise
from functions.api.http.methods import Responder, add_routes
from functions.api.http.negotiation import preferred
from functions.api.http.problems import UNFORESEEN, NotFound, problem
from functions.api.pages import built, states
from functions.api.pages.addresses import ADDRESSES, Address
from functions.api.pages.ask import Ask, Asking, Refused
from functions.api.pages.page import Download, Made, Page, PageRequest, Reader, Redirect
from functions.api.pages.render import Place, Shell, html, shell
from functions.api.respond import IMMUTABLE, SAFE, body_of, etag_matches, full_response, gzipped, with_etag
from shared.aws.observability import Measured, count, logger

_BOTH = {"problem": "application/problem+json", "page": "text/html"}
HTML = "text/html; charset=utf-8"
_SECURITY = {
    **SAFE,
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action {}; base-uri 'none'; frame-ancestors 'none'"
)


class Pages(NamedTuple):
    """What all pages are served from. `ask_as`: the API as a caller asks it. `figures`: what the figures of a page
    depend on, by its `as_at`; None if that is not known. `build`: a text that every deployment changes."""

    app: APIGatewayHttpResolver
    ask_as: Callable[[Caller], Ask]
    figures: Callable[[str | None], Hashable | None]
    open_read: bool
    build: str

    def event(self) -> APIGatewayProxyEventV2:
        """The request."""
        return self.app.current_event

    def request_id(self) -> str:
        """The id of the request in the log."""
        try:
            return self.app.lambda_context.aws_request_id
        except AttributeError:  # not in Lambda
            return ""


def add_pages(
    app: APIGatewayHttpResolver, pages: Pages, no_such_endpoint: Callable[[Exception], Response[str]]
) -> None:
    """Add all pages, style and script, and what answers for an address that is neither: a page for a browser, a problem
    document for other clients."""
    responders: dict[str, dict[str, Responder]] = {"/assets/<tag>/<name>": {"GET": _asset_responder(pages)}}
    for address in ADDRESSES:
        responders.setdefault(address.path, {})[address.method] = page_responder(address, pages)
    add_routes(app, responders)
    no_such_page = _not_found_page(pages)

    @app.not_found
    def nothing_here(error: Exception) -> Response[Any]:
        if preferred(pages.event().headers.get("accept"), _BOTH) == "page":
            return no_such_page()
        return no_such_endpoint(error)


def page_responder(address: Address, pages: Pages) -> Responder:
    """The responder of a page. It never raises: an error is a page too."""

    def respond(**path: str) -> Response[Any]:
        event = pages.event()
        query = dict(event.query_string_parameters or {})
        place = Place(event.path, query)
        reader = Reader()
        asked = {name: value for name, value in query.items() if name != "as_at"}
        form = dict(parse_qsl(body_of(event).decode(), keep_blank_values=True)) if event.http_method == "POST" else {}
        caller = Caller(reader.name, reader.scopes)
        ask = pages.ask_as(caller)
        asking = Asking(ask, query.get("as_at"))
        request = PageRequest(path, asked, form, reader)

        def made() -> Made:
            if address.scope is not None:
                authorise(caller, address.scope, pages.open_read)
            return address.view(asking, request)

        tag = _tag(address, pages, query.get("as_at"), reader) if event.http_method in ("GET", "HEAD") else None
        known = event.headers.get("if-none-match")
        # Only a reader who has had the page has its tag, which depends on what the reader may see. `*` says nothing: the
        # page may not exist.
        if tag is not None and known != "*" and etag_matches(known, tag):
            return Response(
                304, body="", headers=_SECURITY | {"ETag": f'W/"{tag}"', "Cache-Control": _kept(pages, reader)}
            )
        result = _without_errors(made, pages)
        if isinstance(result, Redirect):
            location = place.to(result.to, result.query, as_at=asking.as_at)
            location += f"#{result.fragment}" if result.fragment else ""
            return Response(303, body="", headers=_SECURITY | {"Location": location, "Cache-Control": "no-store"})
        cached = tag is not None and (not isinstance(result, Page) or result.status == 200)
        headers = _SECURITY | {"Cache-Control": _kept(pages, reader) if cached else "no-store"}
        if isinstance(result, Download):
            headers["Content-Disposition"] = f'attachment; filename="{result.name}"'
            return with_etag(event, result.media_type, tag or "", lambda: result.body, headers)
        headers["Content-Security-Policy"] = _POLICY.format(" ".join(("'self'", *result.posts_to)))
        if result.retry_after is not None:
            headers["Retry-After"] = str(result.retry_after)

        def text() -> str:
            # After a fault nothing more is asked: it could fail again.
            around = Shell(sign_in=False) if result.status == UNFORESEEN else shell(ask, asking, sign_in=False)
            return html(result, place, reader, around, asking)

        if cached and tag is not None:
            return with_etag(event, HTML, tag, text, headers)
        return full_response(event, HTML, text, headers, status=result.status)

    return respond


def _not_found_page(pages: Pages) -> Responder:
    """The responder of an address that is no page."""

    def nothing(_asking: Asking, _request: PageRequest) -> Made:
        error = problem(NotFound("Check the address, or search for what you need."))
        raise Refused(error.status.value, error.document)

    return page_responder(Address("", nothing, kept=False), pages)


def _kept(pages: Pages, reader: Reader) -> str:
    return f"{'private' if reader.name or not pages.open_read else 'public'}, no-cache"


def _without_errors(made: Callable[[], Made], pages: Pages) -> Made:
    try:
        return made()
    except Refused as error:
        return states.refused(error)
    except Exception as error:
        status, document, retry_after = problem(error)
        if status is UNFORESEEN:
            count(Measured.UNFORESEEN_ERRORS)  # Lambda's own error metric does not count it
            logger.exception("page failed", exc_info=error)
            return states.fault(pages.request_id())
        return states.refused(Refused(status.value, document, retry_after))


def _tag(address: Address, pages: Pages, as_at: str | None, reader: Reader) -> str | None:
    """The ETag of a page: its release, the newest one (which the page names if it is another), the build, and what the
    reader may see. None for a page that must not be kept."""
    if not address.kept:
        return None
    figures = pages.figures(as_at)
    if figures is None:
        return None
    parts = (figures, built.assets().build, pages.build, reader.name, sorted(reader.scopes))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _asset_responder(pages: Pages) -> Responder:
    """The responder of style and script. Their address has their hash, so a browser may keep them for good."""
    compressed = cache(gzipped)

    def respond(tag: str, name: str) -> Response[Any]:
        assets = built.assets()
        content = assets.files.get(name)
        if content is None or tag != assets.tag:
            raise NotFound("There is no such file.")
        headers = SAFE | {"Cache-Control": f"public, {IMMUTABLE}"}
        return with_etag(pages.event(), built.MEDIA_TYPES[name], tag, lambda: content, headers, compressed)

    return respond
