"""Pages over HTTP: who looks, which release, whether the browser's copy is still right; and the headers of a page."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.api.http.auth import Caller, authorise
from functions.api.http.methods import Responder, add_routes
from functions.api.http.negotiation import preferred
from functions.api.http.own_pages import host_of
from functions.api.http.problems import UNFORESEEN, Forbidden, NotFound, Unauthorised, WrongMethod, problem
from functions.api.pages import built, states
from functions.api.pages.addresses import ADDRESSES, Address
from functions.api.pages.ask import Ask, Asking, Refused
from functions.api.pages.page import Download, Made, Page, PageRequest, Reader, Redirect
from functions.api.pages.render import Place, Shell, html, shell
from functions.api.respond import IMMUTABLE, SAFE, body_of, etag_matches, full_response, gzipped, with_etag
from functions.api.sign_in.requests import cookies_of, same_origin
from functions.api.sign_in.responders import responders as sign_in_responders
from functions.api.sign_in.sign_in import SIGNED_OUT, START, SignIn
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
    depend on, by its `as_at`; None if that is not known. `build`: a text that every deployment changes. `sign_in` is
    None where people cannot sign in. `files`: responders of files that pages link to."""

    app: APIGatewayHttpResolver
    ask_as: Callable[[Caller, str], Ask]
    figures: Callable[[str | None], Hashable | None]
    open_read: bool
    build: str
    sign_in: SignIn | None = None
    files: Mapping[str, Responder] = {}

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
    responders |= {path: {"GET": _with_pages(responder, pages)} for path, responder in pages.files.items()}
    if pages.sign_in is not None:
        responders |= _signing(pages, pages.sign_in)
    for address in ADDRESSES:
        responders.setdefault(address.path, {})[address.method] = page_responder(address, pages)
    add_routes(app, responders, lambda refuse: _with_pages(refuse, pages))
    no_such_page = _not_found_page(pages)

    @app.not_found
    def nothing_here(error: Exception) -> Response[Any]:
        if preferred(pages.event().headers.get("accept"), _BOTH) == "page":
            return no_such_page()
        return no_such_endpoint(error)


class _Visit(NamedTuple):
    """One request for a page: who looks, where, and what they may ask."""

    event: APIGatewayProxyEventV2
    reader: Reader
    caller: Caller
    place: Place
    ask: Ask
    asking: Asking


def page_responder(address: Address, pages: Pages) -> Responder:
    """The responder of a page. An error is a page too."""

    def respond(**path: str) -> Response[Any]:
        try:
            visit = _visit(pages)
        except Exception as error:
            return _failed(error, pages)
        event, asking = visit.event, visit.asking
        tag = _tag(address, pages, visit) if event.http_method in ("GET", "HEAD") else None
        known = event.headers.get("if-none-match")
        headers = _SECURITY | {"Cache-Control": _kept(pages, visit.reader)}
        # Only a reader who has had the page has its tag, which depends on what the reader may see. `*` says nothing:
        # the page may not exist.
        if tag is not None and known != "*" and etag_matches(known, tag):
            return Response(304, body="", headers=headers | {"ETag": f'W/"{tag}"'})
        try:
            made = _made(address, pages, visit, path)
            text = _html(made, pages, visit) if isinstance(made, Page) else ""
        except Unauthorised as error:
            if pages.sign_in is not None and event.http_method != "POST":
                return _to_sign_in(visit)
            made = _instead(error, pages, visit)
            text = _html(made, pages, visit)
        except Exception as error:
            made = _instead(error, pages, visit)
            text = _html(made, pages, visit)
        if isinstance(made, Redirect):
            location = visit.place.to(made.to, made.query, as_at=asking.as_at)
            location += f"#{made.fragment}" if made.fragment else ""
            return Response(303, body="", headers=headers | {"Location": location, "Cache-Control": "no-store"})
        if isinstance(made, Download):
            headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
            return _answer(event, tag, 200, made.media_type, made.body, headers)
        return _answer(event, tag, made.status, HTML, text, headers | _page_headers(made, pages))

    return respond


def _visit(pages: Pages, *, as_stranger: bool = False) -> _Visit:
    event = pages.event()
    query = dict(event.query_string_parameters or {})
    known = None if as_stranger or pages.sign_in is None else pages.sign_in.reader(cookies_of(event.raw_event))
    caller = known or Caller()
    ask = pages.ask_as(caller, host_of(event.raw_event))
    reader = Reader(caller.name, caller.scopes)
    return _Visit(event, reader, caller, Place(event.path, query), ask, Asking(ask, query.get("as_at")))


def _failed(error: Exception, pages: Pages) -> Response[Any]:
    """The page for an error before it is known who looks, as when the keys of sessions could not be read."""
    visit = _visit(pages, as_stranger=True)
    page = _page_of(visit, _instead(error, pages, visit), pages)
    if isinstance(error, WrongMethod):
        page.headers["Allow"] = error.allowed
    return page


def _to_sign_in(visit: _Visit) -> Response[Any]:
    headers = _SECURITY | {"Location": visit.place.to(START, {"next": visit.place.whole()}, as_at=None)}
    return Response(303, body="", headers=headers | {"Cache-Control": "no-store"})


def _made(address: Address, pages: Pages, visit: _Visit, path: Mapping[str, str]) -> Made:
    if visit.event.http_method == "POST" and not same_origin(visit.event.raw_event):
        raise Forbidden("Send this form from its own page: the request came from elsewhere.")
    if address.scope is not None:
        authorise(visit.caller, address.scope, pages.open_read)
    query = {name: value for name, value in visit.place.query.items() if name != "as_at"}
    return address.view(visit.asking, PageRequest(path, query, _form(visit.event), visit.reader))


def _form(event: APIGatewayProxyEventV2) -> dict[str, str]:
    if event.http_method != "POST":
        return {}
    return dict(parse_qsl(body_of(event).decode(errors="replace"), keep_blank_values=True))


def _html(page: Page, pages: Pages, visit: _Visit) -> str:
    # After a fault nothing more is asked: it could fail again.
    bare, sign_in = page.status == UNFORESEEN, pages.sign_in is not None
    around = Shell(sign_in) if bare else shell(visit.ask, visit.asking, sign_in=sign_in)
    # An answer that needs a token has no link: a browser sends none.
    around = around._replace(open_read=pages.open_read)
    return html(page, visit.place, visit.reader, around, visit.asking)


def _instead(error: Exception, pages: Pages, visit: _Visit) -> Page:
    """The page for an error. A form whose session has ended is shown again: nothing that was written is lost."""
    if isinstance(error, Unauthorised) and visit.event.http_method == "POST":
        return states.session_over(_form(visit.event))
    if isinstance(error, Refused):
        return states.refused(error, visit.place.path)
    status, document, retry_after = problem(error)
    if status is not UNFORESEEN:
        return states.refused(Refused(status.value, document, retry_after), visit.place.path)
    count(Measured.UNFORESEEN_ERRORS)  # Lambda's own error metric does not count it: the function returns normally
    logger.exception("page failed", exc_info=error)
    return states.fault(pages.request_id())


def _answer(
    event: APIGatewayProxyEventV2, tag: str | None, status: int, kind: str, body: str | bytes, headers: dict[str, str]
) -> Response[Any]:
    if tag is None or status != HTTPStatus.OK:
        return full_response(event, kind, lambda: body, headers | {"Cache-Control": "no-store"}, status=status)
    return with_etag(event, kind, tag, lambda: body, headers)


def _signing(pages: Pages, sign_in: SignIn) -> dict[str, dict[str, Responder]]:
    """Signing in and out, with pages for what goes wrong, and the page after signing out."""

    responders = {
        path: {method: _with_pages(responder, pages) for method, responder in by_method.items()}
        for path, by_method in sign_in_responders(sign_in, pages.event).items()
    }
    responders[SIGNED_OUT]["GET"] = lambda: _page_of(_visit(pages), states.signed_out(), pages)
    return responders


def _with_pages(responder: Responder, pages: Pages) -> Responder:
    """A responder with pages for what goes wrong. A reader who has not signed in does so first."""

    def respond(**path: str) -> Response[Any]:
        try:
            return responder(**path)
        except Exception as error:
            if isinstance(error, Unauthorised) and pages.sign_in is not None:
                return _to_sign_in(_visit(pages, as_stranger=True))
            return _failed(error, pages)

    return respond


def _page_of(visit: _Visit, page: Page, pages: Pages) -> Response[Any]:
    return _answer(
        visit.event, None, page.status, HTML, _html(page, pages, visit), _SECURITY | _page_headers(page, pages)
    )


def _page_headers(page: Page, pages: Pages) -> dict[str, str]:
    signing = (pages.sign_in.form_action,) if pages.sign_in is not None else ()
    headers = {"Content-Security-Policy": _POLICY.format(" ".join(("'self'", *signing, *page.posts_to)))}
    return headers | ({"Retry-After": str(page.retry_after)} if page.retry_after is not None else {})


def _not_found_page(pages: Pages) -> Responder:
    """The responder of an address that is no page."""

    def nothing(_asking: Asking, _request: PageRequest) -> Made:
        error = problem(NotFound("There is no such page. Check the address, or search for what you need."))
        raise Refused(error.status.value, error.document)

    return page_responder(Address("", nothing, scope=None, kept=False), pages)


def _kept(pages: Pages, reader: Reader) -> str:
    return f"{'private' if reader.name or not pages.open_read else 'public'}, no-cache"


def _tag(address: Address, pages: Pages, visit: _Visit) -> str | None:
    """The ETag of a page: its release, the newest one (which the page names if it is another), the build, and what the
    reader may see. None for a page that must not be kept."""
    if not address.kept:
        return None
    figures, reader = pages.figures(visit.asking.as_at), visit.reader
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
