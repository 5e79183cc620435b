"""Writes projects to a folder, and looks up their names with ``Names``."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from arctic_codegen.build.loader import FileLoader
from arctic_codegen.diagnostics.records import Span
from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.model.expr import Attr, Name
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.text import Ref
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.names import Names
from tests.harness import write_files

NOWHERE = Span(1, 1, 1, 1)


class NamedProject:
    """A folder of modules, with ``Names`` for them."""

    def __init__(self, folder: Path, files: dict[str, str], **settings):
        self.folder = folder
        write_files(folder, {name: textwrap.dedent(text) for name, text in files.items()})
        given = {
            "root": str(folder),
            "output": str(folder / "generated"),
            "src": (str(folder),),
            "python_version": sys.version_info[:2],
            "platform": "linux",
            **settings,
        }
        self.settings = Settings(**given)
        self.names = Names(FileLoader(DiskTree(), self.settings), self.settings)

    def meaning(self, dotted: str):
        """The final meaning of ``module:path``, in short."""
        return short(self.entity(dotted))

    def entity(self, dotted: str):
        module, _, path = dotted.partition(":")
        first, *rest = path.split(".")
        if not rest:
            return self.names.module_attribute(module, first)
        expr = Name(NOWHERE, first)
        for part in rest:
            expr = Attr(NOWHERE, expr, part, NOWHERE)
        return self.names.lookup(expr, Scope(module))

    def cls(self, dotted: str) -> ClassEntity:
        entity = self.entity(dotted)
        assert isinstance(entity, ClassEntity), entity
        return entity

    def function(self, dotted: str) -> FunctionEntity:
        entity = self.entity(dotted)
        assert isinstance(entity, FunctionEntity), entity
        return entity

    def mro(self, dotted: str):
        return [str(cls.id) for cls in self.names.mro(self.cls(dotted)).classes]

    def annotation(self, dotted: str, types=None):
        """The return annotation of a function, as text."""
        entity = self.function(dotted)
        text = self.names.text(entity.decl.returns, entity.scope, types)
        return None if text is None else written(text)


def short(entity) -> str:
    if entity is None:
        return "none"
    if isinstance(entity, ModuleEntity):
        return f"module {entity.name}"
    if isinstance(entity, ClassEntity):
        return f"class {entity.id}"
    if isinstance(entity, FunctionEntity):
        return f"def {entity.module}.{entity.decl.qualname}"
    if isinstance(entity, LambdaEntity):
        return f"lambda {entity.module}:{entity.place.span.line}"
    if isinstance(entity, OpaqueEntity):
        return f"opaque {entity.module}.{entity.name}"
    if isinstance(entity, Unknown):
        return f"missing: {entity.reason}" if entity.missing else f"unknown: {entity.reason}"
    assert isinstance(entity, ValueEntity)
    expr = entity.expr
    return "value " + str(getattr(expr, "value", getattr(expr, "text", type(expr).__name__)))


def written(text) -> str:
    """Text with explicit references: ``<module:name>``, with ``?`` for those only of type
    checkers."""
    parts = []
    for part in text.parts:
        if not isinstance(part, Ref):
            parts.append(part)
        elif part.builtin:
            parts.append(part.name)
        else:
            parts.append(f"<{part.module}:{part.name}{'?' if part.typing_only else ''}>")
    return "".join(parts)
