"""The marks that charts are drawn with. x is in per cent of the frame, y is in pixels."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from functions.api.pages.charts.text import LINE, Block, Placed

DIAMOND = 8.0
"""Half the width of a diamond."""
Children = Iterable[Markup]


def element(name: str, content: Markup | str = "", **attributes: str | float) -> Markup:
    """An SVG element. `class_` stands for `class`, and `_` for the hyphen of an attribute."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"' for key, value in attributes.items()
    )
    inner = escape(content)
    # Every part is escaped here, as `Markup.format` would do it: that takes five times as long.
    return Markup(f"<{name}{pairs}>{inner}</{name}>" if inner else f"<{name}{pairs}/>")  # noqa: S704


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def per_cent(x: float) -> str:
    """A place or a width as an attribute: to a hundred-thousandth of the frame."""
    return f"{x:.3f}".rstrip("0").rstrip(".") + "%"


def drawing(children: Children, height: float, words: str) -> Markup:
    """The whole chart; `height` in pixels. Without words it is hidden from screen readers."""
    inner = Markup("").join(children)
    if not words:
        return element("svg", inner, class_="chart", width="100%", height=height, aria_hidden="true")
    return element("svg", inner, class_="chart", width="100%", height=height, role="img", aria_label=words)


def upright(class_: str, x: float, top: float, bottom: float) -> Markup:
    """A line from `top` down to `bottom`."""
    return element("line", class_=class_, x1=per_cent(x), x2=per_cent(x), y1=top, y2=bottom)


def level(class_: str, left: float, right: float, y: float) -> Markup:
    """A line from left to right."""
    return element("line", class_=class_, x1=per_cent(left), x2=per_cent(right), y1=y, y2=y)


def segment(class_: str, first: tuple[float, float], last: tuple[float, float]) -> Markup:
    """A line from one point to another."""
    return element("line", class_=class_, x1=per_cent(first[0]), y1=first[1], x2=per_cent(last[0]), y2=last[1])


def box(class_: str, one: float, other: float, top: float, height: float) -> Markup:
    """A bar between two places, whichever is the left one."""
    left, right = min(one, other), max(one, other)
    return element("rect", class_=class_, x=per_cent(left), y=top, width=per_cent(right - left), height=height)


def dot(class_: str, x: float, y: float, radius: float) -> Markup:
    """A circle."""
    return element("circle", class_=class_, cx=per_cent(x), cy=y, r=radius)


def diamond(class_: str, x: float, y: float, half: float = DIAMOND) -> Markup:
    """A diamond around a point; it never stretches."""
    path = element("path", class_=class_, d=f"M0-{half:g} {half:g} 0 0 {half:g}-{half:g} 0Z")
    return element("svg", path, x=per_cent(x), y=y, overflow="visible")


def whisker(low: float, high: float, y: float, half: float = 5.0) -> Markup:
    """An interval with a short line at each end."""
    ends = [upright("c-whisker", x, y - half, y + half) for x in (low, high)]
    return Markup("").join([level("c-whisker", low, high, y), *ends])


def text(class_: str, placed: Placed, y: float) -> Markup:
    """A text on the base line `y`."""
    shift = {"dx": placed.shift} if placed.shift else {}
    return element(
        "text",
        placed.text,
        class_=class_,
        x=per_cent(placed.at),
        y=y,
        **shift,
        text_anchor=placed.anchor,
    )


def paragraph(class_: str, lines: Sequence[str], y: float, at: float = 0.0) -> Markup:
    """Lines of text from the base line `y` downwards."""
    return Markup("").join(text(class_, Placed(line, at, "start"), y + LINE * n) for n, line in enumerate(lines))


def block(class_: str, lines: Block, y: float) -> Markup:
    """A block of text whose first base line is `y`."""
    return Markup("").join(text(class_, line, y + LINE * n) for n, line in enumerate(lines.lines))
