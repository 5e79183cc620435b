"""Which ranks does a test let through, and which statements do not all of them come to (R62)?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from arctic_codegen.model.decls import BodyCall, FunctionDecl
from arctic_codegen.resolve.effects.actions import dotted, own
from arctic_codegen.resolve.effects.touches import Touches, span_of
from arctic_codegen.resolve.effects.wrapper_conditions import Asked
from arctic_codegen.resolve.entities import ClassEntity, FunctionEntity
from arctic_codegen.resolve.hosts.collectives import Collectives, FunctionBody
from arctic_codegen.resolve.names.names import Names

Side = Literal["one", "others"]
Sides = tuple[Side | None, Side | None]
"""Which ranks a test holds for, and for which it does not; ``None`` where that is not known."""

_NEITHER: Sides = (None, None)
_OTHER: dict[Side | None, Side] = {"one": "others", "others": "one"}
_ATTRIBUTES = frozenset({"global_rank", "local_rank"})
_HOLDERS = frozenset({"trainer", "args", "config", "cfg", "accelerator"})
"""What holds the rank of this process, beside the callback's object."""
_VARIABLES = frozenset({"RANK", "LOCAL_RANK"})
_FUNCTIONS = frozenset(
    {
        "torch.distributed.get_rank",
        "deepspeed.comm.get_rank",
        "deepspeed.comm.get_local_rank",
        "torch.distributed.get_node_local_rank",
    }
)
_FOR_ONE = frozenset(
    {"is_main_process", "is_local_main_process", "is_global_zero", "is_rank_zero", "is_rank_0"}
)
"""What such tests are called: functions, methods and properties."""
_KEEPING = frozenset({"property", "cached_property", "staticmethod", "classmethod", "cache"})
"""Decorators that keep what a function returns."""
_DEEPEST = 4


class Region(NamedTuple):
    """Statements that some ranks alone come to, and the test that says which."""

    side: Side
    statements: Sequence[ast.stmt]
    test: ast.expr
    alone: bool
    """No other ranks come to them. Behind ``rank == 0 and ...``, the other branch is for the
    others, and at times for rank 0."""
    instead: Sequence[ast.stmt]
    """What the other ranks come to, as far as these do not."""


class RankTests:
    """Reads tests. Names are looked up as the body reads them."""

    def __init__(self, names: Names, calls: Collectives, touches: Touches) -> None:
        self._names = names
        self._calls = calls
        self._touches = touches

    def regions(self, body: FunctionBody) -> tuple[Region, ...]:
        """The parts of a function that some ranks alone come to, the outermost ones."""
        node = self._touches.node(body)
        if node is None or isinstance(node, ast.Lambda):
            return ()
        found = self._in_block(node.body, body)
        return tuple(one for one in found if not self._asks_size(one.test, body, 0))

    def asked(self, asked: Asked) -> Sides | None:
        """For which ranks the condition of a wrapper holds; ``None`` where it asks for their
        number."""
        body = asked.body
        test = self._returned(body) if body and asked.path is None else asked.path
        if body is None or test is None:
            return _NEITHER
        return None if self._asks_size(test, body, 0) else self._sides(test, body, 0)

    def holds_for_some(self, test: ast.expr, body: FunctionBody) -> bool:
        """Whether it is known for which ranks a test holds, or for which it does not."""
        return not self._asks_size(test, body, 0) and self._sides(test, body, 0) != _NEITHER

    def _in_block(
        self, block: Sequence[ast.stmt], body: FunctionBody, after: Sequence[ast.stmt] = ()
    ) -> Iterator[Region]:
        """Those in a block, which ``after`` follows."""
        for at, stmt in enumerate(block):
            rest = block[at + 1 :]
            stmt = _as_if(stmt) if isinstance(stmt, ast.Match) else stmt
            if isinstance(stmt, (ast.With, ast.AsyncWith, ast.Try)):
                # What is behind it runs where the end of its body is come to.
                inside = [*stmt.body]
                if isinstance(stmt, ast.Try):
                    inside += stmt.orelse
                    for own_block in (*(one.body for one in stmt.handlers), stmt.finalbody):
                        yield from self._in_block(own_block, body, [*rest, *after])
                yield from self._in_block([*inside, *rest], body, after)
                return
            if not isinstance(stmt, ast.If):
                for inner in _blocks(stmt):
                    yield from self._in_block(inner, body, [*rest, *after])
                continue
            holds, fails = self._sides(stmt.test, body, 0)
            if holds is None and fails is None:
                size = "world_size" in ast.dump(stmt.test)
                if not size or _are_several(stmt.test):
                    yield from self._in_block(stmt.body, body, [*rest, *after])
                if not size:
                    yield from self._in_block(stmt.orelse, body, [*rest, *after])
                continue
            for side, other, own_block, others in (
                (holds, fails, stmt.body, stmt.orelse),
                (fails, holds, stmt.orelse, stmt.body),
            ):
                if own_block:
                    more = () if not _leaves(own_block) else rest
                    more = [*more, *after] if _returns(own_block) else more
                    instead = [*others, *more]
                    yield Region(
                        side or _OTHER[other], own_block, stmt.test, side is not None, instead
                    )
            if fails is not None and _leaves(stmt.body):
                if isinstance(stmt.body[-1], ast.Raise):
                    return  # the others end the run
                yield Region(fails, rest, stmt.test, True, stmt.body)
                return
            if holds is not None and _leaves(stmt.orelse):
                if isinstance(stmt.orelse[-1], ast.Raise):
                    return
                yield Region(holds, rest, stmt.test, True, stmt.orelse)
                return

    def _sides(self, test: ast.expr, body: FunctionBody, depth: int) -> Sides:
        """For which ranks a test holds."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                holds, fails = self._sides(operand, body, depth)
                return fails, holds
            case ast.BoolOp(op=ast.And(), values=values):
                if any(map(_is_no_group, values)):
                    return _NEITHER
                # All hold: then each does.
                return _first(self._sides(one, body, depth)[0] for one in values), None
            case ast.BoolOp(op=ast.Or(), values=[*first, last]) if all(map(_is_no_group, first)):
                return self._sides(last, body, depth)  # without a group there is one rank
            case ast.BoolOp(op=ast.Or(), values=values):
                return None, _first(self._sides(one, body, depth)[1] for one in values)
            case ast.IfExp(test=first, body=inner, orelse=ast.Constant()) if _asks_group(first):
                return self._sides(inner, body, depth)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right, body)
        if self._is_rank(test, body):
            return "others", "one"
        called = isinstance(test, ast.Call) and not (test.args or test.keywords)
        name = dotted(test.func if isinstance(test, ast.Call) and called else test)
        if name.rpartition(".")[2] in _FOR_ONE and (called or isinstance(test, ast.Attribute)):
            return "one", "others"
        value, of = self._behind(test, body)
        if value is None or depth > _DEEPEST or self._asks_size(value, of, 0):
            return _NEITHER
        return self._sides(value, of, depth + 1)

    def _compared(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, body: FunctionBody
    ) -> Sides:
        if self._constant(left, body) is not None:
            left, right = right, left
        found = self._constant(right, body)
        numbers = [*found] if isinstance(found, (tuple, list, set)) else [found]
        if self._is_variable(left, body):
            numbers = [int(one) for one in numbers if isinstance(one, str) and one.isdigit()]
        elif not self._is_rank(left, body):
            return _NEITHER
        numbers = [one for one in numbers if type(one) is int and one >= 0]  # -1: no ranks
        if len(numbers) != 1:
            return _NEITHER
        number = numbers[0]
        if isinstance(op, (ast.Eq, ast.Is, ast.In)):
            return "one", "others"
        if isinstance(op, (ast.NotEq, ast.IsNot, ast.NotIn)):
            return "others", "one"
        if (type(op), number) in ((ast.Gt, 0), (ast.GtE, 1)):
            return "others", "one"
        return ("one", "others") if (type(op), number) == (ast.Lt, 1) else _NEITHER

    def _constant(self, node: ast.expr, body: FunctionBody) -> object:
        """The value of a literal, or of a name that has one; ``None`` for anything else."""
        if isinstance(node, ast.Name):
            node = self._bound_once(node.id, body) or node
        try:
            value: object = ast.literal_eval(node)
        except (ValueError, TypeError):
            return None
        return value

    def _behind(self, node: ast.expr, body: FunctionBody) -> tuple[ast.expr | None, FunctionBody]:
        """What a name is bound to once, a call or property returns, or ``__init__`` gives an
        attribute, and the body in which that stands."""
        match node:
            case ast.Name(id=name):
                return self._bound_once(name, body), body
            case ast.NamedExpr(value=value):
                return value, body
            case ast.Call(args=[], keywords=[]):
                found = self._calls.meaning(BodyCall(dotted(node.func), span_of(node)), body)
                if isinstance(found, FunctionBody):
                    return self._returned(found), found
            case ast.Attribute() if dotted(node.value) == body.object and body.cls is not None:
                return self._attribute(node.attr, body.cls, body)
        return None, body

    def _attribute(
        self, name: str, cls: ClassEntity, body: FunctionBody
    ) -> tuple[ast.expr | None, FunctionBody]:
        member = self._names.class_attribute(cls, name)
        if isinstance(member, FunctionEntity):
            found = self._calls.body(member, cls) if member.decl.decorators else None
            return (None, body) if found is None else (self._returned(found), found)
        if not self._is_bound_once(name, cls):
            return None, body
        for one in self._names.mro(cls).classes:
            init = self._names.own_attribute(one, "__init__")
            found = self._calls.body(init, cls) if isinstance(init, FunctionEntity) else None
            function = None if found is None else self._touches.node(found)
            for stmt in () if function is None else ast.walk(function):
                if isinstance(stmt, (ast.Assign, ast.AnnAssign)) and found is not None:
                    targets = stmt.targets if isinstance(stmt, ast.Assign) else [stmt.target]
                    if f"{found.object}.{name}" in map(dotted, targets):
                        return stmt.value, found
        return None, body

    def _is_bound_once(self, name: str, cls: ClassEntity) -> bool:
        """Whether one statement of a class and its bases sets an attribute of that name."""
        bound = 0
        for one in self._names.mro(cls).classes:
            for decl in (each for each in one.decl.body if isinstance(each, FunctionDecl)):
                node = self._names.trees.function(
                    one.id.module, decl.span, decl.name, decl.qualname
                )
                for inner in () if node is None else ast.walk(node):
                    bound += _sets_attribute(inner, name)
        return bound == 1

    def _returned(self, body: FunctionBody) -> ast.expr | None:
        """What a function returns that does no more, except where there are no ranks."""
        node = self._touches.node(body)
        if node is None or isinstance(node, ast.Lambda):
            return None if node is None else node.body
        if any(dotted(one).rpartition(".")[2] not in _KEEPING for one in node.decorator_list):
            return None
        returned = list(_returns_in(node.body))
        found = [one for one in returned if not isinstance(one, ast.Constant)]
        return found[0] if len(found) == 1 else None

    def _asks_size(self, test: ast.expr, body: FunctionBody, depth: int) -> bool:
        """Whether a test asks for the number of ranks, other than to be sure that there are
        several: a rank that has no others deadlocks nobody."""
        values = [test]
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            values = [one for one in test.values if not _are_several(one)]
        for one in values:
            if "world_size" in ast.dump(one):
                return True
            names = {node.id for node in ast.walk(one) if isinstance(node, ast.Name)}
            bound = [self._bound_once(name, body) for name in names if depth < _DEEPEST]
            if any(value and self._asks_size(value, body, depth + 1) for value in bound):
                return True
        return False

    def _is_rank(self, node: ast.expr, body: FunctionBody, depth: int = 0) -> bool:
        """Whether an expression is the number of this rank."""
        if depth > _DEEPEST:
            return False
        match node:
            case ast.Attribute(value=owner, attr=name) if name in _ATTRIBUTES:
                path = dotted(owner) or ""
                *before, last = path.split(".")
                if last in _HOLDERS and before in ([], [body.object]):
                    return True
                return path == (body.object or "trainer")
            case ast.IfExp(body=inner, orelse=ast.Constant(value=0)):
                return self._is_rank(inner, body, depth + 1)
            case ast.Call(func=ast.Name(id="int"), args=[inner], keywords=[]):
                return self._is_variable(inner, body) or self._is_rank(inner, body, depth + 1)
            case ast.Call(args=[], keywords=[]):
                if self._imported(node.func, body) in _FUNCTIONS:
                    return True
        value, of = self._behind(node, body)
        return value is not None and self._is_rank(value, of, depth + 1)

    def _is_variable(self, node: ast.expr, body: FunctionBody) -> bool:
        """Whether it is the environment variable that has the rank, as text."""
        key: ast.expr | None = None
        match node:
            case ast.Subscript(value=value, slice=inner):
                key = inner if self._imported(value, body) == "os.environ" else None
            case ast.Call(func=func, args=[first, *_]):
                known = self._imported(func, body) in ("os.environ.get", "os.getenv")
                key = first if known else None
        return isinstance(key, ast.Constant) and key.value in _VARIABLES

    def _imported(self, node: ast.expr, body: FunctionBody) -> str:
        root, _, rest = dotted(node).partition(".")
        found = self._names.imported(root, body.scope)
        return "" if found is None else f"{found}.{rest}" if rest else found

    def _bound_once(self, name: str, body: FunctionBody) -> ast.expr | None:
        """What a local name, or one of the module, is bound to, if that is said once."""
        function = self._touches.node(body)
        tree = self._names.trees.of(body.scope.module)
        for around in (function, None if tree is None else tree.module):
            if around is None or isinstance(around, ast.Lambda):
                continue
            bound = [one for one in ast.walk(around) if _binds(one, name)]
            if bound:
                return _value_of(around.body, bound[0]) if len(bound) == 1 else None
        return None


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=bound, ctx=ast.Store()) | ast.arg(arg=bound):
            return bound == name
        case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound):
            return bound == name
        case ast.alias():
            return (node.asname or node.name) == name
    return False


def _sets_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and (node.attr, type(node.ctx)) == (name, ast.Store)


def _value_of(statements: Sequence[ast.stmt], target: ast.AST) -> ast.expr | None:
    """What is assigned to a name there, and not in a nested function or class."""
    for stmt in statements:
        for node in own(stmt):
            if isinstance(node, ast.Assign) and node.targets == [target]:
                return node.value
            if isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.target is target:
                return node.value
    return None


def _are_several(test: ast.expr) -> bool:
    """``dist.get_world_size() > 1``"""
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=int(number))]):
            of = left.func if isinstance(left, ast.Call) and not left.args else left
            if not dotted(of).endswith("world_size"):
                return False
            least = {ast.Gt: 1, ast.GtE: 2}.get(type(op))
            return number >= least if least else isinstance(op, ast.NotEq) and number == 1
    return False


def _first(sides: Iterator[Side | None]) -> Side | None:
    return next((side for side in sides if side is not None), None)


def _blocks(stmt: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """The blocks of a statement that run where it stands."""
    if isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for name in ("body", "orelse", "finalbody"):
        yield getattr(stmt, name, ())
    for inner in (*getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())):
        yield inner.body


def _as_if(stmt: ast.Match) -> ast.stmt:
    """``match rank: case 0: ...`` as the ``if`` that does the same, if one does."""
    first, *others = stmt.cases
    if not isinstance(first.pattern, ast.MatchValue) or first.guard is not None:
        return stmt
    equal = ast.Compare(stmt.subject, [ast.Eq()], [first.pattern.value])
    orelse: list[ast.stmt] = [ast.copy_location(ast.Match(stmt.subject, others), stmt)]
    if not others or ast.dump(others[0].pattern) == "MatchAs()":
        orelse = others[0].body if others else []
    made = ast.If(ast.copy_location(equal, stmt.subject), first.body, orelse)
    return ast.copy_location(made, stmt)


def _returns(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], (ast.Return, ast.Raise))


def _leaves(block: Sequence[ast.stmt]) -> bool:
    """Whether nothing behind a block runs on the ranks that come to it."""
    return bool(block) and isinstance(block[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _is_no_group(test: ast.expr) -> bool:
    """``not dist.is_initialized()``."""
    return isinstance(test, ast.UnaryOp) and _asks_group(test)


def _asks_group(test: ast.expr) -> bool:
    """``dist.is_available() and dist.is_initialized()``"""
    called = [dotted(one.func) for one in ast.walk(test) if isinstance(one, ast.Call)]
    return bool(called) and all(
        one.rpartition(".")[2] in ("is_available", "is_initialized") for one in called
    )


def _returns_in(block: Sequence[ast.stmt]) -> Iterator[ast.expr | None]:
    """What a block returns; ``None`` is among it where it does more than to bind names."""
    for stmt in block:
        match stmt:
            case ast.Return():
                yield stmt.value
            case ast.If() if _asks_group(stmt.test):
                yield from _returns_in([*stmt.body, *stmt.orelse])
            case ast.Assign() | ast.AnnAssign() | ast.Import() | ast.ImportFrom():
                pass
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case _:
                yield None
