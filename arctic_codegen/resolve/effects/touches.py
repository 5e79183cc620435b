"""What do callbacks do to the attributes of their object, directly or through their calls?"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Literal, NamedTuple

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.expr import Call
from arctic_codegen.resolve.effects.actions import Action, actions_in
from arctic_codegen.resolve.effects.collectives import Collectives, FunctionBody
from arctic_codegen.resolve.effects.flow import Part, parts_of
from arctic_codegen.resolve.entities import Entity, FunctionEntity, ValueEntity
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import BodyCall, span_of

_PLAIN = frozenset(name for name in dir(builtins) if name not in ("eval", "exec", "vars", "locals"))
_LIBRARIES = frozenset(
    {
        *("collections", "datetime", "functools", "itertools", "json", "logging", "math", "numpy"),
        *("os", "pathlib", "random", "re", "statistics", "sys", "time", "torch", "typing"),
        "warnings",
    }
)
"""Top-level packages whose functions only access the object if it is passed to them."""
_LOGS = frozenset({"log", "logger", "logging", "LOG", "LOGGER"})
_DEEPEST = 20


class Touch(NamedTuple):
    """One access to an attribute of the object.

    ``unsure`` is a read, a write or neither. ``foreign`` is code that may access the object even
    though it was not passed to it; ``anything`` is code that received the object.
    """

    kind: Literal["read", "write", "unsure", "foreign", "anything"]
    attribute: str
    place: Place
    certain: bool
    value: str = ""
    """The literal that is written, if it is a literal."""
    direct: bool = True
    """It happens in the body itself, not in a function that it calls."""


class Touches:
    """Follows bodies, each once per class."""

    def __init__(self, names: Names, calls: Collectives) -> None:
        self._names = names
        self._calls = calls
        self._firing: frozenset[str] = frozenset()

    def of(self, body: FunctionBody, firing: frozenset[str]) -> tuple[Touch, ...]:
        """The accesses of a body, in order. ``firing`` are the methods of the object that run
        callbacks: calls of these are not followed."""
        self._firing = firing
        return self._of(body, 0)

    def of_parts(
        self, parts: Sequence[Part], body: FunctionBody, firing: frozenset[str]
    ) -> tuple[Touch, ...]:
        """The accesses of some of its parts."""
        self._firing = firing
        return self._followed(actions_in(parts, body.object), body, 0)

    def _of(self, body: FunctionBody, depth: int) -> tuple[Touch, ...]:
        cls = None if body.cls is None else body.cls.id
        bound = None if body.bound_to is None else body.bound_to.id
        key = ("touches", body.scope.module, body.span, body.object, cls, bound, self._firing)
        unknown = (Touch("anything", "", Place(body.path, body.span), False),)

        def compute() -> tuple[Touch, ...]:
            node = self._calls.node(body)
            if node is None or not body.object or depth > _DEEPEST:
                return unknown
            return self._followed(actions_in(parts_of(node), body.object), body, depth)

        return self._names.queries.get(key, compute, lambda: unknown)

    def _followed(
        self, actions: Sequence[Action], body: FunctionBody, depth: int
    ) -> tuple[Touch, ...]:
        found: list[Touch] = []
        for action in actions:
            place = Place(body.path, span_of(action.node))
            if action.kind == "call":
                found += self._call(action, place, body, depth)
            elif action.kind == "anything":
                found.append(Touch("anything", "", place, action.certain))
            else:
                found += self._attribute(action, place, body, depth)
        return tuple(found)

    def _attribute(
        self, action: Action, place: Place, body: FunctionBody, depth: int
    ) -> list[Touch]:
        assert action.kind in ("read", "write", "unsure")
        touch = Touch(action.kind, action.name, place, action.certain, action.value)
        member = self._member(action.name, body)
        if isinstance(member, FunctionEntity):
            is_property = bool(member.decl.decorators)
            if action.kind == "read" and is_property:
                inner = self._calls.body(member, body.cls)
                if inner is None:
                    return [Touch("foreign", action.name, place, action.certain)]
                return self._inside(self._of(inner, depth + 1), action, place)
            return [Touch("anything", action.name, place, action.certain)]
        if isinstance(member, ValueEntity) and isinstance(member.expr, Call):
            # It may be a descriptor, which runs its own code.
            return [
                Touch("foreign", action.name, place, action.certain),
                touch._replace(kind="unsure"),
            ]
        return [touch]

    def _member(self, name: str, body: FunctionBody) -> Entity | None:
        return None if body.cls is None else self._names.class_attribute(body.cls, name)

    def _call(self, action: Action, place: Place, body: FunctionBody, depth: int) -> list[Touch]:
        name, given = action.name, action.given
        foreign = [Touch("foreign", "", place, action.certain)]
        anything = [Touch("anything", "", place, action.certain)]
        if not given and self.is_harmless(name, body):
            return []
        if given == "." and name.rpartition(".")[2] in self._firing:
            return anything
        if not given:
            return foreign
        found = self._calls.meaning(BodyCall(name, place.span), body)
        if not isinstance(found, FunctionBody):
            return anything
        decl = found.function
        if decl is None or decl.decorators or decl.is_generator:
            return anything
        if given != ".":
            handed = self._calls.handed(given, found, body)
            if handed is None:
                return anything
            found = handed
        elif not found.object or found.cls is None:
            return anything
        return self._inside(self._of(found, depth + 1), action, place)

    def _inside(self, inner: Sequence[Touch], action: Action, place: Place) -> list[Touch]:
        return [
            one._replace(certain=one.certain and action.certain, direct=False, place=place)
            for one in inner
        ]

    def is_harmless(self, name: str, body: FunctionBody) -> bool:
        """Whether a function that does not receive the object is known not to access it
        otherwise."""
        root = name.partition(".")[0]
        if root in _LOGS or (name == root and root in _PLAIN):
            return True
        imported = self._names.imported(root, body.scope)
        return imported is not None and imported.partition(".")[0] in _LIBRARIES
