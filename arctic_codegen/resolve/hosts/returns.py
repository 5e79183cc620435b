"""What a callback gives back, as far as its text tells, and how it may end.

What is said of a value that is to be a tuple (R55) is certain: a name that may be something else,
and an annotation that is not plain to read, are left to the type checker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.decls import (
    Assign,
    ClassDecl,
    FunctionDecl,
    Global,
    Loop,
    Return,
    Statement,
    With,
)
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    Call,
    Comp,
    DictDisplay,
    Expr,
    FString,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Opaque,
    Seq,
    Starred,
    Str,
    Subscript,
    is_none_literal,
    named,
    unquoted,
)
from arctic_codegen.model.hosts import Method
from arctic_codegen.resolve.binder.bindings import UNBOUND, bound_names
from arctic_codegen.resolve.binder.blocks import flat, names_in
from arctic_codegen.resolve.entities import ClassEntity, Entity, FunctionEntity, OpaqueEntity, Scope
from arctic_codegen.resolve.hosts.callbacks import Declaration
from arctic_codegen.resolve.interfaces import CallableValue
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show

_NEVER = from_typing("NoReturn", "Never")
_ITERATORS = re.compile(r"(Iterator|Iterable|Generator)\b")


class Returned(msgspec.Struct, frozen=True):
    """One ``return``, or one branch of its conditional expression."""

    span: Span
    value: Expr | None

    @property
    def place(self) -> Span:
        """Where the value stands; the statement, where there is none."""
        return self.span if self.value is None else self.value.span

    @property
    def is_none(self) -> bool:
        """``return None``, spelled out."""
        return is_none_literal(self.value)

    @property
    def may_be_none(self) -> bool:
        """Nothing, ``None``, or what a call gives: that may be nothing as well."""
        return self.value is None or self.is_none or isinstance(self.value, Call | Opaque)

    @property
    def tuple_names(self) -> tuple[str, ...] | None:
        """The names in a tuple display that holds nothing else."""
        is_tuple = isinstance(self.value, Seq) and self.value.kind == "tuple"
        return names_in_display(self.value) if is_tuple else None


def names_in_display(display: Expr | None) -> tuple[str, ...] | None:
    """The items of a display; ``None`` if one of them is no name."""
    items = display.items if isinstance(display, Seq) else ()
    names = tuple(item.id for item in items if isinstance(item, Name))
    return names if len(names) == len(items) else None


def returns_of(value: CallableValue) -> tuple[Returned, ...]:
    """Every ``return`` of a ``def``, those of nested functions left out; what a lambda gives."""
    found: Iterable[Returned] = ()
    if value.definition is not None:
        body = flat(value.definition.body)
        found = (Returned(stmt.span, stmt.value) for stmt in body if isinstance(stmt, Return))
    elif value.lambda_body is not None:
        found = [Returned(value.lambda_body.span, value.lambda_body)]
    return tuple(_branches(found))


def _branches(found: Iterable[Returned]) -> Iterator[Returned]:
    for one in found:
        if isinstance(one.value, IfExp):
            sides = (one.value.body, one.value.orelse)
            yield from _branches(Returned(side.span, side) for side in sides)
        else:
            yield one


def falls_through(value: CallableValue, cls: ClassEntity, names: Names) -> bool:
    """Whether control can run off the end of a callback of ``cls``: not past the call of a
    function that is annotated ``-> NoReturn``."""
    code = value.definition
    if code is None or not code.falls_through:
        return False
    return not code.calls_at_the_end or not all(
        _never_returns(_called(dotted, code, value, cls, names), names)
        for dotted in code.calls_at_the_end
    )


def _called(
    dotted: str, code: FunctionDecl, value: CallableValue, cls: ClassEntity, names: Names
) -> Entity | None:
    first, _, rest = dotted.partition(".")
    if code.params and first == code.params[0].name:
        return names.class_attribute(cls, rest) if rest and "." not in rest else None
    return names.lookup(named(dotted, code.span), value.scope.inside(code))


def _never_returns(entity: Entity | None, names: Names) -> bool:
    if not isinstance(entity, FunctionEntity) or entity.decl.is_async:
        return False
    returns = unquoted(entity.decl.returns)
    if not isinstance(returns, (Name, Attr)):
        return False
    found = names.lookup(returns, entity.scope)
    return isinstance(found, OpaqueEntity) and dotted_name(found) in _NEVER


def maps_an_iterator(declaration: Declaration, method: Method) -> bool:
    """Whether the result of a generator takes the place of an iterator, and is consumed as that is.

    It is right where it takes one value, and that is an iterator by the method's or its own
    annotation, or the body loops over it.
    """
    value = declaration.callable
    if value.params is None or len(value.params) != 2 or value.is_async:
        return False
    taken = value.params[1]
    if declaration.phase == "post":
        if method.generator == "sync":
            return True
        given = method.returns
    else:
        known = (one.annotation for one in method.params if one.name == taken.name)
        given = next(known, None)
    texts = [] if given is None else [str(getattr(part, "name", part)) for part in given.parts]
    if taken.annotation is not None:
        texts.append(show(taken.annotation))
    if any(_ITERATORS.search(text) for text in texts):
        return True
    return value.definition is not None and any(
        isinstance(stmt, Loop) and taken.name in names_in(stmt.iterable)
        for stmt in flat(value.definition.body)
    )


_NO_TUPLES = frozenset(
    {"bool", "bytes", "complex", "dict", "float", "frozenset", "int", "set", "str"}
)
"""Built-in classes. A list, which can be unpacked as well, is left to the type checker."""
_GIVE_NO_TUPLES = _NO_TUPLES | {"abs", "hash", "id", "isinstance", "len", "print", "repr", "sum"}


class Shape(msgspec.Struct, frozen=True):
    """What a value is: a tuple of that length, or none where there is no ``length``."""

    what: str
    length: int | None = None
    names: tuple[str, ...] | None = None
    """The parameters that a display of nothing else holds, by the names that it has for them."""


class Shapes:
    """Looks at what one callback returns, where ``taken`` values are expected."""

    def __init__(
        self, value: CallableValue, mro: Sequence[ClassEntity], names: Names, taken: int
    ) -> None:
        self._names = names
        self._mro = mro
        self._taken = taken
        self._scope = value.scope
        self._params = {param.name: param for param in value.params or ()}
        self._first = next(iter(self._params), "")
        self._returns = value.returns
        body = () if value.definition is None else value.definition.body
        self._bound: dict[str, list[Statement]] = {}
        self._elsewhere: set[str] = set()
        for stmt in flat(body):
            for name in bound_names(stmt):
                self._bound.setdefault(name, []).append(stmt)
            if isinstance(stmt, Global):
                self._elsewhere.update(stmt.names)
        self._aliases = {
            bound: name for bound, name in _aliases(body) if len(self._bound[bound]) == 1
        }

    def of(self, one: Returned) -> Shape | None:
        """The shape of what is returned; ``None`` where it is not certain."""
        if one.value is None or one.is_none:
            return None
        found = self._of(one.value)
        if found is None and isinstance(one.value, Name | Attr | Call):
            found = self._annotated(self._returns, "what it is annotated to return", self._scope)
        return found

    def _of(self, value: Expr) -> Shape | None:
        match value:
            case Seq(kind="set") | Comp(kind="set"):
                return Shape("a set")
            case Seq(items=items):
                if any(isinstance(item, Starred) for item in items):
                    return None
                what = f"{len(items)} value{'' if len(items) == 1 else 's'}"
                names = names_in_display(value)
                if names is not None:
                    names = tuple(self._aliases.get(name, name) for name in names)
                return Shape(what, len(items), names)
            case Name(id=name):
                return self._name(name)
            case Attr(value=Name(id=self._first), attr=attribute):
                return self._attribute(attribute)
            case Call(func=Name(id=name)) if name not in self._bound and name not in self._params:
                return self._call(name)
            case DictDisplay():
                return Shape("a dict")
            case LambdaExpr():
                return Shape("a function")
            case Literal_():
                return Shape("one constant")
            case Str() | FString():
                return Shape("a string")
        return None

    def _name(self, name: str) -> Shape | None:
        if name in self._elsewhere:
            return None
        bound = self._bound.get(name, ())
        shapes = [self._assigned(stmt, name) for stmt in bound]
        param = self._params.get(name)
        if param is not None:
            annotated = self._annotated(param.annotation, "", self._scope)
            wrong = annotated is not None and annotated.length != self._taken
            if (not bound or wrong) and name != self._first:
                return Shape(f"'{name}' alone")
            shapes.append(Shape(f"'{name}' alone"))
        known = [shape for shape in shapes if shape is not None]
        if not known or len(known) < len(shapes):
            return None
        if len(known) == 1:
            return msgspec.structs.replace(known[0], what=f"'{name}', which is {known[0].what}")
        wrong = all(shape.length != self._taken for shape in known)
        return Shape(f"'{name}', which is {known[-1].what}") if wrong else None

    def _assigned(self, stmt: Statement, name: str) -> Shape | None:
        if not isinstance(stmt, Assign) or stmt.value is None:
            return None
        if not all(isinstance(target, Name) for target in stmt.targets):
            return None
        found = None
        match stmt.value:
            case Seq(kind="list"):
                return None  # it may grow
            case Name(id=other):
                if other in self._params and other not in self._bound:
                    return self._name(other)
            case value:
                found = self._of(value)
        what = f"what '{name}' is annotated as"
        return found or self._annotated(stmt.annotation, what, self._scope)

    def _attribute(self, name: str) -> Shape | None:
        for cls in self._mro:
            for stmt in cls.decl.body:
                targets = stmt.targets if isinstance(stmt, Assign) else ()
                if isinstance(stmt, Assign) and any(
                    isinstance(target, Name) and target.id == name for target in targets
                ):
                    return self._annotated(stmt.annotation, f"'.{name}'", cls.body)
        return None

    def _call(self, name: str) -> Shape | None:
        state = self._names.state(Scope(self._scope.module), name)
        if state == UNBOUND:
            return Shape(f"what '{name}' gives") if name in _GIVE_NO_TUPLES else None
        found = [one.stmt for one in state if one is not None]
        if len(state) == 1 and found and isinstance(found[0], FunctionDecl):
            function = found[0]
            if not (function.decorators or function.is_async or function.is_generator):
                scope = Scope(self._scope.module)
                return self._annotated(function.returns, f"what '{name}' gives", scope)
        return None

    def _annotated(self, expr: Expr | None, what: str, scope: Scope) -> Shape | None:
        """The shape that an annotation gives what it stands at, where that is plain to see."""
        expr = unquoted(expr)
        if is_none_literal(expr):
            return Shape(what)
        if isinstance(expr, BinOp) and expr.op == "|":
            sides = [self._annotated(side, what, scope) for side in (expr.left, expr.right)]
            wrong = [side for side in sides if side is not None and side.length != self._taken]
            return Shape(what) if len(wrong) == 2 else None
        base = expr.value if isinstance(expr, Subscript) else expr
        if not isinstance(base, Name):
            return None
        state = self._names.state(Scope(scope.module), base.id)
        if state != UNBOUND:
            found = [one.stmt for one in state if one is not None]
            plain = len(state) == 1 and len(found) == 1 and _is_plain(found[0])
            return Shape(what) if plain else None
        if base.id in _NO_TUPLES:
            return Shape(what)
        items = expr.items if isinstance(expr, Subscript) and base.id == "tuple" else ()
        return Shape(what, len(items)) if items and not any(map(_is_open, items)) else None


def _is_plain(stmt: Statement | None) -> bool:
    """A class statement of a class that is no tuple, nor derived from what might be one."""
    return isinstance(stmt, ClassDecl) and not (stmt.bases or stmt.keywords or stmt.decorators)


def _is_open(item: Expr) -> bool:
    ellipsis = isinstance(item, Literal_) and item.kind == "ellipsis"
    return ellipsis or isinstance(item, Starred | Subscript | Seq)


def _aliases(body: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """The names that a function binds to other names, whatever path it takes."""
    for stmt in body:
        if isinstance(stmt, With):
            yield from _aliases(stmt.body)
        if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
            continue
        target, value = stmt.targets[0], stmt.value
        pairs = [(target, value)]
        if isinstance(target, Seq) and isinstance(value, Seq):
            if len(target.items) != len(value.items):
                continue
            pairs = list(zip(target.items, value.items, strict=True))
        for bound, name in pairs:
            if isinstance(bound, Name) and isinstance(name, Name):
                yield bound.id, name.id
