"""Which statements outside a class body change its callbacks, and are they valid (R12)?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Literal

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.query import QueryNode
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.list_changes import named_list_changes
from arctic_codegen.resolve.values.outside_changes import OutsideChange
from arctic_codegen.resolve.values.records import EvaluatedEntry
from arctic_codegen.resolve.values.values import Values

_SHOWN = 6
_MOST_ENTRIES = 100_000
_OWN_ATTRIBUTE = re.compile(rb"\bself\s*\.\s*callbacks\b")


class ListChange(msgspec.Struct, frozen=True):
    """One statement that changes a host class's list from outside its body (R12)."""

    owner: ClassId
    kind: Literal["append", "extend", "insert", "assign"]
    position: int | None
    """The index, for ``insert`` only."""
    entries: tuple[EvaluatedEntry, ...]
    module: str
    place: Place
    operation: int
    """The number, from 0, of this change among those of that class's list in this module."""
    through_object: bool
    """The change is made through a variable bound to ``X(...)``, not through the class."""
    in_script: bool
    """The module imports the output folder."""
    main_only: bool = False
    """It is under ``if __name__ == "__main__":``."""
    lands_in: ClassId | None = None
    """The class whose list Python changes, if the owner has no list of its own and changes are not
    recorded (ArcticTraining)."""


class Changes:
    """Finds the changes of host classes, and problems with them (AC210 to AC213, AC220).

    ``hosts`` includes the mixins; ``plain`` are the other ancestors of the host classes.
    """

    def __init__(
        self,
        names: Names,
        values: Values,
        loader: Loader,
        hosts: dict[ClassId, ClassEntity],
        plain: frozenset[ClassId] = frozenset(),
    ) -> None:
        self._names = names
        self._values = values
        self._loader = loader
        self._hosts = hosts
        self._plain = plain
        self._numbers: Counter[ClassId] = Counter()
        """How many changes of each class's list were found so far in the current module."""
        self._added: Counter[ClassId] = Counter()
        """How many entries these changes have added to each class's list."""
        self.far: set[str] = set()
        """Modules that change callbacks of classes in other modules."""
        self.touched: set[str] = set()
        """Modules whose lists are changed by others."""
        self.read: dict[tuple[str, ClassId | None], list[QueryNode]] = {}
        """The look-ups for a module's changes of a class; ``None`` for those that find its
        changes."""

    def of(self, modules: Iterable[str]) -> tuple[tuple[ListChange, ...], tuple[Finding, ...]]:
        """Changes and findings, with modules in order of name and each in source order."""
        in_order = sorted(set(modules))
        changes: list[ListChange] = []
        findings: list[Finding] = []
        for module in in_order:
            self._numbers.clear()
            with self._names.recorded_for(module):
                with self._names.queries.record() as node:
                    outside = self._values.outside_changes
                    found_here = outside.of(module)
                    in_script = bool(found_here) and outside.imports_output(module)
                self.read[module, None] = [node]
                for operation in found_here:
                    for found in self._operation(operation, module, in_script):
                        if isinstance(found, ListChange):
                            changes.append(found)
                        else:
                            findings.append(found)
        findings.extend(_in_two_modules(changes))
        findings.extend(self._named_lists(in_order))
        return tuple(changes), tuple(findings)

    def _operation(
        self, operation: OutsideChange, module: str, in_script: bool
    ) -> Iterator[ListChange | Finding]:
        """The change that one statement makes, or the finding about it."""
        owner = operation.owner.id
        if operation.own_method:
            if (owner in self._plain or owner in self._hosts) and self._is_ours(owner):
                yield _in_method(operation)
            return
        if owner.module != module:
            self.far.add(module)
        if owner in self._plain:
            yield _without_mixin(operation)
        refused = _refused(operation)
        if owner not in self._hosts:
            # A class that was not requested may share a list with one that was.
            if refused is None and self._lands_in(operation.owner) in self._hosts:
                change, _ = self._recorded(operation, 0, module, in_script)
                if change is not None:
                    yield change
            return
        if refused is not None:
            yield refused
            return
        number = self._numbers[owner]
        self._numbers[owner] += 1
        if self._added[owner] > _MOST_ENTRIES:
            return  # already reported
        change, findings = self._recorded(operation, number, module, in_script)
        yield from findings
        if change is None:
            return
        yield change
        self._added[owner] += len(change.entries)
        if self._added[owner] > _MOST_ENTRIES:
            yield _too_many(operation)
        if owner.module != module:
            yield _far(operation, [cls.id for cls in self._reached(owner)] or [owner])

    def _recorded(
        self, operation: OutsideChange, number: int, module: str, in_script: bool
    ) -> tuple[ListChange | None, tuple[Finding, ...]]:
        change, placed = operation.placed.change, operation.placed
        position: int | None = None
        with self._names.queries.record() as node:
            self.read.setdefault((module, operation.owner.id), []).append(node)
            if change.kind == "insert":
                position = self._values.integer(change.args[0], placed.scope)
                if position is None:
                    unread = message("AC213", "position", expression=show(change.args[0]))
                    return None, (unread.at(Place(placed.place.path, change.args[0].span)),)
            evaluated = self._values.added(placed)
        assert change.kind != "other"
        assert change.kind != "delete"
        made = ListChange(
            owner=operation.owner.id,
            kind=change.kind,
            position=position,
            entries=evaluated.entries,
            module=module,
            place=placed.place,
            operation=number,
            through_object=operation.through_object,
            in_script=in_script,
            main_only=placed.main_only,
            lands_in=self._lands_in(operation.owner),
        )
        return made, evaluated.findings

    def _named_lists(self, modules: Sequence[str]) -> Iterator[Finding]:
        """Changes of named lists in other modules that callbacks of host classes are built from."""
        far: list[tuple[tuple[str, str], Place]] = []
        for module in modules:
            with self._names.recorded_for(module):
                found = named_list_changes(self._names, module)
            for binding, changes in found.items():
                if binding[0] != module:
                    far += [(binding, one.place) for one in changes]
        self.touched.update(binding[0] for binding, _ in far)
        hosts = (self._hosts[id] for id in sorted(self._hosts))
        used = self._values.named_lists(hosts) if far else {}
        for (home, name), place in far:
            host = used.get((home, name))
            if host is not None:
                problem = message(
                    "AC213",
                    "other-module",
                    name=name,
                    module=home,
                    owner=host,
                    owner_name=host.name,
                )
                yield problem.at(place)

    # The classes that a change affects.

    @cached_property
    def _below(self) -> dict[ClassId, list[ClassEntity]]:
        found: dict[ClassId, list[ClassEntity]] = {}
        for _, cls in sorted(self._hosts.items()):
            for parent in self._names.mro(cls).classes:
                found.setdefault(parent.id, []).append(cls)
        return found

    def _reached(self, owner: ClassId) -> Sequence[ClassEntity]:
        """The host classes that a change of one class's list affects, sorted."""
        return self._below.get(owner, ())

    def _is_ours(self, owner: ClassId) -> bool:
        """Whether ``callbacks`` is our list on objects of a project class or of a host class below
        it: a library's class may have an attribute with that name."""
        if self._loader.module(owner.module).installed:
            return False
        return any(not self._of_library(cls) for cls in self._reached(owner))

    def _of_library(self, cls: ClassEntity) -> bool:
        for parent in self._names.mro(cls).classes:
            module = self._loader.module(parent.id.module)
            if not module.installed or module.file is None or is_mixin(parent.id):
                continue
            if _OWN_ATTRIBUTE.search(module.file.data):
                return True
        return False

    def _lands_in(self, owner: ClassEntity) -> ClassId | None:
        mro = self._names.mro(owner).classes
        framework = framework_of(one.id for one in mro)
        if framework is None or framework.keeps_notes:
            return None
        holders = (one for one in mro if "callbacks" in self._names.own_names(one))
        holder = next(holders, owner)
        return None if holder.id == owner.id else holder.id


def _in_method(operation: OutsideChange) -> Finding:
    """The finding for a method that changes the list of its class, or sets one on ``self``
    (R52)."""
    change, owner = operation.placed.change, operation.owner
    shown, name, method = show(change.target), owner.id.name, operation.own_method
    if change.kind == "assign":
        found = message("AC220", "assigned", expression=shown, owner=name, method=method)
    else:
        found = message(
            "AC220", "changed", expression=shown, owner=name, method=method, change=change.what
        )
    return found.at(operation.placed.place, message("AC220", "object").note(owner.place))


def _refused(operation: OutsideChange) -> Finding | None:
    """The finding for an unsupported statement, whatever it adds."""
    owner, placed = operation.owner.id.name, operation.placed
    if placed.where:
        found = message("AC210", "changed-elsewhere", owner=owner, where=placed.where)
        return found.at(placed.place)
    if placed.change.kind in ("other", "delete"):
        found = message("AC213", "operation", owner=owner, change=placed.change.what)
        return found.at(placed.place)
    return None


def _too_many(operation: OutsideChange) -> Finding:
    """The finding for statements that each copy or double the list: later ones are ignored."""
    owner = operation.owner.id
    found = message("AC205", "too-many-entries", owner=owner.name, most=_MOST_ENTRIES)
    return found.at(operation.placed.place)


def _without_mixin(operation: OutsideChange) -> Finding:
    """The finding for a change of a class without the mixin: nothing records it at run time."""
    owner = operation.owner
    found = message("AC213", "without-mixin", owner=owner.id.name)
    return found.at(operation.placed.place, message("AC213", "defined-here").note(owner.place))


def _far(operation: OutsideChange, reached: Sequence[ClassId]) -> Finding:
    owner = operation.owner
    names = [f"'{id}'" for id in reached[:_SHOWN]]
    more = len(reached) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more > 0 else "")
    found = message("AC211", "far", owner=owner.id.name, module=owner.id.module, reached=listed)
    return found.at(operation.placed.place, message("AC211", "defined-here").note(owner.place))


def _in_two_modules(changes: Sequence[ListChange]) -> list[Finding]:
    """Findings for classes whose list is changed through an object in more than one module."""
    first: dict[ClassId, ListChange] = {}
    findings: list[Finding] = []
    for change in changes:
        if not change.through_object:
            continue
        other = first.setdefault(change.owner, change)
        if other.module != change.module:
            found = message(
                "AC212",
                "in-two-modules",
                owner=change.owner.name,
                module=change.module,
                other=other.module,
            )
            note = message("AC212", "other-change").note(other.place)
            findings.append(found.at(change.place, note))
    return findings
