"""Lists that callbacks are made of, and that another module changes (R12, R13).

Which of two modules is imported first is not decided by the text. So neither is what a class body
reads from a list that a module far from it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.decls import ClassDecl, FromImport, FunctionDecl, Import, Statement
from arctic_codegen.model.expr import Attr, Expr, Name
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.binder.bindings import bound_names, local_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Scope, ValueEntity
from arctic_codegen.resolve.interfaces import Change
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.list_changes import held_by, list_changes
from arctic_codegen.resolve.values.values import Values

NAME = "callbacks"


def far_reads(
    names: Names,
    values: Values,
    changes: Iterable[Change],
    hosts: dict[ClassId, ClassEntity],
) -> Iterator[Finding]:
    """Class bodies that read ``X.callbacks`` where a far module changes it."""
    far: dict[ClassId, Change] = {}
    for change in changes:
        if change.owner.module != change.module:
            far.setdefault(change.owner, change)
    if not far:
        return
    for _, host in sorted(hosts.items()):
        ancestors = {cls.id for cls in names.mro(host).classes[1:]}
        for read, owner in _lists_read(names, host):
            changed = next((c.id for c in names.mro(owner).classes if c.id in far), None)
            if changed is None or host.id.module in (changed.module, far[changed].module):
                continue  # the one is read before the far module has the class, the other after
            if changed in ancestors and _all_reachable(values, host):
                continue  # what is inherited is not repeated (R16), and nothing is counted
            yield Finding(
                "AC205",
                f"what '{show(read)}' holds here cannot be determined: '{far[changed].module}' "
                "changes it as well, and either may be imported first",
                Place(host.place.path, read.span),
                f"make the change in '{changed.module}', or write the entries out here",
                (Related(far[changed].place, "it is changed here"),),
            )


def _lists_read(names: Names, host: ClassEntity) -> Iterator[tuple[Attr, ClassEntity]]:
    """Each ``X.callbacks`` in the statements of a class body that make its own list."""
    if NAME not in names.own_names(host):
        return
    for live in names.live(host.decl.body, host.id.module):
        stmt = live.stmt
        if isinstance(stmt, (FunctionDecl, ClassDecl)) or not _is_own(stmt):
            continue
        before = (stmt.span.line, stmt.span.column)
        scope = Scope(host.id.module, (*host.scope.frames, host.decl), before)
        for node in _nodes(stmt):
            if isinstance(node, Attr) and node.attr == NAME:
                found = names.lookup(node.value, scope)
                if isinstance(found, ClassEntity):
                    yield node, found


def _is_own(stmt: Statement) -> bool:
    return any(
        isinstance(change.target, Name) and change.target.id == NAME
        for change in list_changes(stmt)
    )


def _nodes(record: Any) -> Iterator[Any]:
    if isinstance(record, tuple):
        for item in record:
            yield from _nodes(item)
    elif isinstance(record, msgspec.Struct):
        yield record
        for field in record.__struct_fields__:
            yield from _nodes(getattr(record, field))


def _all_reachable(values: Values, host: ClassEntity) -> bool:
    return all(
        entry.callable.reachable is not None or entry.reachable is not None
        for entry in values.own_entries(host).entries
    )


class FarNames:
    """Changes of named lists of other modules, where callbacks are made of them."""

    def __init__(self, names: Names, values: Values, loader: Loader) -> None:
        self._names = names
        self._values = values
        self._loader = loader
        self.touched: set[str] = set()
        """The modules whose lists are changed by others."""

    def findings(
        self, modules: Sequence[str], hosts: dict[ClassId, ClassEntity]
    ) -> Iterator[Finding]:
        """One for each statement that changes such a list."""
        found: list[tuple[Place, tuple[str, str]]] = []
        for module in modules:
            with self._names.account(module):
                found += self._far_changes(module, hosts)
        self.touched.update(path[0] for _, path in found)
        if not found:
            return
        used = self._values.named_lists(cls for _, cls in sorted(hosts.items()))
        for place, path in found:
            host = used.get(path)
            if host is not None:
                yield Finding(
                    "AC213",
                    f"'{path[1]}' of '{path[0]}' is changed outside its module, and the callbacks "
                    f"of '{host}' are made of it",
                    place,
                    f"change it in '{path[0]}' before the class, or change "
                    f"'{host.name}.callbacks' itself",
                )

    def _is_of_host(self, changed: Expr, scope: Scope, hosts: dict[ClassId, ClassEntity]) -> bool:
        """Whether this is ``X.callbacks`` of a host class X: the mixin has copied the list."""
        if not isinstance(changed, Attr) or changed.attr != NAME:
            return False
        owner = self._names.lookup(changed.value, scope)
        return isinstance(owner, ClassEntity) and owner.id in hosts

    def _far_changes(
        self, module: str, hosts: dict[ClassId, ClassEntity]
    ) -> Iterator[tuple[Place, tuple[str, str]]]:
        loaded = self._loader.module(module)
        if loaded.decls is None or loaded.file is None:
            return
        imported = {
            name
            for stmt in flat(loaded.decls.body)
            if isinstance(stmt, (Import, FromImport))
            for name in bound_names(stmt)
        }
        for stmt, hidden in _everywhere(loaded.decls.body, frozenset()):
            for change in list_changes(stmt):
                changed = held_by(change.target)
                root = changed
                while isinstance(root, Attr):
                    root = root.value
                if (
                    change.kind == "assign"
                    or not isinstance(root, Name)
                    or root.id in hidden
                    or root.id not in imported
                ):
                    continue
                before = (stmt.span.line, stmt.span.column)
                scope = Scope(module, (), before)
                if self._is_of_host(changed, scope, hosts):
                    continue  # a list of the class's own, which is no longer the named one (R12)
                entity = self._names.lookup(changed, scope)
                if isinstance(entity, ValueEntity) and entity.reachable is not None:
                    path = entity.reachable
                    if path[0] != module:
                        yield Place(loaded.file.path, stmt.span), path


def _everywhere(
    body: tuple[Statement, ...], hidden: frozenset[str]
) -> Iterator[tuple[Statement, frozenset[str]]]:
    """Every statement of a module, with the names that functions around it bind themselves."""
    for stmt in flat(body):
        yield stmt, hidden
        if isinstance(stmt, FunctionDecl):
            own = {*local_names(stmt), *(param.name for param in stmt.params)}
            yield from _everywhere(stmt.body, hidden | own)
        elif isinstance(stmt, ClassDecl):
            yield from _everywhere(stmt.body, hidden)
