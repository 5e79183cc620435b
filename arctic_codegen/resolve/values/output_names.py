"""Names imported from the output folder: each means its source (R12)."""

from __future__ import annotations

from arctic_codegen.model.decls import ClassDecl, FromImport, FunctionDecl, Import, Statement
from arctic_codegen.model.expr import Attr, Expr, Name
from arctic_codegen.model.settings import Settings, output_package
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import Entity, OpaqueEntity


class OutputNames:
    """Finds the imports of the output in a module."""

    def __init__(self, loader: Loader, settings: Settings) -> None:
        self._loader = loader
        self._package = output_package(settings)
        self._imports: dict[str, tuple[Import | FromImport, ...]] = {}

    def imports_output(self, module: str) -> bool:
        """Whether the module imports anything from the output, anywhere in it."""
        return any(
            self._below(dotted) is not None
            for stmt in self._in(module)
            for dotted in self._imported(stmt, module)
        )

    def source_of(self, expr: Expr, module: str) -> tuple[str, tuple[str, ...]] | None:
        """The source module and the names in it that a dotted name from the output means."""
        tail: list[str] = []
        while isinstance(expr, Attr):
            tail.insert(0, expr.attr)
            expr = expr.value
        if not isinstance(expr, Name):
            return None
        # The last import of a name counts, as it would when it is read after all of them.
        for stmt in reversed(self._in(module)):
            found = self._bound(stmt, module, expr.id)
            for dotted in found:
                below = self._below(dotted)
                if below is not None:
                    return self._split([*below, *tail])
            if found and not any(name.endswith(".*") for name in found):
                return None
        return None

    def source_behind(self, entity: Entity) -> tuple[str, tuple[str, ...]] | None:
        """The same for what a name has led to, through other modules."""
        if not isinstance(entity, OpaqueEntity):
            return None
        below = self._below(f"{entity.module}.{entity.name}")
        return self._split(below) if below else None

    def _split(self, parts: list[str]) -> tuple[str, tuple[str, ...]] | None:
        """The longest module that the parts begin with, and what is left."""
        for end in range(len(parts), 0, -1):
            name = ".".join(parts[:end])
            if self._loader.module(name).kind in ("source", "namespace"):
                return name, tuple(parts[end:])
        return None

    def _below(self, dotted: str) -> list[str] | None:
        if self._package is None:
            return None
        if dotted == self._package:
            return []
        prefix = self._package + "."
        return dotted[len(prefix) :].split(".") if dotted.startswith(prefix) else None

    def _in(self, module: str) -> tuple[Import | FromImport, ...]:
        if module not in self._imports:
            decls = self._loader.module(module).decls
            self._imports[module] = () if decls is None else tuple(_imports(decls.body))
        return self._imports[module]

    def _imported(self, stmt: Import | FromImport, module: str) -> list[str]:
        if isinstance(stmt, Import):
            return [alias.name for alias in stmt.names]
        base = self._absolute(stmt, module)
        if base is None:
            return []
        return [base, *(f"{base}.{alias.name}" for alias in stmt.names)]

    def _bound(self, stmt: Import | FromImport, module: str, name: str) -> list[str]:
        """The dotted names that a statement may bind ``name`` to."""
        if isinstance(stmt, Import):
            for alias in stmt.names:
                if alias.asname == name:
                    return [alias.name]
                if alias.asname is None and alias.name.split(".")[0] == name:
                    return [name]
            return []
        base = self._absolute(stmt, module)
        if base is None:
            return []
        if stmt.star:
            return [f"{base}.{name}"] if self._below(base) is not None else []
        for alias in stmt.names:
            if (alias.asname or alias.name) == name:
                return [f"{base}.{alias.name}"]
        return []

    def _absolute(self, stmt: FromImport, module: str) -> str | None:
        if stmt.level == 0:
            return stmt.module
        parts = module.split(".")
        dropped = stmt.level - (1 if self._loader.module(module).is_package else 0)
        if dropped >= len(parts) + (1 if stmt.module else 0):
            return None
        base = parts[: len(parts) - dropped]
        return ".".join((*base, stmt.module) if stmt.module else base) or None


def _imports(statements: tuple[Statement, ...]) -> list[Import | FromImport]:
    found: list[Import | FromImport] = []
    for stmt in flat(statements):
        if isinstance(stmt, (Import, FromImport)):
            found.append(stmt)
        elif isinstance(stmt, (FunctionDecl, ClassDecl)):
            found.extend(_imports(stmt.body))
    return found
