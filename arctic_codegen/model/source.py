"""Files and modules as records, and the protocol through which later stages ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls

if TYPE_CHECKING:
    import ast


class SourceFile(msgspec.Struct, frozen=True):
    """One Python file, as bytes."""

    path: str
    """Absolute."""
    data: bytes
    digest: str
    """SHA-256 of ``data``, in hexadecimal."""


class Module(msgspec.Struct, frozen=True):
    """What the import system would find for a dotted name.

    ``kind`` is ``source`` (a scanned file: ``file`` and ``decls`` are set, unless ``failure`` says
    why it could not be scanned), ``namespace`` (folders without ``__init__``), ``opaque``
    (built-in, frozen or an extension module: it exists and cannot be read), or ``missing``."""

    name: str
    kind: Literal["source", "namespace", "opaque", "missing"]
    is_package: bool = False
    file: SourceFile | None = None
    decls: ModuleDecls | None = None
    failure: Finding | None = None
    installed: bool = False
    """It is outside the project's import roots, so errors in it are not reported."""


class Skimmed(NamedTuple):
    """A module's file before it is scanned."""

    data: bytes
    is_package: bool


class Loader(Protocol):
    """Finds and scans modules by name, each once. The driver passes it to the resolver."""

    def module(self, name: str) -> Module:
        """The module with this dotted name; of kind ``missing`` if it does not exist."""
        ...

    def skim(self, name: str) -> Skimmed | None:
        """The file of an installed module, without scanning it; otherwise ``None``."""
        ...

    def skim_own(self, name: str) -> Skimmed | None:
        """The same for the file of a source; errors in it are reported elsewhere."""
        ...

    def file(self, name: str) -> SourceFile | None:
        """The file of a module, without scanning it; ``None`` if it is not readable."""
        ...

    def syntax(self, name: str) -> ast.Module | None:
        """Python's own syntax tree of a module's file, for parts of function bodies that its
        records omit; ``None`` if there is no file or this Python cannot parse it."""
        ...

    def submodules(self, name: str) -> tuple[str, ...]:
        """Dotted names of the modules directly inside a package, sorted."""
        ...
