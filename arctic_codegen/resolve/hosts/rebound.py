"""Events whose method a later statement of the module binds anew with other parameters (R7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.records import Finding, Place, Related, Span
from arctic_codegen.model.decls import Assign, CallStmt
from arctic_codegen.model.expr import Attr, Expr, LambdaExpr, Name, Str
from arctic_codegen.model.hosts import HostClass, Method, MethodParam
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, LambdaEntity, Scope
from arctic_codegen.resolve.names.names import Names


def rebound_events(
    compiled: Iterable[tuple[HostClass, Sequence[ClassEntity]]],
    requested: frozenset[str],
    names: Names,
    loader: Loader,
) -> Iterator[Finding]:
    """``Trainer.step = other`` at module level, where callers of ``other`` give other arguments
    than the compiled method takes. One that takes the same is called as in Python."""
    found: set[Place] = set()
    written: dict[str, tuple[_Bound, ...]] = {}
    for host, mro in compiled:
        methods = {
            event.method.name: event.method for event in host.events if any(event.all_callbacks)
        }
        behind = [cls.id for cls in mro]
        for number, cls in enumerate(mro if methods else ()):
            module = cls.id.module
            if module not in requested:
                continue
            if module not in written:
                written[module] = tuple(_bound_attributes(module, loader))
            for bound in written[module]:
                method = methods.get(bound.attribute)
                if method is None or method.defined_in not in behind[number:]:
                    continue
                owner = names.lookup(bound.owner, bound.scope)
                if not isinstance(owner, ClassEntity) or owner.id != cls.id:
                    continue
                place = Place(cls.place.path, bound.span)
                given = _shape(bound.value, bound.scope, names)
                if given is not None and given != _taken(method) and place not in found:
                    found.add(place)
                    yield _finding(cls, method, place)


class _Bound(NamedTuple):
    """A statement of a module that binds an attribute of something."""

    owner: Name | Attr
    attribute: str
    value: Expr
    span: Span
    scope: Scope


def _bound_attributes(module: str, loader: Loader) -> Iterator[_Bound]:
    decls = loader.module(module).decls
    for stmt in () if decls is None else flat(decls.body):
        bound: list[tuple[Expr, str, Expr]] = []
        if isinstance(stmt, Assign) and stmt.value is not None:
            for target in stmt.targets:
                if isinstance(target, Attr):
                    bound.append((target.value, target.attr, stmt.value))
        elif isinstance(stmt, CallStmt) and len(stmt.call.args) == 3:
            owner, name, value = (arg.value for arg in stmt.call.args)
            if isinstance(stmt.call.func, Name) and stmt.call.func.id == "setattr":
                bound += [(owner, name.value, value)] if isinstance(name, Str) else []
        scope = Scope(module, (), (stmt.span.line, 0))
        for owner, attribute, value in bound:
            if isinstance(owner, Name | Attr):
                yield _Bound(owner, attribute, value, stmt.span, scope)


_Shape = list[tuple[str, str, bool]]


def _shape(value: Expr, scope: Scope, names: Names) -> _Shape | None:
    """What callers of a function may give; ``None`` where that is not plain to see."""
    if isinstance(value, LambdaExpr):
        params = value.params
    else:
        entity = names.lookup(value, scope) if isinstance(value, Name | Attr) else None
        if isinstance(entity, LambdaEntity):
            params = entity.expr.params
        elif isinstance(entity, FunctionEntity) and not entity.decl.decorators:
            params = entity.decl.params
        else:
            return None
    return [(param.name, param.kind, param.default is not None) for param in params[1:]]


def _taken(method: Method) -> _Shape:
    params: Sequence[MethodParam] = method.params[1:]
    return [(param.name, param.kind, param.default is not None) for param in params]


def _finding(cls: ClassEntity, method: Method, place: Place) -> Finding:
    return Finding(
        "AC309",
        f"'{cls.id.name}.{method.name}' has callbacks, and is bound here to a function with other "
        "parameters than the compiled method takes",
        place,
        hint="write the method in the class body, or give the function the same parameters",
        related=(Related(method.place, f"the method '{method.name}'"),),
    )
