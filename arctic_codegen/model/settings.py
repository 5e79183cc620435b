"""The settings of a run, read and checked (R2)."""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Place

Semantics = Literal["documented", "runtime"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``[tool.arctic-codegen]`` with all defaults filled in. Paths are absolute."""

    root: str
    """The folder of the configuration file; otherwise the working directory."""
    config_file: str | None = None
    sources: tuple[str, ...] = ()
    """As written: packages, folders, files, globs, installed modules."""
    output: str
    src: tuple[str, ...] = ()
    """Import roots; the longest one that contains a file applies."""
    semantics: Semantics | None = None
    semantics_of: tuple[tuple[str, Semantics], ...] = ()
    """Pairs of ``module:Class`` and its semantics, sorted."""
    python: str | None = None
    """An interpreter whose site-packages are searched; ``None`` is the running one."""
    python_place: Place | None = None
    """Where ``python`` is written in the configuration."""
    python_version: tuple[int, int]
    platform: str
    """The ``sys.platform`` that branches are evaluated for."""
    on_stale: Literal["error", "warn", "ignore"] = "error"
    late_callbacks: bool = False
    signature_preserving: tuple[str, ...] = ()
    """Dotted names of decorators that preserve signatures, in addition to the built-in table."""
    order: tuple[tuple[str, ...], ...] = ()
    """Chains of dotted names of callbacks, each of which runs before those after it (R59)."""
    order_places: tuple[Place, ...] = ()
    """Where each chain of ``order`` is written."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    checker: Literal["mypy", "pyright"] = "mypy"
    strict: bool = False
    """The option of the command line; the configuration has no such key."""
    source_places: tuple[Place | None, ...] = ()
    """Where each of ``sources`` is written in the configuration; ``None`` for the command line.
    Empty, or as long as ``sources``."""
    semantics_places: tuple[Place | None, ...] = ()
    """Where each of ``semantics_of`` is written; empty, or as long as it."""
    preserving_places: tuple[Place | None, ...] = ()
    """Where each of ``signature_preserving`` is written; empty, or as long as it."""
    use_cache: bool = False
    """Whether anything may be cached for later runs. It is set for settings from a file or the
    command line, not for temporary ones (``init``, tests)."""

    @property
    def roots(self) -> tuple[str, ...]:
        """The import roots; by default the project's folder."""
        return self.src or (self.root,)


def output_package(settings: Settings) -> str | None:
    """The dotted name of the output folder, if it is below an import root."""
    output = os.path.normpath(settings.output)
    best: str | None = None
    for root in settings.roots:
        base = os.path.normpath(root)
        if output != base and os.path.commonpath([output, base]) == base:
            relative = os.path.relpath(output, base)
            if best is None or len(relative) < len(best):
                best = relative
    return None if best is None else best.replace(os.sep, ".")


def output_location(settings: Settings) -> tuple[str, str]:
    """The name by which the output folder is imported, and the folder to import it from."""
    package = output_package(settings)
    output = os.path.normpath(settings.output)
    if package is None:
        return os.path.basename(output), os.path.dirname(output)
    return package, output[: -len(package) - 1]


def is_in_output(module: str, output: str | None) -> bool:
    """Whether a module is the output package (:func:`output_package`), or inside it."""
    return output is not None and f"{module}.".startswith(f"{output}.")
