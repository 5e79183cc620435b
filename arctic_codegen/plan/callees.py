"""How does a compiled method access a callback, and what does the closed list contain for it?"""

from __future__ import annotations

import posixpath
import re

import msgspec

from arctic_codegen.model.hosts import (
    Callback,
    Event,
    HostClass,
    ListedReach,
    MethodReach,
    Reach,
    StatementReach,
)
from arctic_codegen.model.parameters import CallbackSignature
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.model.wrappers import Condition, FunctionReach, ScriptReach
from arctic_codegen.plan.lambda_functions import function_of_lambda
from arctic_codegen.plan.naming import called_after, snake
from arctic_codegen.plan.scope import ModuleScope, mentions_self, takeover_of

_UNBOUND = "  # pyright: ignore[reportAttributeAccessIssue]"
"""pyright requires that a method taken from a class accepts objects of that class."""


def callee(
    scope: ModuleScope, host: HostClass, event: Event, callback: Callback, index: int
) -> str:
    """The expression that a compiled method calls: a single global name if possible."""
    takeover = takeover_of(host)
    if takeover is not None and scope.logs_order(host, callback):
        return scope.takeover(takeover, "log_order")
    if callback.lifted is not None:
        own = _own_lambda(scope, callback, callback.lifted.body)
        return function_of_lambda(scope, host, event, callback, index, own)
    if callback.wrappers:
        return _without_wrappers(scope, callback)
    if isinstance(callback.reach, MethodReach):
        name, wanted = _method(scope, callback.reach)
        if not _has_type(scope, callback, callback.reach):
            return scope.constant(callback.reach, (wanted,), name, scope.any_callable())
        if _has_other_object_type(callback.signature, callback.reach):
            return scope.constant(callback.reach, (wanted,), f"{name}{_UNBOUND}")
        return name
    return _object(scope, callback)


def _names(scope: ModuleScope, callback: Callback) -> tuple[str, ...]:
    """Names for the callable of an entry that has no name in the module, the best first.

    A callable is named after its definition. If several have the same name, those of other classes
    get the name of the class in addition, and those of the same class the event. A lambda is named
    after both.
    """
    owner = snake(callback.declared_in.name.rpartition(".")[2])
    event = "_".join(filter(None, re.split(r"[\W_]+", callback.event_text or callback.phase)))
    name = called_after(_of_object(callback))
    if not name:
        return (f"_{owner}_{event}",)
    is_of_first = scope.declarers.setdefault(name, callback.declared_in) == callback.declared_in
    return name, f"_{event if is_of_first else owner}{name}", f"_{owner}_{event}{name}"


def _of_object(callback: Callback) -> str:
    """The name of a callback; for a method of an object, with the class of the object, which may
    inherit the method."""
    method = callback.name.rpartition(".")[2]
    made = re.match(r"(?:\w+\.)*([A-Z]\w*)[\[(]", callback.made)
    if made is None or not callback.made.endswith(f").{method}"):
        return callback.name
    return f"{made[1]}.{method}"


def names_builtin(body: Text) -> bool:
    """Whether a text refers to a builtin."""
    return any(isinstance(part, Ref) and part.builtin for part in body.parts)


def _own_lambda(scope: ModuleScope, callback: Callback, body: Text) -> str:
    """The source's own lambda, if its text refers to a builtin, otherwise empty: the source module
    may rebind the builtin, which a copy of the text would not see."""
    if not names_builtin(body):
        return ""
    if isinstance(callback.reach, ListedReach):
        own = found_in_list(scope, callback.reach)
    elif isinstance(callback.reach, FunctionReach):
        own = _imported(scope, callback, callback.reach)
    else:
        return ""
    return f"{scope.runtime('unwrapped')}({own})" if callback.wrappers else own


def entry(scope: ModuleScope, callback: Callback) -> str:
    """The source's own object, for the closed list (R34)."""
    if callback.wrappers and callback.reach == callback.inner:
        return _wrapped_again(scope, callback)
    needs_list = callback.lifted is not None or callback.wrappers
    if needs_list and isinstance(callback.reach, ListedReach):
        return found_in_list(scope, callback.reach)
    return _object(scope, callback)


def _has_type(scope: ModuleScope, callback: Callback, reach: MethodReach) -> bool:
    """Whether type checkers agree on the type of a method that is accessed through its class. A
    lambda has none, and strict checkers reject untyped calls."""
    if callback.name.endswith("<lambda>"):
        return False
    return not mentions_self(callback.signature.returns) and not scope.has_defaults(reach.owner)


def _has_other_object_type(signature: CallbackSignature, reach: MethodReach) -> bool:
    """Whether a method annotates ``self`` with another type, as in a mixin for other classes."""
    annotation = signature.object_annotation
    if annotation is None or mentions_self(annotation):
        return False
    return annotation.parts != (Ref(reach.owner.module, reach.owner.name),)


def _without_wrappers(scope: ModuleScope, callback: Callback) -> str:
    """The callback without its wrappers: by its own name, or unwrapped at import."""
    if isinstance(callback.inner, FunctionReach):
        return _imported(scope, callback, callback.inner)
    if isinstance(callback.inner, ScriptReach):
        return _object(scope, msgspec.structs.replace(callback, reach=callback.inner))
    reach = callback.reach
    key = ("inside", reach)
    if (known := scope.once(key)) is not None:
        return known
    annotation = ignore = ""
    names = _names(scope, callback)
    match reach:
        case ScriptReach() | StatementReach():
            annotation = _signature(scope, callback.signature)
            call = _looked_up(scope, callback, reach)
            return scope.constant(key, names, f"{call[:-1]}, inside=True)", annotation)
        case ListedReach():
            annotation = _signature(scope, callback.signature)
            value = found_in_list(scope, reach)
        case MethodReach():
            value, wanted = _method(scope, reach)
            names = (wanted,)
            if not _has_type(scope, callback, reach):
                annotation = scope.any_callable()
            if _has_other_object_type(callback.signature, reach):
                ignore = _UNBOUND
        case FunctionReach():
            value = _imported(scope, callback, reach)
            names = (value if value.startswith("_") else f"_{value}",)
            if callback.name.endswith("<lambda>"):
                annotation = _signature(scope, callback.signature)
    inside = f"{scope.runtime('unwrapped')}({value}){ignore}"
    return scope.constant(key, names, inside, annotation)


def _method(scope: ModuleScope, reach: MethodReach) -> tuple[str, str]:
    """A callback method as an expression, and the preferred name of a constant for it."""
    owner = scope.imports.owner(reach.owner)
    return f"{owner}.{reach.name}", f"{owner.replace('.', '_')}_{reach.name}"


def _wrapped_again(scope: ModuleScope, callback: Callback) -> str:
    """Recreate the wrappers around a callback that has a name, because the source's wrapped object
    cannot be accessed."""
    text = _object(scope, callback)
    for wrapper in reversed(callback.wrappers):
        condition, asked = wrapper.condition, ""
        if condition is not None and condition.reach is not None:
            asked = named_condition(scope, callback, condition, condition.reach)
        text = wrapper.again(scope.imports.name("arctic_codegen", wrapper.kind), text, asked)
    return text


def named_condition(
    scope: ModuleScope,
    callback: Callback,
    condition: Condition,
    reach: FunctionReach | ScriptReach,
) -> str:
    """A condition that is accessible by name."""
    value = expression(scope, callback, reach)
    if isinstance(reach, FunctionReach) and not condition.name.endswith("<lambda>"):
        return value
    names = (called_after(condition.name) or "_condition",)
    return scope.constant(("condition", reach), names, value, scope.any_callable())


def _object(scope: ModuleScope, callback: Callback) -> str:
    reach = callback.reach
    if isinstance(reach, FunctionReach):
        return _imported(scope, callback, reach)
    if isinstance(reach, MethodReach):
        return expression(scope, callback, reach)
    if (known := scope.once(reach)) is not None:
        return known
    value, names = expression(scope, callback, reach), _names(scope, callback)
    return scope.constant(reach, names, value, _signature(scope, callback.signature))


def expression(scope: ModuleScope, callback: Callback, reach: Reach) -> str:
    """An expression for an object of the source."""
    match reach:
        case ListedReach():
            return found_in_list(scope, reach)
        case MethodReach():
            return _method(scope, reach)[0]
        case FunctionReach():
            first, dot, rest = reach.path.partition(".")
            items = "".join(f"[{item}]" for item in reach.items)
            return f"{scope.imports.name(reach.module, first)}{dot}{rest}{items}"
        case ScriptReach() | StatementReach():
            return _looked_up(scope, callback, reach)


def _imported(scope: ModuleScope, callback: Callback, reach: FunctionReach) -> str:
    value = expression(scope, callback, reach)
    # A lambda has no types, and strict checkers reject untyped calls: add those of a callback.
    untyped = callback.name.endswith("<lambda>")
    if value.isidentifier() and not untyped:
        return value
    if (known := scope.once(reach)) is not None:
        return known
    words = [part.strip("_") for part in reach.path.split(".")]
    annotation = ""
    if untyped or len(reach.items) == 1:
        annotation = _signature(scope, callback.signature)
    elif reach.items:  # an item of an entry has a union type of strings and functions
        annotation = scope.any()
    return scope.constant(reach, ("_" + "_".join(words),), value, annotation)


def found_in_list(scope: ModuleScope, reach: ListedReach) -> str:
    """The object in the list of the class, after importing the modules that change the list."""
    owner = scope.imports.owner(reach.owner)
    for module in reach.modules:
        scope.module_name(module)
    arguments = f"{owner}, {reach.event_text!r}, {reach.name!r}"
    if reach.count > 1:
        arguments += f", {reach.nth}, of={reach.count}"
    if reach.added_by is not None:
        arguments += f", by={scope.module_name(reach.added_by)}"
    return f"{scope.runtime('listed')}({arguments})"


def _looked_up(scope: ModuleScope, callback: Callback, reach: ScriptReach | StatementReach) -> str:
    """An expression that looks up an object of a script when it is called."""
    path = callback.declared_at.path.replace("\\", "/")
    root = scope.settings.root.replace("\\", "/")
    file = posixpath.relpath(path, root) if posixpath.isabs(path) or ":" in path else path
    if isinstance(reach, StatementReach):
        where = f"{reach.module!r}, {file!r}, {reach.statement!r}"
        entry = f"{reach.event_text!r}, {reach.name!r}, {reach.nth}"
        return f"{scope.runtime('stated')}({scope.imports.owner(reach.owner)}, {where}, {entry})"
    items = "".join(f", {item}" for item in reach.items)
    return f'{scope.runtime("script")}("{reach.module}", {file!r}, "{reach.path}"{items})'


def _signature(scope: ModuleScope, signature: CallbackSignature) -> str:
    """``Callable[[...], ...]`` from the callback's own annotations."""
    callable_ = scope.imports.name("collections.abc", "Callable")

    def typed(text: Text | None) -> str:
        return scope.any() if text is None else scope.imports.text(text)

    returns = typed(signature.returns)
    if signature.is_async:
        coroutine = scope.imports.name("collections.abc", "Coroutine", runtime=False)
        returns = f"{coroutine}[{scope.any()}, {scope.any()}, {returns}]"
    if any(take.by_keyword for take in signature.takes):
        return f"{callable_}[..., {returns}]"
    takes = [typed(signature.object_annotation)]
    takes += [typed(take.annotation) for take in signature.takes]
    anything = scope.imports.known("typing", "Any")
    if all(take == anything for take in (*takes, returns)):
        return f"{callable_}[..., {anything}]"
    return f"{callable_}[[{', '.join(takes)}], {returns}]"
