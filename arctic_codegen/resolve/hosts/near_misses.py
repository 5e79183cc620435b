"""Which attributes and methods look like a declaration of callbacks but are none (R50)?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import Assign, FunctionDecl
from arctic_codegen.model.expr import Seq, Str
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat, names_in, parts_of
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity
from arctic_codegen.resolve.hosts.candidates import Tools
from arctic_codegen.resolve.hosts.events import EventTarget, read_event, read_method_name

_PHASES = {
    **dict.fromkeys(("pre", "before", "pree", "rpe"), ("pre",)),
    **dict.fromkeys(("post", "after", "pots", "psot", "pst", "postt"), ("post",)),
    "on": ("pre", "post"),
}
"""The phases that the first word of a name may have been meant as."""
_WORDS = re.compile(r"[A-Z]?[a-z\d]+|[A-Z\d]+(?![a-z])")


def near_misses(
    cls: ClassEntity,
    mro: Sequence[ClassEntity],
    tools: Tools,
    event_of: Callable[[str], EventTarget | None],
) -> Iterator[Finding]:
    """AC217 for one class of an MRO; ``event_of`` covers the whole MRO."""
    once = tools.members.once
    for name, phases, event in once("near misses", cls, partial(_methods, cls, tools)):
        target = event_of(event)
        if name == f"{phases[0]}_{event}" and not _could_be_callback(name, cls, mro, tools, target):
            continue
        if target is not None and not _is_used(name, cls, mro, tools):
            spelled = " or ".join(f"'{phase}_{event}_callback'" for phase in phases)
            found = message("AC217", "method", name=name, owner=cls.id.name, meant=spelled)
            yield found.at(tools.members.binding_place(cls, name))
    for name in once("near lists", cls, partial(_lists, cls, tools)):
        found = message("AC217", "list", name=name, owner=cls.id.name)
        yield found.at(tools.members.binding_place(cls, name))


def _methods(cls: ClassEntity, tools: Tools) -> list[tuple[str, tuple[str, ...], str]]:
    """The methods whose names are similar to those of callback methods, with the possible phases
    and the event."""
    found = []
    for name in tools.members.own_names(cls):
        words = [word.lower() for word in _WORDS.findall(name)]
        phases = _PHASES.get(words[0], ()) if words and not name.startswith("_") else ()
        if not phases or read_method_name(name):
            continue
        event = words[1:-1]
        if not _is_like(words[-1], "callback"):
            # `call_back` counts; a word after `callback` makes it the name of a helper.
            split = _is_like("".join(words[-2:]), "callback")
            event = words[1:-2] if split and not _is_like(words[-2], "callback") else []
        if not event and name.startswith(("pre_", "post_")):
            event = [name.partition("_")[2]]  # as in the class of a `Callback` object
        member = tools.members.own(cls, name) if event else None
        if member is not None and member.what == "method":
            found.append((name, phases, "_".join(event)))
    return found


def _could_be_callback(
    name: str,
    cls: ClassEntity,
    mro: Sequence[ClassEntity],
    tools: Tools,
    target: EventTarget | None,
) -> bool:
    """Whether a method called ``post_step`` takes what a callback of that event takes. Others may
    call a method of that name, so in doubt it is right."""
    if target is None or target.member is None or target.name == "__init__":
        return False
    entity, method = _function(cls, name, tools), target.member.entity
    if entity is None or not isinstance(method, FunctionEntity):
        return False
    if entity.decl.is_async and not method.decl.is_async:
        return False
    if entity.decl.decorators or sum(name in tools.members.own_names(one) for one in mro) > 1:
        return False
    taken = [param.name for param in entity.decl.params[1:]]
    if name.startswith("post_"):
        return len(taken) <= 1
    return {*taken} <= {param.name for param in method.decl.params[1:]}


def _function(cls: ClassEntity, name: str, tools: Tools) -> FunctionEntity | None:
    member = tools.members.own(cls, name)
    entity = None if member is None else member.entity
    return entity if isinstance(entity, FunctionEntity) else None


def _is_like(word: str, wanted: str) -> bool:
    """Whether a word equals another one or is a misspelling of it; ``fallback`` is not."""
    if word[:1] != wanted[0] or abs(len(word) - len(wanted)) > 2:
        return False
    return difflib.SequenceMatcher(None, word, wanted, autojunk=False).ratio() >= 0.8


def _is_used(name: str, cls: ClassEntity, mro: Sequence[ClassEntity], tools: Tools) -> bool:
    """Whether the method is called by others, exists in a library, or is named by an entry: then it
    is not a mistake."""
    entity = _function(cls, name, tools)
    decl = None if entity is None else entity.decl
    entries = tools.declarations.own(cls).entries
    if decl is not None and any(entry.callable.definition is decl for entry in entries):
        return True
    functions = (stmt for one in mro for stmt in flat(one.decl.body))
    if any(isinstance(stmt, FunctionDecl) and name in stmt.self_calls for stmt in functions):
        return True
    libraries = (one for one in mro if one is not cls and tools.is_installed(one))
    return any(name in tools.members.own_names(one) for one in libraries)


def _lists(cls: ClassEntity, tools: Tools) -> tuple[str, ...]:
    """Attributes that contain entries and whose name is similar to that of the list."""
    near = {
        name
        for name in tools.members.own_names(cls)
        if name != "callbacks" and not name.startswith("_") and _is_nearly_the_list(name)
    }
    found: dict[str, None] = {}
    used: set[str] = set()
    for stmt in flat(cls.decl.body) if near else ():
        if isinstance(stmt, Assign) and stmt.value is not None:
            names = bound_names(stmt)
            if "callbacks" in names:
                used |= names_in(stmt.value)
            if _has_entry(stmt.value):
                found.update(dict.fromkeys(name for name in names if name in near))
    return tuple(name for name in found if name not in used)


def _is_nearly_the_list(name: str) -> bool:
    word = "".join(_WORDS.findall(name)).lower()
    return word == "callback" or _is_like(word, "callbacks")


def _has_entry(value: object) -> bool:
    return any(
        isinstance(part, Seq)
        and len(part.items) == 2
        and isinstance(part.items[0], Str)
        and read_event(part.items[0].value.replace("_", "-", 1)) is not None
        for part in parts_of(value)
    )
