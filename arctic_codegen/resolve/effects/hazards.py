"""Do the callbacks of one event and phase interfere with each other (R61)?

Only what is certain is reported: not code that cannot be followed, attributes that something else
sets, tests, or other names for the object.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.resolve.effects.collectives import Collectives, FunctionBody, body_of
from arctic_codegen.resolve.effects.flow import Part
from arctic_codegen.resolve.effects.mentions import Mentions
from arctic_codegen.resolve.effects.touches import Touch, Touches
from arctic_codegen.resolve.effects.value_changes import values_taken
from arctic_codegen.resolve.effects.wrapper_conditions import asked_by
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.host import BoundCallback
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import FunctionNode, dotted

_OWN_ATTRIBUTES = ("__getattr__", "__getattribute__", "__setattr__")
_PLAIN_BASES = frozenset({"object", "Generic", "Protocol", "ABC"})


class _Ran(NamedTuple):
    """A callback of a phase, and what it does."""

    declaration: Declaration
    body: FunctionBody | None
    touches: tuple[Touch, ...]


class Hazards:
    """Finds conflicts between callbacks, class by class."""

    def __init__(
        self, names: Names, calls: Collectives, touches: Touches, mentions: Mentions
    ) -> None:
        self._names = names
        self._calls = calls
        self._touches = touches
        self._mentions = mentions

    def of_class(
        self,
        cls: ClassEntity,
        mro: Sequence[ClassEntity],
        callbacks: Sequence[BoundCallback],
        *,
        complete: bool,
    ) -> Iterator[Finding]:
        """The findings of one class; ``complete`` says whether all of its bases are known."""
        firing = frozenset(one.method for one in callbacks)
        phases: dict[tuple[str, str], list[Declaration]] = {}
        for one in callbacks:
            phases.setdefault((one.label, one.declaration.phase), []).append(one.declaration)
        # If a callback of the event fails, these run next, skipping the callbacks between.
        at_failure = {one.label for one in callbacks if one.declaration.role != "in order"}
        plain = complete and self._is_plain(cls, mro)
        for (label, phase), declared in phases.items():
            if phase == "post":
                for declaration in declared:
                    yield from self._ignored(declaration)
            if len(declared) > 1 and plain and label not in at_failure:
                ran = [self._ran(one, cls, firing) for one in declared]
                yield from self._overwritten(ran, mro)
                yield from self._read_first(ran, mro, [one.declaration for one in callbacks])

    def _is_plain(self, cls: ClassEntity, mro: Sequence[ClassEntity]) -> bool:
        """Whether attributes of its objects only change by assignment."""
        if any(self._names.class_attribute(cls, name) for name in _OWN_ATTRIBUTES):
            return False
        bases = (base for one in mro for base in self._names.opaque_bases(one))
        return all(base.name in _PLAIN_BASES for base in bases)

    def _ran(self, declaration: Declaration, cls: ClassEntity, firing: frozenset[str]) -> _Ran:
        value = declaration.callable
        body = body_of(value, cls, declaration.method_owner)
        if isinstance(value.code, FunctionDecl) and value.code is not value.definition:
            body = None  # a function of the decorator runs around it or instead of it
        unknown = Touch("anything", "", declaration.declared_at, False)
        touches: list[Touch] = []
        for asked in asked_by(declaration.callable, cls):
            if asked.body is None:
                touches.append(unknown)
            elif asked.path is None:
                touches += self._touches.of(asked.body, firing)
            else:
                touches += self._touches.of_parts([Part(asked.path)], asked.body, firing)
        touches += (unknown,) if body is None else self._touches.of(body, firing)
        return _Ran(declaration, body, tuple(touches))

    # An attribute that two callbacks write.

    def _overwritten(self, ran: Sequence[_Ran], mro: Sequence[ClassEntity]) -> Iterator[Finding]:
        touches = [(one, touch) for one in ran for touch in one.touches]
        for at, (first, written) in enumerate(touches):
            name = written.attribute
            own = [one for one in first.touches if one.attribute == name]
            if any(one.kind != "write" or not one.certain for one in own):
                continue
            between: list[Touch] = []
            for second, again in touches[at + 1 :]:
                if again.attribute != name:
                    between.append(again)
                    continue
                if second is not first and again.kind == "write" and again.certain:
                    yield from self._lost(first, second, written, again, between, ran, mro)
                break

    def _lost(
        self,
        first: _Ran,
        second: _Ran,
        written: Touch,
        again: Touch,
        between: Sequence[Touch],
        ran: Sequence[_Ran],
        mro: Sequence[ClassEntity],
    ) -> Iterator[Finding]:
        """The finding about a value that is certainly overwritten without being read."""
        one, other = first.declaration, second.declaration
        if written.value and written.value == again.value:
            return  # the same value
        if other.callable.wrappers or other.callable.installed:
            return
        if one.callable.identity == other.callable.identity:
            return
        kinds = {touch.kind for touch in between}
        if "anything" in kinds or (
            "foreign" in kinds
            and self._mentions.used(written.attribute, _modules(mro), self._functions(ran))
        ):
            return
        found = message(
            "AC802",
            "overwritten",
            callback=other.named,
            attribute=written.attribute,
            other=one.named,
        )
        place = message("AC802", "written", callback=one.named).note(written.place)
        yield found.at(again.place, place)

    # An attribute that is read before it is set.

    def _read_first(
        self, ran: Sequence[_Ran], mro: Sequence[ClassEntity], others: Sequence[Declaration]
    ) -> Iterator[Finding]:
        known: set[str] = set()
        for at, reader in enumerate(ran):
            value = reader.declaration.callable
            counts = not value.installed and all(
                wrapper.traits.runs_first_call for wrapper in value.wrappers
            )
            for touch in reader.touches:
                if touch.kind == "anything":
                    return  # it may set any attribute
                if touch.kind == "foreign" or touch.attribute in known:
                    continue
                known.add(touch.attribute)
                if counts and touch.kind == "read" and touch.certain:
                    found = self._too_early(touch, at, ran, mro, others)
                    if found is not None:
                        yield found

    def _too_early(
        self,
        read: Touch,
        at: int,
        ran: Sequence[_Ran],
        mro: Sequence[ClassEntity],
        others: Sequence[Declaration],
    ) -> Finding | None:
        name = read.attribute
        later = [one for one in ran[at + 1 :] if _writes(one, name)]
        if len(later) != 1 or later[0].declaration.callable.installed:
            return None
        (writer,) = later
        written = next(t for t in writer.touches if t.kind == "write" and t.attribute == name)
        reader, setter = ran[at].declaration, writer.declaration
        identity = setter.callable.identity
        if not written.direct or reader.callable.identity == identity:
            return None
        if sum(one.callable.identity == identity for one in others) > 1:
            return None  # it also runs elsewhere
        if self._names.class_attribute(mro[0], name) is not None:
            return None
        function = None if writer.body is None else self._calls.node(writer.body)
        if function is None or self._mentions.stored(name, _modules(mro), [function]):
            return None
        if not isinstance(function, ast.Lambda) and self._mentions.called(function.name):
            return None
        found = message(
            "AC801", "not-yet", callback=reader.named, attribute=name, other=setter.named
        )
        place = message("AC801", "written", callback=setter.named).note(written.place)
        return found.at(read.place, place)

    def _functions(self, ran: Sequence[_Ran]) -> list[FunctionNode]:
        nodes = (None if one.body is None else self._calls.node(one.body) for one in ran)
        return [node for node in nodes if node is not None]

    # A result that does not depend on the value.

    def _ignored(self, declaration: Declaration) -> Iterator[Finding]:
        value, definition = declaration.callable, declaration.callable.definition
        taken = values_taken(declaration)
        if not taken or value.installed or taken[0].startswith("_"):
            return
        if declaration.role != "in order":
            return
        if definition is not None and (definition.is_stub or definition.falls_through):
            return
        body = body_of(value, declaration.owner, declaration.method_owner)
        function = None if body is None else self._calls.node(body)
        if function is None or _may_depend_on(function, taken[0]):
            return
        found = message("AC803", "ignored", callback=declaration.named, parameter=taken[0])
        place = Place(value.place.path, (value.params or ())[1].span)
        entry = message("AC803", "declared").note(declaration.declared_at)
        yield found.at(place, *([entry] if declaration.declared_at != value.place else []))


def _writes(one: _Ran, name: str) -> bool:
    return any(touch.kind == "write" and touch.attribute == name for touch in one.touches)


def _modules(mro: Sequence[ClassEntity]) -> set[str]:
    """The modules of these classes, except the mixin, which has no attributes of the project."""
    return {cls.id.module for cls in mro if not is_mixin(cls.id)}


def _may_depend_on(function: FunctionNode, name: str) -> bool:
    """Whether the result of a function may depend on a parameter, beyond logging it."""
    shown: set[int] = set()
    has_result = isinstance(function, ast.Lambda)
    for node in ast.walk(function):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _shows(node.value):
            shown.update(id(inside) for inside in ast.walk(node))
        elif isinstance(node, ast.Return) and node.value is not None:
            # Returning `None` is another mistake.
            nothing = isinstance(node.value, ast.Constant) and node.value.value is None
            has_result = has_result or not nothing
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and id(node) not in shown and node.id in (name, "locals"):
            return True
    return not has_result


def _shows(call: ast.Call) -> bool:
    """Whether it is ``print(...)``, ``logger.info(...)`` or similar."""
    owner, _, name = dotted(call.func).rpartition(".")
    return owner in ("log", "logger", "logging") or (not owner and name == "print")
