"""Would the output become empty by accident: a missing framework, or a lost mixin (R49)?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import (
    ClassDecl,
    FromImport,
    Import,
    Statement,
)
from arctic_codegen.model.output import PreviousOutput
from arctic_codegen.resolve.binder.blocks import bodies, flat
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.sources import Sources


def missing_frameworks(
    modules: Iterable[str], names: Names, previous: PreviousOutput
) -> Iterator[Finding]:
    """One finding for each missing package that contains a mixin, at its first import without a
    fallback."""
    missing = _missing_packages(names.sources)
    for module in modules if missing else ():
        source = names.source(module)
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


def _missing_packages(sources: Sources) -> frozenset[str]:
    found: dict[str, bool] = {}
    for framework in FRAMEWORKS:
        for mixin in framework.mixins:
            package = mixin.module.partition(".")[0]
            found[package] = found.get(package, False) or _is_there(mixin.module, sources)
    return frozenset(package for package, is_there in found.items() if not is_there)


def _is_there(module: str, sources: Sources) -> bool:
    """Whether a module exists, or its package without it, which is an unsupported version
    (AC016)."""
    if _kind(module, sources) != "missing":
        return True
    # A folder with this name, for example of recipes, is a namespace package for Python.
    return _kind(module.partition(".")[0], sources) not in ("missing", "namespace")


def _kind(module: str, sources: Sources) -> str:
    return "source" if sources.skim(module) is not None else sources.source(module).kind


def _packages(stmt: Statement) -> tuple[str, ...]:
    if isinstance(stmt, FromImport):
        return () if stmt.level else (stmt.module.partition(".")[0],)
    if isinstance(stmt, Import):
        return tuple(alias.name.partition(".")[0] for alias in stmt.names)
    return ()


def lost_mixins(
    module: str, accounted_for: Collection[str], names: Names, previous: PreviousOutput
) -> Iterator[Finding]:
    """Classes that were compiled, still exist, and are no longer host classes; ``accounted_for``
    are the names of host classes and of classes with another finding."""
    compiled = previous.classes.get(module, {})
    wanted = set(compiled).difference(accounted_for)
    source = names.source(module)
    if not wanted or source.decls is None or source.file is None:
        return
    executed = {cls.id.name: cls for cls in names.classes_of(module)}
    for frames, _ in bodies(source.decls.body):
        decl = frames[-1] if frames else None
        if not isinstance(decl, ClassDecl) or decl.qualname not in wanted:
            continue
        name = decl.qualname
        wanted.remove(name)
        cls = executed.get(name)
        unknown = () if cls is None else names.mro(cls).unknown_bases
        searched = message("AC022", "searched", interpreter=previous.interpreter).text
        advice = "\n".join(filter(None, (searched, previous.advice)))
        if cls is None:
            found = message("AC022", "not-executed", name=name, advice=advice, file=compiled[name])
        elif unknown:
            problem = unknown[0].message
            found = message(
                "AC022",
                "base-not-found",
                name=name,
                problem=problem,
                missing=(unknown[0].hint or "").partition(";")[0],
                advice=advice,
                file=compiled[name],
            )
        else:
            found = message("AC022", "no-mixin", name=name, file=compiled[name])
        yield found.at(Place(source.file.path, decl.span))
