"""What was the output built from? The lock file records this to detect stale output (R36)."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from arctic_codegen._version import LOCK_VERSION, SITE, VERSION
from arctic_codegen.build.fingerprints import binds_none_of, fingerprint, spelled
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.distributions import distribution_of, version_of
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.model.resolution import ModuleReads
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.skimming import stars_that_may_bring
from arctic_codegen.model.source import Loader, Module, SourceFile

SKIMMED = "-"
"""Suffix of a name that, judged by its bytes, a module does not bind."""
RULED_OUT = "ruled out"
"""Replaces the fingerprint of a file in which only such names were looked up."""

UNREADABLE = "unreadable"
"""Replaces the fingerprint of a file that cannot be scanned."""


class LockedModule(msgspec.Struct, frozen=True):
    """What one compiled module was built from.

    ``reads`` has the fingerprint of each input, and the names that were read in it. ``python`` and
    ``platform`` are set if a branch depends on them; ``absent`` lists modules whose absence a
    branch depends on.
    """

    reads: dict[str, tuple[str, str]]
    python: str | None = None
    platform: str | None = None
    absent: tuple[str, ...] = ()


class Lock(msgspec.Struct, frozen=True, rename="kebab", kw_only=True):
    """The lock file, in JSON. ``inputs`` and ``files`` map the files that were read and written to
    digests of their bytes; ``distributions`` maps names to versions."""

    version: Literal[1]
    """``LOCK_VERSION``"""
    tool: str
    formatter: str
    on_stale: str
    distributions: dict[str, str]
    inputs: dict[str, str]
    files: dict[str, str]
    modules: dict[str, LockedModule]


Fingerprints = dict[tuple[str, tuple[str, ...]], str]
"""Fingerprints, by the digest of a file's bytes and the names that were read in it."""


def digest_of_text(content: str | bytes) -> str:
    """The digest of an output file, independent of line ends, which a checkout may change."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def make_lock(
    reads: Sequence[ModuleReads],
    loader: Loader,
    outputs: Mapping[str, str | bytes],
    settings: Settings,
    formatter: str = "",
    made: Fingerprints | None = None,
) -> Lock:
    """The lock file for these outputs, whose paths are relative to the output folder.

    ``made`` are known fingerprints; new ones are added to it.
    """
    formatter = formatter or f"ruff {version_of('ruff')}"
    made = {} if made is None else made
    inputs: dict[str, str] = {}
    distributions: dict[str, str] = {}
    paths: dict[str, str] = {}
    modules = {}
    for of_module in reads:
        locked = {}
        covered = _covered_by_version(of_module, loader)
        distributions.update(covered.values())
        for module, file, names in _files_read(of_module, loader, covered):
            path = paths.get(module.name)
            if path is None:
                path, site = _locked_path(module, settings.output)
                paths[module.name] = path
                inputs[path] = file.digest
                if site is not None and (found := distribution_of(site, path.removeprefix(SITE))):
                    distributions[found[0]] = found[1]
            digest = RULED_OUT if _is_skimmed(module) else _fingerprint_of(module, names, made)
            locked[path] = digest, " ".join(names)
        environment = of_module.environment
        modules[of_module.module] = LockedModule(
            locked,
            ".".join(map(str, settings.python_version)) if environment.python_version else None,
            settings.platform if environment.platform else None,
            tuple(sorted(environment.absent_modules)),
        )
    return Lock(
        version=1,
        tool=VERSION,
        formatter=formatter,
        on_stale=settings.on_stale,
        distributions=distributions,
        inputs=inputs,
        files={path: digest_of_text(text) for path, text in outputs.items()},
        modules=modules,
    )


def make_fingerprints(
    reads: Sequence[ModuleReads], loader: Loader, made: Fingerprints
) -> Iterator[str]:
    """Compute the fingerprints that :func:`make_lock` needs, one per step."""
    for of_module in reads:
        for module, _, names in _files_read(of_module, loader, _ruled_out(of_module)):
            yield _fingerprint_of(module, names, made)


def _files_read(
    reads: ModuleReads, loader: Loader, left_out: Collection[str]
) -> Iterator[tuple[Module, SourceFile, tuple[str, ...]]]:
    """The modules that were read and have files, except ``left_out``: each with the names that were
    read in it, in the notation of the lock file."""
    ruled_out = _ruled_out(reads)
    for name, names in sorted(_names_read(reads).items()):
        if name not in left_out:
            module = _skimmed(name, loader) if name in ruled_out else loader.module(name)
            if module.kind == "source" and module.file is not None and not _is_covered(module):
                yield module, module.file, names


def _names_read(reads: ModuleReads) -> dict[str, tuple[str, ...]]:
    """The names that were read in each module, in the notation of the lock file."""
    names: dict[str, set[str]] = {}
    ruled_out = _ruled_out(reads)
    for read in reads.reads:
        mark = SKIMMED if read.module in ruled_out else ""
        names.setdefault(read.module, set()).add(f"{spelled(read)}{mark}")
    return {module: tuple(sorted(found - {""})) for module, found in names.items()}


def _ruled_out(reads: ModuleReads) -> set[str]:
    """The modules in which all names that were looked up are ruled out by the bytes."""
    read = {one.module for one in reads.reads if not one.ruled_out}
    return {one.module for one in reads.reads} - read


def _skimmed(name: str, loader: Loader) -> Module:
    """A module, without scanning it."""
    installed = loader.skim(name) is not None
    return Module(name, "source", file=loader.file(name), installed=installed)


def _is_skimmed(module: Module) -> bool:
    return module.decls is None and module.failure is None


def _covered_by_version(reads: ModuleReads, loader: Loader) -> dict[str, tuple[str, str]]:
    """The ruled-out modules that belong to a distribution, whose version is recorded instead of a
    fingerprint; each with the name and the version."""
    found = {}
    for name in sorted(_ruled_out(reads)):
        module = _skimmed(name, loader)
        if module.installed and module.file is not None:
            path, site = _locked_path(module, "")
            owner = None if site is None else distribution_of(site, path.removeprefix(SITE))
            if owner is not None:
                found[name] = owner
    return found


def _is_covered(module: Module) -> bool:
    """Whether a module needs no entry: the standard library is covered by the version of Python,
    and this package by that of the tool."""
    top = module.name.partition(".")[0]
    return top == "arctic_codegen" or (module.installed and top in sys.stdlib_module_names)


def input_path(module: Module, output: str) -> str:
    """The path of a module's file, in the notation of the lock file."""
    return _locked_path(module, output)[0]


def _locked_path(module: Module, output: str) -> tuple[str, str | None]:
    """The same path, and for an installed module the entry of the search path."""
    assert module.file is not None
    path = module.file.path.replace(os.sep, "/")
    own = module.name.replace(".", "/")
    for tail in (f"{own}.py", f"{own}/__init__.py"):
        if module.installed and path.endswith(f"/{tail}"):
            return SITE + tail, module.file.path[: -len(tail) - 1]
    try:
        relative = os.path.relpath(module.file.path, output)
    except ValueError:  # another drive
        relative = os.path.join("..", os.path.basename(module.file.path))
    return relative.replace(os.sep, "/"), None


def _fingerprint_of(module: Module, names: tuple[str, ...], made: Fingerprints) -> str:
    assert module.file is not None
    key = (module.file.digest, names)
    if key not in made:
        made[key] = _fingerprint(module.decls, names)
    return made[key]


def _fingerprint(decls: ModuleDecls | None, names: Sequence[str]) -> str:
    return UNREADABLE if decls is None else fingerprint(decls, names)


def fingerprint_of_file(data: bytes, path: str, names: Iterable[str]) -> str:
    """The current fingerprint of a file with these bytes."""
    names = tuple(names)
    skimmed = tuple(name[:-1] for name in names if name.endswith(SKIMMED))
    if skimmed and all(stars_that_may_bring(data, name) == () for name in skimmed):
        return RULED_OUT
    # This loads libcst: the staleness check gets here only if a file has changed.
    from arctic_codegen.scan import scan

    decls = scan(data, path)
    if skimmed and not isinstance(decls, Finding) and binds_none_of(decls, skimmed):
        return RULED_OUT
    return _fingerprint(None if isinstance(decls, Finding) else decls, names)


def fragment(module: LockedModule) -> str:
    """The text of one module's entry in the lock file."""
    content = {
        **{
            key: value
            for key, value in (
                ("absent", list(module.absent)),
                ("platform", module.platform),
                ("python", module.python),
            )
            if value
        },
        "reads": module.reads,
    }
    return _text(content, 2)


def reads_in(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The inputs in the result of :func:`fragment`: path, fingerprint and names of each."""
    for path, (digest, names) in msgspec.json.decode(text, type=LockedModule).reads.items():
        yield path, digest, tuple(names.split())


def assemble(lock: Lock, fragments: Mapping[str, str]) -> str:
    """The text of the lock file; ``fragments`` has the entries of its modules."""
    lines = [f"  {json.dumps(module)}: {fragments[module]}" for module in sorted(fragments)]
    parts = {
        "distributions": _text(lock.distributions, 1),
        "files": _text(lock.files, 1),
        "formatter": json.dumps(lock.formatter),
        "inputs": _text(lock.inputs, 1),
        "modules": "{\n" + ",\n".join(lines) + "\n }" if lines else "{}",
        "on-stale": json.dumps(lock.on_stale),
        "tool": json.dumps(lock.tool),
        "version": json.dumps(LOCK_VERSION),
    }
    return "{\n" + ",\n".join(f' "{key}": {parts[key]}' for key in sorted(parts)) + "\n}\n"


def _text(value: Any, depth: int) -> str:
    """JSON with each item of an object on its own line, and everything else on one line."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    indent = " " * (depth + 1)
    lines = (f"{indent}{json.dumps(key)}: {_text(value[key], depth + 1)}" for key in sorted(value))
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"


def parse(text: str | bytes) -> Lock | None:
    """The content of a lock file; ``None`` if it is damaged or from another version."""
    try:
        return msgspec.convert(json.loads(text), Lock)
    except (ValueError, msgspec.ValidationError):
        return None


def still_holds(
    old: Lock, new: Lock, reads: Sequence[ModuleReads], loader: Loader, settings: Settings
) -> bool:
    """Whether the output of ``old`` passes the staleness check, if a build now gives ``new``.

    New reads do not matter: a build also reads the name of a class that was added to a module, but
    the existing output does not depend on it.
    """
    if without_bytes(old) == without_bytes(new):
        return True
    if _without_reads(old) != _without_reads(new):
        return False
    if not old.distributions.items() <= new.distributions.items():
        return False
    modules = {
        input_path(module, settings.output): module
        for one in reads
        for module, _, _ in _files_read(one, loader, _covered_by_version(one, loader))
    }
    return all(
        path in modules and _fingerprint_now(modules[path], tuple(names.split())) == digest
        for module in old.modules.values()
        for path, (digest, names) in module.reads.items()
    )


def _fingerprint_now(module: Module, names: tuple[str, ...]) -> str:
    skimmed = _is_skimmed(module) or any(name.endswith(SKIMMED) for name in names)
    if module.file is not None and skimmed:
        return fingerprint_of_file(module.file.data, module.file.path, names)
    return _fingerprint(module.decls, names)


def _without_reads(lock: Lock) -> Lock:
    modules = {
        name: msgspec.structs.replace(module, reads={}) for name, module in lock.modules.items()
    }
    return msgspec.structs.replace(lock, inputs={}, distributions={}, modules=modules)


def without_bytes(lock: Lock) -> Lock:
    """The lock without the digests of inputs, which do not make output stale (R36)."""
    return msgspec.structs.replace(lock, inputs=dict.fromkeys(lock.inputs, ""))
