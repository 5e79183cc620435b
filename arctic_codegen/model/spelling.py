"""How sources spell what is told by its name alone."""

from __future__ import annotations

import re

CALLBACK_METHOD = re.compile(r"(pre|post)_(.+)_callback")
"""What the whole name of a callback method matches (R11)."""

LIST_CHANGERS = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"}
    | {"__setitem__", "__delitem__", "__iadd__"}
)
"""The methods that change a list."""

DICT_CHANGERS = frozenset({"update", "setdefault", "popitem"})
"""Those that change a dict, besides the ones that lists have as well."""
