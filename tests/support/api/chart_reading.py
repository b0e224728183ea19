"""Reads a chart as a person does: values by the ticks, texts by the widths of Arial. Knows nothing of the code."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

FRAMES = (288.0, 358.0, 1010.0)
"""The width of a chart on screens of 320, 390 and 1280 px."""
_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 "
    "278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 "
    "556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 "
    "333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 "
    "611 389 556 333 611 556 778 556 556 500 389 280 389 584"
)
_ADVANCES = {bold: tuple(map(int, table.split())) for bold, table in ((False, _REGULAR), (True, _BOLD))}
_OTHERS = {"\N{NO-BREAK SPACE}": 278, "£": 556, "−": 584, "–": 556, "·": 333, "²": 333, "◀": 770, "▶": 770, "…": 1000}
_SIZES = {"c-label": 14, "c-me-label": 14, "c-value": 14, "c-tick": 13, "c-soft": 13, "c-better": 13}
_BOLD_CLASSES = ("c-me-label", "c-better")
_NUMBER = re.compile(r"(−?)£?([0-9,.]+)([m%]?)")


class Text(NamedTuple):
    """A text, its class, from where to where it reaches in a frame, and its base line; in pixels."""

    text: str
    class_: str
    left: float
    right: float
    y: float


class Chart:
    """The elements of a drawing."""

    def __init__(self, svg: str) -> None:
        self.root: ElementTree.Element = fromstring(svg)

    def of(self, *classes: str) -> list[ElementTree.Element]:
        """The elements of these classes, in order. A diamond is the nested drawing that places it."""
        return [
            outer if inner.tag == "path" else inner
            for outer in self.root.iter()
            for inner in outer
            if inner.get("class") in classes
        ]

    def places(self, *classes: str) -> list[tuple[float, float]]:
        """From where to where the marks of these classes reach, in per cent of the frame."""
        return [_across(element) for element in self.of(*classes)]

    def values(self, *classes: str, ticks: str = "c-grid") -> list[tuple[float, float]]:
        """The values from and to which the marks of these classes reach, read by the ticks."""
        return [(self.value_at(left, ticks), self.value_at(right, ticks)) for left, right in self.places(*classes)]

    def value_at(self, place: float, ticks: str = "c-grid") -> float:
        """The value at a place between ticks, whose lines have the class `ticks`."""
        at = sorted({_across(element)[0] for element in self.of(ticks)})
        labels = sorted(number(element.text or "") for element in self.of("c-tick"))
        assert len(at) == len(labels) >= 2, (at, labels)
        return labels[0] + (place - at[0]) / (at[-1] - at[0]) * (labels[-1] - labels[0])

    def range(self, ticks: str = "c-grid") -> float:
        """The range of the frame in the axis's unit."""
        return self.value_at(100, ticks) - self.value_at(0, ticks)

    def texts(self, frame: float) -> Iterator[Text]:
        """All texts in a frame of that width."""
        for element in self.root.iter("text"):
            class_ = element.get("class", "")
            wide = advance(element.text or "", _SIZES[class_], class_ in _BOLD_CLASSES)
            at = frame * per_cent(element.get("x")) / 100 + float(element.get("dx", 0))
            left = at - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "")]
            yield Text(element.text or "", class_, left, left + wide, float(element.get("y", "nan")))

    def outside(self) -> list[tuple[str, float]]:
        """Texts that reach over the frame at one of its widths, or above or below the drawing; marks likewise."""
        height = float(self.root.get("height", "nan"))
        found = [
            (text.text, frame)
            for frame in FRAMES
            for text in self.texts(frame)
            if not (text.left >= -0.5 and text.right <= frame + 0.5 and text.y >= 9 and text.y <= height - 3)
        ]
        marks = [(element, across) for element in self.root.iter() if (across := _across_or_none(element))]
        return found + [(element.get("class", ""), 0.0) for element, (a, b) in marks if a < -1e-6 or b > 100 + 1e-6]

    def collisions(self, classes: Iterable[str] = tuple(_SIZES)) -> list[tuple[str, str, float]]:
        """Pairs of texts that touch at one of the widths."""
        wanted = set(classes)
        found = []
        for frame in FRAMES:
            texts = [text for text in self.texts(frame) if text.class_ in wanted]
            for n, one in enumerate(texts):
                found += [
                    (one.text, other.text, frame)
                    for other in texts[n + 1 :]
                    if one.left < other.right and other.left < one.right and abs(one.y - other.y) < 14
                ]
        return found

    def classes(self) -> set[str]:
        """The classes of all elements."""
        return {element.get("class", "") for element in self.root.iter()} - {""}


def number(text: str) -> float:
    """The number that a tick or a label shows: £2.5m · −£30 · 5.2% · 1,000."""
    match = _NUMBER.fullmatch(text)
    assert match, text
    value = float(match[2].replace(",", "")) * {"m": 1e6, "%": 0.01, "": 1.0}[match[3]]
    return -value if match[1] else value


def advance(text: str, size: float, bold: bool) -> float:
    """The width of a text in Arial, in pixels."""
    table = _ADVANCES[bold]
    units = [table[ord(letter) - 32] if " " <= letter <= "~" else _OTHERS[letter] for letter in text]
    return size * sum(units) / 1000


def per_cent(text: str | None) -> float:
    """The number of a place in per cent."""
    assert text is not None
    assert text.endswith("%"), text
    return float(text.removesuffix("%"))


def _across(element: ElementTree.Element) -> tuple[float, float]:
    across = _across_or_none(element)
    assert across is not None, element.attrib
    return across


def _across_or_none(element: ElementTree.Element) -> tuple[float, float] | None:
    if element.tag == "line":
        one, other = sorted((per_cent(element.get("x1")), per_cent(element.get("x2"))))
        return one, other
    if element.tag == "rect":
        left = per_cent(element.get("x"))
        return left, left + per_cent(element.get("width"))
    if element.tag == "circle":
        return per_cent(element.get("cx")), per_cent(element.get("cx"))
    if element.tag == "svg" and element.get("x"):
        return per_cent(element.get("x")), per_cent(element.get("x"))
    return None
