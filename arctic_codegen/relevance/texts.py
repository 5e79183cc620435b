"""What the bytes of a source file tell before anything parses it.

Each answer errs to one side only: a word may be said to stand in a file where it stands in a
comment, and never the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from arctic_codegen.model.source_bytes import in_normal_form, is_readable

_SPACE = rb"(?:[ \t\f]|\\\r?\n)"
_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_WORD = re.compile(_NAME)
_FROM_OR_IMPORT = re.compile(
    rb"\bfrom%s+(%s)[\w\x80-\xff. \t\f\\\r\n]*?\bimport\b"
    rb"|\bfrom%s*\.[\w\x80-\xff. \t\f\\\r\n]*?\bimport\b"
    rb"|\bimport%s([^;]*)" % (_SPACE, _NAME, _SPACE, _SPACE)
)
_DOTTED = re.compile(rb"(%s)[\w\x80-\xff. \t\f]*" % _NAME)
_CALLBACK = b"callback"
_DECLARED = re.compile(rb"callbacks|(?:pre|post)_[\w\x80-\xff]+_callback")
_MARK = b"arctic-codegen"
_ESCAPES = (rb"\x", rb"\u", rb"\U", rb"\N", rb"\1")


def searchable(data: bytes) -> bytes | None:
    """The bytes in which an ASCII word stands wherever Python would read it as a name.

    ``None`` for a file that has to be decoded first, or that no Python reads.
    """
    if b"\0" in data or not is_readable(data):
        return None
    normal = in_normal_form(data)
    if normal is None or normal == data:
        return normal
    return normal + b"\n" + data


def words(data: bytes) -> frozenset[bytes]:
    """The words of a text, those of its strings and comments among them."""
    return frozenset(_WORD.findall(data))


def packages_mentioned(data: bytes) -> frozenset[str]:
    """The first parts of the names of all modules that absolute imports name."""
    found: set[bytes] = set()
    for line in _lines_with_import(data):
        for package, several in _FROM_OR_IMPORT.findall(line):
            if package:
                found.add(package)
            elif several:
                found.update(_DOTTED.findall(several))
    return frozenset(name.decode("utf-8", "replace") for name in found)


def _lines_with_import(data: bytes) -> Iterator[bytes]:
    """The lines that hold the word, each with those that a backslash joins to it."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    position = data.find(b"import")
    while position >= 0:
        start = data.rfind(b"\n", 0, position) + 1
        while start > 1 and data[start - 2 : start - 1] == b"\\":
            start = data.rfind(b"\n", 0, start - 1) + 1
        end = data.find(b"\n", position)
        while end >= 0 and data[end - 1 : end] == b"\\":
            end = data.find(b"\n", end + 1)
        if end < 0:
            end = len(data)
        yield data[start:end]
        position = data.find(b"import", end)


def may_declare_callbacks(data: bytes) -> bool:
    """Whether a class body may bind ``callbacks``, or a callback method."""
    return _DECLARED.search(data) is not None


def speaks_of_callbacks(data: bytes) -> bool:
    """Whether a text can say ``callbacks``, or the name of a callback method."""
    if _CALLBACK in data:
        return True
    # A name in a string may be spelt otherwise; it matters only where attributes are set by it.
    sets = b"setattr" in data or b"delattr" in data
    return sets and any(escape in data for escape in _ESCAPES)


def has_comment_for_us(data: bytes) -> bool:
    """Whether a text may hold a comment that silences a finding."""
    return _MARK in data


def concerns_us(data: bytes) -> bool:
    """Whether a file within reach of a framework matters for its text alone."""
    return has_comment_for_us(data) or speaks_of_callbacks(data)
