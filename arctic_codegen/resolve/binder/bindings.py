"""Which names does a statement itself bind, apart from the blocks in it?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, Literal, Union

from arctic_codegen.model.decls import (
    Assign,
    AugAssign,
    ClassDecl,
    Delete,
    FromImport,
    FunctionDecl,
    Import,
    Loop,
    Match,
    Statement,
    Try,
    TypeAlias,
    With,
)
from arctic_codegen.model.expr import Expr, Name, Seq, Starred
from arctic_codegen.model.spelling import absolute_module
from arctic_codegen.resolve.binder.blocks import flat

BindingKind = Literal[
    "import", "from", "star", "assign", "augmented", "function", "class", "type", "target",
    "submodule", "deleted",
]  # fmt: skip
STAR = "*"
"""Represents the names of a star import."""
NO_WAY = 1 << 30


def normal(name: str) -> str:
    """An identifier in the normal form in which Python compares it."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


class Binding:
    """One name that a statement binds.

    ``index`` is that of the alias in an import, ``path`` the subscripts that lead from the value
    of an assignment to the target. ``certain`` is false if a star import may or may not bind it.
    """

    __slots__ = ("certain", "index", "key", "kind", "name", "path", "stmt")

    def __init__(
        self,
        stmt: Statement,
        kind: BindingKind,
        name: str,
        *,
        index: int = 0,
        path: tuple[int, ...] = (),
        certain: bool = True,
    ) -> None:
        self.stmt = stmt
        self.kind = kind
        self.name = name
        self.index = index
        self.path = path
        self.certain = certain
        self.key = (id(stmt), kind, name, index, path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Binding) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


MaybeBinding = Union[Binding, None]
"""A binding that reaches a place, or ``None``: the name may be unbound there."""
State = frozenset[MaybeBinding]
UNBOUND: State = frozenset({None})


def bindings_of(stmt: Statement, package: str | None = None) -> Iterator[Binding]:
    """The bindings of a statement in execution order; ``del`` binds a name to nothing.

    ``package`` is the name of the module if it is a package: importing one of its submodules also
    binds an attribute of it.
    """
    reader = _READERS.get(type(stmt))
    return iter(()) if reader is None else reader(stmt, package)


def bound_names(stmt: Statement) -> tuple[str, ...]:
    """The names that a statement itself binds, except by a star import."""
    return tuple(one.name for one in bindings_of(stmt) if one.kind not in ("star", "deleted"))


def local_names(code: FunctionDecl) -> set[str]:
    """The names that the body binds, without parameters."""
    return {name for stmt in flat(code.body) for name in bound_names(stmt)}


def _import(stmt: Import, package: str | None) -> Iterator[Binding]:
    for index, alias in enumerate(stmt.names):
        yield from _submodule(stmt, package, alias.name)
        name = normal(alias.asname or alias.name.partition(".")[0])
        yield Binding(stmt, "import", name, index=index)


def _from_import(stmt: FromImport, package: str | None) -> Iterator[Binding]:
    if package is not None:
        # The statement's own names come later, and may hide it: `from .train import train`.
        yield from _submodule(stmt, package, absolute(stmt, package, True) or "")
    for index, alias in enumerate(stmt.names):
        yield Binding(stmt, "from", normal(alias.asname or alias.name), index=index)
    if stmt.star:
        yield Binding(stmt, "star", STAR)


def _submodule(stmt: Statement, package: str | None, imported: str) -> Iterator[Binding]:
    if package is not None and imported.startswith(package + "."):
        inside = imported[len(package) + 1 :].partition(".")[0]
        yield Binding(stmt, "submodule", normal(inside))


def _assign(stmt: Assign, _: str | None) -> Iterator[Binding]:
    for target in stmt.targets if stmt.value is not None else ():
        for name, path in targets_of(target):
            yield Binding(stmt, "assign", name, path=path)


def _targets(stmt: AugAssign | With | Loop | Delete, _: str | None) -> Iterator[Binding]:
    kinds: dict[type, BindingKind] = {AugAssign: "augmented", Delete: "deleted"}
    for target in (stmt.target,) if isinstance(stmt, AugAssign) else stmt.targets:
        for name, _path in targets_of(target):
            yield Binding(stmt, kinds.get(type(stmt), "target"), name)


def _captures(stmt: Match, _: str | None) -> Iterator[Binding]:
    return (Binding(stmt, "target", normal(name)) for name in stmt.names)


def _handlers(stmt: Try, _: str | None) -> Iterator[Binding]:
    for handler in stmt.handlers:
        if handler.name is not None:
            yield Binding(stmt, "target", normal(handler.name))


def _definition(stmt: FunctionDecl | ClassDecl | TypeAlias, _: str | None) -> Iterator[Binding]:
    kind: BindingKind = "type"
    if not isinstance(stmt, TypeAlias):
        kind = "function" if isinstance(stmt, FunctionDecl) else "class"
    yield Binding(stmt, kind, normal(stmt.name))


_READERS: dict[type, Callable[[Any, str | None], Iterator[Binding]]] = {
    Import: _import,
    FromImport: _from_import,
    Assign: _assign,
    AugAssign: _targets,
    With: _targets,
    Loop: _targets,
    Delete: _targets,
    Match: _captures,
    Try: _handlers,
    FunctionDecl: _definition,
    ClassDecl: _definition,
    TypeAlias: _definition,
}


def targets_of(target: Expr, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names that an assignment to ``target`` binds, and the path of each in the value.

    After a ``*rest`` the path counts from the end. The path of ``rest`` itself is unknown, and
    ends in a number larger than any display.
    """
    if isinstance(target, Name):
        yield normal(target.id), path
    elif isinstance(target, Starred):
        yield from targets_of(target.value, (*path, NO_WAY))
    elif isinstance(target, Seq):
        after_star = False
        for index, item in enumerate(target.items):
            after_star = after_star or isinstance(item, Starred)
            place = index - len(target.items) if after_star else index
            way = path if isinstance(item, Starred) else (*path, place)
            yield from targets_of(item, way)


def absolute(stmt: FromImport, module: str, is_package: bool) -> str | None:
    """The dotted name of the module in a ``from`` import; ``None`` beyond the top-level package."""
    package = module if is_package else module.rpartition(".")[0]
    return absolute_module(stmt.level, stmt.module, package)


def imported_as(stmt: Import | FromImport, name: str) -> str | None:
    """The dotted path that an absolute import statement binds ``name`` to."""
    if isinstance(stmt, Import):
        for alias in stmt.names:
            if alias.asname == name:
                return alias.name
            if alias.asname is None and alias.name.split(".")[0] == name:
                return name
        return None
    if stmt.level == 0:
        for alias in stmt.names:
            if (alias.asname or alias.name) == name:
                return f"{stmt.module}.{alias.name}"
    return None
