"""The report on paper: two sheets of A4, whatever the trust, with the whole address in the foot of each."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.web.window import Look, Window

pytestmark = pytest.mark.web

A4: Any = pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=1)
"""Width and height in points."""
SHEET = Look(680, paper=True)
"""Paper between its margins: 180 mm."""
HEIGHT = 264 / 25.4 * 96
"""Of a sheet between its margins, in CSS pixels."""

Opened = Callable[..., Window]


def pages(pdf: bytes) -> list[Any]:
    """Width and height of each page, in points."""
    boxes = re.findall(rb"/Type /Page\n.*?/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf, re.DOTALL)
    return [(float(width), float(height)) for width, height in boxes]


@pytest.mark.parametrize(("address", "count"), [("", 2), ("?top=1", 1), ("?top=9", 5)])
def test_a_report_is_printed_on_as_many_sheets_as_it_says(opened: Opened, address: str, count: int) -> None:
    page = opened("samples", SHEET).go(f"/trusts/RIL/report{address}")
    assert pages(page.pdf(prefer_css_page_size=True, print_background=True)) == [A4] * count


def test_every_trusts_report_fits_its_sheets(opened: Opened) -> None:
    window = opened("samples", SHEET)
    start = window.go("/")
    links = start.locator("main li a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert len(links) > 50
    for link in links:
        heights = window.go(f"/{link}/report").locator(".sheet").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert heights, link
        assert max(heights) <= HEIGHT, link


def test_the_foot_of_a_sheet_has_the_whole_address_on_paper(opened: Opened) -> None:
    window = opened("samples", SHEET)
    page = window.go("/trusts/RIL/report")
    link = page.locator(".sheet-foot a").first
    site = link.evaluate("one => getComputedStyle(one, '::before').content").strip('"')
    assert site == window.origin
    assert site + link.inner_text() == link.evaluate("one => one.href")
