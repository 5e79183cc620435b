"""Calls: of builtins on constants, of ``functools``, of classes, and of functions that give one."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from arctic_codegen.resolve.values.records import (
    Argument,
    Arguments,
    Around,
    Class,
    Const,
    EnumMember,
    Function,
    Instance,
    Mapping,
    Opaque,
    Sequence,
    Special,
    Thunk,
    Undecided,
    Value,
    Wraps,
    describe,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def call_expression(evaluator: Evaluator, thunk: Thunk, expr: Call) -> Value:
    """What a call in the text gives."""
    if isinstance(expr.func, Attr):
        base = evaluator.evaluate(thunk.child(expr.func.value))
        if isinstance(base, EnumMember) and base.text != "no":
            base = evaluator.evaluate(base.thunk)
        if isinstance(base, (Sequence, Mapping)) or (
            isinstance(base, Const) and isinstance(base.value, str)
        ):
            args = arguments(evaluator, thunk, expr.args)
            return builtin_calls.method(evaluator, base, expr.func.attr, args, thunk)
        function = _special(evaluator, thunk, expr)
        if function is None:
            func_thunk = thunk.child(expr.func)
            function = evaluator.attribute(base, expr.func.attr, func_thunk)
    else:
        function = _special(evaluator, thunk, expr) or evaluator.evaluate(thunk.child(expr.func))
    return call(evaluator, function, arguments(evaluator, thunk, expr.args), thunk)


def _special(evaluator: Evaluator, thunk: Thunk, expr: Call) -> Value | None:
    if isinstance(expr.func, Call):
        # `torch.no_grad()(f)`
        inner = evaluator.known(thunk, expr.func)
        return Special(inner) if inner in preserving.KEEPS else None
    name = evaluator.known(thunk, expr.func)
    return None if name is None else Special(name)


def arguments(evaluator: Evaluator, thunk: Thunk, args: tuple[Arg, ...]) -> Arguments:
    """The arguments of a call, stars taken apart."""
    items: list[Argument] = []
    problem: Undecided | None = None
    for arg in args:
        inner = thunk.child(arg.value)
        if arg.star == "":
            items.append(Argument(inner, arg.keyword))
        elif arg.star == "*":
            found = evaluator.elements(inner)
            if isinstance(found, Undecided):
                problem = problem or found
            else:
                items.extend(Argument(element) for element in found)
        else:
            value = evaluator.evaluate(inner)
            keys = _keywords(evaluator, value) if isinstance(value, Mapping) else None
            if keys is None:
                problem = problem or Undecided(
                    f"what '**{show(arg.value)}' holds is not decided", inner.place
                )
            else:
                items.extend(keys)
    return Arguments(tuple(items), problem)


def _keywords(evaluator: Evaluator, mapping: Mapping) -> list[Argument] | None:
    found: list[Argument] = []
    for key, item in mapping.items:
        name = evaluator.evaluate(key)
        if not isinstance(name, Const) or not isinstance(name.value, str):
            return None
        found.append(Argument(item, name.value))
    return found


def call(evaluator: Evaluator, function: Value, args: Arguments, thunk: Thunk) -> Value:
    """What calling a value gives; the objects that it makes are made at ``thunk``."""
    evaluator.tick()
    match function:
        case Special(name=name, makes_async=makes_async):
            made = _call_special(evaluator, name, args, thunk)
            if makes_async and isinstance(made, Special):
                return function
            if makes_async and isinstance(made, Function):
                return msgspec.structs.replace(made, is_async=True)
            return made
        case Opaque(module="builtins", name=name):
            return builtin_calls.builtin(evaluator, name, args, thunk)
        case Opaque(module=module, name=name):
            if f"{module}.{name}" in known.PARTIAL:
                return _call_special(evaluator, "functools.partial", args, thunk)
            return Undecided(
                f"what '{module}.{name}' gives cannot be read", thunk.place, code=_opaque(thunk)
            )
        case Wraps(wrapped=wrapped):
            target = _first(args)
            if target is None:
                return Undecided(f"'{show(thunk.expr)}' wraps nothing", thunk.place)
            return wrap(evaluator, evaluator.evaluate(target), wrapped, target)
        case Around(wrapper=wrapper):
            target = _first(args)
            if target is None:
                return Undecided(f"'{wrapper}' is given no callback", thunk.place, code="AC215")
            return wrappers.put_around(evaluator, wrapper, target, thunk)
        case Class(entity=entity):
            fields = named_tuple_fields(evaluator, entity)
            if fields is not None:
                return _named_tuple(fields, args, thunk)
            identity = thunk.identity
            return _made(evaluator, Instance(entity, thunk.place, identity), thunk)
        case Function(module=module, qualname=name) if f"{module}.{name}" in known.WRAPPERS:
            given = Arguments((*function.bound, *args.items), args.problem)
            return wrappers.wrap(evaluator, f"{module}.{name}", given, thunk)
        case Function():
            return _made(evaluator, factories.run(evaluator, function, args, thunk), thunk)
        case Instance():
            method = evaluator.callable_of(function, thunk)
            if isinstance(method, Undecided):
                return method
            return _made(evaluator, factories.run(evaluator, method, args, thunk), thunk)
        case Undecided():
            return function
    return Undecided(f"{describe(function)} cannot be called", thunk.place, code="AC215")


def _made(evaluator: Evaluator, value: Value, thunk: Thunk) -> Value:
    """A callable with the call that made it, which stands at ``thunk``."""
    if not isinstance(value, (Function, Instance)) or not isinstance(thunk.expr, Call):
        return value
    args = tuple(_with_value(evaluator, arg, thunk) for arg in thunk.expr.args)
    return msgspec.structs.replace(
        value, made=whole(msgspec.structs.replace(thunk.expr, args=args))
    )


def _with_value(evaluator: Evaluator, arg: Arg, thunk: Thunk) -> Arg:
    """An argument with what its name stands for: a comprehension's variable, or a constant of the
    module. It is for a person to read: output does not depend on it, so nothing is recorded."""
    if not isinstance(arg.value, Name):
        return arg
    name = arg.value.id
    found = thunk.env.find(name)
    values = [found.expr] if found is not None else _assigned(evaluator, thunk.scope, name)
    if len(values) != 1 or not isinstance(values[0], (Literal_, Str, UnaryOp)):
        return arg
    return msgspec.structs.replace(arg, value=values[0])


def _assigned(evaluator: Evaluator, scope: Scope, name: str) -> list[Expr]:
    module = evaluator.loader.module(scope.module)
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


def _named_tuple(fields: dict[str, Thunk | None], args: Arguments, thunk: Thunk) -> Value:
    """An object of a ``NamedTuple`` class: a tuple of what its fields are given."""
    if args.problem is not None:
        return args.problem
    positional = [item.thunk for item in args.items if item.keyword is None]
    by_name = {item.keyword: item.thunk for item in args.items if item.keyword is not None}
    found: list[Thunk] = []
    for name, default in fields.items():
        given = positional.pop(0) if positional else by_name.pop(name, default)
        if given is None:
            return Undecided(f"'{show(thunk.expr)}' gives no '{name}'", thunk.place)
        found.append(given)
    if positional or by_name:
        return Undecided(f"'{show(thunk.expr)}' gives too much", thunk.place)
    return Sequence("tuple", tuple(found))


def _opaque(thunk: Thunk) -> str | None:
    return "AC414" if not isinstance(thunk.expr, Call) else None


def _first(args: Arguments) -> Thunk | None:
    positional = [item.thunk for item in args.items if item.keyword is None]
    return positional[0] if positional else None


def _named(args: Arguments, position: int, name: str) -> Thunk | None:
    positional = [item.thunk for item in args.items if item.keyword is None]
    if len(positional) > position:
        return positional[position]
    return next((item.thunk for item in args.items if item.keyword == name), None)


def _call_special(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    if name in known.PARTIAL:
        return _made(evaluator, partials.partial(evaluator, args, thunk), thunk)
    if name in known.WRAPPERS:
        return wrappers.wrap(evaluator, name, args, thunk)
    if name in known.WRAPS:
        wrapped = _named(args, 0, "wrapped")
        if wrapped is None:
            return Undecided(f"'{show(thunk.expr)}' wraps nothing", thunk.place)
        return Wraps(evaluator.evaluate(wrapped))
    if name in known.UPDATE_WRAPPER:
        wrapper, wrapped = _named(args, 0, "wrapper"), _named(args, 1, "wrapped")
        if wrapper is None or wrapped is None:
            return Undecided(f"'{show(thunk.expr)}' wraps nothing", thunk.place)
        return wrap(evaluator, evaluator.evaluate(wrapper), evaluator.evaluate(wrapped), wrapper)
    if name in known.KIND_TESTS:
        tested = _first(args)
        answer = None if tested is None else kinds.is_of_kind(name, evaluator.evaluate(tested))
        if answer is None:
            return Undecided(
                f"what '{show(thunk.expr)}' gives is known only at run time", thunk.place
            )
        return Const(answer)
    if name in known.CAST:
        value = _named(args, 1, "val")
        return Undecided("'cast' is given no value") if value is None else evaluator.evaluate(value)
    if name in known.COPY:
        copied = _named(args, 0, "x")
        found = None if copied is None else evaluator.evaluate(copied)
        if isinstance(found, Sequence) and found.kind in ("list", "tuple"):
            return Sequence(found.kind, found.items)
        return Undecided(f"what '{show(thunk.expr)}' gives is not read", thunk.place)
    if name in preserving.KEEPS:
        # `lru_cache(f)` is a function; `lru_cache(maxsize=3)` is a decorator.
        target = _first(args)
        kept = None if target is None else evaluator.evaluate(target)
        if isinstance(kept, (Function, Instance)):
            identity = thunk.identity
            return msgspec.structs.replace(
                wrappers.behind_known(kept), identity=identity, reachable=None, **_bare(kept)
            )
        return Special(name)
    if name in known.STATIC | known.CLASS | known.PROPERTY:
        target = _first(args)
        made = Undecided("it decorates nothing") if target is None else evaluator.evaluate(target)
        kind = (
            "static method"
            if name in known.STATIC
            else "class method"
            if name in known.CLASS
            else "property"
        )
        return msgspec.structs.replace(made, kind=kind) if isinstance(made, Function) else made
    if name.startswith("builtins."):
        return builtin_calls.builtin(evaluator, name.partition(".")[2], args, thunk)
    return Undecided(f"what '{name}' gives cannot be read", thunk.place, code="AC414")


def _bare(value: Function | Instance) -> dict[str, None]:
    return {"lambda_": None} if isinstance(value, Function) else {}


def wrap(evaluator: Evaluator, wrapper: Value, wrapped: Value, thunk: Thunk) -> Value:
    """``functools.wraps(wrapped)(wrapper)``: looks like ``wrapped``, runs as ``wrapper``."""
    if not isinstance(wrapper, Function):
        return wrapper
    seen = evaluator.callable_of(wrapped, thunk)
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
        wrapping.wrapped(evaluator, wrapper, seen),
        identity=wrapper.identity,
        bound=wrapper.bound,
        inspectable=wrapper.inspectable,
        reachable=wrapper.reachable,
        lambda_=None,
        wrappers=(),
        inner_reachable=None,
        kind="function",
    )
