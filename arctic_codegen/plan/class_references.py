"""Which compiled classes refer to each other (R30), and in which order are they defined?"""

from __future__ import annotations

from itertools import takewhile
from operator import eq

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.plan.layout import Layout, ModuleSlot


class Links:
    """The classes that the attributes of each compiled class refer to."""

    def __init__(self, layout: Layout) -> None:
        self._classes: dict[ClassId, list[ClassId]] = {}
        self._modules: dict[str, set[str]] = {}
        for module, slot in layout.modules.items():
            named = self._modules.setdefault(module, set())
            for host in slot.hosts:
                classes = [
                    cls
                    for attribute in host.attributes
                    for cls in attribute.classes
                    if cls in layout.classes
                ]
                self._classes[host.id] = classes
                named.update(cls.module for cls in classes if cls.module != module)
        self._reached: dict[str, set[str]] = {}

    def cyclic(self, module: str, other: str) -> bool:
        """Whether ``other``, which ``module`` refers to, refers back to ``module``."""
        if other not in self._reached:
            found: set[str] = set()
            waiting = [other]
            while waiting:
                new = self._modules[waiting.pop()] - found
                found |= new
                waiting += new
            self._reached[other] = found
        return module in self._reached[other]

    def ordered(self, slot: ModuleSlot) -> tuple[ClassId, ...]:
        """The classes of a module in source order, but each after those that its body refers
        to."""
        done: dict[ClassId, None] = {}
        open_: set[ClassId] = set()

        def visit(cls: ClassId) -> None:
            if cls in done or cls in open_:
                return
            open_.add(cls)
            for other in self._classes[cls]:
                if other.module == slot.module:
                    visit(other)
            done[cls] = None

        for host in slot.hosts:
            visit(host.id)
        return tuple(done)


def relative(slot: ModuleSlot, other: ModuleSlot) -> str:
    """The name of the other module in a relative import from this one: ``..data.factories``."""
    package = slot.module.split(".")
    if not slot.is_package:
        package.pop()
    target = other.module.split(".")
    common: int = sum(takewhile(bool, map(eq, package, target)))
    return "." * (len(package) - common + 1) + ".".join(target[common:])
