"""Compiles a class in memory, for tests, notebooks, and classes that cannot be imported (R46)."""

from __future__ import annotations

import builtins
import importlib.util
import itertools
import linecache
import os
import re
import sys
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen import runtime
from arctic_codegen.build.in_memory.class_source import (
    CallFrames,
    ClassSource,
    NoSource,
    class_source,
    concerned,
    object_named,
)
from arctic_codegen.build.in_memory.notebook import watch_cells
from arctic_codegen.build.loader import FileLoader
from arctic_codegen.build.semantics import semantics_findings
from arctic_codegen.diagnostics.full import render_full, without_style
from arctic_codegen.diagnostics.records import (
    Finding,
    Place,
    Related,
    Severity,
    Span,
    sort_findings,
)
from arctic_codegen.diagnostics.silence import Silencer
from arctic_codegen.diagnostics.texts import SourceLines, read_from_disk
from arctic_codegen.discover.trees import DiskTree, MemoryTree
from arctic_codegen.emit import emit
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.settings import Semantics, Settings
from arctic_codegen.plan import plan
from arctic_codegen.resolve.resolve import resolve
from arctic_codegen.runtime.errors import IN_MEMORY, full_name

__all__ = ["CompileError", "compiled"]

T = TypeVar("T")

_numbers = itertools.count(1)
watch_cells()


class CompileError(Exception):
    """A class cannot be compiled; ``findings`` has the reasons."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


def compiled(cls: type[T], *, semantics: Semantics | None = None) -> type[T]:
    """Compiles a class in memory, through the stages of a build, and returns the compiled class.

    The class may be defined in a module, in a function, in ``__main__``, or in a notebook. Names
    that an enclosing function binds are looked up in the caller's scope and in the closures of the
    class's methods. Nothing is written. A class on ArcticTraining takes its source's place in the
    registry.

    ``semantics`` overrides the project's configuration.

    Raises :class:`CompileError` if a build would report errors that concern the class, or if
    ``cls`` is not a class.
    """
    if not isinstance(cls, type):
        name = full_name(type(cls))
        raise CompileError(f"an object of {name} is given, not a class: give the class")
    if "__arctic_source__" in vars(cls):
        return cls
    for ancestor in cls.__mro__:
        if "__arctic_source__" in vars(ancestor):
            raise CompileError(
                f"{full_name(cls)} derives from '{full_name(ancestor)}', which is compiled: derive"
                " it from the class that you wrote"
            )
    frames = [frame for frame, _ in traceback.walk_stack(sys._getframe(1))]
    try:
        source = class_source(cls, frames)
    except NoSource as error:
        raise CompileError(str(error)) from None
    result: Any = _Modules(cls, source, frames, _texts(cls, source, semantics)).compiled_class()
    return cast("type[T]", result)


def _settings(source: ClassSource, semantics: Semantics | None) -> Settings:
    """The settings of the project that contains the class, adapted to this interpreter."""
    folder = os.path.dirname(source.path)
    loaded = configuration.load(Path(folder), need_sources=False, extra_sources=(source.path,))
    settings = loaded.settings
    if settings is None:
        raise CompileError("the project's configuration has errors", loaded.findings)
    if semantics is not None:
        settings = msgspec.structs.replace(settings, semantics=semantics, semantics_of=())
    roots = (source.root, *(root for root in settings.src if root != source.root))
    return msgspec.structs.replace(
        settings,
        sources=(source.module,),
        source_places=(),
        output=os.path.join(source.root, "arctic_codegen_compiled"),
        src=roots,
        python=None,
        python_version=sys.version_info[:2],
        platform=sys.platform,
    )


def _texts(cls: type, source: ClassSource, semantics: Semantics | None) -> dict[str, str]:
    """The generated text of each module: of the class, and of those in its attributes (R30)."""
    settings = _settings(source, semantics)
    tree = MemoryTree({source.path: source.text}, DiskTree())
    loader = FileLoader(tree, settings, whole=False)
    target = ClassId(source.module, source.qualname)
    modules = {source.module}
    while True:
        resolution = resolve(loader, sorted(modules), settings)
        hosts = {host.id: host for host in resolution.hosts}
        wanted = _named(target, hosts)
        missing = {one.module for one in wanted} - modules
        if not missing:
            break
        modules |= missing
    _raise_errors(cls, source, loader, settings, resolution.findings)
    if target not in hosts:
        if not any(ancestor.__name__ == "CallbackMixin" for ancestor in cls.__mro__):
            problem = "has no mixin"
        elif re.search(rf"^\s*class {re.escape(cls.__name__)}\(", source.text, re.MULTILINE):
            problem = "has a base class that cannot be determined statically"
        else:
            problem = "is not found in the text of its module"
        raise CompileError(f"{full_name(cls)} {problem}: it cannot be compiled")
    if not hosts[target].compiled:
        raise CompileError(f"{full_name(cls)} is abstract: it cannot be instantiated")
    chosen = tuple(
        msgspec.structs.replace(host, requested=host.id in wanted) for host in hosts.values()
    )
    _raise_errors(cls, source, loader, settings, semantics_findings(chosen, settings))
    plans = plan(chosen, settings)
    _raise_errors(cls, source, loader, settings, plans.findings)
    return {output.module: output.text for output in emit(plans.modules) if output.module}


def _named(target: ClassId, hosts: dict[ClassId, HostClass]) -> set[ClassId]:
    """The class, and transitively the host classes that its attributes name (R30)."""
    wanted: set[ClassId] = set()
    pending = [target]
    while pending:
        one = pending.pop()
        if one in wanted:
            continue
        wanted.add(one)
        if one in hosts:
            pending += [other for each in hosts[one].attributes for other in each.classes]
    return wanted


def _raise_errors(
    cls: type, source: ClassSource, loader: FileLoader, settings: Settings, found: Sequence[Finding]
) -> None:
    """Raises CompileError for errors that concern the class; other classes may have errors."""
    decls = loader.module(source.module).decls
    ignored = {source.path: decls.ignores} if decls is not None else {}
    reported = Silencer(settings).kept(found, ignored)
    concerns = concerned(source, cls)
    errors = [
        finding
        for finding in reported
        if finding.severity is Severity.ERROR
        and concerns(
            [
                place.span.line
                for place in (finding.place, *(related.place for related in finding.related))
                if place is not None and place.path == source.path
            ]
        )
    ]
    if errors:
        shown = sort_findings(_shown(finding, source) for finding in errors)
        lines = SourceLines(lambda path: _read(path, source))
        text = without_style(render_full(shown, lines, os.getcwd())).strip()
        raise CompileError(f"{full_name(cls)} cannot be compiled\n{text}", shown)


def _shown(finding: Finding, source: ClassSource) -> Finding:
    """A finding at the place that the user knows, such as a line of a notebook cell."""

    def place(place: Place) -> Place:
        if place.path != source.path:
            return place
        span = place.span
        shown, line = source.shown, span.line - source.shift
        if source.notebook is not None:
            cell, line = source.notebook.find(line)
            shown = cell.shown
        end = line + span.end_line - span.line
        return Place(shown, Span(line, span.column, end, span.end_column))

    return msgspec.structs.replace(
        finding,
        place=place(finding.place) if finding.place is not None else None,
        related=tuple(
            Related(place(related.place), related.message) for related in finding.related
        ),
    )


def _read(path: str, source: ClassSource) -> bytes | None:
    for _, cell in source.notebook.cells if source.notebook is not None else ():
        if path == cell.shown:
            return cell.text.encode("utf-8")
    return source.original.encode("utf-8") if path == source.shown else read_from_disk(path)


class _Modules:
    """Compiled modules in memory, which import each other and the live source."""

    def __init__(
        self, cls: type, source: ClassSource, frames: CallFrames, texts: dict[str, str]
    ) -> None:
        self._cls = cls
        self._source = source
        self._frames = frames
        self._texts = texts
        self._made: dict[str, types.ModuleType] = {}
        self._prefix = f"{IN_MEMORY}{next(_numbers)}"
        self._runtime = types.SimpleNamespace(
            **{name: getattr(runtime, name) for name in runtime.__all__}
        )
        self._runtime.verify = lambda file, source_module, mark: None

    def compiled_class(self) -> type:
        """The class that was compiled from the live one."""
        for value in vars(self._module(self._source.module)).values():
            if isinstance(value, type) and vars(value).get("__arctic_source__") is self._cls:
                return value
        raise CompileError(
            f"{full_name(self._cls)} is not the class that its module has under that name now: if"
            " the module was reloaded, import the class again"
        )

    def _module(self, name: str) -> types.ModuleType:
        if name in self._made:
            return self._made[name]
        full = f"{self._prefix}.{name}"
        text = self._texts[name]
        file = f"<{self._prefix}/{name}>"
        module = types.ModuleType(full)
        module.__file__ = file
        module.__package__ = full.rpartition(".")[0]
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._import}
        # Tracebacks show the generated text, and objects can be pickled.
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        sys.modules[full] = self._made[name] = module
        for package in itertools.accumulate(name.split(".")[:-1], "{}.{}".format, initial=""):
            # Pickling imports a class's module by name, and therefore the packages above it.
            above = f"{self._prefix}{package}"
            sys.modules.setdefault(above, types.ModuleType(above)).__path__ = []
        exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level and globals is not None:
            package = str(globals["__package__"])
            full = importlib.util.resolve_name("." * level + name, package)
            return self._module(full.removeprefix(f"{self._prefix}."))
        if name == runtime.__name__:
            return self._runtime
        live = sys.modules.get(self._cls.__module__)
        if name == self._source.module and (
            self._source.local
            or self._source.notebook is not None
            or live is None
            or sys.modules.get(name) is not live
        ):
            stand_in: Any = _StandIn(name, self._find)
            if not fromlist:  # `import a.b as c` gets the module from the package
                for part in reversed(name.split(".")[1:]):
                    stand_in = types.SimpleNamespace(**{part: stand_in})
            return stand_in
        return __import__(name, globals, locals, fromlist or (), level)

    def _find(self, name: str) -> Any:
        found = object_named(self._cls, name, self._frames, self)
        if found is self:
            raise CompileError(
                f"the object {name!r}, which {full_name(self._cls)} needs, is not found from here:"
                " call compiled() where the class is defined"
            )
        # A list contains a function with its wrappers, which the generated text replaces.
        return runtime.unwrapped(found)


class _StandIn(types.ModuleType):
    """The live source as a module, including names of the functions that enclose the class."""

    def __init__(self, name: str, find: Callable[[str], Any]) -> None:
        super().__init__(name)
        self.__dict__["_find"] = find

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__["_find"](name)
