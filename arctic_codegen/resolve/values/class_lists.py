"""What is in a class's list: at the end of the class body, and later (R9)?"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.expr import Name
from arctic_codegen.model.settings import Settings
from arctic_codegen.resolve.binder.bindings import BindingKind, bindings_of
from arctic_codegen.resolve.binder.in_place_changes import changes_of
from arctic_codegen.resolve.entities import ClassEntity, Scope, Unknown
from arctic_codegen.resolve.names.lookup import circular
from arctic_codegen.resolve.names.module_changes import CALLBACKS, CONTEXTS, PlacedChange
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.after_statement import after_statement, hole
from arctic_codegen.resolve.values.outside_changes import OutsideChanges
from arctic_codegen.resolve.values.records import EMPTY, Layer, Sequence, Thunk, Value

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_NOTHING = Sequence("list", ())


class OwnList(msgspec.Struct, frozen=True):
    """What a class body binds ``callbacks`` to in the end."""

    value: Sequence
    findings: tuple[Finding, ...] = ()


class ClassLists:
    """Reads the lists of classes: what each class body makes, once, and what code sees of it."""

    def __init__(self, evaluator: Evaluator, settings: Settings) -> None:
        self._evaluator = evaluator
        self._names = evaluator.names
        self.outside_changes = OutsideChanges(evaluator.names, settings)

    def own(self, owner: ClassEntity) -> OwnList | None:
        """The class's own list; ``None`` where its body binds none."""
        if CALLBACKS not in self._names.own_names(owner):
            return None
        return self._names.queries.get(
            ("own list", owner.id.module, id(owner.decl)),
            lambda: _Body(self._evaluator, owner).read(),
            lambda: _circular(owner),
        )

    def seen(self, owner: ClassEntity, scope: Scope) -> Value:
        """``Owner.callbacks`` as code in ``scope`` sees it: along the MRO, with the statements
        that have changed it by then."""

        def read() -> Value:
            return self._seen(self._names.mro(owner).classes, scope)

        return self._names.queries.get(
            ("list seen", owner.id.module, id(owner.decl), scope.module, scope.before),
            read,
            lambda: Unknown(circular(f"{owner.id.name}.callbacks"), owner.place),
        )

    def _seen(self, classes: tuple[ClassEntity, ...], scope: Scope) -> Sequence:
        """The list of the first class that has one. A later statement gives one to a class without:
        that of its bases, changed."""
        for cls in classes:
            own, changes = self.own(cls), self._changes(cls, scope)
            if own is not None:
                return self._after(own.value, changes, cls)
            if changes:
                inherited = self._seen(self._names.mro(cls).classes[1:], scope)
                return self._after(inherited, changes, cls)
        return _NOTHING

    def _changes(self, cls: ClassEntity, scope: Scope) -> list[PlacedChange]:
        """The changes of a class's list that have been made when code in ``scope`` runs: those of
        the class's own module, and of the module that is running."""
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
        """The list after these changes; one that is not read is reported where it stands."""
        for placed in changes:
            result = after_statement(self._evaluator, value, placed, f"{cls.id.name}.{CALLBACKS}")
            value = result if isinstance(result, Sequence) else value
        return value


def _circular(owner: ClassEntity) -> OwnList:
    unknown = Unknown(circular(f"{owner.id.name}.callbacks"), owner.place)
    thunk = Thunk(Name(owner.decl.span, owner.decl.name), owner.scope, owner.place)
    return OwnList(Sequence("list", (hole(thunk, unknown),)))


def _not_assigned(kind: BindingKind) -> Message | None:
    """What is wrong with a class body that binds ``callbacks`` to something else."""
    match kind:
        case "function":
            return message("AC205", "method")
        case "class":
            return message("AC205", "class")
        case "import" | "from":
            return message("AC205", "imported")
    return None


class _Body:
    def __init__(self, evaluator: Evaluator, owner: ClassEntity) -> None:
        self._evaluator = evaluator
        self._owner = owner
        self._current: Sequence | None = None
        self._assigned: Thunk | None = None
        self._findings: list[Finding] = []

    def read(self) -> OwnList | None:
        for live in self._evaluator.names.live(self._owner.decl.body, self._owner.body):
            if live.typing_only:
                continue
            place = Place(self._owner.place.path, live.stmt.span)
            for change in changes_of(live.stmt):
                if isinstance(change.target, Name) and change.target.id == CALLBACKS:
                    scope = self._owner.body.at(live.stmt.span)
                    where = CONTEXTS.get(live.context)
                    self._change(PlacedChange(change, scope, place, where, live.main_only))
            for binding in bindings_of(live.stmt):
                if binding.name == CALLBACKS and (problem := _not_assigned(binding.kind)):
                    self._refuse(problem, place)
        if self._current is None and not self._findings:
            return None
        self._check_shared()
        return OwnList(self._current or _NOTHING, tuple(self._findings))

    def _change(self, placed: PlacedChange) -> None:
        change, env = placed.change, EMPTY
        if change.kind == "delete" and not placed.not_always:
            self._current = None
            return
        if change.kind == "assign":
            self._assigned = self._evaluator.thunk(change.args[0], placed.scope)
        elif self._current is None and not placed.not_always:
            nothing = message("AC205", "nothing-to-change", change=change.what)
            self._refuse(nothing, placed.place)
            return
        if self._current is not None and change.args:
            # `callbacks = callbacks + [...]` reads what the statements before have made.
            thunk = self._evaluator.thunk(change.args[0], placed.scope)
            env = EMPTY.within(Layer(0, {CALLBACKS: thunk.holding(self._current)}))
        value = after_statement(self._evaluator, self._current or _NOTHING, placed, CALLBACKS, env)
        if isinstance(value, Unknown):
            is_other = change.kind == "other" and not placed.not_always
            if is_other:
                problem = message("AC213", "in-class-body", reason=value.why)
            else:
                problem = message("AC205", "change-not-read", reason=value.why)
            self._refuse(problem, placed.place)
        else:
            self._current = value

    def _check_shared(self) -> None:
        """``callbacks = COMMON`` is the very list: what changes it later changes this one."""
        thunk, value = self._assigned, self._current
        if thunk is None or value is None or value.alias is None:
            return
        later = self._evaluator.named_list_changes.later(value.alias, thunk.scope)
        if later is not None:
            found = message("AC205", "changed-later", expression=show(thunk.expr))
            note = message("AC205", "changed-here").note(later)
            self._findings.append(found.at(thunk.place, note))

    def _refuse(self, problem: Message, place: Place) -> None:
        self._findings.append(problem.at(place))
        self._current = self._current or _NOTHING
