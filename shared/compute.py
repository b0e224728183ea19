"""Arrow's compute functions: import them from here. The import fails if this build of Arrow lacks one of `FUNCTIONS`.

Arrow leaves functions out if it is built without a library that they need (utf8proc, RE2). Without this check, a
function would start and then fail on each message.
"""

from typing import Any

import pyarrow.compute

FUNCTIONS = frozenset(
    {
        "array_sort_indices",
        "cast",
        "coalesce",
        "dictionary_encode",
        "filter",
        "greater",
        "if_else",
        "index_in",
        "is_in",
        "match_substring_regex",
        "max",
        "replace_substring_regex",
        "take",
        "utf8_length",
        "utf8_lower",
        "utf8_trim_whitespace",
        "utf8_upper",
    }
)
"""The compute functions that this project calls, by name or as methods of tables and arrays."""

pc: Any = pyarrow.compute
"""Untyped: the stubs depend on the type of the elements, and text of any Arrow type is passed in here."""

if missing := FUNCTIONS - set(pc.list_functions()):
    raise ImportError(f"this build of Arrow lacks {', '.join(sorted(missing))}")
