"""The headers of functions: where parameters stand, and what is written among them."""

from __future__ import annotations

import io
import itertools
import tokenize
from collections.abc import Sequence

import msgspec

from arctic_codegen.editing.scopes import DefNode
from arctic_codegen.editing.text import Edit, SourceText


class Header(msgspec.Struct, frozen=True):
    """Where the parameters of a function stand, by offsets."""

    opening: int
    """The parenthesis in front of them."""
    commas: tuple[int, ...]
    """Those between them, and the one behind the last."""
    closing: int
    colon: int
    has_comment: bool


def read_header(source: SourceText, function: DefNode) -> Header | None:
    """``None`` where the header cannot be read."""
    lines = [line.rstrip("\r\n") + "\n" for line in source.lines[function.lineno - 1 :]]
    depth, opening, closing, commas, commented = 0, -1, -1, [], False
    try:
        for token in tokenize.generate_tokens(io.StringIO("".join(lines)).readline):
            row, column = token.start
            at = source.offset(function.lineno + row - 1, column + 1)
            if token.type == tokenize.COMMENT:
                commented = commented or (opening >= 0 > closing)
            if token.type != tokenize.OP:
                continue
            if token.string in "([{":
                if depth == 0 and token.string == "(" and opening < 0:
                    opening = at
                depth += 1
            elif token.string in ")]}":
                depth -= 1
                if depth == 0 and closing < 0 <= opening:
                    closing = at
            elif token.string == "," and depth == 1 and closing < 0 <= opening:
                commas.append(at)
            elif token.string == ":" and depth == 0:
                if closing < 0:
                    return None
                return Header(opening, tuple(commas), closing, at, commented)
    except (tokenize.TokenError, IndentationError):
        pass
    return None


def return_edit(source: SourceText, function: DefNode, annotation: str) -> Edit | None:
    """``-> annotation`` behind the parameters; ``None`` where the header cannot be read."""
    header = read_header(source, function)
    if header is None:
        return None
    return Edit(header.closing + 1, header.closing + 1, f" -> {annotation}")


def within(
    source: SourceText, function: DefNode, edits: list[Edit], line_length: int
) -> list[Edit]:
    """Edits of a header; if a line of it would get too long, with each parameter on its own."""
    header = read_header(source, function)
    if header is None or header.has_comment or not edits:
        return edits
    start = source.offset(function.lineno, 1)
    if max(map(len, _edited(source, start, header.colon + 1, edits).splitlines())) <= line_length:
        return edits
    bounds = [header.opening, *header.commas, header.closing]
    inside = [edit for edit in edits if edit.start <= header.closing]
    pieces = [
        _edited(source, first + 1, last, [one for one in inside if first < one.start <= last])
        for first, last in itertools.pairwise(bounds)
    ]
    newline = source.newline(function.lineno)
    indent = source.indent(function.lineno)
    first = function.body[0].lineno
    deeper = source.indent(first) if first > function.lineno else f"{indent}    "
    listed = "".join(f"{newline}{deeper}{piece.strip()}," for piece in pieces if piece.strip())
    wrapped = Edit(header.opening + 1, header.closing, f"{listed}{newline}{indent}")
    return [wrapped, *(edit for edit in edits if edit not in inside)]


def _edited(source: SourceText, start: int, end: int, edits: Sequence[Edit]) -> str:
    """A stretch of the text after edits that insert into it."""
    pieces = []
    for edit in sorted(edits):
        pieces += [source.text[start : edit.start], edit.text]
        start = edit.start
    return "".join([*pieces, source.text[start:end]])
