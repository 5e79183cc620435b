"""Does the class of a callback object accept the arguments with which the object is created?"""

from __future__ import annotations

from collections.abc import Iterator

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Related
from arctic_codegen.model.expr import Call, Param
from arctic_codegen.model.parameters import MethodParam
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, ValueEntity
from arctic_codegen.resolve.hosts.constructors import constructor, is_made_otherwise
from arctic_codegen.resolve.hosts.dataclass_init import OPTION, dataclass_params, reads_fields
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.arguments import bound_to, signature_of
from arctic_codegen.resolve.values.records import Arguments, Instance
from arctic_codegen.resolve.values.values import Values

_READY_MADE = "arctic_codegen.callbacks."


def argument_findings(
    declaration: Declaration, members: Members, values: Values
) -> Iterator[Finding]:
    """AC416 for the object whose method a callback is."""
    made = declaration.callable.receiver
    if made is None or made.args is None or made.args.problem is not None:
        return
    params = _params(made.owner, members)
    if params is not None:
        at = message("AC416", "class").note(made.owner.place)
        yield from _wrong(made, made.args, params, at)
        if members.names.class_attribute(made.owner, "__init__") is not None:
            return  # how it passes values on to the options is unknown
        at_position = zip((param.name for param in params), made.args.positional, strict=False)
        for name, thunk in (*at_position, *made.args.named.items()):
            given = values.constant(thunk.expr, thunk.scope)
            for kind, limit in _limits(made.owner, name, members.names, values):
                option = f"{made.owner.decl.name}({name}={given!r})"
                found = _out_of(kind, limit, given, option)
                if found is not None:
                    yield found.at(thunk.place, at)


def _limits(
    owner: ClassEntity, name: str, names: Names, values: Values
) -> Iterator[tuple[str, object]]:
    """The limits in ``name: int = option(3, at_least=1)``, an option of a ready-made callback, if
    the ``__post_init__`` of these callbacks checks the values."""
    bound, checks = (names.class_attribute(owner, one) for one in (name, "__post_init__"))
    if not isinstance(bound, ValueEntity) or not isinstance(bound.expr, Call):
        return
    ours = isinstance(checks, FunctionEntity) and checks.module.startswith(_READY_MADE)
    if ours and dotted_name(names.lookup(bound.expr.func, bound.scope)) == OPTION:
        for arg in bound.expr.args:
            yield arg.keyword or "", values.constant(arg.value, bound.scope)


def _out_of(kind: str, limit: object, given: object, option: str) -> Message | None:
    """The message for a constant outside a limit."""
    if isinstance(given, (int, float, str)) and isinstance(limit, (int, float)):
        if kind == "at_least" and (isinstance(given, str) or given < limit):
            return message("AC416", "at-least", option=option, limit=limit)
        if kind == "above" and (isinstance(given, str) or given <= limit):
            return message("AC416", "above", option=option, limit=limit)
    if isinstance(given, (int, float, str)) and isinstance(limit, tuple) and given not in limit:
        values = " or ".join(map(repr, limit))
        return message("AC416", "one-of", option=option, values=values)
    return None


def _wrong(
    made: Instance, args: Arguments, params: tuple[Param | MethodParam, ...], at: Related
) -> Iterator[Finding]:
    owner = made.owner.decl.name
    by_name = [one.name for one in params if one.kind in ("normal", "keyword_only")]
    takes_all = any(one.kind == "var_keyword" for one in params)
    unknown = next((name for name in args.named if not takes_all and name not in by_name), None)
    if unknown is not None:
        near = suggest.parameter(unknown, by_name)
        if near:
            found = message("AC416", "did-you-mean", owner=owner, name=unknown, meant=near)
        else:
            taken = ", ".join(map(repr, by_name)) or "nothing"
            found = message("AC416", "unknown", owner=owner, name=unknown, taken=taken)
        yield found.at(args.named[unknown].place, at)
        return
    try:
        bound_to(signature_of(params), args, whole=True)
    except (TypeError, ValueError) as error:
        yield message("AC416", "not-made", owner=owner, problem=error).at(made.place, at)


def _params(owner: ClassEntity, members: Members) -> tuple[Param | MethodParam, ...] | None:
    """The constructor's parameters after ``self``; ``None`` if they are unknown."""
    mro = members.names.mro(owner)
    if mro.unknown_bases or mro.problem or is_made_otherwise(mro.classes, members):
        return None
    if any(members.own(cls, "__init_subclass__") for cls in mro.classes):
        return None
    init = constructor(mro.classes, members)
    if init is None:
        return ()
    if init.what == "dataclass __init__":
        known = reads_fields(init.owner, members)
        return dataclass_params(owner, init.owner, members) if known else None
    if not isinstance(init.entity, FunctionEntity) or init.entity.decl.decorators:
        return None
    params = init.entity.decl.params
    return params if params and params[0].kind == "var_positional" else params[1:]
