"""What is wrong with a callback for what stands around it: ranks that would part or wait (R47)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity, Span
from arctic_codegen.model.decls import Assign, AugAssign, Delete, FunctionDecl, Statement
from arctic_codegen.model.expr import (
    Attr,
    BoolOp,
    Call,
    Expr,
    Literal_,
    Name,
    Seq,
    Starred,
    Subscript,
    UnaryOp,
)
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.reaching_collectives import (
    Collectives,
    Reached,
    body_of,
    body_of_lambda,
    calls_in,
)
from arctic_codegen.resolve.hosts.returns import returns_of, returns_of_lambda

_CHANGERS = frozenset(
    {
        *("add", "append", "clear", "discard", "extend", "insert", "pop", "popitem"),
        *("remove", "reverse", "setdefault", "sort", "update"),
    }
)
"""Methods of Python's own containers that change them."""


class Guarded(msgspec.Struct, frozen=True):
    """A callback with wrappers, as one class has it."""

    cls: ClassEntity
    declaration: Declaration
    runs_uncompiled: bool
    """The class has a runtime that runs its callbacks where nothing is compiled."""


def guard_findings(guarded: Sequence[Guarded], collectives: Collectives) -> Iterator[Finding]:
    """Every finding; a callback that many classes inherit gives the same one for each."""
    for one in guarded:
        kinds = {wrapper.kind for wrapper in one.declaration.callable.wrappers}
        if "rank_zero" in kinds:
            yield from _rewriting(one)
        if kinds & {"rank_zero", "optional"}:
            yield from _collectives(one, collectives, alone="rank_zero" in kinds)
        if any((wrapper.n or 1) > 1 for wrapper in one.declaration.callable.wrappers):
            yield from _never_due(one)
    yield from _shared(guarded)


# Rewriting


def _rewriting(one: Guarded) -> Iterator[Finding]:
    """AC701: a value that rank 0 alone gets."""
    declaration = one.declaration
    value = declaration.callable
    taken = tuple(param.name for param in (value.params or ())[1:])
    if declaration.phase == "post":
        taken = taken[:1]
    if not taken or value.is_generator or value.installed:
        return
    definition = value.definition
    if definition is None:
        found = () if value.lambda_body is None else returns_of_lambda(value.lambda_body)
        bound: dict[str, Span] = {}
    else:
        found = returns_of(definition)
        bound = _bound(definition)
        own = {param.name for param in definition.params}
        if not own.issuperset(taken):
            return  # the parameters are those of a decorator's own function
    for name in taken:
        if name in bound:
            yield _rewritten(one, name, bound[name])
            return
    calls = calls_in(value.lambda_body) if definition is None else definition.calls
    for call in calls:
        name, _, method = call.name.partition(".")
        if name in taken and _changes_in_place(method):
            yield _rewritten(one, name, call.span)
            return
    for returned in found:
        if returned.value is None or returned.is_none:
            continue  # told as a missing `return`
        if not _is_same(returned.value, taken):
            yield _rewritten(one, taken[0] if len(taken) == 1 else None, returned.place)
            return


def _rewritten(one: Guarded, name: str | None, span: Span) -> Finding:
    what = "the values" if name is None else f"'{name}'"
    declaration = one.declaration
    return Finding(
        "AC701",
        f"the callback '{_short(declaration)}' runs on rank 0 alone, and changes {what} there",
        Place(declaration.callable.place.path, span),
        "give back what it takes, or let it run on every rank",
        (_around(declaration, "rank_zero"),),
    )


def _changes_in_place(method: str) -> bool:
    """Whether a method of that name changes its object: ``loss.mul_(2)``, ``batch.pop("x")``."""
    return method in _CHANGERS or (method.endswith("_") and not method.startswith("_"))


def _is_same(value: Expr, taken: tuple[str, ...]) -> bool:
    """Whether an expression is what was taken, as it was."""
    if isinstance(value, BoolOp) and value.op == "or":  # `print(loss) or loss`
        return isinstance(value.left, Call) and _is_same(value.right, taken)
    if isinstance(value, Subscript) and isinstance(value.value, Seq):  # `(print(loss), loss)[1]`
        picked = _picked(value.value.items, value.items)
        return picked is not None and _is_same(picked, taken)
    if len(taken) == 1:
        return isinstance(value, Name) and value.id == taken[0]
    if not isinstance(value, Seq) or value.kind != "tuple":
        return False
    names = [item.id for item in value.items if isinstance(item, Name)]
    # Another order, or another number, is told as such.
    return len(names) == len(value.items) and (
        len(names) != len(taken) or sorted(names) == sorted(taken)
    )


def _picked(items: tuple[Expr, ...], subscript: tuple[Expr, ...]) -> Expr | None:
    """The item of a display that a constant subscript picks."""
    (index,) = subscript if len(subscript) == 1 else (None,)
    sign = 1
    if isinstance(index, UnaryOp) and index.op == "-":
        index, sign = index.operand, -1
    if not isinstance(index, Literal_) or not index.text.isdecimal():
        return None
    number = sign * int(index.text)
    if any(isinstance(item, Starred) for item in items) or not -len(items) <= number < len(items):
        return None
    return items[number]


def _bound(code: FunctionDecl) -> dict[str, Span]:
    """The names that a body gives a new value, and whose value it changes in place."""
    found: dict[str, Span] = {}
    for stmt in flat(code.body):
        names = [*bound_names(stmt), *_changed(stmt)]
        for name in names:
            found.setdefault(name, stmt.span)
    return found


def _changed(stmt: Statement) -> list[str]:
    """The names of what a statement changes in place: ``batch["x"] = 1``, ``del batch["x"]``."""
    targets: Sequence[Expr] = ()
    if isinstance(stmt, (Assign, Delete)) and not (isinstance(stmt, Assign) and stmt.value is None):
        targets = stmt.targets
    elif isinstance(stmt, AugAssign):
        targets = (stmt.target,)
    found = []
    for target in targets:
        inside = target
        while isinstance(inside, (Attr, Subscript)):
            inside = inside.value
        if inside is not target and isinstance(inside, Name):
            found.append(inside.id)
    return found


# Collectives


def _collectives(one: Guarded, collectives: Collectives, *, alone: bool) -> Iterator[Finding]:
    """AC702, AC703: what all ranks have to call, and one may not come to."""
    declaration = one.declaration
    value = declaration.callable
    params, path = value.params or (), value.place.path
    if value.definition is not None:
        body = body_of(
            value.definition,
            value.scope,
            path,
            object=params[0].name if params else "",
            cls=one.cls,
            defined_in=declaration.owner if declaration.kind == "method" else None,
        )
    elif value.lambda_body is not None:
        body = body_of_lambda(value.lambda_body, params, value.scope, path, one.cls)
    else:
        return
    for found in collectives.reached(body):
        yield _reached(one, found, alone)


def _reached(one: Guarded, found: Reached, alone: bool) -> Finding:
    declaration = one.declaration
    first, last = found.steps[0], found.steps[-1]
    what = f"'{last.name}', which {found.reason}"
    way = f"calls {what}"
    if first is not last:
        way = f"calls '{first.name}', and that leads to {what}"
    name = _short(declaration)
    if alone:
        code, severity = "AC702", Severity.ERROR
        message = f"the callback '{name}' runs on rank 0 alone, and {way}"
        hint = "let it run on every rank, and test the rank in it around what rank 0 alone is to do"
    else:
        code, severity = "AC703", Severity.WARNING
        message = f"the callback '{name}' may fail on one rank and go on, and {way}"
        hint = "put 'optional' around what may fail before or after it, and not around the call"
    around = _around(declaration, "rank_zero" if alone else "optional")
    place = declaration.declared_at if declaration.callable.installed else first.place
    related = tuple(
        Related(step.place, f"'{step.name}' is called here")
        for step in found.steps
        if step.place != place
    )
    return Finding(code, message, place, hint, (*related, around), severity)


# Counting


def _never_due(one: Guarded) -> Iterator[Finding]:
    """AC707: an object is made once, so that no count of that comes to two."""
    declaration = one.declaration
    if declaration.event not in ("init", "__init__"):
        return
    yield Finding(
        "AC707",
        f"the callback '{_short(declaration)}' never runs: an object has one "
        f"'{declaration.phase}-init', and 'every' counts for each object",
        declaration.declared_at,
        "take 'every' away, or put the callback on an event that comes more than once",
        severity=Severity.WARNING,
    )


def _shared(guarded: Sequence[Guarded]) -> Iterator[Finding]:
    """AC706: one ``every`` in several places of a class that runs uncompiled as well."""
    first: dict[tuple[object, ...], Guarded] = {}
    for one in guarded:
        declaration = one.declaration
        value = declaration.callable
        if not one.runs_uncompiled or all(wrapper.kind != "every" for wrapper in value.wrappers):
            continue
        key = (one.cls.id, value.identity)
        other = first.setdefault(key, one)
        if other.declaration.declared_at == declaration.declared_at:
            continue
        yield Finding(
            "AC706",
            f"the 'every' around '{_short(declaration)}' stands in two entries: compiled, each "
            "counts for itself; uncompiled, they count together",
            declaration.declared_at,
            "write 'every(...)' in each of the entries",
            (Related(other.declaration.declared_at, "the other entry"),),
            Severity.WARNING,
        )


def _around(declaration: Declaration, wrapper: str) -> Related:
    return Related(declaration.declared_at, f"it is declared here, with '{wrapper}' around it")


def _short(declaration: Declaration) -> str:
    if declaration.kind == "method":
        return declaration.method
    return declaration.callable.name.rpartition(".")[2]
