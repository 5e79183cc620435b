"""What would empty the output by accident (R49): a framework that cannot be found, or classes that
were compiled and have lost their mixin?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
                yield Finding(
                    "AC021",
                    f"the package '{package}' cannot be found, neither in the import roots nor by "
                    f"the interpreter {previous.interpreter}",
                    Place(source.file.path, stmt.span),
                    f"install {name} for that interpreter, or have another one searched\n"
                    + previous.advice,
                )


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
    if not unknown:
        return _lost(cls.id, cls.place, "no callback mixin is among its bases", previous)
    missing = unknown[0].hint or ""
    return _lost(cls.id, cls.place, unknown[0].message, previous, missing.partition(";")[0])


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
            why = f"its class statement is not executed here, where '{missing}' is missing"
            yield _lost(cls, place, why, previous, f"no module named '{missing}'")


def _lost(
    cls: ClassId, place: Place, why: str, previous: PreviousOutput, missing: str = ""
) -> Finding:
    file = previous.classes[cls.module][cls.name]
    keep = f"if '{cls.name}' is to have no compiled class, delete {file}"
    again = f"derive '{cls.name}' or one of its bases from a callback mixin again"
    lines = [again, keep] if not missing else [_searched(missing, previous), previous.advice, keep]
    return Finding(
        "AC022",
        f"'{cls.name}' has a compiled class, but {why}",
        place,
        "\n".join(filter(None, lines)),
    )


def _searched(missing: str, previous: PreviousOutput) -> str:
    if "no module named" not in missing:
        return f"{missing} (searched by the interpreter {previous.interpreter})"
    return f"{missing.removesuffix(' can be found')} can be found by {previous.interpreter}"
