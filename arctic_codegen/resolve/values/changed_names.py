"""Named lists that statements change after they have been bound (R9, R13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import (
    Assign,
    AugAssign,
    ClassDecl,
    FunctionDecl,
    Global,
    Statement,
)
from arctic_codegen.model.expr import Attr, Expr, Name
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.binder.bindings import local_names
from arctic_codegen.resolve.binder.blocks import flat, functions_in
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.list_changes import ListChange, applied, held_by, list_changes
from arctic_codegen.resolve.values.records import Alias, Sequence, Thunk, Undecided

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_CLASS_METHODS = frozenset({"__init_subclass__", "__class_getitem__"})
_WHERE = {
    "undecided": "under a condition that cannot be determined statically",
    "try": "in a 'try'",
    "loop": "in a loop",
    "match": "in a 'match'",
    "function": "in a function",
    "main": "under 'if __name__ == \"__main__\":'",
}


class NamedChange(msgspec.Struct, frozen=True):
    """A change of a named list, and where it stands."""

    name: str
    change: ListChange
    scope: Scope
    where: str
    place: Place


class ChangedNames:
    """Finds the changes of each module's named lists, each module once."""

    def __init__(self, names: Names, loader: Loader) -> None:
        self._names = names
        self._loader = loader
        self._modules: dict[str, dict[str, list[NamedChange]]] = {}
        self._bound: dict[tuple[str, str], dict[tuple[int, int], str]] = {}

    def of(
        self, expr: Expr, bound: Scope, reader: Scope
    ) -> tuple[Alias | None, tuple[NamedChange, ...]]:
        """The name that a list display is bound to, and the changes of it before ``reader``."""
        if any(isinstance(frame, FunctionDecl) for frame in bound.frames):
            return None, ()
        owner = bound.frames[-1].qualname if bound.frames else ""
        name = self._names_bound(bound, owner).get((expr.span.line, expr.span.column))
        if name is None:
            return None, ()
        alias = Alias(bound.module, owner, name)
        changes = self._changes(alias)
        return alias, tuple(
            change
            for change in changes
            if change.where == "function"
            or (_is_later(change, bound, strictly=True) and not _is_later(change, reader))
        )

    def undecided(self, change: NamedChange) -> Undecided:
        """What is left of a dict after a change."""
        how = _WHERE[change.where] if change.where else f"by {change.change.what}"
        return Undecided(f"'{change.name}' is changed {how}", change.place)

    def later(self, alias: Alias, reader: Scope) -> Place | None:
        """Where the list is changed after ``reader`` has read it."""
        for change in self._changes(alias):
            if change.where == "function" or _is_later(change, reader):
                return change.place
        return None

    def apply(
        self, evaluator: Evaluator, value: Sequence, change: NamedChange
    ) -> Sequence | Undecided:
        """The list after one change."""
        if change.where != "":
            return Undecided(f"'{change.name}' is changed {_WHERE[change.where]}", change.place)

        def thunk_of(expr: Expr) -> Thunk:
            return Thunk(expr, change.scope, msgspec.structs.replace(change.place, span=expr.span))

        return applied(evaluator, value, change.change, thunk_of, change.name, change.place)

    def _changes(self, alias: Alias) -> list[NamedChange]:
        path = f"{alias.owner}.{alias.name}" if alias.owner else alias.name
        return self._of_module(alias.module).get(path, [])

    def _names_bound(self, bound: Scope, owner: str) -> dict[tuple[int, int], str]:
        key = (bound.module, owner)
        if key not in self._bound:
            decls = self._loader.module(bound.module).decls
            body: tuple[Statement, ...] = () if decls is None else decls.body
            if bound.frames:
                body = bound.frames[-1].body
            found: dict[tuple[int, int], str] = {}
            for stmt in flat(body):
                for change in list_changes(stmt):
                    if not isinstance(change.target, Name):
                        continue
                    if isinstance(stmt, Assign) and change.kind == "assign":
                        span = change.args[0].span
                        found[(span.line, span.column)] = change.target.id
                    elif isinstance(stmt, AugAssign):
                        found[(stmt.span.line, stmt.span.column)] = change.target.id
            self._bound[key] = found
        return self._bound[key]

    def _of_module(self, module: str) -> dict[str, list[NamedChange]]:
        if module not in self._modules:
            found: dict[str, list[NamedChange]] = {}
            for path, change in self._in_module(module):
                found.setdefault(path, []).append(change)
            self._modules[module] = found
        return self._modules[module]

    def _in_module(self, module: str) -> Iterator[tuple[str, NamedChange]]:
        loaded = self._loader.module(module)
        if loaded.decls is None or loaded.file is None:
            return
        yield from self._in_body(loaded.decls.body, Scope(module), "", loaded.file.path)
        for function in functions_in(loaded.decls.body):
            statements = flat(function.body)
            declared = {
                name
                for stmt in statements
                if isinstance(stmt, Global) and not stmt.nonlocal_
                for name in stmt.names
            }
            local = local_names(function) | {param.name for param in function.params}
            own = self._own_class(function, module)
            for stmt in statements:
                for change in list_changes(stmt):
                    path = _path(change.target)
                    if path is None:
                        continue
                    root, dot, rest = path.partition(".")
                    if own is not None and root == function.params[0].name and dot:
                        path = f"{own}.{rest}"
                    elif root in local - declared or (
                        change.kind == "assign" and path not in declared
                    ):
                        continue
                    place = Place(loaded.file.path, change.span)
                    yield path, NamedChange(path, change, Scope(module), "function", place)

    def _own_class(self, function: FunctionDecl, module: str) -> str | None:
        """The class that a class method has as its first argument, as its name in the module."""
        owner = function.qualname.rpartition(".")[0]
        if not owner or owner.endswith("<locals>") or not function.params:
            return None
        return owner if is_class_method(function, Scope(module), self._names) else None

    def _in_body(
        self, body: tuple[Statement, ...], scope: Scope, prefix: str, path: str
    ) -> Iterator[tuple[str, NamedChange]]:
        for live in self._names.live(body, scope.module):
            stmt = live.stmt
            if live.typing_only:
                continue
            if isinstance(stmt, ClassDecl):
                inner = Scope(scope.module, (*scope.frames, stmt))
                yield from self._in_body(stmt.body, inner, f"{prefix}{stmt.name}.", path)
            where: str = "" if live.context in ("plain", "with") else live.context
            where = where or ("main" if live.main_only else "")
            for change in list_changes(stmt):
                target = _path(change.target)
                if target is None or change.kind == "assign" or change.what == "'del'":
                    continue
                start = (change.span.line, change.span.column)
                here = Scope(scope.module, scope.frames, start)
                made = NamedChange(target, change, here, where, Place(path, change.span))
                yield prefix + target if "." not in target else target, made


def is_class_method(function: FunctionDecl, scope: Scope, names: Names) -> bool:
    """Whether what the function takes first is a class."""
    return function.name in _CLASS_METHODS or any(
        dotted_name(names.lookup(decorator, scope)) == "builtins.classmethod"
        for decorator in function.decorators
    )


def is_static_method(function: FunctionDecl, scope: Scope, names: Names) -> bool:
    """Whether the function takes neither an object nor a class first."""
    return any(
        dotted_name(names.lookup(decorator, scope)) == "builtins.staticmethod"
        for decorator in function.decorators
    )


def _is_later(change: NamedChange, reader: Scope, *, strictly: bool = False) -> bool:
    """Whether a change is executed after code in ``reader``; ``strictly``: not by that code."""
    if reader.module != change.scope.module or reader.before is None:
        return strictly
    position = (change.change.span.line, change.change.span.column)
    return position > reader.before if strictly else position >= reader.before


def _path(expr: Expr) -> str | None:
    """The dotted name of what is changed, or of what holds it."""
    expr = held_by(expr)
    parts: list[str] = []
    while isinstance(expr, Attr):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, Name):
        return None
    return ".".join((expr.id, *reversed(parts)))
