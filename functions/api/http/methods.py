"""Addresses with their methods: HEAD where there is GET, and 405 for every other method."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from functions.api.http.problems import WrongMethod

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

Responder = Callable[..., Response[Any]]
"""Called with the parts of the path, by name."""


def add_routes(
    app: APIGatewayHttpResolver,
    responders: Mapping[str, Mapping[str, Responder]],
    refusing: Callable[[Responder], Responder] = lambda refuse: refuse,
) -> None:
    """Add the responders, which are by path and method, in their order: the first path that matches is used.
    `refusing`: what is put around the responder that raises WrongMethod."""
    for path, of_path in responders.items():
        by_method = {**of_path, "HEAD": of_path["GET"]} if "GET" in of_path else {**of_path}
        for method, responder in by_method.items():
            app.route(path, method=method)(responder)
        others = [method for method in _METHODS if method not in by_method]
        app.route(path, method=others)(refusing(_wrong_method(by_method)))


def _wrong_method(methods: Iterable[str]) -> Responder:
    allowed = ", ".join(methods)

    def refuse(**_path: str) -> Response[str]:
        raise WrongMethod(f"This endpoint accepts only: {allowed}.", allowed)

    return refuse
