"""A finished build, module by module, for the next one to take up (ADR 10)."""

from __future__ import annotations

import contextlib
import marshal
import os

import msgspec

from arctic_codegen.caching import records
from arctic_codegen.caching.disk import Facts
from arctic_codegen.caching.observing import record_name
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.accounts import Told
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.settings import Settings
from arctic_codegen.relevance import Chosen

FOLDER = "builds"
_MOST = 4
_MARK = b"arctic-codegen build 2\n"


class KeptModule(msgspec.Struct, frozen=True, array_like=True):
    """One requested module. ``hosts`` are its host classes without events and entries."""

    module: str
    path: str
    digest: str
    """Of the file's bytes, as :class:`~arctic_codegen.model.source.SourceFile` has it."""
    depends_on: tuple[int, ...]
    """What was looked up for it, as places in ``KeptBuild.reads``."""
    findings: tuple[Finding, ...]
    told: tuple[Told, ...]
    supers: tuple[Finding, ...]
    semantics: tuple[Finding, ...]
    comments: tuple[IgnoreComment, ...]
    covers: tuple[ClassId, ...]
    hosts: tuple[HostClass, ...]
    is_guarded: bool
    locked: str
    """What the lock file says of it; empty where it has no host classes."""
    inputs: tuple[int, ...]
    """The files that the lock file names there, as places in ``KeptBuild.inputs``."""


class KeptBuild(msgspec.Struct, frozen=True, array_like=True):
    """All of it. ``facts`` and ``output`` are :class:`Facts` as ``marshal`` writes them."""

    facts: bytes
    output: bytes
    reads: tuple[tuple[str, tuple[str, ...]], ...]
    """Modules, with the names that were looked up in them together."""
    modules: tuple[KeptModule, ...]
    parents: tuple[HostClass, ...]
    """Host classes of other modules, without events and entries."""
    others: tuple[tuple[str, tuple[IgnoreComment, ...]], ...]
    """The ignore comments of files of other modules."""
    touched: tuple[str, ...]
    """Modules of which other ones change lists."""
    guards_read: tuple[str, ...]
    """Modules in which something was looked up to judge wrappers."""
    common: tuple[Finding, ...]
    """Findings that stay while the files and the outlines of classes do."""
    tool: str
    formatter: str
    on_stale: str
    distributions: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    classes: int
    compiled_modules: int
    chosen: Chosen
    unread: tuple[tuple[str, str], ...]
    """Path and name of each requested module that no one has looked into."""

    def known_facts(self) -> Facts:
        """What the build was told about the disk."""
        return Facts.of(marshal.loads(self.facts))

    def known_output(self) -> Facts:
        """The state in which it left its output."""
        return Facts.of(marshal.loads(self.output))


def packed(facts: Facts) -> bytes:
    """Facts as they are kept."""
    return marshal.dumps(facts.plain())


def recall(folder: str, settings: Settings) -> KeptBuild | None:
    """The last build under these settings; ``None`` where there is none, or none of use."""
    data = records.read_sealed(_path(folder, settings), _MARK)
    if data is None:
        return None
    try:
        return msgspec.msgpack.decode(data, type=KeptBuild)
    except (msgspec.MsgspecError, ValueError):
        return None


def keep(folder: str, settings: Settings, build: KeptBuild) -> None:
    """Keeps a build, in place of the last one under the same settings."""
    path = _path(folder, settings)
    with contextlib.suppress(UnicodeEncodeError, msgspec.MsgspecError):
        if records.write_sealed(path, _MARK, msgspec.msgpack.encode(build)):
            records.remove_oldest(os.path.dirname(path), _MOST)


def _path(folder: str, settings: Settings) -> str:
    return os.path.join(folder, FOLDER, record_name(settings))
