"""Which parts of a declaration are in a fingerprint? Everything except positions.

If the body of a function does not matter, only its signature. The result consists of lists and
constants.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from arctic_codegen.model import decls as d
from arctic_codegen.model import expr as e
from arctic_codegen.model.spelling import CALLBACK_METHOD

CONSTANTS = frozenset({str, int, bool, type(None)})
"""Types whose values are used unchanged."""


def function(stmt: d.FunctionDecl, body: bool) -> list[Any]:
    """A function: its signature, and its body if ``body`` is true or it may be a callback."""
    signature = [
        "def",
        stmt.name,
        canonical(stmt.params),
        canonical(stmt.returns),
        canonical(stmt.decorators),
        stmt.is_async,
        stmt.is_generator,
        canonical(stmt.type_params),
        stmt.type_ignore,
    ]
    if body or CALLBACK_METHOD.fullmatch(stmt.name) or stmt.name == "__call__":
        signature += [stmt.falls_through, canonical(stmt.super_calls), canonical(stmt.body, True)]
        signature += [canonical(stmt.forwards), *stmt.calls_at_the_end]
    return signature


def class_(stmt: d.ClassDecl, body: bool) -> list[Any]:
    """A class: its header and everything that its body binds; ``body`` tells whether the bodies of
    its functions matter."""
    return [
        "class",
        stmt.name,
        canonical(stmt.bases),
        canonical(stmt.keywords),
        canonical(stmt.decorators),
        canonical(stmt.type_params),
        canonical(stmt.body, body),
    ]


_fields: dict[type, tuple[str, ...]] = {}
_NOT_COUNTED = {
    "span",
    "attr_span",
    "quoted",  # determined by the quoted text
}


def counted_fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a kind of record that matter."""
    known = _fields.get(kind)
    if known is None:
        left_out = set(_NOT_COUNTED)
        if kind is e.LambdaExpr:
            # The body is also stored as an expression, without layout.
            left_out |= {"text", "text_start"}
        known = tuple(name for name in kind.__struct_fields__ if name not in left_out)
        _fields[kind] = known
    return known


def canonical(value: Any, body: bool = False) -> Any:
    """A record as lists and constants, without positions."""
    kind = type(value)
    if kind is tuple:
        # Most items are constants: they are handled here to avoid a call for each.
        return [item if type(item) in CONSTANTS else canonical(item, body) for item in value]
    if kind in CONSTANTS:
        return value
    if kind is d.FunctionDecl:
        return function(value, body)
    if kind is d.ClassDecl:
        return class_(value, body)
    if kind is e.Opaque:
        return ["Opaque", without_layout(value.text)]
    parts = [kind.__name__]
    for name in counted_fields(kind):
        item = getattr(value, name)
        parts.append(item if type(item) in CONSTANTS else canonical(item, body))
    return parts


_TOKEN = re.compile(
    r"""
    (?P<string> [A-Za-z]{0,2} (?: \"{3} (?:[^\\]|\\.)*? \"{3} | '{3} (?:[^\\]|\\.)*? '{3}
                                | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' ) )
    | (?P<gap> (?: \s | \\\r?\n | \#[^\n]* )+ )
    | (?P<word> \w+ )
    | .
    """,
    re.DOTALL | re.VERBOSE,
)


def without_layout(text: str) -> str:
    """Source text without its comments, with spaces only where words would otherwise join."""
    parts: list[str] = []
    gap = after_word = False
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "gap":
            gap = True
            continue
        if gap and after_word and match.lastgroup is not None:
            parts.append(" ")
        parts.append(match[0])
        gap, after_word = False, match.lastgroup == "word"
    return "".join(parts)
