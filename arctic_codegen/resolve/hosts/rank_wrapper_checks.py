"""Can ranks diverge or deadlock because of the wrappers around a callback (R47)?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Related, Span
from arctic_codegen.model.decls import Assign, AugAssign, Delete, Return, Statement
from arctic_codegen.model.expr import Attr, BoolOp, Call, Expr, Name, Seq, Subscript
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.collectives import (
    Collectives,
    Reached,
    body_of,
    called_name,
    calls_in,
)
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.returns import names_in_display, returns_of
from arctic_codegen.resolve.names.definitions import picked
from arctic_codegen.resolve.values.records import CallableValue

_CHANGERS = frozenset(
    {
        *("append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse"),
        *("setdefault", "update"),
    }
)
"""Methods of Python's own containers that change them, without those that a tensor has, too."""


class WrappedCallback(msgspec.Struct, frozen=True):
    """A callback with wrappers, as one class has it."""

    cls: ClassEntity
    declaration: Declaration


def rank_findings(
    callbacks: Sequence[WrappedCallback], collectives: Collectives
) -> Iterator[Finding]:
    """Every finding; a callback that many classes inherit gives the same one for each."""
    for one in callbacks:
        kinds = {wrapper.kind for wrapper in one.declaration.callable.wrappers}
        if "rank_zero" in kinds and one.declaration.role == "in order":
            yield from _rewriting(one, collectives)
        if kinds & {"rank_zero", "on_error", "always", "optional"}:
            yield from _collectives(one, collectives, alone="rank_zero" in kinds)
            yield from _in_conditions(one, collectives)


def _rewriting(one: WrappedCallback, collectives: Collectives) -> Iterator[Finding]:
    """AC701: a value that rank 0 alone gets."""
    declaration = one.declaration
    value = declaration.callable
    taken = values_taken(declaration)
    if not taken or value.installed:
        return
    body = body_of(value, one.cls, declaration.method_owner)
    if body is None:
        return

    def gives_back(name: str) -> bool:
        return collectives.gives_back(name, body)

    for name, span in _rewrites(value, taken, gives_back):
        callback = declaration.short
        found = message("AC701", "changes-values", callback=callback)
        if name is not None:
            found = message("AC701", "changes-parameter", callback=callback, parameter=name)
        yield found.at(Place(value.place.path, span), _around(declaration, "rank_zero"))
        return


def values_taken(declaration: Declaration) -> tuple[str, ...]:
    """The parameters of a callback whose values it may replace; none where its body is not what is
    called with them."""
    value = declaration.callable
    taken = tuple(param.name for param in (value.params or ())[1:])
    if declaration.phase == "post":
        taken = taken[:1]
    definition = value.definition
    if definition is not None and not {one.name for one in definition.params}.issuperset(taken):
        return ()  # the parameters are those of a decorator's own function
    return () if value.is_generator else taken


def _rewrites(
    value: CallableValue, taken: tuple[str, ...], gives_back: Callable[[str], bool]
) -> Iterator[tuple[str | None, Span]]:
    """Where a callback changes what it takes, or gives back something else."""
    definition = value.definition
    if definition is not None and returns_other_names(definition.body, taken):
        return
    if definition is not None:
        bound = [
            (stmt.span, {*bound_names(stmt), *_changed(stmt)}) for stmt in flat(definition.body)
        ]
        yield from ((name, span) for name in taken for span, names in bound if name in names)
    for call in calls_in(value.lambda_body) if definition is None else definition.calls:
        name, _, method = call.name.partition(".")
        if name in taken and changes_in_place(method):
            yield name, call.span
    for returned in returns_of(value):
        if returned.value is None or returned.is_none:
            continue  # reported as a missing `return`
        if not _is_same(returned.value, taken, gives_back):
            yield taken[0] if len(taken) == 1 else None, returned.place


def changes_in_place(method: str) -> bool:
    """Whether a method of that name changes its object: ``loss.mul_(2)``, ``batch.pop("x")``."""
    return method in _CHANGERS or (method.endswith("_") and not method.startswith("_"))


def returns_other_names(body: Sequence[Statement], taken: tuple[str, ...]) -> bool:
    """Whether what was taken gets another name, which is returned."""
    statements = list(flat(body))
    values = [stmt.value for stmt in statements if isinstance(stmt, Return)]
    returned = {value.id for value in values if isinstance(value, Name)}
    return any(
        isinstance(stmt, Assign)
        and isinstance(stmt.value, Name)
        and stmt.value.id in taken
        and not returned.isdisjoint(bound_names(stmt))
        for stmt in statements
    )


def _is_same(value: Expr, taken: tuple[str, ...], gives_back: Callable[[str], bool]) -> bool:
    """Whether an expression is what was taken, as it was."""
    if isinstance(value, BoolOp) and value.op == "or":  # `print(loss) or loss`
        return isinstance(value.left, Call) and _is_same(value.right, taken, gives_back)
    if isinstance(value, Subscript) and isinstance(value.value, Seq):  # `(print(loss), loss)[1]`
        item = picked(value.value, value)
        return item is not None and _is_same(item, taken, gives_back)
    if isinstance(value, Call) and value.args:
        last, name = value.args[-1].value, called_name(value)
        is_kept = name.rpartition(".")[2] == "cast" or gives_back(name)
        return is_kept and _is_same(last, taken, gives_back)
    if len(taken) == 1:
        return isinstance(value, Name) and value.id == taken[0]
    if not isinstance(value, Seq) or value.kind != "tuple":
        return False
    names = names_in_display(value)
    # Another order, or another number, is reported as such.
    return names is not None and (len(names) != len(taken) or sorted(names) == sorted(taken))


def _changed(stmt: Statement) -> Iterator[str]:
    """The names of what a statement changes in place: ``batch["x"] = 1``, ``del batch["x"]``."""
    targets: Sequence[Expr] = ()
    if isinstance(stmt, Delete) or (isinstance(stmt, Assign) and stmt.value is not None):
        targets = stmt.targets
    elif isinstance(stmt, AugAssign):
        targets = (stmt.target,)
    for target in targets:
        inside = target
        while isinstance(inside, (Attr, Subscript)):
            inside = inside.value
        if inside is not target and isinstance(inside, Name):
            yield inside.id


def _collectives(
    one: WrappedCallback, collectives: Collectives, *, alone: bool
) -> Iterator[Finding]:
    """AC702, AC703: what all ranks have to call, and one may not come to."""
    declaration = one.declaration
    body = body_of(declaration.callable, one.cls, declaration.method_owner)
    for found in () if body is None else collectives.reached(body):
        ends = found.steps[-1].name.rpartition(".")[2] == "destroy_process_group"
        if not (ends and declaration.role != "in order"):  # a rank that ends does so itself
            yield _reached(one, found, alone)


def _in_conditions(one: WrappedCallback, collectives: Collectives) -> Iterator[Finding]:
    """The same of the conditions that are read where not all ranks may be."""
    value = one.declaration.callable
    for at, condition in enumerate(value.conditions):
        outside = {wrapper.kind for wrapper in value.wrappers[:at]}
        alone = "rank_zero" in outside
        if condition is None or not (
            alone or "optional" in outside or one.declaration.role != "in order"
        ):
            continue
        body = body_of(condition, one.cls, None)
        for found in () if body is None else collectives.reached(body):
            yield _reached(one, found, alone)


def _reached(one: WrappedCallback, found: Reached, alone: bool) -> Finding:
    declaration = one.declaration
    first, last = found.steps[0], found.steps[-1]
    name, reason = declaration.short, found.reason
    at_failure = declaration.role != "in order" and not alone
    on_one_rank = alone or at_failure
    if at_failure and first is last:
        problem = message(
            "AC702",
            "calls-at-failure",
            callback=name,
            wrapper=declaration.role,
            function=last.name,
            reason=reason,
        )
    elif at_failure:
        problem = message(
            "AC702",
            "leads-to-at-failure",
            callback=name,
            wrapper=declaration.role,
            first=first.name,
            function=last.name,
            reason=reason,
        )
    elif first is last:
        problem = message(
            "AC702" if alone else "AC703",
            "calls",
            callback=name,
            function=last.name,
            reason=reason,
        )
    else:
        problem = message(
            "AC702" if alone else "AC703",
            "leads-to",
            callback=name,
            first=first.name,
            function=last.name,
            reason=reason,
        )
    wrapper = "rank_zero" if alone else declaration.role if at_failure else "optional"
    around = _around(declaration, wrapper)
    place = declaration.declared_at if declaration.callable.installed else first.place
    related = tuple(
        message("AC702" if on_one_rank else "AC703", "called-here", function=step.name).note(
            step.place
        )
        for step in found.steps
        if step.place != place
    )
    return problem.at(place, *related, around)


def _around(declaration: Declaration, wrapper: str) -> Related:
    return message("shared", "with-wrapper", wrapper=wrapper).note(declaration.declared_at)
