"""A source file that is edited: its text with its original line ends, and its syntax tree."""

from __future__ import annotations

import ast
import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.scan import syntax_tree
from arctic_codegen.scan.decode import BadText, encoding_of

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Edit(msgspec.Struct, frozen=True, order=True):
    """A range of text, by offsets in characters, and its replacement."""

    start: int
    end: int
    text: str


class Edited(msgspec.Struct, frozen=True):
    """The new contents of changed files, by path, and the number of findings concerned."""

    files: Mapping[str, bytes]
    count: int


class SourceText:
    """The text of one file. Lines and columns count from 1, in characters, as in findings."""

    def __init__(self, text: str, encoding: str, bom: bool) -> None:
        self.text = text
        self._encoding = encoding
        self._bom = bom
        lines = _LINE.findall(text)
        self.lines: list[str] = lines
        self._starts = [0, *accumulate(len(line) for line in lines)]

    @classmethod
    def of(cls, data: bytes) -> SourceText | None:
        """The text of these bytes; ``None`` if encoding it would not give the same bytes."""
        encoding = encoding_of(data)
        if isinstance(encoding, BadText):
            return None
        bom = data.startswith(codecs.BOM_UTF8)
        try:
            text = data[len(codecs.BOM_UTF8) if bom else 0 :].decode(encoding)
            found = cls(text, encoding, bom)
            return found if found.encoded(text) == data else None
        except ValueError:
            return None

    def encoded(self, text: str) -> bytes:
        """A text in the encoding of this file. Raises ``ValueError`` if that lacks a character."""
        return (codecs.BOM_UTF8 if self._bom else b"") + text.encode(self._encoding)

    def tree(self) -> ast.Module | None:
        """The syntax tree; ``None`` if the running Python cannot parse the file."""
        return self._tree

    @cached_property
    def _tree(self) -> ast.Module | None:
        return syntax_tree(self.text)

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the tree, if there is one."""
        tree = self.tree()
        return iter(()) if tree is None else ast.walk(tree)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column."""
        return self._starts[line - 1] + column - 1

    def between(self, span: Span) -> tuple[int, int]:
        """The offsets of both ends of a span."""
        return self.offset(span.line, span.column), self.offset(span.end_line, span.end_column)

    def node(self, node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
        """The offsets of both ends of a node."""
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.at(node.lineno, node.col_offset), self.at(end_line, end)

    def at(self, line: int, offset: int) -> int:
        """The offset of a position from the parser, which counts bytes of UTF-8 from 0."""
        text = self.lines[line - 1]
        if not text.isascii():
            offset = len(text.encode()[:offset].decode(errors="ignore"))
        return self._starts[line - 1] + offset

    def body_of(self, line: int) -> str:
        """A line without its end."""
        return self.lines[line - 1].rstrip("\r\n")

    def line_end(self, line: int) -> int:
        """The offset after the last character of a line, before its line end."""
        return self._starts[line - 1] + len(self.body_of(line))

    def newline(self, line: int) -> str:
        """The line end of a line; that of the first line if it is the last and has none."""
        for number in (line, 1):
            text = self.lines[number - 1]
            if text.endswith(("\r", "\n")):
                return text[len(text.rstrip("\r\n")) :]
        return "\n"

    def edited(self, edits: Iterable[Edit]) -> str | None:
        """The text after these edits; ``None`` if two of them overlap."""
        pieces = []
        behind = 0
        for edit in sorted(set(edits)):
            if edit.start < behind:
                return None
            pieces += [self.text[behind : edit.start], edit.text]
            behind = edit.end
        return "".join([*pieces, self.text[behind:]])

    def applied(self, groups: Iterable[Sequence[Edit]]) -> tuple[bytes, int]:
        """The bytes of the file after edits, and the number of groups that were applied.

        The edits of a group are applied together. A group is skipped if it overlaps another one, or
        if the file would no longer be valid Python.
        """
        made: list[Edit] = []
        text, count = self.text, 0
        for edits in groups:
            after = self.edited([*made, *edits]) if edits else None
            if after is None or (self.tree() and not SourceText(after, "utf-8", False).tree()):
                continue
            made += edits
            text, count = after, count + 1
        try:
            return self.encoded(text), count
        except ValueError:
            return self.encoded(self.text), 0
