"""Plans the ``def`` line of a compiled method: the source's signature, written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from arctic_codegen.model.expr import ParamKind
from arctic_codegen.model.hosts import HostClass, Method
from arctic_codegen.model.parameters import MethodParam, Overload
from arctic_codegen.model.spelling import mangled
from arctic_codegen.model.text import Text
from arctic_codegen.plan.naming import identifiers
from arctic_codegen.plan.scope import ModuleScope, event_attribute, varies_with_self

_NOT_CARRIED = frozenset(
    {
        "empty-body",
        "no-untyped-def",
        "return",
        "untyped-decorator",
        "no-untyped-call",
        "no-redef",
        # Of a body on the line of its `def`.
        "func-returns-value",
        "index",
        "no-any-return",
        "operator",
        "return-value",
        "union-attr",
    }
)
"""Error codes about parts that a compiled method does not have: the body, decorators, missing
annotations. Copied ignore comments for them would be unused."""


_Typed = TypeVar("_Typed", Method, Overload)


class Local(msgspec.Struct, frozen=True):
    """A parameter of the compiled method. ``name`` is mangled if it is private."""

    name: str
    kind: ParamKind
    annotation: str
    default: str


class Signature(msgspec.Struct, frozen=True):
    """The parameters and the ``def`` line of a compiled method. ``this`` names the object."""

    definition: str
    this: str
    params: tuple[Local, ...]
    """The parameters after the object."""
    returns: str
    names: dict[str, str]
    """The name of each parameter in the compiled method, by its name in the source."""


def signature(
    scope: ModuleScope, host: HostClass, method: Method, base: str, *, forward: bool
) -> Signature:
    """The signature of a compiled method. ``base`` is the source's method as an expression.

    ``forward`` is set for an ``__init__`` that a decorator writes, if no callback takes its fields:
    it passes on all arguments.
    """
    returns = return_type(scope, method)
    this, *rest = method.params
    owner = method.defined_in.name
    names = {param.name: mangled(param.name, owner) for param in method.params}
    params: list[Local] = []
    if forward:
        names = {}
        params = [
            Local("args", "var_positional", scope.any(), ""),
            Local("kwargs", "var_keyword", scope.any(), ""),
        ]
        listed = [this.name, *pieces(params)]
    else:
        for param in rest:
            default = ""
            if param.default is not None:
                default = param.default.text or _default(
                    scope, host, method, base, names[param.name]
                )
            params.append(_local(scope, param, owner, default))
        listed = pieces([_object(scope, this), *params])
    definition = _definition(scope, method, listed, returns, method)
    return Signature(definition, this.name, tuple(params), returns, names)


def unambiguous(host: HostClass, method: Method) -> Method:
    """The method without type parameters whose names clash with type parameters of the class.

    They can clash if a subclass passes a type variable of its own. Then a text with the name is
    ambiguous, and is replaced by ``Any``.
    """
    own = {param.name for param in host.type_params if param.ref is None}
    signatures: tuple[Method | Overload, ...] = (method, *method.overloads)
    clashing = {
        name
        for one in signatures
        for text in one.type_params
        for name in identifiers(text)[:1]
        if name in own
    }
    if not clashing:
        return method

    def plain(text: Text | None) -> Text | None:
        return None if clashing.intersection(identifiers(text)) else text

    def cleared(one: _Typed) -> _Typed:
        return replace(
            one,
            params=tuple(replace(p, annotation=plain(p.annotation)) for p in one.params),
            returns=plain(one.returns),
            type_params=tuple(text for text in one.type_params if plain(text) is not None),
        )

    return replace(cleared(method), overloads=tuple(map(cleared, method.overloads)))


def overloads(scope: ModuleScope, method: Method) -> tuple[str, ...]:
    """The ``def`` lines of the overloads, each with its colon."""
    lines = []
    for overload in method.overloads:
        this, *rest = overload.params
        owner = method.defined_in.name
        params = [
            _local(scope, param, owner, "" if param.default is None else "...") for param in rest
        ]
        returns = scope.any() if overload.returns is None else scope.imports.text(overload.returns)
        listed = pieces([_object(scope, this), *params])
        lines.append(_definition(scope, method, listed, returns, overload))
    return tuple(lines)


def return_type(scope: ModuleScope, method: Method) -> str:
    """The return annotation of a compiled method."""
    if method.name == "__init__":
        return "None"
    if method.returns is not None:
        return scope.imports.text(method.returns)
    return "None" if method.returns_none else scope.any()


def passed(params: Sequence[Local]) -> list[str]:
    """The arguments that pass on these parameters unchanged."""
    arguments = []
    for param in params:
        if param.kind == "var_positional":
            arguments.append(f"*{param.name}")
        elif param.kind == "var_keyword":
            arguments.append(f"**{param.name}")
        elif param.kind == "keyword_only":
            arguments.append(f"{param.name}={param.name}")
        else:
            arguments.append(param.name)
    return arguments


def _object(scope: ModuleScope, param: MethodParam) -> Local:
    """The parameter for the object, annotated only if it is in the source."""
    annotation = "" if param.annotation is None else scope.imports.text(param.annotation)
    return Local(param.name, param.kind, annotation, "")


def pieces(params: Sequence[Local]) -> list[str]:
    """The items between the parentheses of a ``def``, including ``/`` and ``*``."""
    found: list[str] = []
    star = False
    for index, param in enumerate(params):
        if param.kind == "var_positional":
            found.append(f"*{_piece(param)}")
            star = True
        elif param.kind == "var_keyword":
            found.append(f"**{_piece(param)}")
        else:
            if param.kind == "keyword_only" and not star:
                found.append("*")
                star = True
            found.append(_piece(param))
        follows = params[index + 1].kind if index + 1 < len(params) else None
        if param.kind == "positional_only" and follows != "positional_only":
            found.append("/")
    return found


def _piece(param: Local) -> str:
    annotation = f": {param.annotation}" if param.annotation else ""
    default = f" = {param.default}" if param.default else ""
    return f"{param.name}{annotation}{default}"


def _local(scope: ModuleScope, param: MethodParam, owner: str, default: str) -> Local:
    annotation = scope.any() if param.annotation is None else scope.imports.text(param.annotation)
    return Local(mangled(param.name, owner), param.kind, annotation, default)


def _default(scope: ModuleScope, host: HostClass, method: Method, base: str, param: str) -> str:
    """A constant for the source's own default object."""
    key = ("default", host.id, method.name, param)
    wanted = f"_default_{method.name.strip('_')}_{param.strip('_')}"
    value = f'{scope.runtime("default_of")}({base}, "{param}")'
    return scope.constant(key, (wanted,), value, scope.any())


def _definition(
    scope: ModuleScope,
    method: Method,
    pieces: Sequence[str],
    returns: str,
    typed: Method | Overload,
) -> str:
    brackets = ", ".join(scope.imports.text(text) for text in typed.type_params)
    keyword = "async def" if method.is_async and method.generator == "no" else "def"
    name = event_attribute(method) + (f"[{brackets}]" if brackets else "")
    ignore = carried_ignore(typed.type_ignore)
    if ignore is None and varies_with_self(typed):
        ignore = "pyright: ignore[reportIncompatibleMethodOverride]"
    # Checkers expect the comment on the line of the `def`, so break the line there.
    opening = f"(  # {ignore}\n" if ignore else "("
    return f"{keyword} {name}{opening}{', '.join(pieces)}) -> {returns}:"


def carried_ignore(comment: str | None) -> str | None:
    """The ``type: ignore`` comment for the compiled method's ``def``, if it needs one."""
    if comment is None:
        return None
    head, bracket, tail = comment.partition("[")
    if not bracket or "]" not in tail:
        return comment
    codes = [code.strip() for code in tail.partition("]")[0].split(",")]
    kept = [code for code in codes if code not in _NOT_CARRIED]
    return f"{head}[{', '.join(kept)}]" if kept else None
