"""String literals: prefixes and escapes, read without evaluating anything.

``ast.literal_eval`` would do the same for whole literals, but not for the text in f-strings,
and it warns about unknown escapes, which are not this tool's to report.
"""

from __future__ import annotations

import re

import libcst as cst

_ESCAPE = re.compile(
    r"\\(?:\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\})"
)


def unescape(text: str) -> str:
    """The value of the inside of a string literal; unknown escapes are kept."""
    return _ESCAPE.sub(_value, text) if "\\" in text else text


def _value(escape: re.Match[str]) -> str:
    if escape[0][1].isdigit():
        return chr(int(escape[0][1:], 8))  # the codec warns about large values
    try:
        return escape[0].encode("ascii").decode("unicode_escape")
    except ValueError:
        return escape[0]


def is_storable(value: str) -> bool:
    """Whether a string can be written to a file: an unpaired surrogate cannot."""
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_bytes(literal: cst.SimpleString) -> bool:
    """Whether the literal has a ``b`` in its prefix."""
    return "b" in literal.value[:2].lower() and literal.value[0] not in "'\""


def value_of(literal: cst.SimpleString) -> str:
    """The value of a string literal."""
    prefix, inside = split(literal.value)
    return inside if "r" in prefix else unescape(inside)


def split(text: str) -> tuple[str, str]:
    """The lower-case prefix of a literal, and the text between its quotes."""
    at = 0
    while text[at] not in "'\"":
        at += 1
    quotes = 3 if text[at : at + 3] in ('"""', "'''") and len(text) >= at + 6 else 1
    return text[:at].lower(), text[at + quotes : -quotes]


def parts(node: cst.ConcatenatedString) -> list[cst.BaseExpression]:
    """The literals of an implicit concatenation, in order."""
    found: list[cst.BaseExpression] = []
    here: cst.BaseExpression = node
    # It nests to the right; a loop avoids deep recursion.
    while isinstance(here, cst.ConcatenatedString):
        found.append(here.left)
        here = here.right
    found.append(here)
    return found


# What a string annotation can start with; this excludes most strings that are none.
_ANNOTATION = re.compile(r"[\s]*[\w(\[{\"'*.-]")
_LONGEST_ANNOTATION = 4000
_DEEPEST_ANNOTATION = 50


def annotation_in(value: str) -> cst.BaseExpression | None:
    """The expression in a string, ignoring surrounding white space; ``None`` if there is none."""
    if len(value) > _LONGEST_ANNOTATION or not _ANNOTATION.match(value):
        return None
    if sum(map(value.count, "([{")) > _DEEPEST_ANNOTATION:
        return None
    try:
        return cst.parse_expression(value.strip())
    except (cst.ParserSyntaxError, cst.CSTValidationError, ValueError):
        return None
