"""Where each key of a TOML text stands. The parser of the standard library does not say.

The text has been parsed before, so it is well formed: this scanner only has to find its way
through strings, comments and brackets.
"""

from __future__ import annotations

import importlib
import re
import sys
from bisect import bisect_right
from pathlib import Path
from typing import Any

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.files.plain import open_plain

toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
"""The TOML parser: in the standard library since Python 3.11."""

MOST_BYTES = 1_000_000
"""Of a configuration: a longer file is none that a person wrote, and is not read to its end."""

KeyPath = tuple[str | int, ...]

_LONG_KEY = re.compile(r"^[ \t\[]*(?:[\w-]+[ \t]*\.[ \t]*){100}", re.MULTILINE)
"""The parser takes time by the square of their number."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t\n]*(?:#[^\n]*[ \t\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{0,2})', re.DOTALL),
    re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)


def read_start(path: Path) -> bytes:
    """A file's bytes, and not many more than :data:`MOST_BYTES` of them; raises ``OSError``."""
    with open_plain(path) as file:
        return file.read(MOST_BYTES + 1)


def parsed(text: str) -> dict[str, Any]:
    """The text as TOML; raises ``ValueError`` with what is wrong."""
    if text.startswith("\ufeff"):
        raise ValueError("it starts with a byte order mark, which TOML lacks (at line 1, column 1)")
    if _LONG_KEY.search(text):
        raise ValueError("a key has more than a hundred parts")
    try:
        document: dict[str, Any] = toml.loads(text)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
    return document


def key_places(text: str) -> dict[KeyPath, Span]:
    """The place of each key, of each table's header, and of each element of an array.

    A key is found under its whole path (``("tool", "arctic-codegen", "output")``), an element
    of an array under the path with its index at the end.
    """
    return _Scanner(text.replace("\r\n", "\n")).run()


def error_place(text: str, error: Exception) -> Span:
    """The place that a TOML parser's message names."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    if found is not None:
        line, column = int(found[1]), int(found[2])
        return Span(line, column, line, column + 1)
    lines = text.replace("\r\n", "\n").split("\n")
    line = max(len(lines) - (1 if lines[-1] == "" else 0), 1)
    column = len(lines[line - 1]) + 1
    return Span(line, column, line, column)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, Span] = {}
        self.tables: dict[KeyPath, int] = {}
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def run(self) -> dict[KeyPath, Span]:
        prefix: KeyPath = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return self.found
            if self.text[self.at] == "[":
                prefix = self.header()
            else:
                self.pair(prefix)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def span(self, start: int, end: int) -> Span:
        return Span(*self.position(start), *self.position(end))

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def header(self) -> KeyPath:
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        start = self.at
        path = self.key()
        self.found.setdefault(path, self.span(start, self.at))
        self.skip(_SPACE)
        self.at += 2 if array else 1
        if array:
            index = self.tables.get(path, -1) + 1
            self.tables[path] = index
            return (*path, index)
        return path

    def key(self) -> KeyPath:
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            start = self.at
            bare = _BARE.match(self.text, self.at)
            if bare is not None:
                self.at = bare.end()
                parts.append(bare[0])
            else:
                self.string()
                quoted = self.text[start : self.at]
                parts.append(str(toml.loads(f"key = {quoted}")["key"]))
            end = self.at
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                self.at = end
                return tuple(parts)
            self.at += 1

    def string(self) -> None:
        for pattern in _STRINGS:
            match = pattern.match(self.text, self.at)
            if match is not None:
                self.at = match.end()
                return
        # A well-formed text has a string here; going on by one keeps the scan finite.
        self.at += 1

    def pair(self, prefix: KeyPath) -> None:
        self.skip(_SPACE)
        start = self.at
        path = (*prefix, *self.key())
        self.found.setdefault(path, self.span(start, self.at))
        self.skip(_SPACE)
        self.at += 1  # the "="
        self.skip(_SPACE)
        self.value(path)

    def value(self, path: KeyPath) -> None:
        opening = self.text[self.at : self.at + 1]
        if opening in ("'", '"'):
            self.string()
        elif opening == "[":
            self.at += 1
            self.items(path, "]")
        elif opening == "{":
            self.at += 1
            self.items(path, "}")
        else:
            self.skip(_SCALAR)

    def items(self, path: KeyPath, closing: str) -> None:
        index = 0
        while self.at < len(self.text):
            self.skip(_BLANK)
            if self.text.startswith(closing, self.at):
                self.at += 1
                return
            if self.text.startswith(",", self.at):
                self.at += 1
                continue
            if closing == "}":
                self.pair(path)
                continue
            start = self.at
            self.value((*path, index))
            text = self.text[start : self.at].rstrip()
            self.found.setdefault((*path, index), self.span(start, start + len(text)))
            index += 1
