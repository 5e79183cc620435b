"""Files and modules as records, and the protocol through which later stages ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls

if TYPE_CHECKING:
    import ast


class SourceFile(msgspec.Struct, frozen=True):
    """One file of Python text, as bytes."""

    path: str
    """Absolute."""
    data: bytes
    digest: str
    """SHA-256 of ``data``, in hexadecimal."""


class Module(msgspec.Struct, frozen=True):
    """What the import system would find under a dotted name.

    ``kind`` is ``source`` (a file that was scanned: ``file`` and ``decls`` are set, unless
    ``failure`` says why it could not be), ``namespace`` (folders without ``__init__``),
    ``opaque`` (built in, frozen or an extension module: it exists and cannot be read), or
    ``missing``.
    """

    name: str
    kind: Literal["source", "namespace", "opaque", "missing"]
    is_package: bool = False
    file: SourceFile | None = None
    decls: ModuleDecls | None = None
    failure: Finding | None = None
    installed: bool = False
    """Found outside the project's import roots: its own mistakes are nobody's concern."""


class Skimmed(NamedTuple):
    """A module's file before it is scanned."""

    data: bytes
    is_package: bool


class Loader(Protocol):
    """Finds and scans modules by name, each once. Given to the resolver by the driver."""

    def module(self, name: str) -> Module:
        """The module of that dotted name; of kind ``missing`` where there is none."""
        ...

    def skim(self, name: str) -> Skimmed | None:
        """The file of an installed module, which is not scanned for it; ``None`` else."""
        ...

    def skim_own(self, name: str) -> Skimmed | None:
        """The file of one of the sources, likewise: their mistakes are looked for elsewhere."""
        ...

    def file(self, name: str) -> SourceFile | None:
        """The file of a module, which is not scanned for it; ``None`` where none is read."""
        ...

    def syntax(self, name: str) -> ast.Module | None:
        """Python's own tree of a module's file, for what its records leave out of the bodies of
        functions; ``None`` where there is no file, or this Python cannot parse it."""
        ...

    def submodules(self, name: str) -> tuple[str, ...]:
        """Dotted names of the modules directly inside a package, sorted."""
        ...
