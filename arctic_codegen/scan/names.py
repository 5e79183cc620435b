"""Names in libcst's nodes, normalized as Python compares them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import libcst as cst

from arctic_codegen.model.expr import ParamKind


def identifier(value: str) -> str:
    """A name in the normal form in which Python compares identifiers."""
    return value if value.isascii() else unicodedata.normalize("NFKC", value)


def dotted(node: cst.BaseExpression) -> str:
    """A dotted name as text, with ``?`` for an expression at its start that is not a name."""
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(identifier(node.attr.value))
        node = node.value
    parts.append(identifier(node.value) if type(node) is cst.Name else "?")
    return ".".join(reversed(parts))


def all_params(node: cst.Parameters) -> Iterator[tuple[cst.Param, ParamKind]]:
    """Parameters in order, each with its kind."""
    for param in node.posonly_params:
        yield param, "positional_only"
    for param in node.params:
        yield param, "normal"
    if isinstance(node.star_arg, cst.Param):
        yield node.star_arg, "var_positional"
    for param in node.kwonly_params:
        yield param, "keyword_only"
    if node.star_kwarg is not None:
        yield node.star_kwarg, "var_keyword"


def param_names(node: cst.Parameters) -> frozenset[str]:
    """The names of all parameters."""
    return frozenset(identifier(param.name.value) for param, _ in all_params(node))
