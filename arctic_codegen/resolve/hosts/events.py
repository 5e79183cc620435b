"""Which events does a class have, and how is an event string read (R5 to R8)?"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.spelling import CALLBACK_METHOD, Phase
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity
from arctic_codegen.resolve.hosts.class_facts import ClassFacts
from arctic_codegen.resolve.hosts.constructors import constructor, is_made_otherwise
from arctic_codegen.resolve.hosts.members import Member, Members, is_none

_EVENT = re.compile(r"(pre|post)-(.+)", re.DOTALL)
_MOST_GUESSES = 100
"""Maximum number of suggestions for one class: each compares all of its events."""


class EventString(msgspec.Struct, frozen=True):
    """A parsed event string; ``event`` is spelled with underscores."""

    phase: Phase
    event: str


def read_event(text: str) -> EventString | None:
    """``pre-create-model`` as phase and event; ``None`` if it has another form."""
    return _taken_apart(_EVENT.fullmatch(text))


def read_method_name(name: str) -> EventString | None:
    """``pre_create_model_callback`` as phase and event; ``None`` for any other name."""
    return _taken_apart(CALLBACK_METHOD.fullmatch(name))


def _taken_apart(match: re.Match[str] | None) -> EventString | None:
    if match is None:
        return None
    return EventString("pre" if match[1] == "pre" else "post", match[2].replace("-", "_"))


def repaired_event(text: str) -> str | None:
    """The event string that a malformed one was probably meant to be."""
    moment = re.fullmatch(r"\s*on[-_. ](\w+)[-_. ](begin|start|end)\s*", text)
    if moment is not None:  # the style of Transformers and Lightning
        return f"{'post' if moment[2] == 'end' else 'pre'}-{moment[1]}"
    match = re.fullmatch(r"\s*(pre|post|before|after|on)[-_. ]+(\w[\w-]*)\s*", text, re.IGNORECASE)
    if match is None:
        return None
    phase = match[1].lower()
    phase = {"before": "pre", "after": "post", "on": "post"}.get(phase, phase)
    return f"{phase}-{match[2]}"


class EventTarget(msgspec.Struct, frozen=True):
    """A method that callbacks may surround, and the event's label.

    ``member`` is ``None`` for the ``__init__`` of ``object``; ``opaque`` then says that a
    base without readable source may define another one.
    """

    label: str
    name: str
    member: Member | None
    opaque: bool = False


class NotAnEvent(msgspec.Struct, frozen=True):
    """Why a name that the class has is not an event."""

    why: Message
    """What it is instead, as a message of AC202."""
    member: Member | None


class EventTable:
    """The events of one class."""

    def __init__(
        self,
        members: Members,
        facts: ClassFacts,
        mro: Sequence[ClassEntity],
        framework: Framework,
    ) -> None:
        self._members = members
        self._mro = tuple(mro)
        self._framework = framework
        self._names_in = members.names_in(self._mro)
        self._of_library = frozenset(
            name for name in self._names_in if facts.is_of_library(self._mro, name)
        )
        """Read only if a callback uses such an event, since this may read much of a library."""
        self._asked_for: set[str] = set()
        self._found: dict[str, EventTarget | NotAnEvent | None] = {}
        self._close: dict[str, tuple[str, ...]] = {}
        self._targets: tuple[EventTarget, ...] | None = None
        self._event_names = self._read_event_names()
        self._methods_by_event = {
            event.replace("-", "_"): method for method, event in self._event_names.items()
        }

    def target(self, event: str) -> EventTarget | NotAnEvent | None:
        """What an event (with underscores) refers to in this class; ``None`` if nothing."""
        if event not in self._found:
            self._found[event] = self._find(event)
        return self._found[event]

    def _find(self, event: str) -> EventTarget | NotAnEvent | None:
        name = self._methods_by_event.get(event)
        if name is None:
            name = "__init__" if event == "init" else event
        if name == "__init__":
            return self._init()
        if name.startswith("__") and name.endswith("__") and len(name) > 4:
            why = message("AC202", "special-method")
            return NotAnEvent(why, self._members.nearest(self._mro, name))
        member = self._looked_up(name)
        if name in self._of_library and name not in self._asked_for:
            self._asked_for.add(name)
            self._targets = None
        return self._nested(name) if member is None else self._judge(member)

    def targets(self) -> tuple[EventTarget, ...]:
        """Every event, sorted by label."""
        if self._targets is None:
            self._targets = self._all_targets()
        return self._targets

    def _all_targets(self) -> tuple[EventTarget, ...]:
        found: dict[str, EventTarget] = {}
        init = self._init()
        if isinstance(init, EventTarget):
            found["init"] = init
        for name in self._names_in:
            if read_method_name(name) is not None or name.startswith("__"):
                continue
            if name in self._of_library and name not in self._asked_for:
                continue
            member = self._looked_up(name)
            target = None if member is None else self._judge(member)
            if isinstance(target, EventTarget):
                wins = self.target(target.label.replace("-", "_"))
                if isinstance(wins, EventTarget) and wins.name == name:
                    found[target.label] = target
        return tuple(found[label] for label in sorted(found))

    def closest(self, event: str) -> tuple[str, ...]:
        """The labels of events with a similar name."""
        if event not in self._close:
            self._close[event] = self._closest(event) if len(self._close) < _MOST_GUESSES else ()
        return self._close[event]

    def _closest(self, event: str) -> tuple[str, ...]:
        spelled = event.replace("_", "-")
        # A misspelled event is not meant to be a private method.
        private = spelled[:1] == "-"
        labels = [one.label for one in self.targets() if private or one.label[0] != "-"]
        near = suggest.close(spelled, labels)
        if not near:
            near = tuple(label for label in labels if spelled in label and len(spelled) > 2)[:3]
        return near

    def example(self, event: str) -> str | None:
        """The event of the class with the most similar name, however different it is."""
        labels = [target.label for target in self.targets() if target.label[0] != "-"]
        if len(self._close) >= _MOST_GUESSES:
            return labels[0] if labels else None
        return suggest.nearest(event, labels) or None

    def _label_of(self, name: str) -> str:
        """The label of a method's event."""
        if name in self._event_names:
            return self._event_names[name].replace("_", "-")
        return "init" if name == "__init__" else name.replace("_", "-")

    def wrapped_as(self, name: str) -> str | None:
        """The name in the ``@callback_wrapper`` of this method, here or in a base."""
        return self._event_names.get(name)

    def _judge(self, member: Member) -> EventTarget | NotAnEvent:
        name = member.name
        if is_none(member.entity):
            return NotAnEvent(message("AC202", "set-to-none"), member)
        if name.startswith("__") and name.endswith("__"):
            return NotAnEvent(message("AC202", "special-method"), member)
        if read_method_name(name) is not None:
            return NotAnEvent(message("AC202", "callback-method"), member)
        if member.what == "undecided":
            return NotAnEvent(message("AC202", "bound-otherwise", name=name), member)
        if member.what != "method":
            return NotAnEvent(message("AC202", "member", kind=member.what), member)
        if is_mixin(member.owner.id) and name not in self._framework.own_methods:
            return NotAnEvent(message("AC202", "of-the-mixin"), member)
        if member.decoration.final:
            return NotAnEvent(message("AC202", "marked-final"), member)
        return EventTarget(self._label_of(name), name, member)

    def _nested(self, name: str) -> NotAnEvent | None:
        """A function nested in a method, with the name of an event that the class lacks."""
        for method in self._names_in:
            if method in self._of_library:
                continue
            member = self._members.nearest(self._mro, method)
            entity = None if member is None else member.entity
            if isinstance(entity, FunctionEntity) and any(
                isinstance(stmt, FunctionDecl) and stmt.name == name for stmt in entity.decl.body
            ):
                return NotAnEvent(message("AC202", "inner-function", method=method), member)
        return None

    def _looked_up(self, name: str) -> Member | None:
        """The member that attribute look-up on the class finds."""
        return self._members.looked_up(self._framework, self._mro, name)

    def _init(self) -> EventTarget | NotAnEvent:
        copied = self._looked_up("__init__") if "__init__" in self._event_names else None
        member = copied or constructor(self._mro, self._members)
        if member is None:
            opaque = is_made_otherwise(self._mro, self._members)
            return EventTarget("init", "__init__", None, opaque=opaque)
        if member.decoration.final:
            return NotAnEvent(message("AC202", "marked-final"), member)
        if member.what not in ("method", "dataclass __init__"):
            return NotAnEvent(message("AC202", "member", kind=member.what), member)
        return EventTarget("init", "__init__", member)

    def _read_event_names(self) -> dict[str, str]:
        """The methods with ``@callback_wrapper``, and the event name that each is given.

        An override in a subclass is wrapped again under its parent's name, so the nearest
        definition that gives a name counts.
        """
        found: dict[str, str] = {}
        if not self._framework.event_decorators:
            return found
        for name in self._names_in:
            if name in self._of_library or (name.startswith("__") and name != "__init__"):
                continue
            for cls in self._mro:
                member = self._members.own(cls, name)
                event = None if member is None else member.decoration.event_name
                if event is not None:
                    if event not in found.values():
                        found[name] = event
                    break
        return found
