"""Paths and source lines, as findings show them."""

from __future__ import annotations

import io
import os
import re
import tokenize
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from arctic_codegen.files.regular import read_regular

_LINE_END = re.compile(r"\r\n|\r|\n")
TAB = 4
ELLIPSIS = "..."


def shown_path(path: str, working_folder: str) -> str:
    """A path relative to the working folder if it is inside it, otherwise unchanged."""
    if path == working_folder:
        return "."
    prefix = working_folder.rstrip(os.sep) + os.sep
    return path[len(prefix) :] if path.startswith(prefix) else path


def decode(data: bytes) -> str:
    """The text of a Python file; bytes that are invalid in its encoding are replaced."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        encoding = "utf-8"
    try:
        return data.decode(encoding, errors="replace")
    except (LookupError, ValueError):  # not a text codec, or one that cannot replace errors
        return data.decode("utf-8", errors="replace")


class SourceLines:
    """Lines of files, each file read once. ``read`` returns bytes, or ``None`` for a missing
    file."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._files: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """Line ``number`` (from 1), split as Python splits lines."""
        if path not in self._files:
            data = self._read(path)
            self._files[path] = [] if data is None else _LINE_END.split(decode(data))
        lines = self._files[path]
        return lines[number - 1] if 0 < number <= len(lines) else None


def read_from_disk(path: str) -> bytes | None:
    """The current contents of a file, for display."""
    try:
        return read_regular(path)
    except (OSError, ValueError):
        return None


def cells(character: str) -> int:
    """How many terminal columns a character occupies."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def visible(text: str) -> str:
    """Replace each control character by a visible one."""
    return "".join(
        character if character == "\t" or character.isprintable() else _control(character)
        for character in text
    )


def _control(character: str) -> str:
    code = ord(character)
    reorders = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Zs") and not reorders:
        return character
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"


def underlined(line: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """A line prepared for display, with the offset and length (in cells) of the underlined part.

    ``start`` and ``end`` are character offsets from 0. Tabs are expanded, and a line of more than
    ``width`` cells is clipped around the underlined part.
    """
    text = visible(line)
    pieces: list[str] = []
    edges = [0]
    for character in text:
        piece = " " * (TAB - edges[-1] % TAB) if character == "\t" else character
        pieces.append(piece)
        edges.append(edges[-1] + (len(piece) if character == "\t" else cells(character)))
    start = min(max(start, 0), len(pieces))
    end = min(max(end, start), len(pieces))
    first, last = 0, len(pieces)
    if edges[-1] > width:
        first, last = _window(edges, start, end, width)
    before = ELLIPSIS if first > 0 else ""
    after = ELLIPSIS if last < len(pieces) else ""
    shown = before + "".join(pieces[first:last]) + after
    stop = min(end, last)
    offset = len(before) + edges[start] - edges[first]
    return shown.rstrip(), offset, max(edges[stop] - edges[start], 1)


def _window(edges: list[int], start: int, end: int, width: int) -> tuple[int, int]:
    """The characters to keep: the underlined part, with as much around it as fits."""
    room = width - 2 * len(ELLIPSIS)
    lead = max((room - (edges[end] - edges[start])) // 2, room // 8)
    first = bisect_left(edges, min(edges[start] - lead, edges[-1] - room))
    return first, bisect_right(edges, edges[first] + room) - 1
