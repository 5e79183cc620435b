"""Which ranks does a test let through, and which statements do not all of them come to (R62)?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from arctic_codegen.model.decls import BodyCall
from arctic_codegen.resolve.effects.actions import dotted, own
from arctic_codegen.resolve.effects.touches import Touches, span_of
from arctic_codegen.resolve.effects.wrapper_conditions import Asked
from arctic_codegen.resolve.entities import FunctionEntity
from arctic_codegen.resolve.hosts.collectives import Collectives, FunctionBody
from arctic_codegen.resolve.names.names import Names

Side = Literal["one", "others"]
Sides = tuple[Side | None, Side | None]
"""Which ranks a test holds for, and for which it does not; ``None`` where that is not known."""

_NEITHER: Sides = (None, None)
_OTHER: dict[Side | None, Side] = {"one": "others", "others": "one"}
_ATTRIBUTES = frozenset({"global_rank", "local_rank"})
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

    def _in_block(
        self, block: Sequence[ast.stmt], body: FunctionBody, after: Sequence[ast.stmt] = ()
    ) -> Iterator[Region]:
        """Those in a block, which ``after`` follows."""
        for at, stmt in enumerate(block):
            rest = block[at + 1 :]
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
                yield Region(fails, rest, stmt.test, True, stmt.body)
                return
            if holds is not None and _leaves(stmt.orelse):
                yield Region(holds, rest, stmt.test, True, stmt.orelse)
                return

    def _sides(self, test: ast.expr, body: FunctionBody, depth: int) -> Sides:
        """For which ranks a test holds."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                holds, fails = self._sides(operand, body, depth)
                return fails, holds
            case ast.BoolOp(op=ast.And(), values=values):
                # All hold: then each does.
                return _first(self._sides(one, body, depth)[0] for one in values), None
            case ast.BoolOp(op=ast.Or(), values=[first, last]) if _is_no_group(first):
                return self._sides(last, body, depth)  # without a group there is one rank
            case ast.BoolOp(op=ast.Or(), values=values):
                return None, _first(self._sides(one, body, depth)[1] for one in values)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right, body)
            case ast.Call(args=[], keywords=[]):
                return self._called(test, body, depth)
            case ast.Attribute(attr=name) if name in _FOR_ONE:
                return "one", "others"
            case ast.Name(id=name) if depth < _DEEPEST:
                value = self._bound_once(name, body)
                return _NEITHER if value is None else self._sides(value, body, depth + 1)
            case ast.Attribute():
                return self._property(test, body, depth)
        return ("others", "one") if self._is_rank(test, body) else _NEITHER

    def _compared(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, body: FunctionBody
    ) -> Sides:
        if isinstance(left, ast.Constant):
            left, right = right, left
        if not isinstance(right, ast.Constant):
            return _NEITHER
        number = right.value
        if isinstance(number, str) and number.isdigit() and self._is_variable(left, body):
            number = int(number)
        elif type(number) is not int or not self._is_rank(left, body):
            return _NEITHER
        if isinstance(op, (ast.Eq, ast.Is)):
            return "one", "others"
        if isinstance(op, (ast.NotEq, ast.IsNot)):
            return "others", "one"
        if right is not None and (type(op), number) in ((ast.Gt, 0), (ast.GtE, 1)):
            return "others", "one"
        return ("one", "others") if (type(op), number) == (ast.Lt, 1) else _NEITHER

    def _called(self, test: ast.Call, body: FunctionBody, depth: int) -> Sides:
        name = dotted(test.func)
        if self._is_rank(test, body):
            return "others", "one"
        if depth < _DEEPEST:
            found = self._calls.meaning(BodyCall(name, span_of(test)), body)
            if isinstance(found, FunctionBody):
                return self._given_by(found, depth)
        return ("one", "others") if name.rpartition(".")[2] in _FOR_ONE else _NEITHER

    def _property(self, test: ast.Attribute, body: FunctionBody, depth: int) -> Sides:
        if isinstance(test.value, ast.Name) and test.value.id == body.object and body.cls:
            member = self._names.class_attribute(body.cls, test.attr)
            if isinstance(member, FunctionEntity) and member.decl.decorators and depth < _DEEPEST:
                found = self._calls.body(member, body.cls)
                return _NEITHER if found is None else self._given_by(found, depth)
        return ("others", "one") if self._is_rank(test, body) else _NEITHER

    def _given_by(self, body: FunctionBody, depth: int) -> Sides:
        """For which ranks a function gives a true value: it returns a test and does no more."""
        value = self._returned(body)
        if value is None or self._asks_size(value, body, 0):
            return _NEITHER
        return self._sides(value, body, depth + 1)

    def _returned(self, body: FunctionBody) -> ast.expr | None:
        """What a function returns that does no more."""
        node = self._touches.node(body)
        if node is None or isinstance(node, ast.Lambda):
            return None if node is None else node.body
        rest = [one for one in node.body if not _is_docstring(one)]
        return rest[0].value if len(rest) == 1 and isinstance(rest[0], ast.Return) else None

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
        match node:
            case ast.Attribute(value=owner, attr=name):
                return name in _ATTRIBUTES and not self._is_one_of_many(owner, body)
            case ast.IfExp(body=inner, orelse=ast.Constant(value=0)):
                return self._is_rank(inner, body, depth)
            case ast.Call(func=ast.Name(id="int"), args=[inner], keywords=[]):
                return self._is_variable(inner, body) or self._is_rank(inner, body, depth)
            case ast.Call(args=[], keywords=[]):
                return self._imported(node.func, body) in _FUNCTIONS
            case ast.Name(id=name):
                value = self._bound_once(name, body)
                return (
                    value is not None
                    and depth < _DEEPEST
                    and (self._is_rank(value, body, depth + 1))
                )
        return False

    def _is_one_of_many(self, node: ast.expr, body: FunctionBody) -> bool:
        """Whether an object is what a loop goes over: its rank is not that of the process."""
        function = self._touches.node(body)
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        return function is not None and any(
            isinstance(target, ast.Name) and target.id in names
            for loop in ast.walk(function)
            if isinstance(loop, (ast.For, ast.AsyncFor, ast.comprehension))
            for target in ast.walk(loop.target)
        )

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


def _value_of(statements: Sequence[ast.stmt], target: ast.AST) -> ast.expr | None:
    """What is assigned to a name there, and not in a nested function or class."""
    for stmt in statements:
        for node in own(stmt):
            if isinstance(node, ast.Assign) and node.targets == [target]:
                return node.value
            if isinstance(node, ast.AnnAssign) and node.target is target:
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


def _returns(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], (ast.Return, ast.Raise))


def _leaves(block: Sequence[ast.stmt]) -> bool:
    """Whether nothing behind a block runs on the ranks that come to it."""
    return bool(block) and isinstance(block[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _is_no_group(test: ast.expr) -> bool:
    """``not dist.is_initialized()``."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=func)):
            return dotted(func).rpartition(".")[2] == "is_initialized"
    return False


def _is_docstring(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)
