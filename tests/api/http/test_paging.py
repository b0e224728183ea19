"""Pages: whatever their size, together they are the list, each item once and in order."""

from hypothesis import given
from hypothesis import strategies as st

from functions.api.http.paging import page
from functions.api.http.queries import PageQuery

ITEMS = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.text(max_size=5)), unique=True, max_size=30).map(sorted)


@given(ITEMS, st.integers(1, 10))
def test_pages_together_are_the_list(items: list[tuple[bool, int, str]], limit: int) -> None:
    seen: list[tuple[bool, int, str]] = []
    query = PageQuery(limit=limit)
    while True:
        shown, following = page(items, query, lambda item: item)
        assert len(shown) <= limit
        seen += shown
        if following is None:
            break
        query = PageQuery(limit=limit, cursor=following)
    assert seen == items


@given(ITEMS, st.integers(1, 10), st.data())
def test_a_cursor_holds_when_items_come_and_go(
    items: list[tuple[bool, int, str]], limit: int, data: st.DataObject
) -> None:
    shown, following = page(items, PageQuery(limit=limit), lambda item: item)
    if following is None:
        return
    later = sorted(data.draw(ITEMS))
    rest, _ = page(later, PageQuery(limit=500, cursor=following), lambda item: item)
    assert list(rest) == [item for item in later if item > shown[-1]]
