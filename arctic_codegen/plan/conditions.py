"""How is the condition of a wrapper written in a compiled method (R56)?"""

from __future__ import annotations

import msgspec

from arctic_codegen.model.hosts import Callback, Event, HostClass, StatementReach
from arctic_codegen.model.plan import PlanKey
from arctic_codegen.model.text import THE_OBJECT, Text
from arctic_codegen.model.wrappers import Condition, ScriptReach
from arctic_codegen.plan.callees import expression, named_condition, names_builtin
from arctic_codegen.plan.lambda_functions import function_of_condition
from arctic_codegen.plan.naming import called_after, identifiers
from arctic_codegen.plan.scope import ModuleScope


def condition_text(
    scope: ModuleScope,
    host: HostClass,
    event: Event,
    callback: Callback,
    number: int,
    this: str,
    key: PlanKey,
) -> str:
    """The expression after ``if`` for one wrapper; ``number`` counts from the outermost.

    ``this`` is the method's name for its object.
    """
    condition = callback.wrappers[number].condition
    assert condition is not None
    if condition.path:
        return f"{this}.{condition.path}"
    lifted = condition.lifted
    if lifted is None:
        return f"{_called(scope, callback, condition, number)}({this})"
    own = ""
    if names_builtin(lifted.body):
        # The source module may rebind the builtin, which a copy of the text would not see.
        own = _called(scope, callback, condition, number)
    elif lifted.inline and this not in identifiers(lifted.body):
        return _filled(scope, lifted.body, this)
    body = _filled(scope, lifted.body, lifted.params[0])
    planned = msgspec.structs.replace(key, wrapper=number)
    name = function_of_condition(scope, host, event, callback, condition, body, own, planned)
    return f"{name}({this})"


def _filled(scope: ModuleScope, body: Text, this: str) -> str:
    return scope.imports.text(
        body, runtime=True, other=lambda ref: this if ref == THE_OBJECT else None
    )


def _called(scope: ModuleScope, callback: Callback, condition: Condition, number: int) -> str:
    """A name for the source's own condition."""
    if condition.reach is not None:
        return named_condition(scope, callback, condition, condition.reach)
    names = (called_after(condition.name) or "_condition",)
    key = ("condition", callback.reach, number)
    if (known := scope.once(key)) is not None:
        return known
    value = expression(scope, callback, callback.reach)
    if isinstance(callback.reach, (ScriptReach, StatementReach)):
        taken = f"{value[:-1]}, condition={number})"
    else:
        taken = f"{scope.runtime('condition_of')}({value}, {number})"
    return scope.constant(key, names, taken, scope.any_callable())
