"""Which events and methods does iterating over a ``Callback`` object give (R66)?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.expr import Attr
from arctic_codegen.resolve.entities import ClassEntity, Unknown, ValueEntity
from arctic_codegen.resolve.names.constant_folding import NotConstant
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.attributes import attribute
from arctic_codegen.resolve.values.records import Const, Instance, Mapping, Sequence, Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_BASE = ("arctic_codegen.callbacks.callback", "Callback")
_METHOD = re.compile("(pre|post)_(.+)")


def is_callback(evaluator: Evaluator, value: Instance) -> bool:
    """Whether an object is a ``Callback``."""
    classes = evaluator.names.mro(value.owner).classes
    return any((cls.id.module, cls.id.name) == _BASE for cls in classes)


def pairs(evaluator: Evaluator, thunk: Thunk, value: Instance) -> tuple[Thunk, ...] | None:
    """The pairs that ``*value`` stands for, in Python's order; ``None`` for an object that is no
    ``Callback``.

    Raises NotConstant if they cannot be determined.
    """
    if not is_callback(evaluator, value):
        return None
    mro = evaluator.names.mro(value.owner)
    iterated = evaluator.names.class_attribute(value.owner, "__iter__")
    own_iteration = getattr(iterated, "module", "") != _BASE[0]
    if mro.unknown_bases or mro.problem or own_iteration:
        raise NotConstant(
            Unknown(message("reasons", "undetermined", expression=show(thunk.expr)), thunk.place)
        )
    found = []
    for name, event in _events(evaluator, list(mro.classes)).items():
        bound = evaluator.names.class_attribute(value.owner, name)
        if isinstance(bound, ValueEntity) and isinstance(
            evaluator.follow(bound, thunk), (Const, Sequence, Mapping)
        ):
            continue  # data, or `None`: no method
        method = thunk.child(Attr(thunk.expr.span, thunk.expr, name, thunk.expr.span))
        given = attribute(evaluator, method, value)
        if isinstance(given, Unknown) and given.finding_code == "AC705":
            given = given.because(_on_method(given.why, event))
        items = (thunk.holding(Const(event)), method.holding(given))
        found.append(thunk.holding(Sequence("tuple", items)))
    return tuple(found)


def _on_method(why: Message, event: str) -> Message:
    """What to do about a wrapper of ours on a method: around what ``*`` gives there is no place."""
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
