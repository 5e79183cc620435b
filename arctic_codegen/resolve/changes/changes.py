"""Statements that change a host class's callbacks from outside its body (R12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.expr import Attr
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.source import Loader
from arctic_codegen.model.spelling import CALLBACK_METHOD
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.interfaces import Change
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.query import Node
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.operations import Operation
from arctic_codegen.resolve.values.values import Values

_SHOWN = 6
_OWN_ATTRIBUTE = re.compile(rb"\bself\s*\.\s*callbacks\b")

_MOST_ENTRIES = 100_000


class Changes:
    """Finds the changes, and what is wrong with them."""

    def __init__(self, names: Names, values: Values, loader: Loader) -> None:
        self._names = names
        self._values = values
        self._loader = loader
        self.far: set[str] = set()
        """Modules whose statements change callbacks of classes of other modules."""
        self.touched: set[str] = set()
        """Modules of which other ones change lists."""
        self.read: dict[tuple[str, ClassId | None], list[Node]] = {}
        """What was looked up for a module's changes of a class, and to find which it has."""

    def changes(
        self,
        modules: Sequence[str],
        is_host: dict[ClassId, ClassEntity],
        plain: frozenset[ClassId] = frozenset(),
    ) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
        """Changes, modules in order of name and each in source order; findings AC210 to AC213.

        The mixins count among the host classes; ``plain`` are the other ancestors of those.
        """
        changes: list[Change] = []
        findings: list[Finding] = []
        reach = _Reach(self._names, is_host)
        in_order = sorted(set(modules))
        for module in in_order:
            with self._names.account(module):
                self._changes_in(module, is_host, plain, reach, changes, findings)
        findings.extend(_in_two_modules(changes))
        findings.extend(self._named_lists(in_order, is_host))
        findings.extend(self._methods(in_order, is_host))
        return tuple(changes), tuple(findings)

    def _named_lists(
        self, modules: Sequence[str], hosts: dict[ClassId, ClassEntity]
    ) -> Iterator[Finding]:
        """Changes of named lists of other modules that callbacks of host classes are made of."""
        far: list[tuple[tuple[str, str], Place]] = []
        for module in modules:
            with self._names.account(module):
                found = self._values.changed_names.in_module(module)
            for binding, changes in found.items():
                if binding[0] != module:
                    far += [(binding, one.place) for one in changes]
        self.touched.update(binding[0] for binding, _ in far)
        used = self._values.named_lists(hosts[id] for id in sorted(hosts)) if far else {}
        for binding, place in far:
            home, name = binding
            host = used.get(binding)
            if host is not None:
                yield Finding(
                    "AC213",
                    f"'{name}' of '{home}' is changed outside its module, and the callbacks of "
                    f"'{host}' are made of it",
                    place,
                    f"change it in '{home}' before the class, or change "
                    f"'{host.name}.callbacks' itself",
                )

    def _methods(
        self, modules: Sequence[str], hosts: dict[ClassId, ClassEntity]
    ) -> Iterator[Finding]:
        """Callback methods that are put into a host class, or taken from it, outside its body
        (R11): nothing would run them in the compiled class."""
        for module in modules:
            for placed in self._names.list_changes(module):
                target = placed.change.target
                if not isinstance(target, Attr) or not CALLBACK_METHOD.fullmatch(target.attr):
                    continue
                with self._names.account(module):
                    owner = self._names.lookup(target.value, placed.scope)
                if not isinstance(owner, ClassEntity):
                    continue
                if owner.id.module != module:
                    self.far.add(module)
                if owner.id in hosts:
                    yield Finding(
                        "AC213",
                        f"the callback method '{target.attr}' of '{owner.id.name}' is changed "
                        "outside its class body, which cannot be compiled",
                        placed.place,
                        "write the method in the class body, or put the function into "
                        f"'{owner.id.name}.callbacks'",
                    )

    def _changes_in(
        self,
        module: str,
        is_host: dict[ClassId, ClassEntity],
        plain: frozenset[ClassId],
        reach: _Reach,
        changes: list[Change],
        findings: list[Finding],
    ) -> None:
        """Adds what the statements of one module do."""
        with self._names.queries.record() as found:
            operations = self._values.operations.of(module)
            in_script = bool(operations) and self._values.operations.imports_output(module)
        self.read[module, None] = [found]
        counts: dict[ClassId, int] = {}
        entries: dict[ClassId, int] = {}
        for operation in operations:
            owner = operation.target.owner.id
            if operation.target.own_method:
                if (owner in plain or owner in is_host) and self._is_ours(owner, reach):
                    findings.append(_in_method(operation))
                continue
            if owner.module != module:
                self.far.add(module)
            if owner in plain:
                findings.append(_of_plain(operation))
            if owner not in is_host:
                # A class beside those that are asked for may share a list with them.
                if self._lands_in(operation.target.owner) not in is_host or _refused(operation):
                    continue
                change = self._change(operation, 0, module, in_script, [])
                if change is not None:
                    changes.append(change)
                continue
            refused = _refused(operation)
            if refused is not None:
                findings.append(refused)
                continue
            number = counts.get(owner, 0)
            counts[owner] = number + 1
            if entries.get(owner, 0) > _MOST_ENTRIES:
                continue  # it has been told
            change = self._change(operation, number, module, in_script, findings)
            if change is None:
                continue
            entries[owner] = entries.get(owner, 0) + len(change.entries)
            if entries[owner] > _MOST_ENTRIES:
                findings.append(_too_many(operation))
            changes.append(change)
            if owner.module != module:
                findings.append(_far(operation, reach.of(owner)))

    def _is_ours(self, owner: ClassId, reach: _Reach) -> bool:
        """Whether ``callbacks`` is ours on the objects of a class of the project, of all that are
        derived from it too: a library's class may have an attribute of that name."""
        if self._loader.module(owner.module).installed:
            return False
        return any(not self._of_library(cls) for cls in reach.hosts(owner))

    def _of_library(self, cls: ClassEntity) -> bool:
        for parent in self._names.mro(cls).classes:
            module = self._loader.module(parent.id.module)
            if not module.installed or module.file is None or is_mixin(parent.id):
                continue
            if _OWN_ATTRIBUTE.search(module.file.data):
                return True
        return False

    def _change(
        self,
        operation: Operation,
        number: int,
        module: str,
        in_script: bool,
        findings: list[Finding],
    ) -> Change | None:
        owner = operation.target.owner.id
        with self._names.queries.record() as node:
            self.read.setdefault((module, owner), []).append(node)
            return self._read_change(operation, number, module, in_script, findings)

    def _read_change(
        self,
        operation: Operation,
        number: int,
        module: str,
        in_script: bool,
        findings: list[Finding],
    ) -> Change | None:
        change = operation.change
        position: int | None = None
        if change.kind == "insert":
            position = self._values.integer(change.args[0], operation.placed.scope)
            if position is None:
                shown = show(change.args[0])
                findings.append(
                    Finding(
                        "AC213",
                        f"the position '{shown}' of 'insert' cannot be determined statically",
                        Place(operation.placed.place.path, change.args[0].span),
                        "write a number, as in 'insert(0, ...)'",
                    )
                )
                return None
        thunk = self._values.thunk(change.args[-1], operation.placed.scope)
        match change.kind:
            case "append" | "insert":
                evaluated = self._values.single(thunk)
            case "extend":
                evaluated = self._values.added(thunk)
            case _:
                evaluated = self._values.evaluated(thunk)
        findings.extend(evaluated.findings)
        assert change.kind != "other"
        assert change.kind != "delete"
        return Change(
            owner=operation.target.owner.id,
            kind=change.kind,
            position=position,
            entries=evaluated.entries,
            module=module,
            place=operation.placed.place,
            operation=number,
            through_object=operation.target.through_object,
            in_script=in_script,
            main_only=operation.placed.main_only,
            lands_in=self._lands_in(operation.target.owner),
        )

    def _lands_in(self, owner: ClassEntity) -> ClassId | None:
        mro = self._names.mro(owner).classes
        framework = framework_of(one.id for one in mro)
        if framework is None or not framework.has_runtime:
            return None
        holders = (one for one in mro if "callbacks" in self._names.own_names(one))
        holder = next(holders, owner)
        return None if holder.id == owner.id else holder.id


class _Reach:
    """The host classes that a change of one class's list reaches."""

    def __init__(self, names: Names, is_host: dict[ClassId, ClassEntity]) -> None:
        self._names = names
        self._hosts = is_host
        self._reached: dict[ClassId, tuple[ClassId, ...]] | None = None

    def of(self, owner: ClassId) -> tuple[ClassId, ...]:
        """The class itself and its host subclasses, sorted."""
        if self._reached is None:
            found: dict[ClassId, set[ClassId]] = {}
            for id, cls in self._hosts.items():
                for parent in self._names.mro(cls).classes:
                    found.setdefault(parent.id, set()).add(id)
            self._reached = {id: tuple(sorted(below)) for id, below in found.items()}
        return self._reached.get(owner, (owner,))

    def hosts(self, owner: ClassId) -> Iterator[ClassEntity]:
        """The same as entities."""
        return (self._hosts[id] for id in self.of(owner) if id in self._hosts)


def _in_method(operation: Operation) -> Finding:
    """A method that changes the list of its own class, or gives its object one (R52)."""
    target, change = operation.target, operation.change
    what = "assigned" if change.kind == "assign" else f"changed by {change.what}"
    return Finding(
        "AC220",
        f"'{show(change.target)}' is {what} in '{target.owner.id.name}.{target.own_method}', but "
        "the callbacks of a class are fixed at build time",
        operation.placed.place,
        "declare the callbacks in the class body, where a comprehension over constants may compute "
        "them, or give the attribute another name",
        (Related(target.owner.place, "its objects have callbacks"),),
    )


def _refused(operation: Operation) -> Finding | None:
    """What is wrong with a statement, whatever it puts in."""
    owner = operation.target.owner.id
    if operation.placed.where:
        return Finding(
            "AC210",
            f"the callbacks of '{owner.name}' are changed {operation.placed.where}",
            operation.placed.place,
            "write the statement at module level, or declare the callback in a class body "
            "(a subclass, if only some programs need it)",
        )
    if operation.change.kind in ("other", "delete"):
        return Finding(
            "AC213",
            f"the callbacks of '{owner.name}' are changed by {operation.change.what}, which "
            "cannot be compiled",
            operation.placed.place,
            "only 'append', 'extend', 'insert', '+=' and the assignment of a list are read; write "
            "the list as it is to be",
        )
    return None


def _too_many(operation: Operation) -> Finding:
    """Statements that each read the whole list, or double it: those that follow are not read."""
    owner = operation.target.owner.id
    return Finding(
        "AC205",
        f"the statements that change the callbacks of '{owner.name}' have more than "
        f"{_MOST_ENTRIES:,} entries by here",
        operation.placed.place,
        "write the list as it is to be, once",
    )


def _of_plain(operation: Operation) -> Finding:
    """A change of the list of a class without the mixin: nothing at run time takes note of it."""
    owner = operation.target.owner.id
    return Finding(
        "AC213",
        f"the callbacks of '{owner.name}', which has no mixin itself, are changed outside its "
        "class body, which cannot be compiled",
        operation.placed.place,
        f"write the entries in the body of '{owner.name}', or derive it from the mixin",
        (Related(operation.target.owner.place, "the class is defined here"),),
    )


def _far(operation: Operation, reached: tuple[ClassId, ...]) -> Finding:
    owner = operation.target.owner.id
    names = [f"'{id}'" for id in reached[:_SHOWN]]
    more = len(reached) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more > 0 else "")
    return Finding(
        "AC211",
        f"the callbacks of '{owner.name}' are changed outside its own module, for every program: "
        f"this reaches {listed}",
        operation.placed.place,
        f"declare the callback in a subclass of '{owner.name}', or in '{owner.module}'",
        (Related(operation.target.owner.place, "the class is defined here"),),
        Severity.WARNING,
    )


def _in_two_modules(changes: Sequence[Change]) -> list[Finding]:
    """Objects of one class that are changed in more than one module."""
    first: dict[ClassId, Change] = {}
    findings: list[Finding] = []
    for change in changes:
        if not change.through_object:
            continue
        other = first.setdefault(change.owner, change)
        if other.module != change.module:
            findings.append(
                Finding(
                    "AC212",
                    f"the callbacks of objects of '{change.owner.name}' are changed in "
                    f"'{change.module}' and in '{other.module}', and each would run both",
                    change.place,
                    f"write a subclass of '{change.owner.name}' for each, with its own callbacks",
                    (Related(other.place, "the other change is here"),),
                )
            )
    return findings
