"""An application of API Gateway's events, served over HTTP on this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from infra.local import gateway

type Resolve = Callable[[dict[str, Any]], dict[str, Any]]
"""An event of API Gateway → the function's result."""

_LARGEST = 20_000_000


def server(resolve: Resolve, port: int = 0) -> ThreadingHTTPServer:
    """A server on the loopback address; port 0: one that is free. It serves until it is shut down. Requests wait for
    each other, as in one environment of Lambda: a browser sends several at once."""
    turn = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LARGEST))
            event = gateway.event(self.command, unquote(address.path), None, dict(self.headers), body)
            with turn:
                response = gateway.response(resolve(event | gateway.query_of(address.query)))
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            for cookie in response.cookies:
                self.send_header("set-cookie", cookie)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names of the library

        def log_message(self, *_: object) -> None:
            """Print nothing for each request."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def served(resolve: Resolve) -> Iterator[str]:
    """The same on a free port while the context is open; gives its origin."""
    with server(resolve) as running:
        Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
