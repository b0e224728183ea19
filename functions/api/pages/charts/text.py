"""Texts of charts: how wide they are, where they break, and where they fit. Pure. Widths are in pixels."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Anchor = Literal["start", "middle", "end"]

NARROWEST = 288.0
"""The width of a chart on the narrowest screen, 320 px, less its margins. What fits there fits everywhere."""
LABEL, SOFT = 14, 13
"""The size of labels, and of ticks and captions."""
LINE = 18
"""From one line of text to the next."""
GAP = 8.0
"""The least distance between two texts on a line, and from a mark to its label."""

_SLIM, _NARROW, _WIDE = frozenset("ijl'|"), frozenset(" .,:;!ftrI()/-[]·"), frozenset("mwMW%@—◀▶")
_EXACT = 1e-6
_SAFETY = 1.04
"""Fonts in place of Arial are up to 4% wider."""


def width(text: str, size: float = LABEL, bold: bool = False) -> float:
    """About how wide a text is in Arial; rather too wide than too narrow."""
    em = sum(map(_em, text))
    return em * size * _SAFETY * (1.07 if bold else 1.0)


def _em(letter: str) -> float:
    if letter in _SLIM:
        return 0.24
    if letter in _NARROW:
        return 0.34
    if letter in _WIDE:
        return 0.95
    return 0.72 if letter.isupper() else 0.56 if ord(letter) < 0x2000 else 1.0 if ord(letter) > 0x2E80 else 0.6


def wrap(text: str, room: float = NARROWEST, size: float = LABEL, bold: bool = False) -> tuple[str, ...]:
    """The text in lines of at most `room` pixels. A word that is wider than a line is divided."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold) <= room:
            lines[-1] = longer
            continue
        while width(word, size, bold) > room and len(word) > 1:
            cut = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or width(word[:n], size, bold) <= room)
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    return tuple(lines)


class Placed(NamedTuple):
    """A text that begins, has its middle, or ends (`anchor`) `shift` pixels right of `at` per cent of the frame."""

    text: str
    at: float
    anchor: Anchor
    shift: float = 0.0

    def span(self, frame: float, size: float = LABEL, bold: bool = False) -> tuple[float, float]:
        """From where to where the text reaches in a frame of that width."""
        wide = width(self.text, size, bold)
        left = frame * self.at / 100 + self.shift - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return left, left + wide


def place(
    text: str,
    at: float,
    prefer: Sequence[Anchor] = ("start", "end"),
    shift: float = 0.0,
    size: float = LABEL,
    bold: bool = False,
) -> Placed:
    """A text at a mark, inside every frame. It stands on the first side of `prefer` that has room, `shift` pixels off
    the mark; if none has, at the nearer edge of the frame."""
    for anchor in prefer:
        placed = Placed(text, at, anchor, {"start": shift, "middle": 0.0, "end": -shift}[anchor])
        if inside(placed, size, bold):
            return placed
    return Placed(text, 0.0, "start") if at < 50 else Placed(text, 100.0, "end")


def inside(placed: Placed, size: float = LABEL, bold: bool = False) -> bool:
    """Whether the text is inside the narrowest frame; then it is inside every wider one."""
    left, right = placed.span(NARROWEST, size, bold)
    return left >= -_EXACT and right <= NARROWEST + _EXACT


def on_lines(labels: Iterable[Placed], size: float = LABEL, gap: float = GAP) -> list[int]:
    """The line of each label, from 0: the first on which it is `gap` pixels off every earlier one."""
    lines: list[list[tuple[float, float]]] = []
    chosen = []
    for label in labels:
        left, right = label.span(NARROWEST, size)
        free = (n for n, taken in enumerate(lines) if all(right + gap <= a or b + gap <= left for a, b in taken))
        line = next(free, len(lines))
        lines[line:] = lines[line:] or [[]]
        lines[line].append((left, right))
        chosen.append(line)
    return chosen


class Block(NamedTuple):
    """Lines of text that share an anchor, so that they stay together in every frame."""

    lines: tuple[Placed, ...]

    def covers(self, x: float, size: float = LABEL, bold: bool = False) -> bool:
        """Whether a line at `x` per cent of the frame would pass through it, in the narrowest frame."""
        spans = [line.span(NARROWEST, size, bold) for line in self.lines]
        at = NARROWEST * x / 100
        return any(left + 1 < at < right - 1 for left, right in spans)


def place_block(
    text: str,
    at: float,
    prefer: Sequence[Anchor] = ("start", "end"),
    shift: float = 0.0,
    size: float = LABEL,
    bold: bool = False,
) -> Block:
    """A text at a mark, inside every frame, in as many lines as it takes; it has room on the wider side of the mark."""
    lines = wrap(text, NARROWEST * max(at, 100 - at) / 100, size, bold)
    widest = max(lines, key=lambda line: width(line, size, bold))
    placed = place(widest, at, prefer, shift, size, bold)
    return Block(tuple(placed._replace(text=line) for line in lines))
