"""Modules by name, and the index of each of their bodies, computed once."""

from __future__ import annotations

from arctic_codegen.model.decls import ClassDecl, FromImport, FunctionDecl
from arctic_codegen.model.source import Loader, Module, Skimmed
from arctic_codegen.resolve.binder.bindings import absolute
from arctic_codegen.resolve.binder.body import Body
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.stdlib import UNREAD


class Sources:
    """Caches loaded modules, since declarations are identified by object identity."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._modules: dict[str, Module] = {}
        self._bodies: dict[str, Body] = {}
        self._frames: dict[int, tuple[ClassDecl | FunctionDecl, Body]] = {}

    def source(self, name: str) -> Module:
        """The module with a dotted name, loaded once."""
        found = self._modules.get(name)
        if found is None:
            found = Module(name, "opaque") if name in UNREAD else self._loader.module(name)
            self._modules[name] = found
        return found

    def first_missing(self, name: str) -> str | None:
        """The shortest prefix of a module's dotted name that does not exist."""
        parts = name.split(".")
        paths = (".".join(parts[: length + 1]) for length in range(len(parts)))
        return next((path for path in paths if self.source(path).kind == "missing"), None)

    def imported(self, stmt: FromImport, module: str) -> str | None:
        """The dotted name of the module that a ``from`` import in ``module`` names; ``None`` if it
        goes beyond the top-level package."""
        return absolute(stmt, module, self.source(module).is_package)

    def skim(self, name: str) -> Skimmed | None:
        """A module that may be ruled out by its bytes, without being scanned."""
        return None if name in UNREAD else self._loader.skim(name)

    def skim_own(self, name: str) -> Skimmed | None:
        """The same for one of the sources."""
        return self._loader.skim_own(name)

    def data(self, name: str) -> bytes | None:
        """The bytes of a module's file, without scanning it."""
        if name in self._modules:
            file = self._modules[name].file
        else:
            file = None if name in UNREAD else self._loader.file(name)
        return None if file is None else file.data

    def body(self, module: str) -> Body:
        """The index of a module's statements."""
        found = self._bodies.get(module)
        if found is None:
            source = self.source(module)
            statements = () if source.decls is None else source.decls.body
            found = Body(statements, module if source.is_package else None)
            self._bodies[module] = found
        return found

    def own_body(self, scope: Scope) -> Body:
        """The index of the innermost frame of a scope, or of the module."""
        if not scope.frames:
            return self.body(scope.module)
        frame = scope.frames[-1]
        known = self._frames.get(id(frame))
        if known is None:
            known = self._frames[id(frame)] = (frame, Body(frame.body))
        return known[1]

    def binds(self, module: str, name: str) -> bool:
        """Whether a statement of a readable module may bind a name."""
        return self.source(module).decls is not None and name in self.body(module).binders
