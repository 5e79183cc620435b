"""The calls of one compiled method, in order (R20 to R25), each with a comment (R31)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from arctic_codegen.frameworks.framework import Takeover
from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass, Method
from arctic_codegen.model.plan import MethodPlan, PlanKey, PlannedCall
from arctic_codegen.plan.callees import callee
from arctic_codegen.plan.failures import depth_of_always, surrounded
from arctic_codegen.plan.naming import already_named_by, local
from arctic_codegen.plan.scope import (
    ModuleScope,
    chosen,
    event_attribute,
    mentions_self,
    never_returns,
    takeover_of,
    takes_late,
)
from arctic_codegen.plan.signatures import Signature, overloads, passed, signature, unambiguous
from arctic_codegen.plan.wrapper_lines import (
    NO_LINES,
    Counters,
    WrapperLines,
    builtin_in,
    wrapper_lines,
)

OBJECT = ClassId("builtins", "object")
_WIDTH = 88
_INDENT = 8


def plan_method(
    scope: ModuleScope, host: HostClass, event: Event, counters: Counters
) -> MethodPlan:
    """The plan of the compiled method of an event with callbacks.

    Only this method calls them: it calls the source class's method, whose own ``super()`` calls
    reach source classes only, so an event fires once per call from outside (R20).
    """
    event = msgspec.structs.replace(event, method=unambiguous(host, event.method))
    method = event.method
    pre, after = chosen(host, event, scope.settings)
    post = tuple(one for one in after if one.role == "in order")
    depth = int(len(post) < len(after))
    source = scope.source_method(host, method)
    forward = method.written_by_decorator and not any(call.signature.takes for call in pre)
    shape = signature(scope, host, method, source, forward=forward)
    waits = method.is_async and method.generator == "no"
    has_value = method.has_value
    variables = [shape.this, *(param.name for param in shape.params)]
    result = local("result", variables)
    variables.append(result)

    def planned(
        callback: Callback, index: int, target: str, arguments: list[str], depth: int = depth
    ) -> PlannedCall:
        name = callee(scope, host, event, callback, index)
        text = _call(name, [shape.this, *arguments], waits and callback.signature.is_async)
        key = PlanKey(host.id, event.label, callback.phase, index, callback.name)
        around = wrapper_lines(scope, host, event, callback, shape.this, counters, key, variables)
        return _planned(target + text, name, callback.name, key, around.deeper(depth))

    calls = [planned(one, index, *_pre(one, shape)) for index, one in enumerate(pre)]
    late = takes_late(host, event, scope.settings)
    passes_none_on = not (has_value or post or late or method.name == "__init__")
    typed = "." in source and _is_typed(scope, host, method)
    typed = typed and not (passes_none_on and method.may_be_untyped)
    base = _base(scope, host, method, source, typed=typed)
    text = _call(base, [shape.this, *passed(shape.params)], waits)
    closing: tuple[str, ...] = ()
    if has_value and never_returns(method):
        # Checkers allow no `return` in such a function, and know that the call does not return.
        text = (
            f"{result}: {scope.any()} = {text}"
            if any(call.signature.takes for call in post)
            else text
        )
    elif has_value:
        untyped = "." not in base or method.may_be_untyped
        annotation = _result_type(scope, shape, post, untyped=untyped)
        if post or annotation or late:
            text = f"{result}{annotation} = {text}"
            closing = (f"return {result}",)
        else:
            text = f"return {text}"
    elif passes_none_on:
        # Callers get what the method returns, even if its annotation is `None`.
        if typed:
            text = f"return {text}"
        else:
            text = f"{result}: None = {text}"
            closing = (f"return {result}",)
    source_name = f"{method.defined_in}.{method.name}"
    key = PlanKey(host.id, event.label, None, None, source_name)
    calls.append(_planned(text, base, source_name, key, NO_LINES.deeper(depth)))
    for index, one in enumerate(post):  # these are the first callbacks in `after`
        target, arguments = _post(one, result) if has_value else ("", [])
        calls.append(planned(one, index, target, arguments))

    takeover = takeover_of(host) if late else None
    if takeover is not None:
        closing = (*_late_loop(takeover, event, shape, result, has_value), *closing)
    if depth:
        raised = local("raised", variables)
        on_error = [
            planned(one, index, *_post(one, raised, rebinds=False))
            for index, one in enumerate(after)
            if one.role == "on_error"
        ]
        always = [(index, one) for index, one in enumerate(after) if one.role == "always"]
        in_any_case = [
            planned(one, index, "", [], depth_of_always(number, len(always)))
            for number, (index, one) in enumerate(always)
        ]
        handler = f"except {builtin_in(scope, event, 'BaseException')} as {raised}:"
        calls = list(surrounded(calls, closing, on_error, in_any_case, handler))
        closing = ()
    return MethodPlan(
        name=event_attribute(method),
        key=key,
        overload_decorator=f"@{scope.imports.typing('overload')}" if method.overloads else "",
        overloads=overloads(scope, method),
        definition=shape.definition,
        opening=_opening(scope, method, pre, shape),
        calls=tuple(calls),
        closing=closing,
    )


def _result_type(
    scope: ModuleScope, shape: Signature, post: Sequence[Callback], *, untyped: bool
) -> str:
    """The annotation of the result; empty if it needs none.

    A result that callbacks replace keeps the type of the method, whatever they are declared to
    return. The result of a call through an untyped name, or of a decorated method (the decorator
    may be untyped), needs its type as well.
    """
    replaced = any(callback.signature.takes for callback in post)
    is_any = shape.returns == scope.imports.known("typing", "Any")
    if is_any or not (replaced or untyped):
        return ""
    hidden = {param.name for param in shape.params} & set(re.findall(r"\w+", shape.returns))
    return "" if hidden else f": {shape.returns}"


def _opening(
    scope: ModuleScope, method: Method, pre: Sequence[Callback], shape: Signature
) -> tuple[str, ...]:
    """The first lines: fields of a dataclass that a callback takes get the value of their factory
    instead of the sentinel."""
    if not method.written_by_decorator:
        return ()
    taken = {take.name for callback in pre for take in callback.signature.takes}
    own = {
        param.name
        for param in method.params
        if param.default is not None and param.default.text is None
    }
    names = [shape.names[name] for name in sorted(taken & own)]
    made = scope.runtime("made_field") if names else ""
    return tuple(f'{name} = {made}({shape.this}, "{name}", {name})' for name in names)


def _pre(callback: Callback, shape: Signature) -> tuple[str, list[str]]:
    """The target of a pre callback's result, and the arguments after the object."""
    takes = callback.signature.takes
    names = [shape.names.get(take.name, take.name) for take in takes]
    arguments = [
        f"{take.name}={name}" if take.by_keyword else name
        for take, name in zip(takes, names, strict=True)
    ]
    return (f"{', '.join(names)} = " if names else ""), arguments


def _post(callback: Callback, result: str, *, rebinds: bool = True) -> tuple[str, list[str]]:
    """The same for a post callback, which takes the value or the exception, or only the object."""
    arguments = [
        f"{take.name}={result}" if take.by_keyword else result
        for take in callback.signature.takes[:1]
    ]
    return (f"{result} = " if arguments and rebinds else ""), arguments


def _base(scope: ModuleScope, host: HostClass, method: Method, source: str, *, typed: bool) -> str:
    """The source's method as the callee of the call.

    It is called through a name without a type in these cases:

    - overloads: the types of the implementation's parameters may match none of them;
    - ``Self``, or type parameters with defaults: checkers disagree on their meaning in a method
      that is accessed through its class;
    - a method of another class, which takes other objects;
    - a decorated method whose ``None`` is passed on: the decorator may be typed or untyped.
    """
    wanted = f"{scope.imports.owner(host.id).replace('.', '_')}_{method.name.strip('_')}"
    if method.defined_in == OBJECT and len(method.params) > 1:
        owner = scope.imports.owner(host.id)
        value = f"{scope.runtime('init_of')}({owner})"
        return scope.constant(("init", host.id), (wanted,), value, scope.any_callable())
    takeover = takeover_of(host)
    if takeover is not None:
        value = f"{scope.takeover(takeover, 'plain')}({source})"
        annotation = "" if typed else scope.any_callable()
        return scope.constant(("plain", host.id, method.name), (wanted,), value, annotation)
    if typed or "." not in source:
        return source
    return scope.constant(
        ("untyped", host.id, method.name), (wanted,), source, scope.any_callable()
    )


def _is_typed(scope: ModuleScope, host: HostClass, method: Method) -> bool:
    """Whether the source's method can be called with its own type."""
    return not (
        method.overloads
        or method.called_untyped
        or mentions_self(method.returns)
        or scope.has_defaults(host.id)
    )


def _late_loop(
    takeover: Takeover, event: Event, shape: Signature, result: str, has_value: bool
) -> tuple[str, ...]:
    """The loop over callbacks that the framework has added to the object (R40)."""
    this = shape.this
    late = local("late", [this, result, *(param.name for param in shape.params)])
    call = f"{late}({this}, {result if has_value else None}, {{}})"
    return (
        f"for {late} in {this}.{takeover.attribute}:",
        f'    if {late}.event == "post-{event.wrapped_as}":',
        f"        {result}, _ = {call}" if has_value else f"        {call}",
    )


def _call(name: str, arguments: Sequence[str], waits: bool) -> str:
    return f"{'await ' if waits else ''}{name}({', '.join(arguments)})"


def _planned(
    statement: str, callee_name: str, comment: str, key: PlanKey, around: WrapperLines = NO_LINES
) -> PlannedCall:
    # A comment that does not fit would make the formatter break the call. It is placed above the
    # call then, or omitted if the name of the callee is just as clear.
    indent = _INDENT + len(around.indent)
    fits = indent + len(statement) + len("  # ") + len(comment) <= _WIDTH
    above = not fits and not already_named_by(callee_name, comment)
    return PlannedCall(
        statement,
        callee_name,
        (comment,) if fits else (),
        (comment,) if above else (),
        key,
        around.before,
        around.indent,
        around.after,
        around.guards,
    )
