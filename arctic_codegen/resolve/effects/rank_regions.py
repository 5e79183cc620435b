"""Do ranks diverge or deadlock by the tests that callbacks make themselves (R62)?

Where both sides of a test do the same kind of thing, or ranks tell each other, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import BodyCall, FunctionDecl
from arctic_codegen.resolve.effects.actions import dotted
from arctic_codegen.resolve.effects.rank_tests import RankTests, Region, Side
from arctic_codegen.resolve.effects.touches import Touch, Touches, span_of
from arctic_codegen.resolve.effects.wrapper_conditions import asked_by
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.collectives import (
    GROUP_AT,
    Collectives,
    FunctionBody,
    Reached,
    body_of,
)
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.host import BoundCallback
from arctic_codegen.resolve.hosts.rank_wrapper_checks import (
    changes_in_place,
    returns_other_names,
    values_taken,
)
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.records import CallableValue, Function

_WORDS = (b"rank", b"RANK", b"is_main", b"is_master", b"global_zero")
_GROUPS = frozenset({"group", "process_group"})
_ALONE = frozenset({"no_dist", "use_local_synchronization"})
_NO_STOP = frozenset(ast.dump(ast.Constant(value)) for value in (False, None, 0))
_STEERING = {name: frozenset(one.steering) for one in FRAMEWORKS for name in one.trainers}


class RankRegions:
    """Follows callbacks, and looks at each function that one leads to once."""

    def __init__(self, names: Names, calls: Collectives, touches: Touches) -> None:
        self._names = names
        self._calls = calls
        self._touches = touches
        self._tests = RankTests(names, calls, touches)

    def of_class(
        self, cls: ClassEntity, mro: Sequence[ClassEntity], callbacks: Sequence[BoundCallback]
    ) -> Iterator[Finding]:
        """The findings about the callbacks of one class."""
        steering = frozenset().union(
            *(_STEERING.get(f"{one.id.module}.{one.id.name}", ()) for one in mro)
        )
        yield from self._asked(cls, callbacks)
        rewriting: dict[tuple[str, str], list[tuple[Side | None, Finding]]] = {}
        steered: dict[str, list[Finding]] = {}
        told: set[str] = set()
        for one in callbacks:
            declaration = one.declaration
            value = declaration.callable
            body = body_of(value, cls, declaration.method_owner)
            if body is None or value.installed:
                told |= {declaration.event} if body is None else set()
                continue
            around = self._wrapper(value)
            is_told = around is not None and any(True for _ in self._calls.reached(around))
            alone: Related | None = None
            if any(wrapper.kind == "rank_zero" for wrapper in value.wrappers):
                outer = message("shared", "with-wrapper", wrapper="rank_zero")
                alone = outer.note(declaration.declared_at)
            else:
                side, alone = self._side_of(value, cls)
                if declaration.role == "in order" and not is_told:
                    key = (declaration.event, declaration.phase)
                    found = list(self._rewriting(declaration, body, alone))
                    rewriting.setdefault(key, []).extend((side, one) for one in found)
            found = []
            if alone is None:
                found = list(self._alone(body, steering))
            elif steering and not any(True for _ in self._calls.reached(body)):
                found = list(_steered(self._touches.of(body, frozenset()), steering, alone))
            yield from (each for each in found if each.code != "AC708")
            found = [each for each in found if each.code == "AC708"]
            steered.setdefault(declaration.event, []).extend(found)
            if is_told or (steering and self._sets_more(body, found, steering)):
                told.add(declaration.event)
        for event, sets in steered.items():
            yield from () if event in told else sets
        for changes in rewriting.values():
            if {"one", "others"} - {side for side, _ in changes}:  # else each rank has its own
                yield from (found for _, found in changes)

    def _sets_more(
        self, body: FunctionBody, found: Collection[Finding], steering: frozenset[str]
    ) -> bool:
        """Whether a callback sets what steers ranks elsewhere than where this is found, from what
        ranks may have told each other."""
        sets = {one.place for one in self._touches.of(body, frozenset()) if _sets(one, steering)}
        places = {one.place for one in found}
        in_a_helper = bool(places - sets)  # then one of its calls leads there
        return len(sets - places) > in_a_helper

    # What some ranks alone come to by the condition of a wrapper.

    def _asked(self, cls: ClassEntity, callbacks: Sequence[BoundCallback]) -> Iterator[Finding]:
        """AC702: collectives in callbacks that some ranks alone run."""
        found: dict[str, list[Finding]] = {}
        sides: dict[str, set[Side]] = {}
        for one in callbacks:
            value, event = one.declaration.callable, one.declaration.event
            kinds = {wrapper.kind for wrapper in value.wrappers}
            if "rank_zero" in kinds or one.declaration.role != "in order":
                continue
            side, tested = self._side_of(value, cls)
            body = body_of(value, cls, one.declaration.method_owner)
            if side is None or tested is None:
                continue
            if body is None or (value.installed and self._calls.ready_made(body) is None):
                sides.setdefault(event, set()).add(side)  # it may call one, too
                continue
            for way in self._calls.reached(body, self._in_group):
                sides.setdefault(event, set()).add(side)
                place = one.declaration.declared_at if value.installed else way.steps[0].place
                found.setdefault(event, []).append(_some_ranks_call(way, tested, place))
        for event, calls in found.items():
            if len(sides[event]) == 1:  # else the others wait before the method, the one behind it
                yield from calls

    def _side_of(
        self, value: CallableValue, cls: ClassEntity
    ) -> tuple[Side | None, Related | None]:
        """On which ranks a callback runs, if these are some alone, and where that is asked."""
        found: tuple[Side | None, Related | None] = (None, None)
        for asked in asked_by(value, cls):
            sides, condition = self._tests.asked(asked), asked.wrapper.condition
            if sides is None:
                return None, None
            side = {"when": sides[0], "unless": sides[1]}.get(asked.wrapper.kind)
            if side is not None and condition is not None:
                found = side, message("shared", "rank-tested").note(condition.place)
        return self._decorated(value) if found[0] is None else found

    def _decorated(self, value: CallableValue) -> tuple[Side | None, Related | None]:
        """The same where a decorator of the project calls the callback on some ranks alone."""
        body = self._wrapper(value)
        if body is None or any(True for _ in self._calls.reached(body)):
            return None, None
        frame = body.scope.frames[-2]
        taken = {param.name for param in getattr(frame, "params", ())}
        regions = self._tests.regions(body) if self._may_ask(body) else ()
        for region in _one_sided(regions, lambda block: _calls_one(block, taken)):
            return region.side, _tested(region, body)
        return None, None

    def _wrapper(self, value: CallableValue) -> FunctionBody | None:
        """What a decorator of the project calls in place of a callback."""
        code = value.code if isinstance(value, Function) else None
        scope = value.code_scope if isinstance(value, Function) else None
        if not isinstance(code, FunctionDecl) or code is value.definition or scope is None:
            return None
        source = self._names.source(scope.module)
        frame = scope.frames[-1] if scope.frames else None
        if source.file is None or source.installed or not isinstance(frame, FunctionDecl):
            return None
        inside, path = scope.inside(code), source.file.path
        return FunctionBody(code.span, code.calls, code.params, inside, path, "", None)

    # What some ranks alone call, or set.

    def _alone(self, body: FunctionBody, steering: frozenset[str]) -> Iterator[Finding]:
        """The findings about a callback, and about the functions of the project that it calls."""
        calls: list[tuple[str, Finding]] = []
        sides: dict[str, set[Side]] = {}
        for function, regions in self._followed(body, set(), 0):
            for region in regions:
                instead = {one.reason for one in self._reached_in(region.instead, function)}
                for way in self._reached_in(region.statements, function):
                    sides.setdefault(way.reason, set()).add(region.side)
                    if region.alone and way.reason not in instead:
                        found = _some_ranks_call(way, _tested(region, function), way.steps[0].place)
                        calls.append((way.reason, found))
            if steering and function.object:
                yield from self._steering(function, regions, steering)
        # One function may wait for the rank that another lets go on.
        yield from (found for reason, found in calls if len(sides[reason]) == 1)

    def _followed(
        self, body: FunctionBody, seen: set[tuple[str, str, str]], depth: int
    ) -> Iterator[tuple[FunctionBody, tuple[Region, ...]]]:
        """A function and those that it calls, each with what some ranks alone come to in it."""
        key = (body.scope.module, str(body.span), body.object)
        if key in seen or depth > 20:
            return
        seen.add(key)
        if self._may_ask(body):
            yield body, self._tests.regions(body)
        others = {param.name for param in body.params if param.name != body.object}
        for call in body.calls:
            if call.name.partition(".")[0] in others or self._touches.is_harmless(call.name, body):
                continue  # nothing of the project's that could be followed
            found = self._calls.meaning(call, body)
            if isinstance(found, FunctionBody):
                yield from self._followed(found, seen, depth + 1)

    def _may_ask(self, body: FunctionBody) -> bool:
        data = self._names.sources.data(body.scope.module) or b""
        return any(word in data for word in _WORDS)

    def _reached_in(self, statements: Sequence[ast.stmt], body: FunctionBody) -> list[Reached]:
        given = {call.name: call.given for call in body.calls}
        calls = tuple(
            BodyCall(name, span_of(node), given.get(name, ""))
            for stmt in statements
            for node in _here(stmt)
            if isinstance(node, ast.Call) and (name := dotted(node.func))
        )
        only = msgspec.structs.replace(body, calls=calls)
        return list(self._calls.reached(only, self._in_group))

    def _steering(
        self, body: FunctionBody, regions: Sequence[Region], steering: frozenset[str]
    ) -> Iterator[Finding]:
        """AC708: what steers all ranks, set on some."""

        def touches(statements: Sequence[ast.stmt]) -> tuple[Touch, ...]:
            return self._touches.of_statements(statements, body, frozenset())

        def sets(statements: Sequence[ast.stmt]) -> bool:
            return any(_sets(one, steering) for one in touches(statements))

        node = self._touches.node(body)
        by_value = [
            Region("one", [stmt], stmt.value, True, ())
            for stmt in (() if node is None else ast.walk(node))
            if isinstance(stmt, ast.Assign)
            and any(isinstance(one, ast.Attribute) and one.attr in steering for one in stmt.targets)
            and self._tests.holds_for_some(stmt.value, body)
        ]
        found = _one_sided([*regions, *by_value], sets)
        alone = [one for region in found for one in touches(region.statements)]
        if not self._told(body, {one.place for one in alone}, steering):
            for region in found:
                yield from _steered(touches(region.statements), steering, _tested(region, body))

    def _told(self, body: FunctionBody, alone: Collection[Place], steering: frozenset[str]) -> bool:
        """Whether ranks may tell each other what they set: it is set elsewhere, too, and ranks
        exchange something."""
        return any(
            (_sets(one, steering) or one.kind == "anything") and one.place not in alone
            for one in self._touches.of(body, frozenset())
        ) and any(True for _ in self._calls.reached(body))

    def _in_group(self, call: BodyCall, body: FunctionBody) -> bool:
        """Whether a call names a group of ranks: it is their own matter then."""
        node = self._touches.node(body)
        # Columns count bytes in the one and characters in the other.
        return node is not None and any(
            one.lineno == call.span.line and dotted(one.func) == call.name and _names_group(one)
            for one in ast.walk(node)
            if isinstance(one, ast.Call)
        )

    # What some ranks alone give.

    def _rewriting(
        self, declaration: Declaration, body: FunctionBody, asked: Related | None
    ) -> Iterator[Finding]:
        """AC701: a value that some ranks alone change, by a test in the callback or by the one
        that is ``asked`` before it."""
        taken = values_taken(declaration)
        if not taken or declaration.callable.definition is None:
            return
        regions = self._whole(body) if asked is not None else ()
        if asked is None and self._may_ask(body):
            regions = self._tests.regions(body)

        def changes(block: Sequence[ast.stmt]) -> tuple[str, ast.AST] | None:
            return _changes(block, taken, lambda name: self._calls.gives_back(name, body))

        alone = _one_sided(regions, lambda block: changes(block) is not None)
        if not alone or returns_other_names(declaration.callable.definition.body, taken):
            return
        if any(True for _ in self._calls.reached(body)):
            return  # they may tell each other
        for region in alone:
            change = changes(region.statements)
            assert change is not None
            name, node = change
            found = message(
                "AC701", "some-ranks-change", callback=declaration.short, parameter=name
            )
            yield found.at(Place(body.path, span_of(node)), asked or _tested(region, body))

    def _whole(self, body: FunctionBody) -> tuple[Region, ...]:
        """All of a function, as what some ranks come to."""
        node = self._touches.node(body)
        if node is None or isinstance(node, ast.Lambda):
            return ()
        return (Region("one", node.body, ast.Constant(True), True, ()),)


def _calls_one(block: Sequence[ast.stmt], names: Collection[str]) -> bool:
    """Whether statements call something of these names."""
    return any(
        isinstance(node, ast.Call) and dotted(node.func) in names
        for stmt in block
        for node in _here(stmt)
    )


def _one_sided(
    regions: Sequence[Region], does: Callable[[Sequence[ast.stmt]], bool]
) -> list[Region]:
    """Those that do something, where the other ranks do nothing of the kind."""
    found = [region for region in regions if does(region.statements)]
    if len({region.side for region in found}) > 1:
        return []
    return [region for region in found if region.alone and not does(region.instead)]


def _tested(region: Region, body: FunctionBody) -> Related:
    return message("shared", "rank-tested").note(Place(body.path, span_of(region.test)))


def _some_ranks_call(found: Reached, tested: Related, place: Place) -> Finding:
    first, last = found.steps[0], found.steps[-1]
    if first is last:
        problem = message("AC702", "some-ranks-call", function=last.name, reason=found.reason)
    else:
        problem = message(
            "AC702",
            "some-ranks-lead",
            first=first.name,
            function=last.name,
            reason=found.reason,
        )
    ways = (message("AC702", "called-here", function=s.name).note(s.place) for s in found.steps[1:])
    return problem.at(place, tested, *ways)


def _sets(touch: Touch, steering: frozenset[str]) -> bool:
    """Whether a run may stop: ``early_stop = False`` stops none."""
    is_set = touch.kind == "write" and touch.attribute in steering
    return is_set and touch.value not in _NO_STOP


def _steered(
    touches: Sequence[Touch], steering: frozenset[str], related: Related
) -> Iterator[Finding]:
    for touch in touches:
        if _sets(touch, steering):
            yield message("AC708", "set", attribute=touch.attribute).at(touch.place, related)


def _names_group(call: ast.Call) -> bool:
    """Whether a group is among the arguments, or may be among those under a star, or these say
    that other ranks take no part."""
    if any(
        word.arg is None
        or (word.arg in _GROUPS and not _is_of_all(word.value))
        or (word.arg in _ALONE and isinstance(word.value, ast.Constant) and word.value.value)
        for word in call.keywords
    ):
        return True
    at = GROUP_AT.get(dotted(call.func).rpartition(".")[2])
    stars = any(isinstance(one, ast.Starred) for one in call.args)
    if at is None or stars:
        return at is not None
    return len(call.args) > at and not _is_of_all(call.args[at])


def _is_of_all(group: ast.expr) -> bool:
    """Whether a group is the default one."""
    is_none = isinstance(group, ast.Constant) and group.value is None
    return is_none or dotted(group).endswith("group.WORLD")


def _here(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, nested functions left out."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        # What a comprehension binds is its own.
        if not (isinstance(node, ast.comprehension) and child is node.target):
            yield from _here(child)


def _changes(
    block: Sequence[ast.stmt], taken: Sequence[str], gives_back: Callable[[str], bool]
) -> tuple[str, ast.AST] | None:
    """Where statements change what a callback takes, or return something else."""
    for stmt in block:
        for node in _here(stmt):
            name = _changed(node)
            if name in taken:
                return name, node
            if isinstance(node, ast.Return) and not _is_same(node.value, taken, gives_back):
                return ", ".join(taken), node
    return None


def _changed(node: ast.AST) -> str:
    """The name whose value a node changes or binds anew."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return name
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            return dotted(_root(node))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            return name if changes_in_place(method) else ""
    return ""


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node


def _is_same(
    value: ast.expr | None, taken: Sequence[str], gives_back: Callable[[str], bool]
) -> bool:
    """Whether a callback returns what it was given, or nothing: that is another mistake."""
    match value:
        case None | ast.Constant(value=None):
            return True
        case ast.Tuple():
            return [dotted(one) for one in value.elts] == list(taken)
        case ast.Name(id=name):
            return [name] == list(taken)
        case ast.Call(func=func, args=[*_, last], keywords=[]):
            name = dotted(func)
            is_kept = name.rpartition(".")[2] == "cast" or gives_back(name)
            return is_kept and _is_same(last, taken, gives_back)
    return False
