"""What the pages are looked at on: releases served over HTTP on this machine, and small pages made by hand."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any, NamedTuple

from infra.local.serve import Resolve, server
from tests.support.api.published import Service
from tests.support.api.whole import released
from tests.support.paths import SAMPLES


@contextmanager
def served(resolve: Resolve) -> Iterator[str]:
    """An application of API Gateway's events on a free port; gives its origin. Requests wait for each other, as they
    do in one Lambda environment."""
    turn = Lock()

    def one_at_a_time(event: dict[str, Any]) -> dict[str, Any]:
        with turn:
            return resolve(event)

    with server(one_at_a_time) as running:
        Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def pages_of(service: Service) -> Resolve:
    """A service's whole API, pages included."""
    return lambda event: service.app.resolve(event, object())


def small() -> Service:
    """The release made by hand, with a preview of another."""
    service = Service()
    service.publish()
    service.preview()
    return service


WORLDS: Mapping[str, Callable[[], Service]] = {
    "small": small,
    "samples": lambda: released(SAMPLES),
    "empty": Service,
}
"""A release made by hand, that of the sample files, and a store in which nothing has been published."""


class StaticPage(NamedTuple):
    """An answer made by hand."""

    body: str
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    policy: str = "default-src 'self'"


def static(pages: Mapping[str, StaticPage]) -> Resolve:
    """A site of such answers by their path; 404 for any other."""

    def resolve(event: dict[str, Any]) -> dict[str, Any]:
        page = pages.get(event["rawPath"], StaticPage("Not found", 404, "text/plain"))
        headers = {"content-type": page.media_type, "content-security-policy": page.policy}
        return {"statusCode": page.status, "headers": headers, "body": page.body}

    return resolve
