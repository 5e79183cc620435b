"""How can another module refer to an object that has a name here?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import ClassDecl, FromImport, FunctionDecl, Import
from arctic_codegen.model.text import Ref
from arctic_codegen.resolve.binder.bindings import Binding, State, normal
from arctic_codegen.resolve.binder.body import outward
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.definitions import path_of_binding
from arctic_codegen.resolve.names.stdlib import BUILTINS

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

RefParts = tuple["str | Ref", ...]


class References:
    """Finds references. An imported name is imported from its original module, since strict type
    checkers do not let a module re-export what it imports."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def of(
        self, name: str, attributes: tuple[str, ...], scope: Scope, late: bool
    ) -> RefParts | None:
        """``name.attributes`` with a reference; ``None`` if no other module can write it.

        ``late`` says that the text is evaluated after the module has been executed, as in quotes.
        """
        name = normal(name)
        if late:
            scope = scope.late
        here, reach = self._names.definitions(name, scope, typing=True)
        chosen = _first(reach.state)
        if isinstance(here.frame, ClassDecl) and chosen is not None and chosen.kind == "function":
            # A method named `list` is not what `list[int]` refers to.
            here, reach = self._names.definitions(name, outward(here), typing=True)
            chosen = _first(reach.state)
        if here.frames:
            frame = here.frames[-1]
            if chosen is None and any(normal(one.name) == name for one in frame.type_params):
                return (".".join((name, *attributes)),)
            if chosen is None or isinstance(frame, FunctionDecl):
                return None
            return self._bound(chosen, attributes, here)
        is_builtin = name in BUILTINS
        for place in (here,) if is_builtin else (here, here.late):
            chosen = _first(self._names.state(place, name, typing=True))
            if chosen is not None and (chosen.certain or not is_builtin):
                return self._bound(chosen, attributes, place)
        if is_builtin:
            return _with(Ref("builtins", name, builtin=True), attributes)
        # A name bound later in the class body: annotations may be evaluated later.
        chosen = None
        if isinstance(scope.frame, ClassDecl):
            chosen = _first(self._names.state(scope.late, name, typing=True))
        if chosen is None or chosen.kind == "function":
            return None
        return self._bound(chosen, attributes, scope.late)

    def _bound(self, found: Binding, attributes: tuple[str, ...], scope: Scope) -> RefParts | None:
        stmt = found.stmt
        typing_only = found not in self._names.state(scope, found.name)
        if found.kind == "submodule":
            return _with(Ref(f"{scope.module}.{found.name}", "", typing_only), attributes)
        if isinstance(stmt, FromImport):
            module = self._names.sources.imported(stmt, scope.module)
            if module is None:
                return None
            if found.kind == "star":
                beyond = self._not_passed_on(module, found.name)
                if beyond is not None:
                    beyond = msgspec.structs.replace(
                        beyond, typing_only=typing_only or beyond.typing_only
                    )
                    return _with(beyond, attributes)
            name = found.name if found.kind == "star" else stmt.names[found.index].name
            return _with(Ref(module, name, typing_only), attributes)
        if isinstance(stmt, Import):
            alias = stmt.names[found.index]
            if alias.asname is not None:
                return _with(Ref(alias.name, "", typing_only), attributes)
            module = self._longest(found.name, attributes, scope)
            return _with(Ref(module, "", typing_only), attributes[module.count(".") :])
        path = path_of_binding(scope, found)
        return None if path is None else _with(Ref(*path, typing_only), attributes)

    def _not_passed_on(self, module: str, name: str) -> Ref | None:
        """The origin of a name that a star import brings from a module that imported it itself.

        It is available at run time, but not to type checkers in strict mode.
        """
        place = Scope(module)
        seen: set[str] = set()
        while place.module not in seen:
            seen.add(place.module)
            if self._names.source(place.module).decls is None:
                return None
            if self._names.sources.binds(place.module, "__all__"):
                return None
            found = _first(self._names.state(place, name, typing=True))
            if found is None or not isinstance(found.stmt, FromImport):
                return None
            beyond = self._names.sources.imported(found.stmt, place.module)
            if beyond is None:
                return None
            if found.kind != "star":
                alias = found.stmt.names[found.index]
                if alias.asname == alias.name:
                    return None
                typing_only = found not in self._names.state(place, name)
                return Ref(beyond, alias.name, typing_only)
            place = Scope(beyond)
        return None

    def _longest(self, top: str, attributes: tuple[str, ...], scope: Scope) -> str:
        """The longest module name in an ``import`` statement here that ``a.b.C`` starts with."""
        body = self._names.sources.own_body(scope)
        written = (top, *attributes)
        best: tuple[str, ...] = (top,)
        pending = [body]
        while pending:
            part = pending.pop()
            for index in part.binders.get(top, ()):
                pending.extend(part.arms.get(index, ()))
                stmt = part.statements[index]
                if not isinstance(stmt, Import):
                    continue
                for alias in stmt.names:
                    path = tuple(alias.name.split("."))
                    whole = written[: len(path)] == path and len(path) < len(written)
                    if alias.asname is None and whole and len(path) > len(best):
                        best = path
        return ".".join(best)


def _first(state: State) -> Binding | None:
    """The definition that a type checker uses if several are possible."""
    known = [found for found in state if found is not None]
    certain = [found for found in known if found.certain] or known
    return min(certain, key=lambda one: one.stmt.span.start, default=None)


def _with(ref: Ref, attributes: tuple[str, ...]) -> RefParts:
    tail = "".join(f".{name}" for name in attributes)
    return (ref, tail) if tail else (ref,)
