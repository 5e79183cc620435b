"""Callback methods put into a host class from outside its body, which no build compiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.decls import (
    Assign,
    CallStmt,
    ClassDecl,
    Delete,
    FunctionDecl,
    Statement,
)
from arctic_codegen.model.expr import Attr, Expr, Name, Str
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.source import Loader
from arctic_codegen.model.spelling import CALLBACK_METHOD
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show


def patched_methods(
    names: Names,
    loader: Loader,
    modules: Sequence[str],
    is_host: dict[ClassId, ClassEntity],
    far: set[str],
) -> Iterator[Finding]:
    """AC213 for ``X.post_step_callback = f``, its ``del``, and the same through ``setattr``.

    R11 knows callback methods by the class body. One that is put in later would run nowhere in
    the compiled class, so it is an error and not skipped (R13). ``far`` takes the modules that do
    so to classes of other modules.
    """
    for module in modules:
        loaded = loader.module(module)
        if loaded.decls is None or loaded.file is None:
            continue
        for owner, method, span, scope in _patches(loaded.decls.body, Scope(module)):
            with names.account(module):
                entity = names.lookup(owner, scope)
            if isinstance(entity, ClassEntity) and entity.id.module != module:
                far.add(module)
            if isinstance(entity, ClassEntity) and entity.id in is_host:
                yield Finding(
                    "AC213",
                    f"the callback method '{method}' of '{entity.id.name}' is changed outside its "
                    "class body, which cannot be compiled",
                    Place(loaded.file.path, span),
                    "write the method in the class body, or put the function into "
                    f"'{entity.id.name}.callbacks'",
                )


def _patches(body: tuple[Statement, ...], scope: Scope) -> Iterator[tuple[Expr, str, Span, Scope]]:
    for stmt in flat(body):
        here = scope if scope.frames else Scope(scope.module, (), (stmt.span.line, 0))
        if isinstance(stmt, (FunctionDecl, ClassDecl)):
            yield from _patches(stmt.body, Scope(scope.module, (*scope.frames, stmt)))
        elif isinstance(stmt, (Assign, Delete)):
            for target in stmt.targets:
                if isinstance(target, Attr) and CALLBACK_METHOD.fullmatch(target.attr):
                    yield target.value, target.attr, stmt.span, here
        elif isinstance(stmt, CallStmt):
            call = stmt.call
            named = isinstance(call.func, Name) and call.func.id in ("setattr", "delattr")
            if named and len(call.args) > 1:
                method = call.args[1].value
                if isinstance(method, Str):
                    if CALLBACK_METHOD.fullmatch(method.value):
                        yield call.args[0].value, method.value, stmt.span, here
                elif _ends_like_one(method):
                    yield call.args[0].value, show(method), stmt.span, here


def _ends_like_one(record: object) -> bool:
    """Whether the name of a callback method is put together here: ``f"pre_{event}_callback"``."""
    if isinstance(record, str):
        return record.endswith("_callback")
    if isinstance(record, (Name, Attr)):
        return False
    if isinstance(record, tuple):
        return any(_ends_like_one(item) for item in record)
    if isinstance(record, msgspec.Struct):
        return any(_ends_like_one(getattr(record, name)) for name in record.__struct_fields__)
    return False
