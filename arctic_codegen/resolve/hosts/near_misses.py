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
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.events import read_event, read_method_name
from arctic_codegen.resolve.values.callback_objects import HOOK, is_callback

_PHASES = {
    **dict.fromkeys(("pre", "before", "pree", "rpe"), ("pre",)),
    **dict.fromkeys(("post", "after", "pots", "psot", "pst", "postt"), ("post",)),
    "on": ("pre", "post"),
}
"""The phases that the first word of a name may have been meant as."""
_WORDS = re.compile(r"[A-Z]?[a-z\d]+|[A-Z\d]+(?![a-z])")


def near_misses(
    cls: ClassEntity, mro: Sequence[ClassEntity], tools: Tools, is_event: Callable[[str], bool]
) -> Iterator[Finding]:
    """AC217 for one class of an MRO; ``is_event`` covers the whole MRO."""
    once = tools.members.once
    for name, phases, event in once("near misses", cls, partial(_methods, cls, tools)):
        if is_event(event) and not _is_used(name, cls, mro, tools):
            spelled = " or ".join(f"'{phase}_{event}_callback'" for phase in phases)
            found = message("AC217", "method", name=name, owner=cls.id.name, meant=spelled)
            yield found.at(tools.members.binding_place(cls, name))
    for name in once("near lists", cls, partial(_lists, cls, tools)):
        found = message("AC217", "list", name=name, owner=cls.id.name)
        yield found.at(tools.members.binding_place(cls, name))


def near_hooks(running: Sequence[Declaration], tools: Tools) -> Iterator[Finding]:
    """AC217 for the classes of ``Callback`` objects: methods named as hooks of other frameworks."""
    declared = [one.callable.definition for one in running]
    receivers = (one.callable.receiver for one in running)
    for owner in dict.fromkeys(one.owner for one in receivers if one is not None):
        if not is_callback(tools.names, owner):
            continue
        mro = tools.names.mro(owner).classes
        for cls in mro:
            for name in () if tools.is_installed(cls) else tools.members.own_names(cls):
                member = tools.members.own(cls, name) if HOOK.fullmatch(name) else None
                if (
                    member is not None
                    and isinstance(member.entity, FunctionEntity)
                    and member.what == "method"
                    and not any(member.entity.decl is one for one in declared)
                    and not _is_called(name, mro)
                    and sum(name in tools.members.own_names(one) for one in mro) == 1
                ):
                    found = message("AC217", "hook", name=name, owner=cls.id.name)
                    yield found.at(tools.members.binding_place(cls, name))


def _is_called(name: str, mro: Sequence[ClassEntity]) -> bool:
    """Whether a method of these classes calls the method of that name, or passes it on."""
    functions = (stmt for one in mro for stmt in flat(one.decl.body))
    return any(
        name in stmt.self_calls or any(name == call.method for call in stmt.super_calls)
        for stmt in functions
        if isinstance(stmt, FunctionDecl)
    )


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
        member = tools.members.own(cls, name) if event else None
        if member is not None and member.what == "method":
            found.append((name, phases, "_".join(event)))
    return found


def _is_like(word: str, wanted: str) -> bool:
    """Whether a word equals another one or is a misspelling of it; ``fallback`` is not."""
    if word[:1] != wanted[0] or abs(len(word) - len(wanted)) > 2:
        return False
    return difflib.SequenceMatcher(None, word, wanted, autojunk=False).ratio() >= 0.8


def _is_used(name: str, cls: ClassEntity, mro: Sequence[ClassEntity], tools: Tools) -> bool:
    """Whether the method is called by others, exists in a library, or is named by an entry: then it
    is not a mistake."""
    member = tools.members.own(cls, name)
    decl = member.entity.decl if member and isinstance(member.entity, FunctionEntity) else None
    entries = tools.declarations.own(cls).entries
    if decl is not None and any(entry.callable.definition is decl for entry in entries):
        return True
    if _is_called(name, mro):
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
