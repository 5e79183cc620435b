"""Short ways to scan a snippet and inspect its records."""

from __future__ import annotations

import textwrap

import msgspec

from arctic_codegen.diagnostics.records import Finding, Span
from arctic_codegen.scan import scan


def module(source):
    found = scan(textwrap.dedent(source).encode(), "m.py")
    assert not isinstance(found, Finding), found
    return found


def body(source):
    return module(source).body


def only(source):
    (statement,) = body(source)
    return statement


def value(source):
    """The record of one expression."""
    return only(f"x = {source}").value


def records(tree):
    """A record and all records inside it."""
    if isinstance(tree, (tuple, list)):
        for item in tree:
            yield from records(item)
    elif isinstance(tree, msgspec.Struct):
        yield tree
        for name in tree.__struct_fields__:
            yield from records(getattr(tree, name))


def of_kind(tree, kind):
    return [record for record in records(tree) if isinstance(record, kind)]


def cut(source, span: Span):
    """The text at a span."""
    lines = source.split("\n")[span.line - 1 : span.end_line]
    if len(lines) == 1:
        return lines[0][span.column - 1 : span.end_column - 1]
    return "\n".join([lines[0][span.column - 1 :], *lines[1:-1], lines[-1][: span.end_column - 1]])
