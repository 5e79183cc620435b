"""To which source does a name refer that is imported from the output folder (R12)?"""

from __future__ import annotations

from arctic_codegen.model.decls import FromImport, Import
from arctic_codegen.model.expr import dotted_expr
from arctic_codegen.model.settings import Settings, is_in_output, output_package
from arctic_codegen.resolve.binder.blocks import bodies, flat
from arctic_codegen.resolve.entities import ClassEntity, Entity, OpaqueEntity, Scope
from arctic_codegen.resolve.names.names import Names


class OutputNames:
    """Finds the sources of names in the output."""

    def __init__(self, names: Names, settings: Settings) -> None:
        self._names = names
        self._package = output_package(settings)

    def imports_output(self, module: str) -> bool:
        """Whether the module imports anything from the output, anywhere in it."""
        return self._names.queries.get(
            ("imports output", module), lambda: self._imports_output(module)
        )

    def _imports_output(self, module: str) -> bool:
        source = self._names.source(module)
        if source.decls is None or self._package is None:
            return False
        for _, statements in bodies(source.decls.body):
            for stmt in flat(statements):
                if isinstance(stmt, Import):
                    imported = [alias.name for alias in stmt.names]
                elif isinstance(stmt, FromImport):
                    base = self._names.sources.imported(stmt, module)
                    imported = [f"{base}.{alias.name}" for alias in stmt.names] + [base or ""]
                else:
                    continue
                if any(is_in_output(name, self._package) for name in imported):
                    return True
        return False

    def is_output(self, entity: Entity) -> bool:
        """Whether a name refers to the output."""
        return isinstance(entity, OpaqueEntity) and is_in_output(entity.module, self._package)

    def source_of(self, entity: Entity) -> ClassEntity | None:
        """The class that a name of the output was compiled from."""
        if not isinstance(entity, OpaqueEntity) or not self.is_output(entity):
            return None
        below = f"{entity.module}.{entity.name}".split(".")[str(self._package).count(".") + 1 :]
        for end in range(len(below) - 1, 0, -1):
            module = ".".join(below[:end])
            if self._names.source(module).kind == "source":
                path = dotted_expr(".".join(below[end:]))
                found = self._names.lookup(path, Scope(module))
                return found if isinstance(found, ClassEntity) else None
        return None
