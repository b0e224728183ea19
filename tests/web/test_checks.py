"""The checks themselves, on small pages made by hand: each finds its fault, and none on a page without one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from infra.local.page_load import load
from infra.local.serve import served
from tests.support.web import checks, keyboard
from tests.support.web.presence import without
from tests.support.web.window import DESKTOP, Look, Window, window
from tests.support.web.worlds import StaticPage, static

pytestmark = pytest.mark.web

STYLE = "body { margin: 0; font: 16px/1.5 sans-serif; color: #212b32; background: #fff } main { padding: 16px }"
GOOD = "<h1>Title</h1><p>Some text with <a href='/next'>a link to the next page</a>.</p>"
JS = "text/javascript"

Show = Callable[..., Window]


def page(main: str, head: str = "") -> str:
    return (
        "<!doctype html><html lang='en'><head><title>Page</title><meta name='viewport' content='width=device-width'>"
        f"<link rel='stylesheet' href='/style.css'>{head}</head><body><main>{main}</main></body></html>"
    )


def site(main: str, head: str = "", style: str = "", **more: StaticPage) -> Mapping[str, StaticPage]:
    return {
        "/": StaticPage(page(main, head)),
        "/next": StaticPage(page("<h1>Next</h1>")),
        "/favicon.ico": StaticPage("", media_type="image/png"),
        "/style.css": StaticPage(STYLE + style, media_type="text/css"),
        **{f"/{name}": other for name, other in more.items()},
    }


@pytest.fixture
def show(browser: Browser) -> Iterator[Show]:
    """Open a page without any check of its faults; they are those of its window."""

    def opened(main: str, head: str = "", style: str = "", look: Look = DESKTOP, **more: StaticPage) -> Window:
        origin = site_of.enter_context(served(static(site(main, head, style, **more))))
        context = windows.enter_context(browser.new_context(viewport={"width": look.width, "height": 600}))
        shown = Window(context.new_page(), origin)
        shown.page.goto(origin + "/", wait_until="networkidle")
        return shown

    with ExitStack() as site_of, ExitStack() as windows:
        yield opened


# ---- what a window notes --------------------------------------------------------------------------------------------


def test_a_good_page_has_no_fault(show: Show) -> None:
    opened = show(GOOD, style="a:focus-visible { outline: 3px solid #212b32 }", look=Look(320))
    assert opened.faults == []
    assert checks.barriers(opened.page) == []
    assert checks.sideways(opened.page) == []
    assert checks.focus(opened.page) == []
    assert checks.cut_off(opened.page) == []


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        ("<script src='/log.js'></script>", "Logged to the console (warning): something"),
        ("<script src='/fail.js'></script>", "A script failed: broken"),
        ("<script src='/missing.js'></script>", "Answers 404"),
        ("<script>1</script>", "Content Security Policy"),
        ("<style>p { color: red }</style>", "Content Security Policy"),
        ("<link rel='stylesheet' href='http://127.0.0.1:9/other.css'>", "Asks another origin: http://127.0.0.1:9/"),
    ],
)
def test_a_window_notes_what_a_visitor_should_not_meet(show: Show, head: str, fault: str) -> None:
    def script(text: str) -> StaticPage:
        return StaticPage(text, media_type=JS)

    others = {"log.js": script("console.warn('something')"), "fail.js": script("throw new Error('broken')")}
    opened = show(GOOD, head, **others)
    assert fault in "\n".join(opened.faults)
    with pytest.raises(AssertionError, match="On http"):
        opened.check()


def test_host_names_lead_nowhere(show: Show) -> None:
    opened = show(GOOD, "<link rel='stylesheet' href='http://localhost/other.css'>")
    assert "ERR_NAME_NOT_RESOLVED" in "\n".join(opened.faults) or "Content Security" in "\n".join(opened.faults)


def test_a_status_has_to_be_the_expected_one(browser: Browser) -> None:
    gone = StaticPage(page("<h1>Gone</h1>"), 404)
    with served(static(site(GOOD, gone=gone))) as origin, window(browser, origin) as visitor:
        visitor.go("/gone", 404)
        assert visitor.faults == []
        visitor.go("/")
        with pytest.raises(AssertionError, match=r"404 instead of 200: .*/gone"):
            visitor.go("/gone")
        visitor.faults.clear()
        with pytest.raises(AssertionError, match="200 instead of 404"):
            visitor.go("/", 404)


def test_what_the_page_of_an_error_needs_is_not_excused(browser: Browser) -> None:
    gone = StaticPage(page("<h1>Gone</h1>", "<script src='/missing.js'></script>"), 404)
    with served(static(site(GOOD, gone=gone))) as origin, window(browser, origin) as visitor:
        with pytest.raises(AssertionError, match=r"Answers 404: .*/missing\.js"):
            visitor.go("/gone", 404)
        visitor.faults.clear()


def test_faults_after_the_last_step_are_found_when_the_window_is_closed(browser: Browser) -> None:
    with ExitStack() as closed, served(static(site(GOOD))) as origin:
        visitor = closed.enter_context(window(browser, origin))
        visitor.go("/").evaluate("console.error('late')")
        with pytest.raises(AssertionError, match="late"):
            closed.close()


def test_a_machine_without_a_browser_skips_but_fails_in_continuous_integration() -> None:
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        without({})
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        without({"CI": "1"})


# ---- axe ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "main", "style"),
    [
        ("color-contrast", "<h1>Title</h1><p>Pale</p>", "p { color: #ccc }"),
        ("label", "<h1>Title</h1><input>", ""),
        ("heading-order", "<h1>Title</h1><h4>Part</h4>", ""),
        ("page-has-heading-one", "<h2>Title</h2>", ""),
        ("empty-table-header", "<h1>Title</h1><table><tr><th></th></tr><tr><td>1</td></tr></table>", ""),
        ("svg-img-alt", "<h1>Title</h1><svg role='img' width='9' height='9'></svg>", ""),
        (
            "target-size",
            "<h1>Title</h1><a href='/a'>a</a><a href='/b'>b</a>",
            "a { font-size: 8px; line-height: 1; display: inline-block }",
        ),
        ("button-name", "<h1>Title</h1><button></button>", ""),
    ],
)
def test_axe_finds(show: Show, rule: str, main: str, style: str) -> None:
    (found,) = checks.barriers(show(main, style=style).page)
    assert found.startswith(f"{rule} (")
    assert "times" in found


def test_axe_finds_what_a_fold_hides_once_it_is_open(show: Show) -> None:
    shown = show("<h1>Title</h1><details><summary>More</summary><p>Pale</p></details>", style="p { color: #ccc }")
    assert checks.barriers(shown.page) == []
    checks.unfolded(shown.page)
    assert "color-contrast" in checks.barriers(shown.page)[0]


def test_what_depends_on_colours_is_looked_for_in_each_of_them(show: Show) -> None:
    style = "@media (prefers-color-scheme: dark) { body { background: #222 } }"
    shown = show(GOOD + "<button></button>", style=style)
    faults = [fault.partition(" (")[0] for fault in checks.on_looks(shown.page, [Look()], [Look(scheme="dark")])]
    assert faults == ["1280-light: button-name", "1280-dark: color-contrast"]


def test_axe_finds_contrast_that_only_the_dark_has(browser: Browser) -> None:
    sites = static(site(GOOD, style="@media (prefers-color-scheme: dark) { body { background: #222 } }"))
    with served(sites) as origin:
        for scheme, faults in (("light", 0), ("dark", 1)):
            with window(browser, origin, Look(scheme=scheme)) as visitor:
                found = [one for one in checks.barriers(visitor.go("/")) if one.startswith("color-contrast")]
                assert len(found) == faults


# ---- space ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["p { width: 400px }", "p { white-space: nowrap; min-width: 25em }"])
def test_what_is_wider_than_the_window_is_named(show: Show, style: str) -> None:
    shown = show(GOOD, style=style, look=Look(320))
    first, *others = checks.sideways(shown.page)
    assert "in a window of 320 px" in first
    assert any(one.startswith("<p>") for one in others)


def test_what_is_cut_off_at_the_right_edge_is_found(show: Show) -> None:
    shown = show(GOOD, style="html { overflow-x: clip } p { width: 400px }", look=Look(320))
    assert any("reaches from 16 to 416 of 320 px" in one for one in checks.sideways(shown.page))


def test_a_wide_table_may_scroll_in_its_own_frame(show: Show) -> None:
    main = "<h1>Title</h1><div tabindex='0'><p>A wide thing</p></div>"
    shown = show(main, style="div { overflow-x: auto } p { width: 900px }", look=Look(320))
    assert checks.sideways(shown.page) == []


def test_text_that_wide_spacing_cuts_off_is_found(show: Show) -> None:
    main = "<h1>Title</h1><p>A line of some words that just fits</p>"
    style = "p { width: 270px; overflow: hidden; white-space: nowrap; font-family: monospace; font-size: 12px }"
    (found,) = checks.cut_off(show(main, style=style).page)
    assert found.startswith("Text is cut off with wide spacing: <p>")


def test_layout_that_shifts_is_measured(browser: Browser) -> None:
    push = StaticPage(
        "setTimeout(() => { document.querySelector('h1').style.paddingTop = '300px' }, 50)", media_type=JS
    )
    pages = site(GOOD, "<script src='/push.js'></script>", **{"push.js": push}, steady=StaticPage(page(GOOD)))
    with served(static(pages)) as origin:
        for address, least, most in (("/", 0.01, 1), ("/steady", 0, 0)):
            with browser.new_context() as context:
                loaded = load(context.new_page(), origin + address)
            assert least <= loaded.shift <= most


def test_what_a_page_needs_is_weighed(browser: Browser) -> None:
    script, style = StaticPage("1;" * 700, media_type=JS), STYLE + "/* more */"
    pages = site(GOOD, "<script src='/s.js'></script><link rel='icon' href='data:,'>", "/* more */", **{"s.js": script})
    with served(static(pages)) as origin, browser.new_context() as context:
        loaded = load(context.new_page(), f"{origin}/")
    assert loaded.sent == {"document": len(pages["/"].body), "stylesheet": len(style), "script": 1400}
    assert loaded.requests == 3
    assert loaded.painted > 0


def test_printed_sheets_are_counted(show: Show) -> None:
    shown = show("<h1>One</h1><h2>Two</h2><h2>Three</h2>", style="h2 { break-before: page }")
    assert checks.sheets(shown.page) == 3


# ---- keyboard -------------------------------------------------------------------------------------------------------

LINKS = "<h1>Title</h1><p><a href='/next'>First link</a></p><p><a id='b' href='/next'>Second link</a></p>"


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        ("a:focus { outline: none }", "No sign of the focus"),
        ("a:focus { outline: 2px solid transparent }", "No sign of the focus"),
        ("#b { position: absolute; left: -999px }", "Focused, but covered or out of sight"),
        ("main::after { content: ''; position: fixed; inset: 0; background: #fff }", "Focused, but covered"),
    ],
)
def test_focus_has_to_be_seen(show: Show, style: str, fault: str) -> None:
    found = checks.focus(show(LINKS, style=style).page)
    assert found
    assert all(one.startswith(fault) for one in found)


@pytest.mark.parametrize(
    "style", ["a:focus { outline: none; box-shadow: 0 4px #000 }", "a:focus { outline: 2px solid }"]
)
def test_focus_may_be_an_outline_or_a_shadow(show: Show, style: str) -> None:
    assert checks.focus(show(LINKS, style=style).page) == []


def test_focus_on_a_label_counts(show: Show) -> None:
    main = "<h1>Title</h1><input id='x' type='checkbox'><label for='x'>Choose</label>"
    style = "input { opacity: 0; outline: none } :focus + label::before { content: ''; box-shadow: 0 0 0 4px #000 }"
    assert checks.focus(show(main, style=style).page) == []


def test_focus_out_of_order_is_found(show: Show) -> None:
    (found,) = checks.focus(
        show("<h1>Title</h1><a href='/next'>A link</a> <a href='/next' tabindex='1'>B link</a>").page
    )
    assert found.startswith('Out of order for the keyboard: <a href="/next" tabindex')


def test_the_whole_page_is_gone_through_whatever_has_the_focus(show: Show) -> None:
    shown = show(LINKS)
    shown.page.locator("#b").focus()
    assert checks.focus(shown.page) == []


def test_what_the_keyboard_does_not_reach_is_found(show: Show) -> None:
    trap = "document.querySelector('a').addEventListener('keydown', event => event.preventDefault())"
    shown = show(
        LINKS,
        "<script type='module' src='/trap.js'></script>",
        **{"trap.js": StaticPage(trap, media_type=JS)},
    )
    (found,) = checks.focus(shown.page)
    assert found.startswith('Not reached by the keyboard: <a id="b"')


def test_steps_by_keyboard(browser: Browser) -> None:
    main = (
        "<h1>Title</h1><details><summary>More</summary><a href='/next'>Inside</a></details>"
        "<form action='/next'><label>Name <input name='q' value='old'></label><button>Send</button></form>"
    )
    with served(static(site(main))) as origin, window(browser, origin) as visitor:
        visitor.go("/")
        with pytest.raises(AssertionError, match="There is no link “Nowhere”"):
            keyboard.follow(visitor, "Nowhere")
        keyboard.unfold(visitor, "More")
        keyboard.follow(visitor, "Inside")
        assert visitor.address() == "/next"
        visitor.go("/")
        with pytest.raises(AssertionError, match="does not reach"):
            keyboard.tab_to(visitor, "button", "Send", most=1)
        keyboard.write(visitor, "textbox", "Name", "two words")
        keyboard.press(visitor, "Send")
        assert visitor.address() == "/next?q=two+words"
