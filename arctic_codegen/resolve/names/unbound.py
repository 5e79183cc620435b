"""What is a name that no statement binds: a builtin, a submodule, or undefined?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.expr import Str
from arctic_codegen.model.source import Module
from arctic_codegen.resolve.binder.bindings import UNBOUND, bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import Entity, ModuleEntity, OpaqueEntity, Scope, Unknown
from arctic_codegen.resolve.names.definitions import Definitions
from arctic_codegen.resolve.names.stdlib import BUILTINS, MODULE_NAMES, UNREAD, new_in

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class Unbound:
    """Resolves names that no statement of a module binds."""

    def __init__(self, names: Names, definitions: Definitions) -> None:
        self._names = names
        self._definitions = definitions
        self._guesses = 0

    def builtin(self, name: str, span: Span, module: str) -> Entity | None:
        """A builtin or an implicit module attribute; ``None`` if there is none of this name."""
        if name in BUILTINS:
            return self.known("builtins", name, None)
        return self._of_every_module(name, span, module)

    def _of_every_module(self, name: str, span: Span, module: str) -> Entity | None:
        if name == "__name__":
            return self._definitions.value(Str(span, module), Scope(module))
        return OpaqueEntity(module, name) if name in MODULE_NAMES else None

    def in_module(self, source: Module, name: str, place: Place | None) -> Entity:
        """A module attribute that no statement of the module binds."""
        module = source.name
        span = Span(1, 1, 1, 1)
        found = self.submodule(source, name) or self._of_every_module(name, span, module)
        if found is not None:
            return found
        if source.kind == "source":
            if name in self._names.reaching.rebound(module):
                return self.rebound_later(name, module)
            if self._names.state(Scope(module), "__getattr__") != UNBOUND:
                why = message("reasons", "module-getattr", name=name, module=module)
                return Unknown(why, place)
        return _lacks(module, name, place, self.close(source, name))

    def close(self, source: Module, name: str) -> tuple[str, ...]:
        """A similar name in the module, if there is one."""
        self._guesses += 1
        if source.decls is None or self._guesses > suggest.MOST_GUESSES:
            return ()
        known = {known for stmt in flat(source.decls.body) for known in bound_names(stmt)}
        return suggest.close(name, known - {name}, most=1, cutoff=0.8)

    def submodule(self, source: Module, name: str) -> Entity | None:
        """A submodule with this name."""
        if source.is_package or source.kind == "namespace":
            inside = f"{source.name}.{name}"
            if self._names.source(inside).kind != "missing":
                self._names.queries.read(inside, "")
                return ModuleEntity(inside)
        return None

    def known(self, module: str, name: str, place: Place | None) -> Entity:
        """A name in a module that is not read."""
        version = new_in(module, name)
        if version is not None:
            self._names.queries.python_version()
            if self._names.settings.python_version < version:
                return _lacks(module, name, place)
        if f"{module}.{name}" in UNREAD:
            return ModuleEntity(f"{module}.{name}")
        return OpaqueEntity(module, name)

    def rebound_later(self, name: str, module: str) -> Unknown:
        """A name that a function may bind, whenever it is called."""
        why = message("reasons", "declared-global", name=name)
        return Unknown(why, self._definitions.place(module, Span(1, 1, 1, 1)))


def _lacks(module: str, name: str, place: Place | None, likely: tuple[str, ...] = ()) -> Unknown:
    why = message("reasons", "module-lacks", module=module, name=name)
    for meant in likely:
        why = message("reasons", "module-lacks-did-you-mean", module=module, name=name, meant=meant)
    return Unknown(why, place, missing=True)
