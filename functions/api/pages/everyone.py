"""All organisations, page by page."""

from collections.abc import Iterator

from functions.api.pages.ask import MOST, Asking
from functions.api.schemas.figures import Trust, TrustList


def first_page(ask: Asking) -> TrustList:
    """The first organisations that exist, and how many there are."""
    return ask.get(TrustList, "/v1/trusts", {"limit": MOST})


def all_trusts(ask: Asking, page: TrustList | None = None) -> Iterator[Trust]:
    """Every organisation that exists; `page` is the first page, if that was asked already."""
    if page is not None and page.next_cursor is None:
        yield from page.trusts
        return
    for page in ask.pages(TrustList, "/v1/trusts"):
        yield from page.trusts
