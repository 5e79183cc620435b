"""How is a lambda written as a function of the generated module (R29)?"""

from __future__ import annotations

from collections.abc import Hashable

from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass, Method
from arctic_codegen.model.plan import LiftedFunction, PlanKey
from arctic_codegen.model.spelling import mangled
from arctic_codegen.model.text import EXCEPTION, Text
from arctic_codegen.model.wrappers import Condition
from arctic_codegen.plan.naming import called_after, identifiers, snake
from arctic_codegen.plan.scope import ModuleScope, mentions_self


def function_of_lambda(
    scope: ModuleScope, host: HostClass, event: Event, callback: Callback, index: int, own: str
) -> str:
    """The name of the function; classes that share a lambda and its types share the function.

    ``own`` is the source's own lambda as an expression, if it has to be called instead of a copy:
    then the function exists only for type checkers and readers.
    """
    lifted = callback.lifted
    assert lifted is not None
    owner, object_type = _object(scope, host, callback)

    def typed(text: Text | None) -> str:
        # `Self` is invalid in a function, and the class would be less precise.
        if text is None or mentions_self(text):
            return scope.any()
        return scope.imports.text(text)

    takes = [typed(text) for text in _taken(event.method, callback)]
    body = scope.imports.text(lifted.body, runtime=True)
    value = bool(takes) and callback.role == "in order"
    if _needs_parentheses(body):
        body = f"(\n{body}\n)"
    if callback.phase == "post":
        returns = typed(event.method.returns) if value else "None"
    elif len(takes) > 1:
        returns = f"{scope.imports.builtin('tuple')}[{', '.join(takes)}]"
    else:
        returns = takes[0] if value else "None"

    types = zip(lifted.params, (object_type, *takes), strict=True)
    params = ", ".join(f"{name}: {annotation}" for name, annotation in types)
    brackets = _brackets(scope, host, event.method, params + returns)
    key = (callback.identity, callback.place, params, returns, brackets, body)
    return _added(
        scope,
        key,
        called_after(callback.name) or _name_of_event(owner, event, callback),
        f"{brackets}({params}) -> {returns}:",
        # The value of a call that returns nothing must not be returned; `None` is no statement.
        f"return {body}" if value or body == "None" else body,
        callback.name,
        PlanKey(host.id, event.label, callback.phase, index, callback.name),
        own,
    )


def function_of_condition(
    scope: ModuleScope,
    host: HostClass,
    event: Event,
    callback: Callback,
    condition: Condition,
    body: str,
    own: str,
    planned: PlanKey,
) -> str:
    """The function for a condition that cannot be written in the ``if`` itself; see
    :func:`function_of_lambda`."""
    assert condition.lifted is not None
    owner, object_type = _object(scope, host, callback)
    params = f"{condition.lifted.params[0]}: {object_type}"
    brackets = _brackets(scope, host, event.method, params)
    return _added(
        scope,
        (condition.place, params, brackets, body),
        called_after(condition.name) or f"{_name_of_event(owner, event, callback)}_condition",
        f"{brackets}({params}) -> {scope.imports.builtin('bool')}:",
        f"return {body}",
        condition.name,
        planned,
        own,
    )


def _name_of_event(owner: ClassId, event: Event, callback: Callback) -> str:
    """The name of a function for a lambda without a name."""
    last = snake(owner.name.rpartition(".")[2]).lstrip("_")
    label = event.label.replace("-", "_").strip("_")
    return f"_{last}_{callback.phase}_{label}"


def _added(
    scope: ModuleScope,
    key: Hashable,
    wanted: str,
    heading: str,
    statement: str,
    comment: str,
    planned: PlanKey,
    own: str,
) -> str:
    """The name of a function of the module, which is added once per ``key``.

    ``heading`` is the rest of the ``def`` line after the name.
    """
    if (known := scope.once(key)) is not None:
        return known
    name = scope.names.pick(wanted)
    scope.remember(key, name)
    scope.functions.append(
        LiftedFunction(
            name=name,
            comment=comment,
            definition=f"def {name}{heading}",
            statement=statement,
            key=planned,
        )
    )
    if own:
        scope.deferred.append(f"{name} = {own}")
    return name


def _needs_parentheses(body: str) -> bool:
    """Whether the body has line breaks outside its own brackets; in the source, they were inside
    brackets around the lambda."""
    if "\n" not in body or any(mark in body for mark in "\"'#"):
        return "\n" in body
    depth = 0
    for character in body:
        depth += (character in "([{") - (character in ")]}")
        if character == "\n" and not depth:
            return True
    return False


def _object(scope: ModuleScope, host: HostClass, callback: Callback) -> tuple[ClassId, str]:
    """The class whose objects the function takes, and its type as text.

    This is the class that declares the lambda, so that subclasses share the function. For a plain
    mixin it is the source of the compiled class: the lambda may use anything that its host classes
    have.
    """
    declaring = callback.declared_in
    if declaring == host.id or declaring not in scope.hosts:
        name = scope.imports.owner(host.id)
        if host.type_params:
            usage = ", ".join(usage_of(scope, host))
            return host.id, f"{name}[{usage}]"
        return host.id, name
    return declaring, scope.bare(declaring, scope.imports.owner(declaring, runtime=False))


def usage_of(scope: ModuleScope, host: HostClass, *, runtime: bool = False) -> list[str]:
    """The type parameters of a class, as type arguments of its source."""
    usages = []
    for param in host.type_params:
        if param.ref is None:
            usages.append(param.usage or param.name)
        else:
            alias = scope.imports.ref(param.ref, runtime=runtime)
            usages.append((param.usage or param.name).replace(param.name, alias))
    return usages


def declarations(scope: ModuleScope, host: HostClass) -> list[str]:
    """The type parameters in the brackets of a PEP 695 class."""
    return [
        scope.imports.text(param.declaration) if param.declaration else param.name
        for param in host.type_params
        if param.ref is None
    ]


def _brackets(scope: ModuleScope, host: HostClass, method: Method, types: str) -> str:
    """The type parameters of the class and the method that the types of the function mention."""
    declared = declarations(scope, host)
    declared += [scope.imports.text(text) for text in method.type_params]
    words = set(identifiers(types))
    used = [text for text in declared if words.intersection(identifiers(text)[:1])]
    return f"[{', '.join(used)}]" if used else ""


def _taken(method: Method, callback: Callback) -> list[Text | None]:
    """The types of the values that the callback takes: from the method, or of an exception."""
    if callback.role == "on_error":
        return [EXCEPTION for _ in callback.signature.takes]
    if callback.phase == "post":
        return [method.returns for _ in callback.signature.takes]
    known = {param.name: param.annotation for param in method.params}
    known |= {
        mangled(param.name, method.defined_in.name): param.annotation for param in method.params
    }
    return [known.get(take.name) for take in callback.signature.takes]
