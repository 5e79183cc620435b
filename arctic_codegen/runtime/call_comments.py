"""Which callback does the comment at a generated call name (R31)?"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

_BESIDE = re.compile(r"#\s+(\S+)\s*$")
_ABOVE = re.compile(r"\s*#\s+(\S+)\s*")


def named_at(statement: ast.stmt, lines: Sequence[str]) -> str | None:
    """The name in the comment beside or above a statement of a module with these lines."""
    last = lines[(statement.end_lineno or statement.lineno) - 1].encode()
    found = _BESIDE.search(last[statement.end_col_offset :].decode())  # the offset is in bytes
    found = found or _ABOVE.fullmatch(lines[statement.lineno - 2])
    return None if found is None else found[1]
