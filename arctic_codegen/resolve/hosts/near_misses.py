"""What looks like a declaration of callbacks and is none, for its spelling alone (R50)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Severity
from arctic_codegen.model.decls import Assign, FunctionDecl
from arctic_codegen.model.expr import Seq, Str
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat, names_in, parts_of
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, LambdaEntity
from arctic_codegen.resolve.hosts.candidates import Tools
from arctic_codegen.resolve.hosts.events import read_method_name

_PHASES = {
    **dict.fromkeys(("pre", "before", "pree", "rpe"), ("pre",)),
    **dict.fromkeys(("post", "after", "pots", "psot", "pst", "postt"), ("post",)),
    "on": ("pre", "post"),
}
"""What the first word of a name may have been meant for."""
_ALIKE = 0.8
_WORDS = re.compile(r"[A-Z]?[a-z\d]+|[A-Z\d]+(?![a-z])")
_EVENT = re.compile(r"(?:pre|post)[-_]\w")


class _Miss(msgspec.Struct, frozen=True):
    """A name that is nearly that of a callback method."""

    name: str
    phases: tuple[str, ...]
    event: str


def near_misses(
    cls: ClassEntity, mro: Sequence[ClassEntity], tools: Tools, is_event: Callable[[str], bool]
) -> Iterator[Finding]:
    """AC217 for what one class of an MRO has; ``is_event`` speaks for the whole of it."""
    once = tools.members.once
    for miss in once("near misses", cls, partial(_methods, cls, tools)):
        if is_event(miss.event) and not _is_used(miss.name, cls, mro, tools):
            spelled = [f"'{phase}_{miss.event}_callback'" for phase in miss.phases]
            what = "is no callback method, although its name looks like that of one"
            yield _finding(cls, miss.name, what, " or ".join(spelled), tools)
    for name in once("near lists", cls, partial(_lists, cls, tools)):
        yield _finding(
            cls, name, "holds entries, but is no list of callbacks", "'callbacks'", tools
        )


def _finding(cls: ClassEntity, name: str, what: str, spelled: str, tools: Tools) -> Finding:
    span = tools.members.bound_at(cls, name) or cls.place.span
    return Finding(
        "AC217",
        f"'{name}' of '{cls.id.name}' {what}",
        Place(cls.place.path, span),
        f"write {spelled}; if it is no declaration of callbacks, give it another name",
        severity=Severity.WARNING,
    )


def _methods(cls: ClassEntity, tools: Tools) -> tuple[_Miss, ...]:
    found = []
    for name in tools.members.own_names(cls):
        miss = None if read_method_name(name) else nearly_a_method(name)
        member = None if miss is None else tools.members.own(cls, name)
        if miss is None or member is None or member.what != "method":
            continue
        if isinstance(member.entity, FunctionEntity | LambdaEntity):
            found.append(_Miss(name, *miss))
    return tuple(found)


def nearly_a_method(name: str) -> tuple[tuple[str, ...], str] | None:
    """The phases and the event that a misspelt callback method may have been meant for."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if name.startswith("_") or len(words) < 3 or words[0] not in _PHASES:
        return None
    if _is_like(words[-1], "callback"):
        return _PHASES[words[0]], "_".join(words[1:-1])
    split = len(words) > 3 and not _is_like(words[-2], "callback")  # that is a helper of one
    if split and _is_like(words[-2] + words[-1], "callback"):
        return _PHASES[words[0]], "_".join(words[1:-2])
    return None


def _is_like(word: str, wanted: str) -> bool:
    """Whether a word is a misspelling of another one, or that one; no ``fallback`` is."""
    if word[:1] != wanted[0] or abs(len(word) - len(wanted)) > 2:
        return False
    return difflib.SequenceMatcher(None, word, wanted, autojunk=False).ratio() >= _ALIKE


def _is_used(name: str, cls: ClassEntity, mro: Sequence[ClassEntity], tools: Tools) -> bool:
    """Whether methods call it, a library has it, or an entry names it: then it does what it is
    there for."""
    member = tools.members.own(cls, name)
    decl = member.entity.decl if member and isinstance(member.entity, FunctionEntity) else None
    entries = tools.declarations.own(cls).entries
    if decl is not None and any(entry.callable.definition is decl for entry in entries):
        return True
    for other in mro:
        is_of_library = other is not cls and tools.is_installed(other)
        if is_of_library and name in tools.members.own_names(other):
            return True
        functions = (stmt for stmt in flat(other.decl.body) if isinstance(stmt, FunctionDecl))
        if any(name in function.self_calls for function in functions):
            return True
    return False


def _lists(cls: ClassEntity, tools: Tools) -> tuple[str, ...]:
    """Attributes that have nearly the name of the list, and entries in them."""
    own = tools.members.own_names(cls)
    near = {name for name in own if name != "callbacks" and _is_nearly_the_list(name)}
    if not near:
        return ()
    found: dict[str, None] = {}
    used: set[str] = set()
    for stmt in flat(cls.decl.body):
        if isinstance(stmt, Assign) and stmt.value is not None:
            names = set(bound_names(stmt))
            if "callbacks" in names:
                used |= names_in(stmt.value)
            if _has_entry(stmt.value):
                found.update(dict.fromkeys(sorted(names & near)))
    return tuple(name for name in found if name not in used)


def _is_nearly_the_list(name: str) -> bool:
    word = "".join(_WORDS.findall(name)).lower()
    return not name.startswith("_") and (word == "callback" or _is_like(word, "callbacks"))


def _has_entry(value: object) -> bool:
    return any(
        isinstance(part, Seq)
        and len(part.items) == 2
        and isinstance(part.items[0], Str)
        and _EVENT.match(part.items[0].value) is not None
        for part in parts_of(value)
    )
