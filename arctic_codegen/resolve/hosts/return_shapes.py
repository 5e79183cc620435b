"""Whether what a pre callback returns can be a tuple of its values, beyond displays (R55).

What is said is certain: a name that may be something else, and an annotation that is not plain to
read, are left to the type checker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.model.decls import Assign, ClassDecl, FunctionDecl, Global, Statement, With
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    Call,
    Comp,
    DictDisplay,
    Expr,
    FString,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    Starred,
    Str,
    Subscript,
    is_none_literal,
    unquoted,
)
from arctic_codegen.resolve.binder.bindings import UNBOUND, bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.returns import Returned, names_in_display
from arctic_codegen.resolve.interfaces import CallableValue
from arctic_codegen.resolve.names.names import Names

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
                    return self._annotated(stmt.annotation, f"'.{name}'", cls.inside)
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
