"""People who are signed in to the pages of a service made by hand: what they read, and the forms that they send."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import lxml.html

from infra.local import gateway
from tests.support.api.published import Service
from tests.support.api.signed_in import PAGE, cookie, with_sign_in

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


class Read:
    """A page as it came: its status, headers and text, and what stands in it."""

    def __init__(self, response: gateway.Response) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.body
        self.text = response.text
        self._tree = lxml.html.fromstring(response.text) if response.text else None

    def find(self, xpath: str) -> list[Any]:
        """Elements, attributes or texts of the page."""
        return list(self._tree.xpath(xpath)) if self._tree is not None else []

    def words(self, xpath: str = "//main") -> list[str]:
        """The text of each element, with single spaces."""
        return [" ".join(one.text_content().split()) for one in self.find(xpath)]

    def rows(self, caption: str) -> list[list[str]]:
        """The cells of the body of the table whose caption begins so."""
        (table,) = [one for one in self.find("//table") if one.findtext("caption").strip().startswith(caption)]
        return [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath(".//tbody/tr")]

    def fields(self) -> dict[str, str]:
        """What the page's own form would send of what is filled in: hidden fields, texts and what is chosen."""
        (form,) = [one for one in self.find("//main//form") if one.get("method") == "post"]
        return {str(name): str(value) for name, value in form.form_values()}


class Visitor:
    """A person of some scopes, signed in to a service's pages."""

    def __init__(self, service: Service, *scopes: str, name: str = "someone@example.org") -> None:
        service.context = service.context._replace(pages=(PAGE,))
        with_sign_in(service, open_read=True)
        self._app = service.app
        self._cookie = cookie(name, *scopes)

    def read(self, address: str) -> Read:
        """Open a page."""
        path, _, query = address.partition("?")
        return self._asked("GET", path, query, b"", {"accept": "text/html"})

    def send(self, address: str, fields: Mapping[str, str], **headers: str) -> Read:
        """Send a form of a page."""
        return self._asked("POST", address, "", urlencode(fields).encode(), FORM | headers)

    def _asked(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> Read:
        event = gateway.event(method, path, None, {"cookie": self._cookie, **headers}, body) | gateway.query_of(query)
        return Read(gateway.response(self._app.resolve(event, object())))
