"""Sizes and counts as text. Pure."""

_STEP = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_SMALL = 10


def size(number: float) -> str:
    """Bytes as text, in powers of 1,000 as AWS's bills have them: `1.2 GB`, `340 MB`, `12 B`."""
    place = 0
    while round(number) >= _STEP and place < len(_UNITS) - 1:
        number, place = number / _STEP, place + 1
    return f"{number:.1f} {_UNITS[place]}" if place and number < _SMALL else f"{number:,.0f} {_UNITS[place]}"


def several(number: int, noun: str) -> str:
    """`1 object`, `1,200 objects`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
