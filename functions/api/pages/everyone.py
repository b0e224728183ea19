"""All organisations, page by page."""

from collections.abc import Iterator

from functions.api.pages.ask import Asking
from functions.api.schemas.figures import Trust, TrustList

MOST = "500"
"""How many a page of the list may have."""


def first_page(ask: Asking) -> TrustList:
    """The first organisations that exist, and how many there are."""
    return ask.get(TrustList, "/v1/trusts", {"limit": MOST})


def all_trusts(ask: Asking, page: TrustList | None = None) -> Iterator[Trust]:
    """Every organisation that exists; `page` is the first page, if that was asked already."""
    page = page or first_page(ask)
    yield from page.trusts
    while page.next_cursor is not None:
        page = ask.get(TrustList, "/v1/trusts", {"limit": MOST, "cursor": page.next_cursor})
        yield from page.trusts
