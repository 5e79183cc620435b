"""Callbacks that are generator functions: a call of one runs none of its body."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from arctic_codegen.model.decls import Loop, Statement
from arctic_codegen.model.expr import Name
from arctic_codegen.model.hosts import Method
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.show import show

_ITERATORS = re.compile(r"(Iterator|Iterable|Generator)\b")


def maps_an_iterator(declaration: Declaration, method: Method) -> bool:
    """Whether a generator's result takes the place of an iterator, and is consumed as that is.

    It is right where it takes one value, and that is an iterator by the method's or its own
    annotation, or the body loops over it.
    """
    value = declaration.callable
    if value.params is None or len(value.params) != 2 or value.is_async:
        return False
    taken = value.params[1]
    if declaration.phase == "post":
        if method.generator == "sync":
            return True
        given = method.returns
    else:
        known = (one.annotation for one in method.params if one.name == taken.name)
        given = next(known, None)
    texts = [] if given is None else [str(getattr(part, "name", part)) for part in given.parts]
    if taken.annotation is not None:
        texts.append(show(taken.annotation))
    if any(_ITERATORS.search(text) for text in texts):
        return True
    return value.definition is not None and _loops_over(value.definition.body, taken.name)


def _loops_over(body: Sequence[Statement], name: str) -> bool:
    return any(
        isinstance(stmt, Loop) and stmt.iterable is not None and _mentions(stmt.iterable, name)
        for stmt in flat(tuple(body))
    )


def _mentions(record: object, name: str) -> bool:
    if isinstance(record, Name):
        return record.id == name
    if isinstance(record, tuple):
        return any(_mentions(item, name) for item in record)
    if isinstance(record, msgspec.Struct):
        return any(_mentions(getattr(record, one), name) for one in record.__struct_fields__)
    return False
