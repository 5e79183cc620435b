"""Do ranks diverge or deadlock because only some of them run a piece of code (R47, R62)?

Wrappers and decorators restrict a callback to some ranks, and tests restrict its statements. If the
other ranks do the same kind of thing, or the ranks communicate, nothing is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Call, dotted_parts
from arctic_codegen.model.wrappers import Wrapper
from arctic_codegen.resolve.effects.collectives import (
    Collectives,
    FunctionBody,
    Reached,
    body_of,
    calls_in,
)
from arctic_codegen.resolve.effects.flow import ALL, EVERY, ONE, Part, Present, Ranks, parts_of
from arctic_codegen.resolve.effects.rank_tests import RankTests
from arctic_codegen.resolve.effects.touches import Touch, Touches
from arctic_codegen.resolve.effects.value_changes import (
    change,
    returns_other_names,
    values_taken,
)
from arctic_codegen.resolve.effects.wrapper_conditions import asked_by
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity, Scope
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.host import BoundCallback
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import BodyCall, here, span_of
from arctic_codegen.resolve.values.records import Function

_WORDS = frozenset(
    {"rank", "RANK", "is_main", "is_master", "global_zero", "process_zero", "process_index"}
)
_ON_ONE_RANK = frozenset(
    {
        *("rank_zero_only", "on_main_process", "on_local_main_process", "on_last_process"),
        *("on_process", "on_local_process", "master_only"),
    }
)
"""Decorators of Lightning, accelerate and mmengine, by the names that they have in each of their
modules."""
_NO_STOP = frozenset(ast.dump(ast.Constant(value)) for value in (False, None, 0))
_NOTHING = ast.dump(ast.Constant(None))
_STEERING = {name: frozenset(one.steering) for one in FRAMEWORKS for name in one.trainers}
_CHANGES, _STEERS, _ANYTHING = "changes values", "steers", "does what is not known"


class _RankAct(NamedTuple):
    """An action of some ranks: the reason of a collective, or one of the above."""

    what: str
    ranks: Ranks
    finding: Finding | None = None
    """The finding, reported if the other ranks do nothing equivalent."""


class RankChecks:
    """Follows callbacks and the functions of the project that they call."""

    def __init__(self, names: Names, calls: Collectives, touches: Touches) -> None:
        self._names = names
        self._calls = calls
        self._touches = touches
        self._tests = RankTests(names, calls)

    def of_class(
        self, cls: ClassEntity, mro: Sequence[ClassEntity], callbacks: Sequence[BoundCallback]
    ) -> Iterator[Finding]:
        """The findings about the callbacks of one class."""
        steering = frozenset().union(
            *(_STEERING.get(f"{one.id.module}.{one.id.name}", ()) for one in mro)
        )
        groups: dict[object, list[_RankAct]] = {}
        for at, one in enumerate(callbacks):
            declaration = one.declaration
            yield from self._where_one_may_fail(declaration, cls)
            if declaration.role == "in order":
                present = self._start(declaration, cls)
                for act in (
                    () if present is None else self._acts_of(declaration, cls, present, steering)
                ):
                    # Ranks that a test inside a callback separates meet again in this callback.
                    by_event = act.what == _STEERS or present != ALL
                    key = (declaration.event, act.what == _STEERS) if by_event else at
                    groups.setdefault(key, []).append(act)
        for acts in groups.values():
            for act in acts:
                same = (one for one in acts if one.what in (act.what, _ANYTHING))
                if act.finding is not None and all(one.ranks <= act.ranks for one in same):
                    yield act.finding

    # Which ranks run a callback.

    def _start(self, declaration: Declaration, cls: ClassEntity) -> Present | None:
        value = declaration.callable
        for wrapper in value.wrappers:
            if wrapper.traits.rank_zero_only:
                return Present(ONE, cause=_around(declaration.declared_at, wrapper.kind))
        present: Present | None = ALL
        for asked in asked_by(value, cls):
            kind, condition = asked.wrapper.kind, asked.wrapper.condition
            if present is not None and condition is not None and kind in ("when", "unless"):
                tested = message("shared", "rank-tested").note(condition.place)
                present = present.under(self._tests.asked(asked), tested)[kind == "unless"]
        return self._decorated(value) if present == ALL else present

    def _decorated(self, value: Function) -> Present:
        """The ranks for which a decorator calls the callback."""
        definition, path = value.definition, value.place.path
        present = ALL if definition is None else self._by_library(definition, value.scope, path)
        body = self._wrapper(value) if present == ALL else None
        if body is None or self._exchanges(body):
            return present
        taken = {param.name for param in getattr(body.scope.frames[-2], "params", ())}
        calling = [
            part.present
            for part in self._parts(body, ALL, _WORDS)
            for call in _calls(part)
            if call.name in taken
        ]
        return calling[0] if len({one.ranks for one in calling}) == 1 else ALL

    def _by_library(self, function: FunctionDecl, scope: Scope, path: str) -> Present:
        """The ranks for which a decorator that is not one of the project calls a function."""
        for one in function.decorators:
            decorator = one.func if isinstance(one, Call) else one
            name = ".".join(dotted_parts(decorator) or ())
            name = (self._names.imported_path(name, scope) or name).rpartition(".")[2]
            if name in _ON_ONE_RANK:
                found = self._names.lookup(decorator, scope)
                home = found.module if isinstance(found, FunctionEntity) else ""
                if not home or self._names.source(home).installed:
                    return Present(ONE, cause=_around(Place(path, one.span), name))
        return ALL

    def _wrapper(self, value: Function) -> FunctionBody | None:
        """The function of the project that a decorator calls instead of a callback."""
        code, scope = value.code, value.code_scope
        if not isinstance(code, FunctionDecl) or code is value.definition or scope is None:
            return None
        source = self._names.source(scope.module)
        if source.file is None or source.installed or not isinstance(scope.frame, FunctionDecl):
            return None
        inside, path = scope.inside(code), source.file.path
        return FunctionBody(code.span, code.params, inside, path, "", None)

    # What they do in it.

    def _acts_of(
        self, declaration: Declaration, cls: ClassEntity, present: Present, steering: frozenset[str]
    ) -> Iterator[_RankAct]:
        value = declaration.callable
        body = body_of(value, cls, declaration.method_owner)
        if body is None or value.installed:
            ways = [] if body is None else list(self._calls.reached(body, of_all=True))
            if present != ALL:
                yield from (_collective_found(way, present, declaration) for way in ways)
                yield from () if ways else [_RankAct(_ANYTHING, present.ranks)]
            if body is None and steering:
                yield _RankAct(_STEERS, EVERY)
            return
        around = self._wrapper(value)
        exchanges = around is not None and self._exchanges(around)
        if exchanges:
            yield _RankAct(_STEERS, EVERY)
        for function, parts in self._followed(body, present, _WORDS | steering, set()):
            for part in parts:
                if part.present != ALL:
                    calls = _calls(part, function.object)
                    for way in self._calls.reached(function, calls, of_all=True):
                        yield _collective_found(way, part.present, declaration)
                if steering and function.object and not exchanges:
                    yield from self._steered(part, function, steering)
            if function is body and not exchanges:
                yield from self._changed(declaration, body, parts)

    def _parts(
        self, body: FunctionBody, present: Present, words: Collection[str]
    ) -> Sequence[Part]:
        """The parts of a function, if its module contains one of these words."""
        data = self._names.sources.data(body.scope.module) or b""
        if present == ALL and not any(word.encode() in data for word in words):
            return ()
        node = self._calls.node(body)
        if node is None:
            return ()
        return parts_of(node, lambda test: self._tests.sides(test, body), body.path, present)

    def _followed(
        self,
        body: FunctionBody,
        present: Present,
        words: Collection[str],
        seen: set[tuple[str, str, str]],
    ) -> Iterator[tuple[FunctionBody, Sequence[Part]]]:
        """A function and the functions of the project that it calls, each with its parts."""
        key = (body.scope.module, str(body.span), body.object)
        if key in seen or self._names.source(body.scope.module).installed:
            return
        seen.add(key)
        parts = self._parts(body, present, words)
        yield body, parts
        alone = {one.name for part in parts if part.present.alone for one in _calls(part)}
        alone -= {one.name for part in parts if not part.present.alone for one in _calls(part)}
        others = {param.name for param in body.params if param.name != body.object}
        for call in self._calls.calls(body) if present == ALL else ():
            if call.name in alone or call.name.partition(".")[0] in others:
                continue  # its callees are examined as a whole, or are unknown
            if self._touches.is_harmless(call.name, body):
                continue
            found = self._calls.meaning(call, body)
            if isinstance(found, FunctionBody):
                function = found.function
                only = (
                    ALL if function is None else self._by_library(function, found.scope, found.path)
                )
                yield from self._followed(found, only, words, seen)

    def _exchanges(self, body: FunctionBody) -> bool:
        """Whether ranks may communicate."""
        return any(True for _ in self._calls.reached(body))

    def _changed(
        self, declaration: Declaration, body: FunctionBody, parts: Sequence[Part]
    ) -> Iterator[_RankAct]:
        """AC701: a value that only some ranks change."""
        taken = values_taken(declaration)
        found: dict[Ranks, Finding | None] = {}
        for part in parts if taken else ():
            if part.present == ALL or part.present.ranks in found:
                continue
            changed = change(part.node, taken, lambda name: self._calls.gives_back(name, body))
            if changed is not None:
                name, at = changed
                if declaration.phase == "pre" and ast.dump(at) == _NOTHING:
                    continue  # AC406 reports it
                problem = message("AC701", "changes", callback=declaration.short, parameter=name)
                place = Place(body.path, span_of(at))
                found[part.present.ranks] = _alone(problem, part.present, place)
        node = self._calls.node(body) if found else None
        if node is not None and not returns_other_names(node, taken) and not self._exchanges(body):
            yield from (_RankAct(_CHANGES, ranks, finding) for ranks, finding in found.items())

    def _steered(
        self, part: Part, body: FunctionBody, steering: frozenset[str]
    ) -> Iterator[_RankAct]:
        """AC708: an attribute that steers all ranks, set on some."""
        node, present = part.node, part.present
        if isinstance(node, ast.Assign) and not present.alone:
            tested = message("shared", "rank-tested").note(Place(body.path, span_of(node.value)))
            for side in present.under(self._tests.sides(node.value, body), tested):
                present = side if side is not None and side.alone else present
        for touch in self._touches.of_parts([part], body, frozenset()):
            if _sets(touch, steering) and present.alone:
                problem = message("AC708", "set", attribute=touch.attribute)
                yield _RankAct(_STEERS, present.ranks, _alone(problem, present, touch.place))
            elif (_sets(touch, steering) and touch.direct) or touch.kind == "anything":
                yield _RankAct(_STEERS, EVERY)

    # Collectives that a rank may not reach because it fails.

    def _where_one_may_fail(self, declaration: Declaration, cls: ClassEntity) -> Iterator[Finding]:
        """AC702, AC703: collectives under ``on_error``, ``always`` and ``optional``, and in
        conditions under these or ``rank_zero``."""
        value, role = declaration.callable, declaration.role
        bodies = [(body_of(value, cls, declaration.method_owner), value.wrappers)]
        for at, condition in enumerate(value.conditions):
            if condition is not None:
                bodies.append((body_of(condition, cls, None), value.wrappers[:at]))
        for body, outside in bodies:
            alone = next((one for one in outside if one.traits.rank_zero_only), None)
            around = alone or next((one for one in outside if one.traits.catches), None)
            if body is None or (role == "in order" and around is None):
                continue
            if role == "in order" and alone and outside is value.wrappers:
                continue  # the callback itself is examined separately
            for way in self._calls.reached(body):
                finding = _failing(way, declaration, around)
                yield from () if finding is None else (finding,)


def _calls(part: Part, object: str = "") -> Iterator[BodyCall]:
    return calls_in(here(part.node), object)


def _failing(way: Reached, declaration: Declaration, around: Wrapper | None) -> Finding | None:
    """The finding for a collective that a rank may not reach; a callback in the order of its event
    is in the wrapper ``around``."""
    role, name, call = declaration.role, declaration.short, _shown(way)
    if around is None or role != "in order":
        if way.steps[-1].name.rpartition(".")[2] == "destroy_process_group":
            return None  # a rank that shuts down does this itself
        problem = message(
            "AC702", "at-failure", wrapper=role, callback=name, call=call, reason=way.reason
        )
        return _reached(problem, way, declaration, _around(declaration.declared_at, role))
    place = _around(declaration.declared_at, around.kind)
    if around.traits.rank_zero_only:
        return _on_some_ranks(way, declaration, place)
    problem = message("AC703", "calls", callback=name, call=call, reason=way.reason)
    return _reached(problem, way, declaration, place)


def _collective_found(way: Reached, present: Present, declaration: Declaration) -> _RankAct:
    """AC702: a collective that only some ranks call."""
    cause = present.cause
    found = None if cause is None else _on_some_ranks(way, declaration, cause)
    return _RankAct(way.reason, present.ranks, found)


def _on_some_ranks(way: Reached, declaration: Declaration, cause: Related) -> Finding:
    problem = message("AC702", "on-some-ranks", call=_shown(way), reason=way.reason)
    return _reached(problem, way, declaration, cause)


def _shown(way: Reached) -> Message | str:
    first, last = way.steps[0], way.steps[-1]
    if first is last:
        return f"'{last.name}'"
    return message("shared", "through", first=first.name, function=last.name)


def _reached(problem: Message, way: Reached, declaration: Declaration, cause: Related) -> Finding:
    place = declaration.declared_at if declaration.callable.installed else way.steps[0].place
    steps = (one for one in way.steps if one.place != place)
    notes = (message("shared", "called-here", function=one.name).note(one.place) for one in steps)
    return problem.at(place, *notes, cause)


def _alone(problem: Message, present: Present, place: Place) -> Finding | None:
    return None if present.cause is None else problem.at(place, present.cause)


def _around(place: Place, wrapper: str) -> Related:
    return message("shared", "with-wrapper", wrapper=wrapper).note(place)


def _sets(touch: Touch, steering: frozenset[str]) -> bool:
    """Whether a run may stop; ``early_stop = False`` does not stop it."""
    is_set = touch.kind == "write" and touch.attribute in steering
    return is_set and touch.value not in _NO_STOP
