"""The result of the resolver: host classes, findings, and what was looked up for them (R36)."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import HostClass


class Read(msgspec.Struct, frozen=True, order=True):
    """One look-up: ``name`` in ``module``, found or not.

    ``name`` is a module-level name, ``""`` for the module's existence only, ``*`` for all
    of its module-level names (a star import), ``()`` for its changes of ``callbacks``, or
    ``class`` for its classes with bases, to find which are host classes. ``body`` means that the
    body of that function was read as well; ``ruled_out``, that the bytes of the file alone show
    that no star import brings the name from there.
    """

    module: str
    name: str
    body: bool = False
    ruled_out: bool = False


class Environment(msgspec.Struct, frozen=True):
    """What branches depend on besides the sources (R36)."""

    python_version: bool = False
    platform: bool = False
    absent_modules: tuple[str, ...] = ()


class ModuleReads(msgspec.Struct, frozen=True):
    """Everything that was looked up for one module's host classes."""

    module: str
    reads: tuple[Read, ...]
    environment: Environment


class Resolution(msgspec.Struct, frozen=True):
    """The resolver's result: host classes sorted by identity, reads, and findings."""

    hosts: tuple[HostClass, ...]
    reads: tuple[ModuleReads, ...]
    findings: tuple[Finding, ...]
