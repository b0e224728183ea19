"""A chart as a file of its own: fixed width, with title, source and release, and its own colours."""

import re

from markupsafe import Markup, escape

from functions.api.pages.charts.text import LINE, wrap

STYLE = Markup("""
text{font-family:Arial,Helvetica,sans-serif}
.c-label,.c-me-label,.c-value{font-size:14px;fill:#212b32}
.c-label,.c-me-label,.c-soft,.c-value{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.c-me-label{font-weight:700;fill:#ae2573}
.c-tick,.c-soft{font-size:13px;fill:#4c6272}
.c-better{font-size:13px;font-weight:700;fill:#212b32}
.c-title{font-size:20px;font-weight:700;fill:#212b32}
.c-axis,.c-decile,.c-link{stroke:#4c6272;stroke-width:1px}
.c-grid{stroke:#d8dde0;stroke-width:1px}
.c-solid,.c-rise{fill:#005eb8}
.c-pale,.c-fall{fill:#d6e6f4;stroke:#005eb8;stroke-width:1.5px}
.c-chance{fill:none;stroke:#005eb8;stroke-width:1.5px;stroke-dasharray:4 2}
.c-ahead{fill:none;stroke:#4c6272;stroke-width:1.5px}
.c-plain,.c-bin{fill:#768692}
.c-me{fill:#ae2573;stroke:#fff;stroke-width:1px}
.c-supposed{fill:#fff;stroke:#ae2573;stroke-width:2px}
.c-me-line{fill:none;stroke:#ae2573;stroke-width:3px}
.c-dot{fill:#fff;stroke:#425563;stroke-width:2px}
.c-bin-open{fill:#fff;stroke:#425563;stroke-width:1px}
.c-band{fill:#dfe4e7}
.c-median{stroke:#212b32;stroke-width:3px}
.c-line-modest{stroke:#212b32;stroke-width:1.5px}
.c-line-ambitious{stroke:#212b32;stroke-width:1.5px;stroke-dasharray:4 3}
.c-whisker{stroke:#212b32;stroke-width:2px}
.c-break{stroke:#4c6272;stroke-width:1.5px;stroke-dasharray:2 3}
""")
"""The colours of the pages on a white ground, for every class of the package."""

_MARGIN = 24.0
_TITLE = 26.0
_SIZE = re.compile(r'<svg class="chart" width="100%" height="([0-9.]+)"')


def standalone(chart: Markup, title: str, source: str, release: str, width: int = 960) -> str:
    """A file `.svg` of `width` pixels with the chart, above it the title, below it the source and the release.

    ValueError if `chart` is not a drawing of this package."""
    size = _SIZE.match(chart)
    if size is None:
        raise ValueError("not a chart of this package")
    inner = width - 2 * _MARGIN
    titles = wrap(title, inner, 20, bold=True)
    notes = [line for note in (source, release) if note for line in wrap(note, inner, 13)]
    top = _MARGIN + _TITLE * len(titles) + 8
    below = top + float(size[1]) + 8
    height = below + LINE * len(notes) + _MARGIN - 4
    lines = [
        *(_line("c-title", line, _MARGIN + 16 + _TITLE * n) for n, line in enumerate(titles)),
        _place(chart, top, inner),
        *(_line("c-tick", line, below + 14 + LINE * n) for n, line in enumerate(notes)),
    ]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" role="img" aria-label="{title}">'
        "<style>{style}</style>"
        '<rect width="100%" height="100%" fill="#ffffff"/>{lines}</svg>\n'
    ).format(width=width, height=height, title=title, style=STYLE, lines=Markup("\n").join(lines))


def _line(class_: str, line: str, y: float) -> Markup:
    return Markup('<text class="{}" x="{:g}" y="{:g}">{}</text>').format(class_, _MARGIN, y, escape(line))


def _place(chart: Markup, top: float, inner: float) -> Markup:
    """The drawing at its place, with a width in pixels."""
    fixed = str(chart).replace('width="100%"', f'x="{_MARGIN:g}" y="{top:g}" width="{inner:g}" overflow="visible"', 1)
    return Markup(fixed)  # noqa: S704 - the text of a drawing whose parts are escaped
