"""Arrow's compute functions: import them from here. The import fails if this build of Arrow lacks one of `FUNCTIONS`.

Arrow leaves functions out if it is built without a library that they need (utf8proc, RE2). Without this check, a
function would start and then fail on each message.
"""

from typing import Any

import pyarrow.compute

FUNCTIONS = frozenset(
    {
        "abs",
        "all",
        "and",
        "array_sort_indices",
        "binary_join_element_wise",
        "cast",
        "coalesce",
        "dictionary_encode",
        "equal",
        "filter",
        "greater",
        "if_else",
        "index",
        "index_in",
        "invert",
        "is_in",
        "is_null",
        "is_valid",
        "match_substring_regex",
        "max",
        "max_element_wise",
        "or",
        "replace_substring_regex",
        "sort_indices",
        "subtract",
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
