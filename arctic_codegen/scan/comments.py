"""Comments with a meaning: ``arctic-codegen: ignore`` and ``type: ignore``."""

from __future__ import annotations

import re

from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.spelling import IGNORE_COMMENT, codes_of
from arctic_codegen.scan.positions import Positions

_TYPE_IGNORE = re.compile(r"#\s*(type:\s*ignore(?![-\w])(?:\s*\[[^\]]*\])?)")


class Comments:
    """The comments of one file."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._by_line = {
            positions.line(offset): (offset, text)
            for offset, text in positions.comments()
            if "type:" in text or "arctic-codegen:" in text
        }

    def ignores(self) -> tuple[IgnoreComment, ...]:
        """Every ``# arctic-codegen: ignore[...]``, in order."""
        found: list[IgnoreComment] = []
        for line, (offset, text) in self._by_line.items():
            for match in IGNORE_COMMENT.finditer(text):
                span = self._positions.between(offset + match.start(), offset + match.end())
                found.append(IgnoreComment(line, tuple(codes_of(match)), span))
        return tuple(found)

    def type_ignore(self, first: int, last: int) -> str | None:
        """The ``type: ignore[...]`` comment in a range of lines of a header."""
        for line in range(first, last + 1) if self._by_line else ():
            match = _TYPE_IGNORE.search(self._by_line.get(line, (0, ""))[1])
            if match is not None:
                return match.group(1)
        return None
