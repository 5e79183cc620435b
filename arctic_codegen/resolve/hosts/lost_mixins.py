"""What would empty the output by accident: a missing framework, or a lost mixin (R49)?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import (
    ClassDecl,
    FromImport,
    Import,
    Statement,
)
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.output import PreviousOutput
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.binder.blocks import bodies, flat
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.names.names import Names


def missing_frameworks(
    modules: Iterable[str], loader: Loader, names: Names, previous: PreviousOutput
) -> Iterator[Finding]:
    """One finding for each package that holds a mixin and is not there, at the first import of it
    that nothing replaces."""
    missing = _missing_packages(loader)
    for module in modules if missing else ():
        source = loader.module(module)
        if source.decls is None or source.file is None:
            continue
        imported = (_packages(stmt) for stmt in flat(source.decls.body))
        if missing.isdisjoint(package for packages in imported for package in packages):
            continue
        for stmt in names.uncaught_imports(module):
            for package in missing.intersection(_packages(stmt)):
                missing -= {package}
                name = package.replace("_", "-")
                found = message(
                    "AC021",
                    "not-found",
                    package=package,
                    interpreter=previous.interpreter,
                    name=name,
                    advice=previous.advice,
                )
                yield found.at(Place(source.file.path, stmt.span))


def _missing_packages(loader: Loader) -> frozenset[str]:
    found: dict[str, bool] = {}
    for framework in FRAMEWORKS:
        for mixin in framework.mixins:
            package = mixin.module.partition(".")[0]
            found[package] = found.get(package, False) or _is_there(mixin.module, loader)
    return frozenset(package for package, is_there in found.items() if not is_there)


def _is_there(module: str, loader: Loader) -> bool:
    """Whether a module is, or its package without it: that one has another machinery (AC016)."""
    if _kind(module, loader) != "missing":
        return True
    # A folder of that name, say of recipes, is a namespace package to Python.
    return _kind(module.partition(".")[0], loader) not in ("missing", "namespace")


def _kind(module: str, loader: Loader) -> str:
    return "source" if loader.skim(module) is not None else loader.module(module).kind


def _packages(stmt: Statement) -> tuple[str, ...]:
    if isinstance(stmt, FromImport):
        return () if stmt.level else (stmt.module.partition(".")[0],)
    if isinstance(stmt, Import):
        return tuple(alias.name.partition(".")[0] for alias in stmt.names)
    return ()


def lost_mixin(cls: ClassEntity, names: Names, previous: PreviousOutput) -> Finding | None:
    """A class that has been compiled, and is no host class now."""
    if cls.id.name not in previous.classes.get(cls.id.module, ()):
        return None
    unknown = names.mro(cls).unknown_bases
    name, file = cls.id.name, _output_of(cls.id, previous)
    if not unknown:
        return message("AC022", "no-mixin", name=name, file=file).at(cls.place)
    found = message(
        "AC022",
        "base-not-found",
        name=name,
        problem=unknown[0].message,
        searched=_searched((unknown[0].hint or "").partition(";")[0], previous),
        file=file,
    )
    return found.at(cls.place)


def cut_off(
    module: str,
    executed: Iterable[ClassEntity],
    loader: Loader,
    previous: PreviousOutput,
) -> Iterator[Finding]:
    """Classes that have been compiled, and whose statement is not executed now that something
    which their module imports is missing."""
    source = loader.module(module)
    wanted = set(previous.classes.get(module, ())).difference(cls.id.name for cls in executed)
    if not wanted or source.decls is None or source.file is None:
        return
    body = source.decls.body
    imported = (package for stmt in flat(body) for package in _packages(stmt))
    missing = next((one for one in imported if _kind(one, loader) == "missing"), None)
    for frames, _ in bodies(body) if missing is not None else ():
        decl = frames[-1] if frames else None
        if isinstance(decl, ClassDecl) and decl.qualname in wanted:
            wanted.discard(decl.qualname)
            cls = ClassId(module, decl.qualname)
            place = Place(source.file.path, decl.span)
            found = message(
                "AC022",
                "not-executed",
                name=cls.name,
                module=missing,
                searched=_searched(f"no module named '{missing}'", previous),
                file=_output_of(cls, previous),
            )
            yield found.at(place)


def _output_of(cls: ClassId, previous: PreviousOutput) -> str:
    return previous.classes[cls.module][cls.name]


def _searched(missing: str, previous: PreviousOutput) -> str:
    """What was not found and by which interpreter, and how to choose another one."""
    by = previous.interpreter
    if "no module named" in missing:
        missing = missing.removesuffix(" can be found")
        found = message("AC022", "no-module", missing=missing, interpreter=by)
    else:
        found = message("AC022", "searched", missing=missing, interpreter=by)
    return "\n".join(filter(None, (found.text, previous.advice)))
