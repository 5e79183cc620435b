"""Resolves sources given as text, for the tests of host classes."""

from __future__ import annotations

import functools
import hashlib
import sys
import textwrap
from pathlib import Path

from arctic_codegen.diagnostics.records import Finding, Severity
from arctic_codegen.model.hosts import Callback, ClassId, HostClass
from arctic_codegen.model.resolution import Resolution
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Module, SourceFile
from arctic_codegen.resolve.resolve import resolve
from arctic_codegen.scan import scan, syntax_of

ROOT = "/project"
SETTINGS = Settings(
    root=ROOT,
    output=f"{ROOT}/generated",
    src=(ROOT,),
    python_version=(sys.version_info[0], sys.version_info[1]),
    platform="linux",
)


class TextLoader:
    """Modules from text; others are searched for on the search path."""

    def __init__(self, modules: dict[str, str], packages: frozenset[str]) -> None:
        self.modules = modules
        self.packages = packages
        self.known: dict[str, Module] = {}

    def module(self, name: str) -> Module:
        if name not in self.known:
            self.known[name] = self._find(name)
        return self.known[name]

    def skim_own(self, name):
        return None

    def file(self, name):
        return None

    def skim(self, name: str) -> bytes | None:
        return None

    def syntax(self, name):
        file = self.module(name).file
        return None if file is None else syntax_of(file.data)

    def submodules(self, name: str) -> tuple[str, ...]:
        inside = name + "."
        return tuple(
            sorted(m for m in self.modules if m.startswith(inside) and "." not in m[len(inside) :])
        )

    def _find(self, name: str) -> Module:
        if name.partition(".")[0] == "generated":
            return Module(name, "opaque")  # the output, written already or not
        if name in self.modules:
            is_package = name in self.packages
            file = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
            return _scanned(name, f"{ROOT}/{file}", self.modules[name].encode(), is_package, False)
        if any(other.startswith(name + ".") for other in self.modules):
            return Module(name, "namespace", is_package=True)
        return _installed(name)


@functools.cache
def _installed(name: str) -> Module:
    relative = name.replace(".", "/")
    if name in sys.builtin_module_names:
        return Module(name, "opaque")
    for folder in sys.path:
        for file, is_package in ((f"{relative}.py", False), (f"{relative}/__init__.py", True)):
            path = Path(folder or ".") / file
            if path.is_file():
                return _scanned(name, str(path.resolve()), path.read_bytes(), is_package, True)
        if list((Path(folder or ".")).glob(f"{relative}.*.so")):
            return Module(name, "opaque")
    return Module(name, "missing")


def _scanned(name: str, path: str, data: bytes, is_package: bool, installed: bool) -> Module:
    file = SourceFile(path, data, hashlib.sha256(data).hexdigest())
    found = scan(data, path)
    if isinstance(found, Finding):
        return Module(
            name, "source", is_package=is_package, file=file, failure=found, installed=installed
        )
    return Module(
        name, "source", is_package=is_package, file=file, decls=found, installed=installed
    )


class Resolved:
    """A resolution, and short ways to query it."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self.hosts = {host.id: host for host in resolution.hosts}

    def host(self, name: str, module: str = "m") -> HostClass:
        return self.hosts[ClassId(module, name)]

    def order(self, name: str, event: str, module: str = "m") -> list[str]:
        """Names of the callbacks of ``post-step`` and the like, without the module."""
        return [_short(one) for one in self.callbacks(name, event, module)]

    def callbacks(self, name: str, event: str, module: str = "m") -> tuple[Callback, ...]:
        phase, _, label = event.partition("-")
        found = next(e for e in self.host(name, module).events if e.label == label)
        return found.pre if phase == "pre" else found.post

    def runtime(self, name: str, event: str, module: str = "m") -> list[str]:
        phase, _, label = event.partition("-")
        found = next(e for e in self.host(name, module).events if e.label == label)
        callbacks = found.runtime_pre if phase == "pre" else found.runtime_post
        assert callbacks is not None
        return [_short(one) for one in callbacks]

    def method(self, name: str, label: str, module: str = "m"):
        return next(e for e in self.host(name, module).events if e.label == label).method

    @property
    def findings(self) -> list[Finding]:
        return [one for one in self.resolution.findings if one.severity is not Severity.NOTE]

    @property
    def codes(self) -> list[tuple[str, int, int]]:
        """Code, line and column of each finding, without notes."""
        return [
            (one.code, one.place.span.line, one.place.span.column)
            for one in self.findings
            if one.place is not None
        ]


def _short(callback: Callback) -> str:
    return callback.name.partition(".")[2]


def resolved(
    text: str | dict[str, str],
    *requested: str,
    packages: tuple[str, ...] = (),
    settings: Settings = SETTINGS,
) -> Resolved:
    """The text resolved as the module ``m``, or several by name; all of them are requested."""
    modules = {"m": text} if isinstance(text, str) else text
    modules = {name: textwrap.dedent(body).lstrip("\n") for name, body in modules.items()}
    loader = TextLoader(modules, frozenset(packages))
    return Resolved(resolve(loader, requested or tuple(modules), settings))
