"""Where is each node of a syntax tree in the text?

libcst stores no positions; it can only print a tree. Its own metadata wrapper prints with a state
that counts lines at every token, at three times the cost of the parse. Here the tree is printed
into a :class:`Recording` that stores indices into the list of tokens; those that are requested
become lines and columns afterwards. The recording also collects the few kinds of expressions that
the readers of function bodies look for, so that no separate walk over these bodies is needed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, cast

import libcst as cst

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.scan.recording import Recording


class Positions:
    """The positions of the nodes of one tree. Offsets count characters from 0.

    ``text`` is the text that the tree was parsed from.
    """

    def __init__(self, tree: cst.CSTNode, text: str) -> None:
        self._tree = tree  # nodes are identified by their id, so they must stay alive
        self.text = text
        recording = _record(tree)
        self.tokens = recording.tokens
        self._starts = recording.starts
        self._ends = recording.ends
        # The start of each token, and the end of the token before it.
        self._offsets = self._behind = [0, *accumulate(map(len, recording.tokens))]
        if "".join(recording.tokens) != text:
            self._offsets, self._behind = _align(recording.tokens, text)
        # At the end of a text without a final newline, libcst removes tokens that it has written.
        if not text.endswith("\n"):
            last = len(self._behind) - 1
            self._ends = {key: min(end, last) for key, end in self._ends.items()}
        self._noted_at = recording.noted_at
        self._noted = recording.noted
        self._comments = recording.comments
        self._lines = _line_starts(text)

    def span(self, node: cst.CSTNode) -> Span:
        """The span of a node, without parentheses around it."""
        key = id(node)
        return self.between(self._offsets[self._starts[key]], self._behind[self._ends[key]])

    def start(self, node: cst.CSTNode) -> int:
        """The offset of the node's first character."""
        return self._offsets[self._starts[id(node)]]

    def end(self, node: cst.CSTNode) -> int:
        """The offset after the node's last character."""
        return self._behind[self._ends[id(node)]]

    def between(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        lines = self._lines
        line = bisect_right(lines, start)
        base = lines[line - 1]
        if end < lines[line]:
            return Span(line, start - base + 1, line, end - base + 1)
        last = bisect_right(lines, end)
        return Span(line, start - base + 1, last, end - lines[last - 1] + 1)

    def line(self, offset: int) -> int:
        """The number of the line at an offset."""
        return bisect_right(self._lines, offset)

    def outer(self, node: cst.BaseExpression) -> tuple[int, int]:
        """Offsets of an expression including the parentheses that belong to it."""
        first, last = self._starts[id(node)], self._ends[id(node)]
        tokens = self.tokens
        for _ in node.lpar:
            first -= 1
            while tokens[first] != "(":
                first -= 1
        for _ in node.rpar:
            while tokens[last] != ")":
                last += 1
            last += 1
        return self._offsets[first], self._behind[last]

    def source(self, node: cst.BaseExpression) -> str:
        """The text of an expression, with its parentheses."""
        start, end = self.outer(node)
        return self.text[start:end]

    def header(self, statement: cst.CSTNode, body: cst.CSTNode) -> Span:
        """The span from a compound statement's keyword to the colon before its body."""
        start, end = self.header_offsets(statement, body)
        return self.between(start, end)

    def header_offsets(self, statement: cst.CSTNode, body: cst.CSTNode) -> tuple[int, int]:
        """The offsets of :meth:`header`."""
        last = self._starts[id(body)] - 1
        tokens = self.tokens
        # Between the colon and the body there are only white space and comments.
        while tokens[last] != ":":
            last -= 1
        return self._offsets[self._starts[id(statement)]], self._behind[last + 1]

    def noted_in(self, start: cst.CSTNode, end: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The recorded nodes from the start of one node to the end of another, in order."""
        return self.noted_between(self._starts[id(start)], self._ends[id(end)])

    def noted_until(self, start: cst.CSTNode, body: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The recorded nodes from the start of a statement to the start of its body."""
        return self.noted_between(self._starts[id(start)], self._starts[id(body)])

    def noted_between(self, first: int, last: int) -> Iterator[cst.CSTNode]:
        """The recorded nodes that start in a range of tokens."""
        at = bisect_left(self._noted_at, first)
        while at < len(self._noted) and self._noted_at[at] < last:
            yield self._noted[at]
            at += 1

    def tokens_in(self, node: cst.CSTNode) -> Sequence[str]:
        """The tokens of a node."""
        return self.tokens[self._starts[id(node)] : self._ends[id(node)]]

    def all_noted(self) -> Sequence[cst.CSTNode]:
        """Every recorded node, in order."""
        return self._noted

    def comments(self) -> Iterator[tuple[int, str]]:
        """Offset and text of each comment."""
        for token, text in self._comments:
            yield self._offsets[token], text


class QuotedPositions(Positions):
    """Positions inside a string literal with an expression: all are that of the literal."""

    def __init__(self, tree: cst.CSTNode, text: str, literal: Span) -> None:
        super().__init__(tree, text)
        self._literal = literal

    def between(self, start: int, end: int) -> Span:
        return self._literal


_DROPPED = re.compile(r"(?:[ \t\f]|\\\n)*")


def _align(tokens: Sequence[str], text: str) -> tuple[list[int], list[int]]:
    """The offsets of tokens in a text, some of whose white space is missing in the tokens.

    libcst drops the space in ``except ValueError :``.
    """
    starts: list[int] = []
    behind = [0]
    at = 0
    for token in tokens:
        if not text.startswith(token, at):
            dropped = _DROPPED.match(text, at)
            if dropped is not None and text.startswith(token, dropped.end()):
                at = dropped.end()
        starts.append(at)
        at += len(token)
        behind.append(at)
    starts.append(at)
    return starts, behind


def _record(tree: cst.CSTNode) -> Recording:
    if isinstance(tree, cst.Module):
        recording = Recording(tree.default_indent, tree.default_newline)
    else:
        recording = Recording("    ", "\n")
    # The method is private; the recording only implements the part of the state that it uses.
    cast(Any, tree)._codegen(recording)
    return recording


def _line_starts(text: str) -> list[int]:
    """Offsets of the lines, and one past the end."""
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    starts.append(len(text) + 1)
    return starts
