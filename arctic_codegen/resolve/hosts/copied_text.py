"""What of a source may be copied into a generated module: types, defaults, lambdas (R29)?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from arctic_codegen.model.decls import FunctionDecl, SuperCall, TypeParam
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    Starred,
    Str,
    Subscript,
    UnaryOp,
    unquoted,
)
from arctic_codegen.model.hosts import Default, LiftedLambda, Ref, Text
from arctic_codegen.resolve.binder.blocks import parts_of
from arctic_codegen.resolve.binder.free_names import can_move, free_names
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.typeargs import dotted
from arctic_codegen.resolve.show import show

SELF = Text((Ref("typing_extensions", "Self"),))
"""Type checkers know it on every Python; at run time nothing asks for it."""

_VARIABLES = from_typing("TypeVar")
_MANAGERS = {
    "contextlib.contextmanager": "_GeneratorContextManager",
    "contextlib.asynccontextmanager": "_AsyncGeneratorContextManager",
}
"""The classes that type checkers say the decorators give. Nothing else would be a right
override of the method, and all names of them are private ones."""
_FRAME_BOUND = frozenset(
    {"super", "locals", "globals", "vars", "dir", "eval", "exec", "breakpoint", "__class__"}
)
"""Builtins that look at the frame or module that they are called in."""


def default_of(expr: Expr) -> Default:
    """A default that may be repeated as text, or one that has to be the source's object."""
    match expr:
        case Literal_(text=text):
            return Default(text)
        case Str(value=value):
            return Default(repr(value))
        case UnaryOp(op="-", operand=Literal_(kind="int" | "float" | "complex", text=text)):
            return Default(f"-{text}")
        case Seq(kind="tuple", items=()):
            return Default("()")
    return Default(None)


def declared_type_param(param: TypeParam, text: Callable[[Expr], Text | None]) -> Text:
    """What stands in brackets for a parameter of PEP 695: ``T: int = bool``, ``*Ts``, ``**P``."""
    stars = {"TypeVarTuple": "*", "ParamSpec": "**"}.get(param.kind, "")
    parts: list[str | Ref] = [f"{stars}{param.name}"]
    for sign, expr in ((": ", param.bound), (" = ", param.default)):
        found = None if expr is None else text(expr)
        if found is not None:
            parts.extend((sign, *found.parts))
    return Text(tuple(parts))


def self_variable(
    annotation: Expr | None, own: frozenset[str], scope: Scope, names: Names
) -> str | None:
    """``T`` of ``self: T``, as it is written; ``own`` has what stands in the method's brackets.

    A compiled class is another class than the one that the variable is bound to: in its
    methods the variable would be wider than the object, and ``Self`` is what is meant.
    """
    annotation = unquoted(annotation)
    if not isinstance(annotation, (Name, Attr)):
        return None
    name = dotted(annotation)
    if name is None or name in own:
        return name
    found = names.lookup(annotation, scope)
    if not isinstance(found, ValueEntity) or not isinstance(found.expr, Call):
        return None
    made_by = dotted_name(names.lookup(found.expr.func, found.scope))
    return name if made_by in _VARIABLES else None


def manager_type(
    decorators: Sequence[str | None], returns: Expr, text: Callable[[Expr], Text | None]
) -> Text | None:
    """What callers get from a method that ``@contextmanager`` is among the decorators of: not what
    the generator is annotated with."""
    made = next((_MANAGERS[name] for name in decorators if name in _MANAGERS), None)
    if made is None:
        return None
    generator = unquoted(returns)
    of = None
    if isinstance(generator, Subscript) and generator.items:
        of = text(generator.items[0])  # `X` in `Iterator[X]` and `Generator[X, Y, Z]`
    return Text((Ref("contextlib", made), "[", *(of or Text((Ref("typing", "Any"),))).parts, "]"))


def unpacked(expr: Expr, text: Text) -> Text:
    """``*args: *Ts`` where a subclass has given types for ``Ts``: they stand in one tuple."""
    if not isinstance(expr, Starred):
        unpack = isinstance(expr, Subscript) and show(expr.value).rpartition(".")[2] == "Unpack"
        if not unpack or (text.parts and getattr(text.parts[0], "name", "") == "Unpack"):
            return text
    elif text.parts and str(text.parts[0]).startswith("*"):
        return text
    return Text(("*tuple[", *(text.parts or ("()",)), "]"))


def lifted(entity: LambdaEntity, names: Names) -> LiftedLambda | None:
    """The lambda as text with references; ``None`` where the source's object is needed.

    A global that the source module imports stays the source's business: were it rebound there,
    a copy of the import would not follow.
    """
    expr = entity.expr
    frames = entity.scope.frames
    if any(isinstance(frame, FunctionDecl) for frame in frames):
        return None
    if expr.is_generator or not can_move(expr, in_class=bool(frames)):
        return None
    if any(p.default is not None or p.kind not in ("normal", "keyword_only") for p in expr.params):
        return None
    parts: list[str | Ref] = []
    position = 0
    for name, start, end in free_names(expr):
        ref = _global(name, entity, names)
        if ref is None:
            return None
        parts += [expr.text[position:start], *ref]
        position = end
    parts.append(expr.text[position:])
    params = tuple(param.name for param in expr.params)
    return LiftedLambda(params, Text(tuple(part for part in parts if part != "")))


def called_by_lambda(expr: LambdaExpr) -> tuple[SuperCall, ...]:
    """The calls in a lambda that may reach a parent's method, as a ``def`` has them (R18)."""
    return tuple(_super_calls(expr.body, expr.params[0].name)) if expr.params else ()


def _super_calls(body: Expr, first: str) -> Iterator[SuperCall]:
    for part in parts_of(body, lambdas=False):
        if not isinstance(part, Call) or not isinstance(part.func, Attr):
            continue
        on = part.func.value
        if isinstance(on, Call) and isinstance(on.func, Name) and on.func.id == "super":
            yield SuperCall(part.func.attr, None, part.span)
        elif part.args and isinstance(part.args[0].value, Name) and part.args[0].value.id == first:
            yield SuperCall(part.func.attr, on, part.span)


def _global(name: str, entity: LambdaEntity, names: Names) -> tuple[str | Ref, ...] | None:
    if name in _FRAME_BOUND or (name.startswith("__") and name.endswith("__")):
        return None
    module = entity.module
    bound = names.module_attribute(module, name)
    if isinstance(bound, Unknown):
        if not bound.missing:
            return None
        builtin = names.lookup(Name(entity.expr.span, name), Scope(module, (), None))
        if isinstance(builtin, OpaqueEntity) and builtin.module == "builtins":
            return (Ref("builtins", name, builtin=True),)
        return None
    if isinstance(bound, OpaqueEntity) and bound.module == "builtins" and bound.name == name:
        return (Ref("builtins", name, builtin=True),)
    if _is_defined_there(bound, module, name):
        return (Ref(module, ""), f".{name}")
    return None


def _is_defined_there(bound: Entity, module: str, name: str) -> bool:
    if isinstance(bound, FunctionEntity):
        return bound.module == module and bound.decl.qualname == name
    if isinstance(bound, ClassEntity):
        return bound.id.module == module and bound.id.name == name
    if isinstance(bound, ValueEntity | LambdaEntity):
        return bound.reachable == (module, name)
    return False
