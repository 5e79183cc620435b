"""What does an expression evaluate to? Nothing is executed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    BoolOp,
    Call,
    Comp,
    Compare,
    DictDisplay,
    Expr,
    FString,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.constant_folding import OBJECT, NotConstant, fold, plain, truth
from arctic_codegen.resolve.names.lookup import circular
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import attributes, callback_objects, calls, expressions
from arctic_codegen.resolve.values.class_lists import ClassLists
from arctic_codegen.resolve.values.functions import Functions
from arctic_codegen.resolve.values.known_functions import KnownFunctions
from arctic_codegen.resolve.values.list_changes import (
    added_elements,
    after_statement,
    made_before,
    not_a,
)
from arctic_codegen.resolve.values.records import (
    Class,
    Const,
    External,
    Function,
    Instance,
    Mapping,
    ModuleValue,
    Other,
    Sequence,
    TooMuch,
    Value,
    describe,
)
from arctic_codegen.resolve.values.thunks import EMPTY, ImportPath, Thunk

_MAX_DEPTH = 90
_LONG = 256
"""Copying this number of elements or characters costs as much as one step."""
_MOST_ELEMENTS = 100_000


class Evaluator:
    """Computes the :data:`Value` of a :class:`Thunk`. It never executes what it reads."""

    def __init__(self, names: Names, loader: Loader) -> None:
        self.names = names
        self.loader = loader
        self.class_lists = ClassLists(self)
        self.functions = Functions(self)
        self.running: list[FunctionDecl | LambdaExpr] = []
        """The functions whose calls are being evaluated, the outermost first."""
        self.forks = 0
        """How many times these calls have branched into several possible paths."""
        self._known = KnownFunctions(names)
        self._depth = 0
        self._steps = 0
        self._most_steps = names.budget.steps

    # Used by all parts of the evaluator

    @contextmanager
    def session(self) -> Iterator[None]:
        """One query from outside, with a new step count."""
        outer = self._depth == 0
        if outer:
            self._steps = 0
            self._most_steps = self.names.budget.steps
        depth = self._depth
        try:
            yield
        except RecursionError:
            raise TooMuch from None
        finally:
            self._depth = depth
            if outer:
                too_many = self._steps > self._most_steps
                self.names.budget.took(self._steps, too_many=too_many)

    def thunk(self, expr: Expr, scope: Scope) -> Thunk:
        """A thunk for an expression in a scope."""
        return Thunk(expr, scope, self.place(expr.span, scope.module), EMPTY, scope.qualname)

    def place(self, span: Span, module: str) -> Place:
        """The place of a span in a module's file."""
        file = self.loader.module(module).file
        return Place(module if file is None else file.path, span)

    def tick(self, steps: int = 1) -> None:
        """Count work; raises :class:`TooMuch` beyond the limit."""
        self._steps += steps
        if self._steps > self._most_steps:
            raise TooMuch

    def tick_copy(self, items: tuple[Thunk, ...]) -> None:
        """Count the work of creating a list; raises :class:`TooMuch` beyond the limit."""
        self.tick(len(items) // _LONG)
        if len(items) > _MOST_ELEMENTS:
            raise TooMuch

    def known(self, thunk: Thunk, expr: Expr) -> str | None:
        """The name of a function or decorator in the tables, or of a builtin."""
        return self._known.name_of(expr, thunk.scope, thunk.env)

    def evaluate(self, thunk: Thunk) -> Value:
        """The value of a thunk."""
        if thunk.value is not None:
            return thunk.value
        if thunk.later is not None:
            return thunk.later()
        self.tick()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooMuch
        try:
            form = _FORMS.get(type(thunk.expr))
            value = expressions.unsupported(thunk) if form is None else form(self, thunk)
        except NotConstant as error:
            value = error.unknown.at(thunk.place)
        finally:
            self._depth -= 1
        if isinstance(value, Sequence):
            self.tick_copy(value.items)
            return value if thunk.reach is None else value.reached(thunk.reach)
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)):
            self.tick(len(value.value) // _LONG)
        return value

    def forwarded(self, thunk: Thunk) -> Thunk:
        """The thunk that a comprehension variable or a constant subscript refers to."""
        while thunk.value is None:
            found: object = None
            if isinstance(thunk.expr, Name):
                found = thunk.env.find(thunk.expr.id)
            elif isinstance(thunk.expr, Subscript):
                value = self.evaluate(thunk.child(thunk.expr.value))
                if isinstance(value, Sequence):
                    try:
                        found = expressions.item(self, thunk, value)
                    except NotConstant:
                        return thunk
            if not isinstance(found, Thunk):
                return thunk
            thunk = found
        return thunk

    def elements(self, thunk: Thunk) -> tuple[Thunk, ...]:
        """The elements of an iterable value; raises :class:`NotConstant`."""
        value = self.evaluate(thunk)
        if isinstance(value, Sequence):
            if value.hole is not None:
                raise NotConstant(value.hole)
            if value.kind != "set" or len(value.items) < 2:
                return value.items
            value = Unknown(message("reasons", "unordered"), thunk.place)
        if isinstance(value, Instance):
            found = callback_objects.pairs(self, thunk, value)
            if found is not None:
                return found
        if isinstance(value, Class) and callback_objects.is_callback(self.names, value.entity):
            why = message("reasons", "class-itself", expression=show(thunk.expr))
            raise NotConstant(Unknown(why, thunk.place))
        if not isinstance(value, Unknown):
            value = not_a("list", thunk, value)
        raise NotConstant(value)

    def constant(self, thunk: Thunk) -> object:
        """The value as a Python object, or a marker for an object that is not a constant;
        raises :class:`NotConstant`."""
        value = self.evaluate(thunk)
        match value:
            case Const(value=found):
                return found
            case Sequence(kind="list" | "tuple", items=items):
                constants = [plain(self.constant(item)) for item in items]
                return constants if value.kind == "list" else tuple(constants)
            case External(name=name, waiting=None):
                return self.names.branch_tests.known(name)
            case ModuleValue() | Class() | Function():
                return OBJECT
            case Unknown():
                raise NotConstant(value.at(thunk.place))
        why = message("reasons", "not-a-constant", what=describe(value))
        raise NotConstant(Unknown(why, thunk.place))

    def truth(self, thunk: Thunk) -> bool:
        """Whether a value is true in a boolean context; raises :class:`NotConstant`."""
        try:
            return self._holds(thunk)
        except NotConstant as error:
            if error.unknown.missing:
                raise
        why = message("reasons", "condition", expression=show(thunk.expr))
        raise NotConstant(Unknown(why, thunk.place))

    def decided(self, thunk: Thunk) -> bool | None:
        """The same; ``None`` if it cannot be determined."""
        try:
            return self.truth(thunk)
        except NotConstant:
            return None

    def _holds(self, thunk: Thunk) -> bool:
        expr = thunk.expr
        if thunk.value is None and isinstance(expr, (BoolOp, UnaryOp)) and expr.op in _LOGIC:
            return truth(fold(expr, lambda part: self._holds(thunk.child(part))))
        value = self.evaluate(thunk)
        if isinstance(value, Mapping):
            return bool(value.items)
        if not isinstance(value, Sequence):
            return truth(self.constant(thunk.holding(value)))
        if value.hole is not None:
            raise NotConstant(value.hole)
        return bool(value.items) or value.kind == "iterator"

    # Names

    def follow(self, entity: Entity, thunk: Thunk) -> Value:
        """The value of an entity that was looked up from ``thunk``."""
        match entity:
            case ModuleEntity(name=name):
                return ModuleValue(name)
            case ClassEntity():
                return Class(entity)
            case FunctionEntity():
                return self.functions.function(entity, thunk.env_in(entity.scope))
            case LambdaEntity():
                return self.functions.lambda_(entity, thunk.env_in(entity.scope))
            case OpaqueEntity(module=module, name=name):
                return External(f"{module}.{name}")
            case Unknown():
                return entity
            case ValueEntity():
                return self._value(entity, thunk)

    def _value(self, entity: ValueEntity, thunk: Thunk) -> Value:
        if entity.expr is thunk.expr:
            return expressions.undetermined(thunk)
        reach = entity.reachable
        inner = Thunk(
            entity.expr,
            entity.scope,
            entity.place,
            thunk.env_in(entity.scope),
            entity.scope.qualname,
            reach=None if reach is None else (*reach, ()),
        )
        value = self._bound(inner)
        if isinstance(value, (Function, Instance)) and value.reachable is None:
            return msgspec.structs.replace(value, reachable=reach)
        if entity.binding and isinstance(value, Sequence) and value.kind in ("list", "tuple"):
            self.names.queries.list_used(entity.binding)
            return self._as_changed(value, entity.binding, entity.scope, thunk)
        return value

    def _bound(self, thunk: Thunk) -> Value:
        """The value that a name is bound to. It is evaluated once for all readers, except inside
        calls, where the names it depends on may differ each time."""
        if thunk.env is not EMPTY:
            return self._extended(thunk) or self.evaluate(thunk)
        scope = thunk.scope
        frames = tuple(map(id, scope.frames))
        key = ("bound", id(thunk.expr), scope.module, scope.before, frames, thunk.reach)
        return self.names.queries.get(
            key,
            lambda: self._extended(thunk) or self.evaluate(thunk),
            lambda: Unknown(circular(show(thunk.expr)), thunk.place),
        )

    def _extended(self, thunk: Thunk) -> Value | None:
        """``name += more``, which accepts any iterable if ``name`` is a list."""
        expr = thunk.expr
        if not isinstance(expr, BinOp) or expr.op != "+" or thunk.scope.before != expr.span.start:
            return None
        left = self.evaluate(thunk.child(expr.left))
        if not isinstance(left, Sequence) or left.kind != "list":
            return None
        items = left.items + added_elements(self, thunk.child(expr.right))
        self.tick_copy(items)
        return Sequence("list", items)

    def _as_changed(self, value: Sequence, name: ImportPath, bound: Scope, thunk: Thunk) -> Value:
        """A named list after the statements that change it following its binding."""
        for placed in made_before(self.names, name, bound, thunk.scope):
            changed = after_statement(self, value, placed, name[1])
            if isinstance(changed, Unknown):
                return changed
            value = changed
        return value

    def name(self, thunk: Thunk) -> Value:
        """A bare name."""
        expr = cast(Name, thunk.expr)
        bound = thunk.env.find(expr.id)
        if isinstance(bound, Thunk):
            return self.evaluate(bound)
        return self.follow(bound or self.names.lookup(expr, thunk.scope), thunk)

    def lambda_(self, thunk: Thunk) -> Value:
        """A lambda at its place."""
        expr = cast(LambdaExpr, thunk.expr)
        qualname = f"{thunk.qualname}<lambda>"
        entity = LambdaEntity(thunk.scope, thunk.place, expr, qualname)
        return self.functions.lambda_(entity, thunk.env, thunk.indices)


_LOGIC = ("and", "or", "not")
_FORMS: dict[type, Callable[[Evaluator, Thunk], Value]] = {
    Name: Evaluator.name,
    Attr: attributes.attribute,
    Str: expressions.constant,
    Literal_: expressions.constant,
    FString: expressions.constant,
    Seq: expressions.sequence,
    DictDisplay: lambda evaluator, thunk: Other("a dict"),
    Call: calls.call_expression,
    Subscript: expressions.subscript,
    BinOp: expressions.binary,
    BoolOp: expressions.boolean,
    UnaryOp: expressions.unary,
    Compare: expressions.comparison,
    IfExp: expressions.conditional,
    Comp: expressions.comprehension,
    LambdaExpr: Evaluator.lambda_,
}
