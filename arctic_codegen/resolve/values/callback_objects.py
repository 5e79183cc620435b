"""Which events and methods does iteration over a ``Callback`` object give (R66)?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import Assign, FunctionDecl, Statement
from arctic_codegen.model.expr import Attr, Name, dotted_parts
from arctic_codegen.resolve.binder.blocks import flat, parts_of
from arctic_codegen.resolve.entities import ClassEntity, Unknown, ValueEntity
from arctic_codegen.resolve.names.constant_folding import NotConstant
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.attributes import attribute
from arctic_codegen.resolve.values.expressions import undetermined
from arctic_codegen.resolve.values.records import Const, Instance, Mapping, Sequence
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_BASE = ("arctic_codegen.callbacks.callback", "Callback")
_METHOD = re.compile("(pre|post)_(.+)")
HOOK = re.compile(
    r"on_\w+_(begin|start|end)|on_(log|save|evaluate|predict|exception|prediction_step)"
    r"|on_(pre_)?optimizer_step|on_(save|load)_checkpoint|on_(before|after)_\w+"
)
"""Hooks of transformers and Lightning, which nothing calls here; other methods are helpers."""


def is_callback(names: Names, owner: ClassEntity) -> bool:
    """Whether objects of a class are ``Callback`` objects."""
    return any((cls.id.module, cls.id.name) == _BASE for cls in names.mro(owner).classes)


def pairs(evaluator: Evaluator, thunk: Thunk, value: Instance) -> tuple[Thunk, ...] | None:
    """The pairs that ``*value`` expands to, in Python's order; ``None`` if the object is not a
    ``Callback``.

    Raises NotConstant if they cannot be determined, or if the object has only hooks of another
    framework.
    """
    mro = evaluator.names.mro(value.owner)
    if not is_callback(evaluator.names, value.owner):
        if not mro.unknown_bases:
            return None
        base = mro.unknown_bases[0]
        why = message("reasons", "object-unknown-base", base=base.message, advice=base.hint or "")
        raise NotConstant(Unknown(why, base.place))
    iterated = evaluator.names.class_attribute(value.owner, "__iter__")
    own_iteration = getattr(iterated, "module", "") != _BASE[0]
    if mro.unknown_bases or mro.problem or own_iteration:
        raise NotConstant(undetermined(thunk))
    events = _events(evaluator, list(mro.classes))
    if not events and any(
        HOOK.fullmatch(name) for cls in mro.classes for name in evaluator.names.own_names(cls)
    ):
        why = message("reasons", "object-without-callbacks", owner=value.owner.id.name)
        raise NotConstant(Unknown(why, value.owner.place))
    found = []
    for name, event in events.items():
        bound = evaluator.names.class_attribute(value.owner, name)
        held = evaluator.follow(bound, thunk) if isinstance(bound, ValueEntity) else None
        is_none = held == Const(None)
        if isinstance(held, (Const, Sequence, Mapping)) and not is_none:
            continue  # data, not a method
        if (at := _set_on_object(evaluator, mro.classes, name)) is not None:
            why = message("reasons", "object-sets-event", owner=value.owner.id.name, name=name)
            raise NotConstant(Unknown(why, at))
        if is_none:
            continue
        method = thunk.child(Attr(thunk.expr.span, thunk.expr, name, thunk.expr.span))
        given = attribute(evaluator, method, value)
        if isinstance(given, Unknown) and given.finding_code == "AC705":
            given = given.because(_on_method(given.why, event))
        items = (thunk.holding(Const(event)), method.holding(given))
        found.append(thunk.holding(Sequence("tuple", items)))
    return tuple(found)


def _on_method(why: Message, event: str) -> Message:
    """How to fix one of our wrappers on a method: the pairs that ``*`` gives cannot be wrapped."""
    values = dict(why.values)
    return message(
        "AC705",
        "on-method",
        wrapper=values["wrapper"],
        function=values["function"],
        phase=event.partition("-")[0],
        event=event,
    )


def _events(evaluator: Evaluator, classes: list[ClassEntity]) -> dict[str, str]:
    """The names of the methods, with the event of each."""
    return {
        name: f"{match[1]}-{match[2].replace('_', '-')}"
        for cls in reversed(classes)
        for name in evaluator.names.own_names(cls)
        if (match := _METHOD.fullmatch(name))
    }


def _set_on_object(evaluator: Evaluator, classes: Iterable[ClassEntity], name: str) -> Place | None:
    """Where a class of the project may set this attribute on its object: in a method, or as a
    field of a decorated class, whose ``__init__`` is generated."""
    for cls in classes:
        if evaluator.names.source(cls.id.module).installed:
            continue
        places: list[tuple[Statement, tuple[str, ...]]] = []
        for stmt in cls.decl.body:
            if isinstance(stmt, FunctionDecl) and stmt.params:
                places += [(one, (stmt.params[0].name, name)) for one in flat(stmt.body)]
            elif cls.decl.decorators and isinstance(stmt, Assign) and stmt.annotation is not None:
                places.append((stmt, (name,)))
        for stmt, target in places:
            for part in parts_of(stmt.targets) if isinstance(stmt, Assign) else ():
                if isinstance(part, (Name, Attr)) and dotted_parts(part) == target:
                    return evaluator.place(part.span, cls.id.module)
    return None
