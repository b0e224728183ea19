"""Charts as SVG text. Pure: numbers and texts in, Markup out.

A chart fits every width without a script. It has no viewBox: x is in per cent of the frame, y and text are in pixels,
and a mark that must not stretch stands in a nested `<svg x="…%" overflow="visible">`. Whatever depends on the width,
such as which labels would collide, is decided for the narrowest frame (`text.NARROWEST`): texts keep their size, so
what is apart there is apart in every wider frame.

Every function takes `words`, the sentence that a screen reader reads in place of the drawing. A chart without words is
hidden from screen readers, for places where the text next to it says the same. All nouns come from the caller.

The policy of the pages forbids style elements and attributes, so colours, widths of lines and sizes of text come from
these classes:

| class | draws |
|---|---|
| `chart` | the drawing itself |
| `c-axis`, `c-grid`, `c-tick` | the base line of an axis or a row, the line at a tick, its text (13 px) |
| `c-label`, `c-me-label` | the name of a mark (14 px); that of the organisation that the page is about, bold |
| `c-soft`, `c-better`, `c-value` | the caption of a row (13 px); which side is better, bold; the figure of a row |
| `c-solid`, `c-pale`, `c-chance`, `c-ahead` | a gap to the modest benchmark; on to the ambitious one; one that may be \
chance; a value that is ahead of its benchmark |
| `c-plain` | a neutral bar |
| `c-rise`, `c-fall`, `c-link` | a part that adds; one that takes away; the line between two bars of a bridge |
| `c-me`, `c-supposed`, `c-me-line` | the organisation's diamond; a second diamond; the organisation's line |
| `c-dot` | a comparator, or a candidate |
| `c-bin`, `c-bin-open`, `c-band`, `c-median`, `c-decile` | the distribution of all, that of comparators; the middle \
half; the median; a decile |
| `c-line-modest`, `c-line-ambitious` | a benchmark or a target; the ambitious benchmark, dashed |
| `c-whisker`, `c-break` | an interval with its ends; a break in a series |
"""
