"""Which names and comments in sources have a meaning because of their spelling?"""

from __future__ import annotations

import re
from typing import Literal

Phase = Literal["pre", "post"]
PHASES: tuple[Phase, ...] = ("pre", "post")
"""When a callback runs: before or after its event."""
CALLBACK_METHOD = re.compile(r"(pre|post)_(.+)_callback")
"""The pattern of the whole name of a callback method (R11)."""

LIST_CHANGERS = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"}
    | {"__setitem__", "__delitem__", "__iadd__"}
)
"""The methods that change a list."""

IGNORE_COMMENT = re.compile(r"#\s*arctic-codegen:\s*ignore(?![-\w])\s*(?:\[(?P<codes>[^\]]*)\])?")
"""The comment that suppresses findings, with the codes that it names."""


def codes_of(comment: re.Match[str]) -> list[str]:
    """The codes in such a comment, in order."""
    return re.findall(r"[^\s,]+", comment["codes"] or "")


def absolute_module(level: int, module: str, package: str) -> str | None:
    """The module that an import names, with relative ones resolved from ``package``; ``None`` if
    it goes beyond the top-level package."""
    if not level:
        return module
    parts = package.split(".") if package else []
    if level > len(parts):
        return None
    base = parts[: len(parts) - level + 1]
    return ".".join((*base, module) if module else base)


def mangled(name: str, owner: str) -> str:
    """The mangled form of ``name`` in the body of the class ``owner``."""
    stripped = owner.rpartition(".")[2].lstrip("_")
    if not name.startswith("__") or name.endswith("__") or not stripped:
        return name
    return f"_{stripped}{name}"
