"""What holds on every page: each function gives sentences about what is wrong, none if nothing is."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from playwright.sync_api import Page

from infra.web.build import NODE_MODULES
from tests.support.web.window import Look, seen_as

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
_RESULT = {"resultTypes": ["violations"], "elementRef": False}
_ALL = _RESULT | {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2; axe leaves it out by default
}
_COLOURS = _RESULT | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules of axe that depend on colours."""
_SHOWN = 8
"""As many elements are named for each fault."""


def unfolded(page: Page) -> None:
    """Open every fold, so that what it hides is checked too."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")


def barriers(page: Page, *, colours: bool = False) -> list[str]:
    """Violations of WCAG 2.0 to 2.2, A and AA, and of good practice, that axe-core finds; with `colours` only those
    that depend on colours."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(f"axe.run(document, {json.dumps(_COLOURS if colours else _ALL)})")
    return [_sentence(violation) for violation in found["violations"]]


@cache
def _axe() -> str:
    return (NODE_MODULES / "axe-core" / "axe.min.js").read_text("utf-8")


def _sentence(violation: Mapping[str, Any]) -> str:
    nodes = violation["nodes"]
    lines = [f"{violation['id']} ({violation['impact']}): {violation['help']}, {len(nodes)} times"]
    for node in nodes[:_SHOWN]:
        lines += [f"  {' '.join(map(str, node['target']))}", f"    {node['html'][:200]}"]
        messages = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
        lines += [f"    {message}" for message in messages]
    return "\n".join(lines)


def sideways(page: Page) -> list[str]:
    """Whether the page is wider than its window, and which elements reach beyond its right edge. What scrolls inside
    an element of its own is permitted: a wide table."""
    return list(page.evaluate(_SIDEWAYS, _SHOWN))


_SIDEWAYS = """shown => {
  const wide = document.scrollingElement.scrollWidth, room = document.documentElement.clientWidth;
  const scrolls = element => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement)
      if (getComputedStyle(one).overflowX !== 'visible') return true;
    return false;
  };
  const beyond = [...document.body.querySelectorAll('*')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > room + 1 && !scrolls(element);
  });
  const named = beyond.slice(0, shown).map(one => {
    const {left, right} = one.getBoundingClientRect();
    return `${one.outerHTML.slice(0, 120)} reaches from ${Math.round(left)} to ${Math.round(right)} of ${room} px`;
  });
  return wide > room ? [`The page is ${wide} px wide in a window of ${room} px.`, ...named] : named;
}"""


def cut_off(page: Page) -> list[str]:
    """Text that is cut off where a reader sets wide spacing (WCAG 1.4.12), and whether the page scrolls sideways then.
    The spacing stays on the page."""
    page.evaluate(_SPACING)
    return [*sideways(page), *page.evaluate(_CUT, _SHOWN)]


# A constructed style sheet is permitted by every content security policy.
_SPACING = """() => {
  const wide = new CSSStyleSheet();
  wide.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, wide];
}"""
_CUT = """shown => [...document.body.querySelectorAll('*')].filter(element => {
    const style = getComputedStyle(element);
    const hides = value => value === 'hidden' || value === 'clip';
    if (element instanceof SVGElement || element.clientWidth < 2 || !element.textContent.trim()) return false;
    return (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      || (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
  }).slice(0, shown).map(one => `Text is cut off with wide spacing: ${one.outerHTML.slice(0, 160)}`)"""


def focus(page: Page, most: int = 600) -> list[str]:
    """Go through the page by the tabulator key: what cannot be reached, what is out of order, hidden, covered, or shows
    no sign of the focus. `most`: give up after so many steps."""
    faults: list[str] = []
    page.evaluate(_FOCUS_BEGINS)
    for _ in range(most):
        page.keyboard.press("Tab")
        step = page.evaluate(_FOCUS_STEP)
        if step is None:
            break
        faults += step
    else:
        faults.append(f"After {most} steps by the tabulator key the end is not reached.")
    return [*dict.fromkeys([*faults, *page.evaluate(_FOCUS_ENDS, _SHOWN)])]


_FOCUS_BEGINS = """() => {
  // From the top, whatever has had the focus: an error summary takes it when the page opens.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  scrollTo(0, 0);
  window.reachedByKey = [];
}"""
# The sign of the focus may stand on a label or a pseudo-element, as on the radios of NHS.UK frontend.
_FOCUS_STEP = """() => {
  const element = document.activeElement, reached = window.reachedByKey;
  if (!element || element === document.body || element === document.documentElement) return null;
  if (reached.includes(element)) return null;
  const faults = [], name = element.outerHTML.slice(0, 160);
  const before = reached.at(-1);
  if (before && !(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING))
    faults.push(`Out of order for the keyboard: ${name}`);
  reached.push(element);
  const clear = colour => /rgba\\(.*, 0\\)|transparent/.test(colour);
  const signs = style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
    && !clear(style.outlineColor)) || style.boxShadow !== 'none';
  const carriers = [element, ...(element.labels ?? [])];
  const styles = carriers.flatMap(one => [null, '::before', '::after'].map(part => getComputedStyle(one, part)));
  if (!styles.some(signs)) faults.push(`No sign of the focus: ${name}`);
  const boxes = carriers.map(one => one.getClientRects()[0]).filter(box => box && box.width > 2 && box.height > 2);
  const seen = boxes.some(box => {
    const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 20), 0), innerWidth - 1);
    const y = box.top + Math.min(box.height / 2, 20);
    if (y < 0 || y >= innerHeight || box.right <= 0 || box.left >= innerWidth) return false;
    const top = document.elementFromPoint(x, y);
    return carriers.some(one => one.contains(top));
  });
  if (!seen) faults.push(`Focused, but covered or out of sight: ${name}`);
  return faults;
}"""
_FOCUS_ENDS = """shown => {
  const kinds = 'a[href], button, input, select, textarea, summary, [tabindex]';
  return [...document.querySelectorAll(kinds)].filter(element => !element.disabled && element.tabIndex >= 0
      && element.type !== 'hidden' && element.type !== 'radio' && element.checkVisibility()
      && getComputedStyle(element).visibility === 'visible' && !window.reachedByKey.includes(element))
    .slice(0, shown).map(element => (element.tabIndex > 0 ? 'Out of order for' : 'Not reached by')
      + ` the keyboard: ${element.outerHTML.slice(0, 160)}`);
}"""


def sheets(page: Page) -> int:
    """How many A4 pages the page is when it is printed."""
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    return pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ")


def on_looks(
    page: Page, layouts: Iterable[Look], colours: Iterable[Look] = (), widths: Iterable[Look] = ()
) -> list[str]:
    """Elements beyond the window's edge in each look, with all barriers in each of `layouts` and those that depend on
    colours in each of `colours`. Folds are open, and the page is not loaded again."""
    unfolded(page)
    faults = []
    for look in (*layouts, *colours, *widths):
        seen_as(page, look)
        found = sideways(page)
        if look not in widths:
            found += barriers(page, colours=look in colours)
        faults += [f"{look}: {fault}" for fault in found]
    return faults
