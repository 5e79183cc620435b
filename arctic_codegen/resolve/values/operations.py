"""Statements outside a class body that change a class's list of callbacks (R12).

They are found and read as far as it takes to say which class they are about; their entries are
looked at by others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import (
    Assign,
    CallStmt,
    ClassDecl,
    FunctionDecl,
    Loop,
    Statement,
)
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Seq, Str, Subscript, names_of_target
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.binder.bindings import bound_names, local_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Entity, Scope, ValueEntity
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.changed_names import is_static_method
from arctic_codegen.resolve.values.list_changes import ListChange, list_changes
from arctic_codegen.resolve.values.output_names import OutputNames

NAME = "callbacks"
_CONTEXTS = {
    "undecided": "under a condition that cannot be determined statically",
    "try": "in a 'try'",
    "loop": "in a loop",
    "match": "in a 'match'",
}


class Target(msgspec.Struct, frozen=True):
    """The class whose list a statement changes; ``through_object``: by an object of it."""

    owner: ClassEntity
    through_object: bool = False
    unnamed: bool = False
    """The object is bound to no name, so that nothing else can use it."""
    own_method: str = ""
    """The method of the class that makes the change, by ``self`` or ``cls``."""


class Operation(msgspec.Struct, frozen=True):
    """One statement that changes a class's list.

    ``where`` says, in words, where it stands if that is not at module level.
    """

    target: Target
    change: ListChange
    scope: Scope
    place: Place
    where: str = ""
    main_only: bool = False


class Operations:
    """Finds the operations of each module, in source order, each module once."""

    def __init__(self, names: Names, loader: Loader, settings: Settings) -> None:
        self._names = names
        self._loader = loader
        self._output = OutputNames(loader, settings)
        self._known: dict[str, tuple[Operation, ...]] = {}
        self._open: set[str] = set()
        self._handed_on: set[str] = set()
        self._at_module_level: dict[str, dict[ClassId, list[Operation]]] = {}

    def imports_output(self, module: str) -> bool:
        """Whether the module imports anything from the output, or changes the list of a class that
        another module hands on from there."""
        self.of(module)
        return self._output.imports_output(module) or module in self._handed_on

    def of(self, module: str) -> tuple[Operation, ...]:
        """The operations that stand in a module."""
        if module not in self._known:
            self._known[module] = ()  # for a module whose own names lead back to it
            self._open.add(module)
            found = sorted(self._in_module(module), key=lambda one: one.place.span)
            self._open.discard(module)
            self._known[module] = tuple(found)
        return self._known[module]

    def at_module_level(self, module: str, owner: ClassId) -> Sequence[Operation]:
        """Those of them that change that class's list whenever the module is imported."""
        found = self._at_module_level.get(module)
        if found is None:
            found = {}
            for operation in self.of(module):
                if not (operation.where or operation.main_only):
                    found.setdefault(operation.target.owner.id, []).append(operation)
            if module not in self._open:
                self._at_module_level[module] = found
        return found.get(owner, ())

    def _in_module(self, module: str) -> Iterator[Operation]:
        loaded = self._loader.module(module)
        if loaded.decls is None or loaded.file is None or not _mentions(loaded.decls.body):
            return
        reader = _Reader(self._names, self._output, module, loaded.file.path)
        yield from reader.block(loaded.decls.body, Scope(module), "", {})
        if reader.handed_on:
            self._handed_on.add(module)


def _mentions(statements: tuple[Statement, ...]) -> bool:
    """Whether any statement here could be about ``callbacks``: most modules have none."""
    for stmt in flat(statements):
        if isinstance(stmt, (FunctionDecl, ClassDecl)):
            found = _mentions(stmt.body)
        elif isinstance(stmt, Assign):
            found = stmt.value is not None and _base(stmt.value) is not None
            found = found or any(_mentioned(change.target) for change in list_changes(stmt))
        elif isinstance(stmt, CallStmt):
            args = [arg.value for arg in stmt.call.args]
            found = any(_base(arg) is not None or _is_text(arg) for arg in args)
            found = found or any(_mentioned(change.target) for change in list_changes(stmt))
        else:
            found = any(_mentioned(change.target) for change in list_changes(stmt))
        if found:
            return True
    return False


def _mentioned(expr: Expr) -> bool:
    return isinstance(expr, Attr) and expr.attr == NAME


def _is_text(expr: Expr) -> bool:
    return isinstance(expr, Str) and expr.value == NAME


def _base(expr: Expr) -> Expr | None:
    """``X`` of ``X.callbacks``."""
    return expr.value if isinstance(expr, Attr) and expr.attr == NAME else None


class _Reader:
    def __init__(self, names: Names, output: OutputNames, module: str, path: str) -> None:
        self._names = names
        self._output = output
        self._module = module
        self._path = path
        self.handed_on = False
        """Whether it has met a class from the output that another module hands on."""
        self._bindings: dict[int, dict[str, int]] = {}
        self._loops: dict[int, dict[str, tuple[Expr, ...]]] = {}
        self._locals: dict[int, frozenset[str]] = {}

    def block(
        self,
        body: tuple[Statement, ...],
        scope: Scope,
        where: str,
        outer: dict[str, tuple[Target, str]],
    ) -> Iterator[Operation]:
        """The operations of a module, of a class body, or of a function. ``outer`` are the names
        around it that are bound to a class's list."""
        aliases = dict(outer)
        later: list[FunctionDecl] = []
        for live in self._names.live(body, self._module):
            stmt = live.stmt
            if live.typing_only:
                continue
            here = where or _CONTEXTS.get(live.context, "")
            if isinstance(stmt, FunctionDecl):
                later.append(stmt)
                continue
            if isinstance(stmt, ClassDecl):
                inner = Scope(self._module, (*scope.frames, stmt))
                name = stmt.qualname
                told = where or f"in the body of '{name}'"
                yield from self.block(stmt.body, inner, told, aliases)
                continue
            reading = self._reading(scope, stmt)
            for change in self._changes(stmt):
                for target, bound_where in self._targets(change, reading, body, aliases):
                    place = Place(self._path, stmt.span)
                    told = here or bound_where
                    yield Operation(target, change, reading, place, told, live.main_only)
            self._note_alias(stmt, reading, body, aliases, here)
        for function in later:
            # It runs when everything around it has been bound.
            inner = Scope(self._module, (*scope.frames, function))
            hidden = self._local(function)
            seen = {name: found for name, found in aliases.items() if name not in hidden}
            told = f"in the function '{function.qualname}'"
            yield from self.block(function.body, inner, told, seen)

    def _reading(self, scope: Scope, stmt: Statement) -> Scope:
        if any(isinstance(frame, FunctionDecl) for frame in scope.frames):
            return scope
        return msgspec.structs.replace(scope, before=(stmt.span.line, stmt.span.column))

    def _changes(self, stmt: Statement) -> Iterator[ListChange]:
        yield from list_changes(stmt)
        if not isinstance(stmt, CallStmt):
            return
        call = stmt.call
        args = [arg.value for arg in call.args]
        if isinstance(call.func, Name) and call.func.id in ("setattr", "delattr"):
            if len(args) >= 2 and isinstance(args[1], Str) and args[1].value == NAME:
                target = Attr(args[0].span, args[0], NAME, args[0].span)
                yield ListChange(target, "other", (), f"'{call.func.id}'", stmt.span)
        elif (
            isinstance(call.func, Attr)
            and isinstance(call.func.value, Name)
            and call.func.value.id == "list"
            and args
            and _base(args[0]) is not None
        ):
            what = f"'list.{call.func.attr}'"
            yield ListChange(args[0], "other", tuple(args[1:]), what, stmt.span)

    def _targets(
        self,
        change: ListChange,
        scope: Scope,
        body: tuple[Statement, ...],
        aliases: dict[str, tuple[Target, str]],
    ) -> Iterator[tuple[Target, str]]:
        """The classes whose lists a statement changes: a loop may go over several."""
        base = _base(change.target)
        looped = self._looped_over(base.id, scope, body) if isinstance(base, Name) else ()
        if looped:
            for item in looped:
                target = self.target(item, scope, body)
                if target is not None:
                    yield target, "in a loop"
            return
        found = self._target_of_list(change, scope, body, aliases)
        if found is not None:
            yield found

    def _target_of_list(
        self,
        change: ListChange,
        scope: Scope,
        body: tuple[Statement, ...],
        aliases: dict[str, tuple[Target, str]],
    ) -> tuple[Target, str] | None:
        """Whose list ``change.target`` is: ``X.callbacks``, or a name bound to that."""
        expr = change.target
        base = _base(expr)
        if base is not None:
            target = self.target(base, scope, body)
            return None if target is None else (target, "")
        if isinstance(expr, Name) and change.kind != "assign" and change.what != "'del'":
            if expr.id in aliases:
                return aliases[expr.id]
            if expr.id in ("self", "cls") or self._is_local(expr.id, scope):
                return None
            entity = self._names.lookup(expr, scope)
            if isinstance(entity, ValueEntity):
                base = _base(entity.expr)
                target = None if base is None else self.target(base, entity.scope, body)
                return None if target is None else (target, "")
        return None

    def _is_local(self, name: str, scope: Scope) -> bool:
        """Whether a function around it binds the name, or takes it as a parameter."""
        return any(
            isinstance(frame, FunctionDecl) and name in self._local(frame) for frame in scope.frames
        )

    def _local(self, function: FunctionDecl) -> frozenset[str]:
        """The names that a function binds, its parameters among them; a body is walked once."""
        if id(function) not in self._locals:
            names = (*local_names(function), *(param.name for param in function.params))
            self._locals[id(function)] = frozenset(names)
        return self._locals[id(function)]

    def _note_alias(
        self,
        stmt: Statement,
        scope: Scope,
        body: tuple[Statement, ...],
        aliases: dict[str, tuple[Target, str]],
        where: str,
    ) -> None:
        if not isinstance(stmt, Assign) or stmt.value is None:
            return
        base = _base(stmt.value)
        target = None if base is None else self.target(base, scope, body)
        for name in stmt.targets:
            if isinstance(name, Name):
                aliases.pop(name.id, None)
                if target is not None:
                    aliases[name.id] = (target, where)

    def target(self, expr: Expr, scope: Scope, body: tuple[Statement, ...]) -> Target | None:
        """The class that ``expr`` is, or is an object of."""
        own = self._of_own_method(expr, scope)
        if own is not None:
            return own
        if isinstance(expr, Call):
            made = self._class(expr.func, scope)
            return None if made is None else Target(made, True, unnamed=True)
        if not isinstance(expr, (Name, Attr, Subscript)):
            return None
        if self._is_parameter(expr, scope):
            return None
        cls = self._class(expr, scope)
        if cls is not None:
            return Target(cls)
        entity = self._names.lookup(expr, scope)
        if isinstance(entity, ValueEntity) and isinstance(entity.expr, Call):
            if isinstance(expr, Name) and not self._bound_once(expr.id, scope, body):
                return None
            made = self._class(entity.expr.func, entity.scope)
            return None if made is None else Target(made, True)
        return None

    def _looped_over(
        self, name: str, scope: Scope, body: tuple[Statement, ...]
    ) -> tuple[Expr, ...]:
        """The elements that a ``for`` over a display gives to a name."""
        functions = [frame for frame in scope.frames if isinstance(frame, FunctionDecl)]
        for statements in (body, *(frame.body for frame in reversed(functions))):
            looped = self._loops_in(statements)
            if name in looped:
                return looped[name]
        return ()

    def _loops_in(self, statements: tuple[Statement, ...]) -> dict[str, tuple[Expr, ...]]:
        """The names that loops of a body bind, each with what the first such loop goes over."""
        key = id(statements)
        if key not in self._loops:
            found: dict[str, tuple[Expr, ...]] = {}
            for stmt in flat(statements):
                if isinstance(stmt, Loop):
                    iterable = stmt.iterable
                    items = iterable.items if isinstance(iterable, Seq) else ()
                    for target in stmt.targets:
                        for name in names_of_target(target):
                            found.setdefault(name, items)
            self._loops[key] = found
        return self._loops[key]

    def _is_parameter(self, expr: Expr, scope: Scope) -> bool:
        while isinstance(expr, (Attr, Subscript)):
            expr = expr.value
        return isinstance(expr, Name) and any(
            isinstance(frame, FunctionDecl) and any(p.name == expr.id for p in frame.params)
            for frame in scope.frames
        )

    def _of_own_method(self, expr: Expr, scope: Scope) -> Target | None:
        """The class that ``self``, ``cls``, ``type(self)``, ``self.__class__`` or ``super()`` stand
        for in one of its methods: that, or one derived from it."""
        if isinstance(expr, Attr) and expr.attr == "__class__":
            expr = expr.value
        first = expr.id if isinstance(expr, Name) else None
        if isinstance(expr, Call) and isinstance(expr.func, Name):
            if expr.func.id == "type" and len(expr.args) == 1:
                of = expr.args[0].value
                first = of.id if isinstance(of, Name) else None
            elif expr.func.id != "super":
                return None
        elif first is None:
            return None
        for depth in range(len(scope.frames) - 1, 0, -1):
            cls, function = scope.frames[depth - 1 : depth + 1]
            if not isinstance(function, FunctionDecl):
                return None
            if isinstance(cls, ClassDecl):
                params = function.params
                if not params or first not in (params[0].name, None):
                    return None
                home = Scope(scope.module, scope.frames[:depth])
                if is_static_method(function, home, self._names):
                    return None
                outside = Scope(scope.module, scope.frames[: depth - 1])
                found = self._names.lookup(Name(expr.span, cls.name), outside)
                if not isinstance(found, ClassEntity) or found.decl is not cls:
                    return None
                return Target(found, own_method=function.name)
            if first in self._local(function):
                return None
        return None

    def _class(self, expr: Expr, scope: Scope) -> ClassEntity | None:
        if isinstance(expr, Subscript):
            expr = expr.value
        source = self._output.source_of(expr, scope.module)
        if source is not None:
            return self._in_source(*source)
        entity = self._names.lookup(expr, scope)
        source = self._output.source_behind(entity)
        if source is not None:
            self.handed_on = True
            return self._in_source(*source)
        return entity if isinstance(entity, ClassEntity) else None

    def _in_source(self, module: str, path: tuple[str, ...]) -> ClassEntity | None:
        if not path:
            return None
        found: Entity | None = self._names.module_attribute(module, path[0])
        for name in path[1:]:
            if not isinstance(found, ClassEntity):
                return None
            found = self._names.class_attribute(found, name)
        return found if isinstance(found, ClassEntity) else None

    def _bound_once(self, name: str, scope: Scope, body: tuple[Statement, ...]) -> bool:
        """Whether the name stands for one object wherever it is read."""
        frame = next(
            (
                frame
                for frame in reversed(scope.frames)
                if isinstance(frame, FunctionDecl) and name in self._bound_in(frame.body)
            ),
            None,
        )
        statements = body if frame is None else frame.body
        return self._bound_in(statements).get(name, 0) <= 1

    def _bound_in(self, statements: tuple[Statement, ...]) -> dict[str, int]:
        """How often a body binds each of its names."""
        key = id(statements)
        if key not in self._bindings:
            counts: dict[str, int] = {}
            for stmt in flat(statements):
                for bound in bound_names(stmt):
                    counts[bound] = counts.get(bound, 0) + 1
            self._bindings[key] = counts
        return self._bindings[key]
