"""Calls: of builtins on constants, of ``functools``, of classes, and of functions that give one."""

from __future__ import annotations

import msgspec

from arctic_codegen.model.decls import Assign, FunctionDecl
from arctic_codegen.model.expr import Arg, Attr, Call, Expr, Literal_, Name, Str, UnaryOp
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.show import show, whole
from arctic_codegen.resolve.values import (
    builtin_calls,
    factories,
    kinds,
    known,
    partials,
    preserving,
    wrappers,
    wrapping,
)
from arctic_codegen.resolve.values.attributes import named_tuple_fields
from arctic_codegen.resolve.values.cells import place_identity
from arctic_codegen.resolve.values.describe import describe
from arctic_codegen.resolve.values.objects import (
    Argument,
    Arguments,
    Around,
    Cell,
    Class,
    Const,
    EnumMember,
    Function,
    Instance,
    Looker,
    Mapping,
    Opaque,
    Sequence,
    Special,
    Undecided,
    Value,
    Wraps,
)


def call_expression(looker: Looker, cell: Cell, expr: Call) -> Value:
    """What a call in the text gives."""
    if isinstance(expr.func, Attr):
        base = looker.look(looker.child(cell, expr.func.value))
        if isinstance(base, EnumMember) and base.text != "no":
            base = looker.look(base.cell)
        if isinstance(base, (Sequence, Mapping)) or (
            isinstance(base, Const) and isinstance(base.value, str)
        ):
            args = arguments(looker, cell, expr.args)
            return builtin_calls.method(looker, base, expr.func.attr, args, cell)
        function = _special(looker, cell, expr)
        if function is None:
            func_cell = looker.child(cell, expr.func)
            function = looker.attribute(base, expr.func.attr, func_cell)
    else:
        function = _special(looker, cell, expr) or looker.look(looker.child(cell, expr.func))
    return call(looker, function, arguments(looker, cell, expr.args), cell)


def _special(looker: Looker, cell: Cell, expr: Call) -> Value | None:
    if isinstance(expr.func, Call):
        # `torch.no_grad()(f)`
        inner = looker.known(cell, expr.func)
        return Special(inner) if inner in preserving.KEEPS else None
    name = looker.known(cell, expr.func)
    return None if name is None else Special(name)


def arguments(looker: Looker, cell: Cell, args: tuple[Arg, ...]) -> Arguments:
    """The arguments of a call, stars taken apart."""
    items: list[Argument] = []
    problem: Undecided | None = None
    for arg in args:
        inner = looker.child(cell, arg.value)
        if arg.star == "":
            items.append(Argument(inner, arg.keyword))
        elif arg.star == "*":
            found = looker.elements(inner)
            if isinstance(found, Undecided):
                problem = problem or found
            else:
                items.extend(Argument(element) for element in found)
        else:
            value = looker.look(inner)
            keys = _keywords(looker, value) if isinstance(value, Mapping) else None
            if keys is None:
                problem = problem or Undecided(
                    f"what '**{show(arg.value)}' holds is not decided", inner.place
                )
            else:
                items.extend(keys)
    return Arguments(tuple(items), problem)


def _keywords(looker: Looker, mapping: Mapping) -> list[Argument] | None:
    found: list[Argument] = []
    for key, item in mapping.items:
        name = looker.look(key)
        if not isinstance(name, Const) or not isinstance(name.value, str):
            return None
        found.append(Argument(item, name.value))
    return found


def call(looker: Looker, function: Value, args: Arguments, cell: Cell) -> Value:
    """What calling a value gives; the objects that it makes are made at ``cell``."""
    looker.tick()
    match function:
        case Special(name=name, makes_async=makes_async):
            made = _call_special(looker, name, args, cell)
            if makes_async and isinstance(made, Special):
                return function
            if makes_async and isinstance(made, Function):
                return msgspec.structs.replace(made, is_async=True)
            return made
        case Opaque(module="builtins", name=name):
            return builtin_calls.builtin(looker, name, args, cell)
        case Opaque(module=module, name=name):
            if f"{module}.{name}" in known.PARTIAL:
                return _call_special(looker, "functools.partial", args, cell)
            return Undecided(
                f"what '{module}.{name}' gives cannot be read", cell.place, code=_opaque(cell)
            )
        case Wraps(wrapped=wrapped):
            target = _first(args)
            if target is None:
                return Undecided(f"'{show(cell.expr)}' wraps nothing", cell.place)
            return wrap(looker, looker.look(target), wrapped, target)
        case Around(wrapper=wrapper):
            target = _first(args)
            if target is None:
                return Undecided(f"'{wrapper}' is given no callback", cell.place, code="AC215")
            return wrappers.put_around(looker, wrapper, target, cell)
        case Class(entity=entity):
            fields = named_tuple_fields(looker, entity)
            if fields is not None:
                return _named_tuple(fields, args, cell)
            identity = place_identity(cell.scope.module, cell.expr.span, cell.indices, cell.env)
            return _made(looker, Instance(entity, cell.place, identity), cell)
        case Function(module=module, qualname=name) if f"{module}.{name}" in known.WRAPPERS:
            given = Arguments((*function.bound, *args.items), args.problem)
            return wrappers.wrap(looker, f"{module}.{name}", given, cell)
        case Function():
            return _made(looker, factories.run(looker, function, args, cell), cell)
        case Instance():
            method = looker.callable_of(function, cell)
            if isinstance(method, Undecided):
                return method
            return _made(looker, factories.run(looker, method, args, cell), cell)
        case Undecided():
            return function
    return Undecided(f"{describe(function)} cannot be called", cell.place, code="AC215")


def _made(looker: Looker, value: Value, cell: Cell) -> Value:
    """A callable with the call that made it, which stands at ``cell``."""
    if not isinstance(value, (Function, Instance)) or not isinstance(cell.expr, Call):
        return value
    args = tuple(_with_value(looker, arg, cell) for arg in cell.expr.args)
    return msgspec.structs.replace(value, made=whole(msgspec.structs.replace(cell.expr, args=args)))


def _with_value(looker: Looker, arg: Arg, cell: Cell) -> Arg:
    """An argument with what its name stands for: a comprehension's variable, or a constant of the
    module. It is for a person to read: output does not depend on it, so nothing is recorded."""
    if not isinstance(arg.value, Name):
        return arg
    name = arg.value.id
    found = cell.env.find(name)
    values = [found.expr] if found is not None else _assigned(looker, cell.scope, name)
    if len(values) != 1 or not isinstance(values[0], (Literal_, Str, UnaryOp)):
        return arg
    return msgspec.structs.replace(arg, value=values[0])


def _assigned(looker: Looker, scope: Scope, name: str) -> list[Expr]:
    module = looker.loader.module(scope.module)
    if (
        module.decls is None
        or module.installed
        or any(isinstance(frame, FunctionDecl) for frame in scope.frames)
    ):
        return []
    for body in (*(frame.body for frame in reversed(scope.frames)), module.decls.body):
        found = [
            one.value
            for one in body
            if isinstance(one, Assign) and one.value is not None
            if any(isinstance(target, Name) and target.id == name for target in one.targets)
        ]
        if found:
            return found
    return []


def _named_tuple(fields: dict[str, Cell | None], args: Arguments, cell: Cell) -> Value:
    """An object of a ``NamedTuple`` class: a tuple of what its fields are given."""
    if args.problem is not None:
        return args.problem
    positional = [item.cell for item in args.items if item.keyword is None]
    by_name = {item.keyword: item.cell for item in args.items if item.keyword is not None}
    found: list[Cell] = []
    for name, default in fields.items():
        given = positional.pop(0) if positional else by_name.pop(name, default)
        if given is None:
            return Undecided(f"'{show(cell.expr)}' gives no '{name}'", cell.place)
        found.append(given)
    if positional or by_name:
        return Undecided(f"'{show(cell.expr)}' gives too much", cell.place)
    return Sequence("tuple", tuple(found))


def _opaque(cell: Cell) -> str | None:
    return "AC414" if not isinstance(cell.expr, Call) else None


def _first(args: Arguments) -> Cell | None:
    positional = [item.cell for item in args.items if item.keyword is None]
    return positional[0] if positional else None


def _named(args: Arguments, position: int, name: str) -> Cell | None:
    positional = [item.cell for item in args.items if item.keyword is None]
    if len(positional) > position:
        return positional[position]
    return next((item.cell for item in args.items if item.keyword == name), None)


def _call_special(looker: Looker, name: str, args: Arguments, cell: Cell) -> Value:
    if name in known.PARTIAL:
        return _made(looker, partials.partial(looker, args, cell), cell)
    if name in known.WRAPPERS:
        return wrappers.wrap(looker, name, args, cell)
    if name in known.WRAPS:
        wrapped = _named(args, 0, "wrapped")
        if wrapped is None:
            return Undecided(f"'{show(cell.expr)}' wraps nothing", cell.place)
        return Wraps(looker.look(wrapped))
    if name in known.UPDATE_WRAPPER:
        wrapper, wrapped = _named(args, 0, "wrapper"), _named(args, 1, "wrapped")
        if wrapper is None or wrapped is None:
            return Undecided(f"'{show(cell.expr)}' wraps nothing", cell.place)
        return wrap(looker, looker.look(wrapper), looker.look(wrapped), wrapper)
    if name in known.KIND_TESTS:
        tested = _first(args)
        answer = None if tested is None else kinds.is_of_kind(name, looker.look(tested))
        if answer is None:
            return Undecided(
                f"what '{show(cell.expr)}' gives is known only at run time", cell.place
            )
        return Const(answer)
    if name in known.CAST:
        value = _named(args, 1, "val")
        return Undecided("'cast' is given no value") if value is None else looker.look(value)
    if name in known.COPY:
        copied = _named(args, 0, "x")
        found = None if copied is None else looker.look(copied)
        if isinstance(found, Sequence) and found.kind in ("list", "tuple"):
            return Sequence(found.kind, found.items)
        return Undecided(f"what '{show(cell.expr)}' gives is not read", cell.place)
    if name in preserving.KEEPS:
        # `lru_cache(f)` is a function; `lru_cache(maxsize=3)` is a decorator.
        target = _first(args)
        kept = None if target is None else looker.look(target)
        if isinstance(kept, (Function, Instance)):
            identity = place_identity(cell.scope.module, cell.expr.span, cell.indices, cell.env)
            return msgspec.structs.replace(
                wrappers.behind_known(kept), identity=identity, reachable=None, **_bare(kept)
            )
        return Special(name)
    if name in known.STATIC | known.CLASS | known.PROPERTY:
        target = _first(args)
        made = Undecided("it decorates nothing") if target is None else looker.look(target)
        kind = (
            "static method"
            if name in known.STATIC
            else "class method"
            if name in known.CLASS
            else "property"
        )
        return msgspec.structs.replace(made, kind=kind) if isinstance(made, Function) else made
    if name.startswith("builtins."):
        return builtin_calls.builtin(looker, name.partition(".")[2], args, cell)
    return Undecided(f"what '{name}' gives cannot be read", cell.place, code="AC414")


def _bare(value: Function | Instance) -> dict[str, None]:
    return {"lambda_": None} if isinstance(value, Function) else {}


def wrap(looker: Looker, wrapper: Value, wrapped: Value, cell: Cell) -> Value:
    """``functools.wraps(wrapped)(wrapper)``: looks like ``wrapped``, runs as ``wrapper``."""
    if not isinstance(wrapper, Function):
        return wrapper
    seen = looker.callable_of(wrapped, cell)
    if isinstance(seen, Undecided):
        return msgspec.structs.replace(
            wrapper,
            params=None,
            entity=None,
            problem=msgspec.structs.replace(
                seen, reason=f"what it wraps is not decided: {seen.reason}"
            ),
        )
    return msgspec.structs.replace(
        wrapping.wrapped(looker, wrapper, seen),
        identity=wrapper.identity,
        bound=wrapper.bound,
        inspectable=wrapper.inspectable,
        reachable=wrapper.reachable,
        lambda_=None,
        wrappers=(),
        inner_reachable=None,
        kind="function",
    )
