"""What a page is made of, before it is HTML: who looks at it, what they ask for, and what they get."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from functions.api.pages.ask import Asking

SUPPLY = "supply:"


@dataclass(frozen=True)
class Reader:
    """The person who looks at a page, and their scopes as in a token; without name and scopes if not signed in."""

    name: str = ""
    scopes: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        """Whether the reader has a scope."""
        return scope in self.scopes

    def datasets(self) -> frozenset[str]:
        """The datasets for which the reader may land files."""
        return frozenset(one.removeprefix(SUPPLY) for one in self.scopes if one.startswith(SUPPLY))


class PageRequest(NamedTuple):
    """A request for a page: the parts of its address, its query without `as_at`, and the fields of a form."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    reader: Reader


class Crumb(NamedTuple):
    """A page above this one, and its address."""

    title: str
    address: str


@dataclass(frozen=True)
class Page:
    """A page: a template, and what the template needs. `title` is also the page's only h1, unless the template has
    another.

    `posts_to`: other origins to which its forms may send (the policy forbids all others). `retry_after`: seconds.
    """

    template: str
    title: str
    content: Mapping[str, Any] = field(default_factory=dict)
    crumbs: tuple[Crumb, ...] = ()
    status: int = 200
    posts_to: tuple[str, ...] = ()
    retry_after: int | None = None


class Redirect(NamedTuple):
    """Another page of this client: its address (`/trusts/RIL`) and query. `as_at` goes along if it was asked for."""

    to: str
    query: Mapping[str, str] = {}
    fragment: str = ""


class Download(NamedTuple):
    """A file that is made from answers: a chart, or its data."""

    name: str
    media_type: str
    body: str | bytes


type Made = Page | Redirect | Download
type View = Callable[["Asking", PageRequest], Made]
"""Asks, and makes the page. It knows nothing but the answers and the request."""
