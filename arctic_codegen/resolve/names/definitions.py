"""To what does a definition bind its name: to an object, or to another name to follow?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import (
    Assign,
    AugAssign,
    ClassDecl,
    FromImport,
    FunctionDecl,
    Import,
    Loop,
    Match,
    TypeAlias,
    With,
)
from arctic_codegen.model.expr import (
    Attr,
    BinOp,
    Expr,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    Starred,
    Subscript,
    UnaryOp,
)
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.spelling import mangled
from arctic_codegen.resolve.binder.bindings import NO_WAY, UNBOUND, Binding, normal
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    Scope,
    Unknown,
    ValueEntity,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class ExprHop(msgspec.Struct, frozen=True):
    """Follow an expression in a scope."""

    expr: Expr
    scope: Scope


class AttributeHop(msgspec.Struct, frozen=True):
    """Follow an attribute of a module; ``place`` is where it is used."""

    module: str
    name: str
    place: Place | None = None


Hop = Union[ExprHop, AttributeHop]


class Definitions:
    """Reads definitions. ``home`` is the scope of the body that contains a definition."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def place(self, module: str, span: Span) -> Place | None:
        """The place of a span in a module's file."""
        file = self._names.source(module).file
        return None if file is None else Place(file.path, span)

    def _certain_place(self, module: str, span: Span) -> Place:
        return self.place(module, span) or Place(f"<{module}>", span)

    def of(self, found: Binding, home: Scope) -> Entity | Hop:
        """The object or name that a definition binds."""
        stmt = found.stmt
        if isinstance(stmt, FunctionDecl):
            return self.function(stmt, home.at(stmt.span), found)
        if isinstance(stmt, ClassDecl):
            return self._names.class_entity(stmt, home.at(stmt.span))
        if isinstance(stmt, Assign):
            return self._assigned(found, stmt, home)
        if found.kind == "submodule":
            return ModuleEntity(f"{home.module}.{found.name}")
        if isinstance(stmt, FromImport):
            return self._imported(found, stmt, home)
        if isinstance(stmt, Import):
            return self._module(found, stmt, home)
        if isinstance(stmt, AugAssign):
            expr = BinOp(stmt.span, stmt.op, stmt.target, stmt.value)
            return self.value(expr, home.at(stmt.span), found)
        if isinstance(stmt, TypeAlias):
            return self.value(stmt.value, home.at(stmt.span), found)
        statement = {Loop: "for", With: "with", Match: "match"}.get(type(stmt), "try")
        why = message("reasons", "bound-by", name=found.name, statement=statement)
        return Unknown(why, self.place(home.module, stmt.span))

    def value(self, expr: Expr, scope: Scope, found: Binding | None = None) -> Entity:
        """An expression that is not an alias of another name."""
        place = self._certain_place(scope.module, expr.span)
        reachable = None if found is None else self.reachable(scope, found)
        if isinstance(expr, LambdaExpr):
            qualname = f"{scope.qualname}<lambda>"
            return LambdaEntity(scope, place, expr, qualname, reachable)
        binding = None if found is None else path_of_binding(scope, found)
        return ValueEntity(scope, place, expr, reachable, binding)

    def function(self, decl: FunctionDecl, scope: Scope, found: Binding | None = None) -> Entity:
        """A ``def`` in ``scope``."""
        owner: ClassId | None = None
        if isinstance(scope.frame, ClassDecl):
            owner = ClassId(scope.module, scope.frame.qualname)
        reachable = None if found is None else self.reachable(scope, found)
        place = self._certain_place(scope.module, decl.span)
        return FunctionEntity(scope, place, decl, owner, reachable)

    def class_(self, decl: ClassDecl, scope: Scope) -> ClassEntity:
        """A class statement in ``scope``."""
        place = self._certain_place(scope.module, decl.span)
        return ClassEntity(ClassId(scope.module, decl.qualname), decl, scope, place)

    def reachable(self, home: Scope, found: Binding) -> tuple[str, str] | None:
        """The path under which the value of a binding is found, if no other value can be there."""
        path = path_of_binding(home, found)
        if path is None or not self._names.reaching.is_sure(home.late, found):
            return None
        for number, frame in enumerate(home.frames):
            outside = Scope(home.module, home.frames[:number])
            if not self._names.reaching.is_sure(outside, Binding(frame, "class", frame.name)):
                return None
        return path

    def _assigned(self, found: Binding, stmt: Assign, home: Scope) -> Entity | Hop:
        assert stmt.value is not None
        scope = home.at(stmt.span)
        expr: Expr = stmt.value
        for index in found.path:
            if index == NO_WAY:
                why = message("reasons", "starred-target", name=found.name)
                return Unknown(why, self.place(home.module, stmt.span))
            items = expr.items if isinstance(expr, Seq) and expr.kind != "set" else ()
            if items and not any(isinstance(item, Starred) for item in items):
                if not -len(items) <= index < len(items):
                    why = message("reasons", "too-few-values", name=found.name)
                    return Unknown(why, self.place(home.module, stmt.span))
                expr = items[index]
            else:
                expr = Subscript(expr.span, expr, (Literal_(expr.span, "int", str(index)),))
        if isinstance(expr, (Name, Attr, Subscript, IfExp)):
            return ExprHop(expr, scope)
        return self.value(expr, scope, found)

    def _imported(self, found: Binding, stmt: FromImport, home: Scope) -> Entity | Hop:
        module = self._names.sources.imported(stmt, home.module)
        if module is None:
            why = message("reasons", "relative-import")
            return Unknown(why, self.place(home.module, stmt.span), missing=True)
        if found.kind == "star":
            return AttributeHop(module, found.name, self.place(home.module, stmt.span))
        alias = stmt.names[found.index]
        place = self.place(home.module, alias.span)
        if module == home.module:
            return self._from_itself(alias.name, Scope(module, (), stmt.span.start), place)
        return AttributeHop(module, alias.name, place)

    def _from_itself(self, name: str, before: Scope, place: Place | None) -> Entity | Hop:
        """``from . import name`` in a package: the current binding, otherwise the submodule."""
        inside = f"{before.module}.{name}"
        state = self._names.state(before, normal(name))
        # A star import of an unreadable module (`torch._C`) rarely binds the name of a submodule.
        certain = any(found is not None and found.certain for found in state)
        if state != UNBOUND and (certain or self._names.source(inside).kind == "missing"):
            span = Span(1, 1, 1, 1) if place is None else place.span
            return ExprHop(Name(span, name), before)
        if self._names.source(inside).kind != "missing":
            self._names.queries.read(inside, "")
            return ModuleEntity(inside)
        why = message("reasons", "module-lacks-yet", module=before.module, name=name)
        return Unknown(why, place, missing=True)

    def _module(self, found: Binding, stmt: Import, home: Scope) -> Entity | Hop:
        alias = stmt.names[found.index]
        place = self.place(home.module, alias.span)
        parts = alias.name.split(".")
        missing = self._names.sources.first_missing(alias.name)
        if missing is not None:
            return no_module(missing, place)
        self._names.queries.read(alias.name, "")
        if alias.asname is None:
            return ModuleEntity(parts[0])
        if len(parts) == 1:
            return ModuleEntity(alias.name)
        parent = ".".join(parts[:-1])
        self._names.queries.read(parent, parts[-1])
        if self._names.sources.binds(parent, parts[-1]):
            return AttributeHop(parent, parts[-1], place)
        return ModuleEntity(alias.name)


def path_of_binding(home: Scope, found: Binding) -> tuple[str, str] | None:
    """Module and dotted name of a binding at module or class level."""
    if home.in_function:
        return None
    frames = [frame.name for frame in home.frames]
    name = mangled(found.name, frames[-1]) if frames else found.name
    return (home.module, ".".join([*frames, name]))


def no_module(name: str, place: Place | None) -> Unknown:
    """The module does not exist."""
    return Unknown(message("reasons", "no-module", module=name), place, missing=True)


def picked(display: Seq, expr: Subscript) -> Expr | None:
    """The item of a display that a constant subscript selects."""
    items, index = display.items, expr.items[0]
    negative = isinstance(index, UnaryOp) and index.op == "-"
    literal = index.operand if isinstance(index, UnaryOp) and negative else index
    if not isinstance(literal, Literal_) or literal.kind != "int" or expr.tuple_:
        return None
    number = -int(literal.text, 0) if negative else int(literal.text, 0)
    if any(isinstance(item, Starred) for item in items):
        return None
    return items[number] if -len(items) <= number < len(items) else None
