"""Findings about classes of installed packages, at a project's class that derives from them."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.names.names import Names

_ABOUT_BASES = frozenset({"AC101", "AC104", "AC301", "AC302"})


def at_own_class(finding: Finding, cls: ClassEntity, names: Names) -> Finding:
    """The same finding, where somebody can act: nobody edits what stands in site-packages."""
    if finding.place is None or _is_installed(cls, names):
        return finding
    path = finding.place.path
    foreign = {one.place.path for one in names.mro(cls).classes if _is_installed(one, names)}
    if path not in foreign:
        return finding
    place, library = _derivation(cls, path, names)
    package = library.id.module.partition(".")[0]
    message = f"in the installed package '{package}': {finding.message}"
    hint = f"declare the callbacks on a class that does not derive from '{library.decl.name}'"
    if finding.code in _ABOUT_BASES:
        message = (
            f"the bases of '{library.decl.name}' of the installed package '{package}' cannot be "
            f"determined statically: {finding.message}"
        )
        hint += (
            f"; or add '# arctic-codegen: ignore[{finding.code}]' to this line if none of them has "
            "callbacks: the class is then compiled without them"
        )
    return msgspec.structs.replace(
        finding,
        message=message,
        place=place,
        hint=hint,
        related=(Related(finding.place, "this stands in the package"), *finding.related),
        fix=None,
    )


def _derivation(cls: ClassEntity, path: str, names: Names) -> tuple[Place, ClassEntity]:
    """The base, in a class statement of the project, that leads to a file; and its class."""
    for expr in cls.decl.bases:
        base = names.lookup(expr, cls.scope)
        if isinstance(base, ClassEntity) and path in {
            one.place.path for one in names.mro(base).classes
        }:
            if _is_installed(base, names):
                return Place(cls.place.path, expr.span), base
            return _derivation(base, path, names)
    return cls.place, cls


def _is_installed(cls: ClassEntity, names: Names) -> bool:
    return names.source(cls.id.module).installed
