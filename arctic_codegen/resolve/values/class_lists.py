"""What does a class's list contain at the end of the class body, and later (R9)?"""

from __future__ import annotations

from bisect import bisect_left
from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import Assign
from arctic_codegen.model.expr import Name, Seq
from arctic_codegen.resolve.entities import ClassEntity, Scope, Unknown, ValueEntity
from arctic_codegen.resolve.names.lookup import circular
from arctic_codegen.resolve.names.module_changes import CALLBACKS, PlacedChange
from arctic_codegen.resolve.names.mro import class_key
from arctic_codegen.resolve.values.findings import is_within
from arctic_codegen.resolve.values.list_changes import after_statement, as_list
from arctic_codegen.resolve.values.outside_changes import OutsideChanges
from arctic_codegen.resolve.values.records import Sequence, Value
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_NOTHING = Sequence("list", ())


class ClassLists:
    """Reads the lists of classes: the one that each class body makes, and what code sees of it."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._names = evaluator.names
        self.outside_changes = OutsideChanges(evaluator.names)

    def own(self, owner: ClassEntity) -> Sequence | None:
        """The list that the class body makes; ``None`` if it makes none."""
        if CALLBACKS not in self._names.own_names(owner):
            return None
        return self._names.queries.get(
            ("own list", *class_key(owner)),
            lambda: self._own(owner),
            lambda: self._read(owner, Unknown(circular(f"{owner.id.name}.callbacks"), owner.place)),
        )

    def _own(self, owner: ClassEntity) -> Sequence | None:
        entity = self._names.own_attribute(owner, CALLBACKS)
        if entity is None:
            return None
        is_display = False
        if isinstance(entity, ValueEntity) and entity.scope.frames == owner.body.frames:
            # The list that an element is read from may change later.
            entity = msgspec.structs.replace(entity, reachable=None)
            is_display = isinstance(entity.expr, Seq)
        body = self._names.sources.own_body(owner.body)
        made = msgspec.structs.replace(owner.body, before=body.ends(len(body.statements) - 1))
        name = Thunk(Name(owner.decl.span, CALLBACKS), made, owner.place)
        value = self._evaluator.follow(entity, name)
        if not is_display:
            # `callbacks = COMMON` is the same list object: later changes of COMMON change it too.
            late = self._evaluator.follow(entity, msgspec.structs.replace(name, scope=owner.body))
            if isinstance(value, Sequence) and value.kind == "list" and late != value:
                items = late.items if isinstance(late, Sequence) else ()
                pairs = zip_longest(items, value.items)
                places = (new.place for new, old in pairs if new is not None and new != old)
                value = Unknown(message("reasons", "changed-later"), next(places, None))
        return self._read(owner, value)

    def _read(self, owner: ClassEntity, value: Value) -> Sequence:
        """The value as a list; problems are reported at the statement in the class body."""
        found = Thunk(Name(owner.decl.span, CALLBACKS), owner.body, owner.place)
        bindings = [one for one in self._names.state(owner.body, CALLBACKS) if one is not None]
        if len(bindings) == 1:
            (binding,) = bindings
            found = msgspec.structs.replace(found, place=Place(owner.place.path, binding.stmt.span))
            if isinstance(binding.stmt, Assign) and binding.stmt.value is not None:
                found = self._evaluator.thunk(binding.stmt.value, owner.body)
        at = value.place if isinstance(value, Unknown) else None
        body = self._names.sources.own_body(owner.body)
        inside = at is not None and at.path == owner.place.path and body.contains(at.span.start)
        if at is not None and inside and not is_within(at, found.place):
            found = msgspec.structs.replace(found, place=at)
        return as_list(found, value)

    def seen(self, owner: ClassEntity, scope: Scope) -> Value:
        """``Owner.callbacks`` as code in ``scope`` sees it: looked up along the MRO, after the
        changes made by then."""

        def read() -> Value:
            return self._seen(self._names.mro(owner).classes, scope)

        return self._names.queries.get(
            ("list seen", *class_key(owner), scope.module, scope.before),
            read,
            lambda: Unknown(circular(f"{owner.id.name}.callbacks"), owner.place),
        )

    def _seen(self, classes: tuple[ClassEntity, ...], scope: Scope) -> Sequence:
        """The list of the first class that has one. A statement that changes a class without its
        own list gives it one: the changed list of its bases."""
        for cls in classes:
            own, changes = self.own(cls), self._changes(cls, scope)
            if own is not None:
                return self._after(own, changes, cls)
            if changes:
                inherited = self._seen(self._names.mro(cls).classes[1:], scope)
                return self._after(inherited, changes, cls)
        return _NOTHING

    def _changes(self, cls: ClassEntity, scope: Scope) -> list[PlacedChange]:
        """The changes of a class's list made before code in ``scope`` runs: those in the module of
        the class and in the module of the scope."""
        found: list[PlacedChange] = []
        for module in dict.fromkeys((cls.id.module, scope.module)):
            self._names.queries.read(module, "()")
            changes = self.outside_changes.at_module_level(module, cls.id)
            if module == scope.module and scope.before is not None:
                made = bisect_left(changes, scope.before, key=lambda one: one.place.span.start)
                changes = changes[:made]
            found.extend(changes)
        return found

    def _after(self, value: Sequence, changes: list[PlacedChange], cls: ClassEntity) -> Sequence:
        """The list after these changes; unsupported changes are reported elsewhere."""
        for placed in changes:
            result = after_statement(self._evaluator, value, placed, f"{cls.id.name}.{CALLBACKS}")
            value = result if isinstance(result, Sequence) else value
        return value
