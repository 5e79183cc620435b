"""Tests against class attributes in which the compiled class has another class (R30)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.candidates import Tools, candidate


def tests_of_replaced_classes(
    compiled: Iterable[tuple[HostClass, Sequence[ClassEntity]]],
    requested: frozenset[str],
    tools: Tools,
) -> Iterator[Finding]:
    """``isinstance(x, self.kind)`` where a compiled class stands in ``kind``: a compiled subclass
    derives from its source, and from no other compiled class."""
    found: set[Place] = set()
    for host, mro in compiled:
        values = {one.name: one.classes[0] for one in host.attributes if one.form == "value"}
        for cls in mro if values else ():
            if cls.id.module not in requested:
                continue
            for decl in flat(cls.decl.body):
                if not isinstance(decl, FunctionDecl):
                    continue
                for test in decl.class_tests:
                    place = Place(cls.place.path, test.span)
                    if test.attribute not in values or place in found:
                        continue
                    held = tools.names.class_attribute(mro[0], test.attribute)
                    if not isinstance(held, ClassEntity) or held.id.module not in requested:
                        continue
                    one = candidate(held, tools)
                    if one is not None and one.compiled:
                        found.add(place)
                        yield _finding(test.attribute, held, place)


def _finding(attribute: str, held: ClassEntity, place: Place) -> Finding:
    name = held.id.name
    return Finding(
        "AC308",
        f"'{attribute}' of a compiled class is the compiled '{name}', so this test misses objects "
        f"of the source class '{name}' and of its other subclasses",
        place,
        hint=f"compare with '{name}' itself: every compiled class derives from its source",
        related=(Related(held.place, f"the class '{name}'"),),
        severity=Severity.WARNING,
    )
