"""Arrow's compute functions: import them from here. Importing this fails where this build of Arrow lacks one.

Arrow leaves functions out when it is built without a library that they need (utf8proc, RE2). They would otherwise be
missed only when a file is read, and each message would fail by itself.
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
"""What functions and `shared` call, by name or as methods of tables and arrays."""

pc: Any = pyarrow.compute
"""Untyped: its stubs go by the type of the elements, and texts of any kind pass through here."""

if missing := FUNCTIONS - set(pc.list_functions()):
    raise ImportError(f"this build of Arrow lacks {', '.join(sorted(missing))}")
