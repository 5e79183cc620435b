"""For which ranks does a test hold (R62)?"""

from __future__ import annotations

import ast

from arctic_codegen.resolve.effects.collectives import Collectives, FunctionBody
from arctic_codegen.resolve.effects.flow import (
    EVERY,
    NOBODY,
    ONE,
    OTHERS,
    UNKNOWN,
    Sides,
    parts_of,
)
from arctic_codegen.resolve.effects.name_values import NameValues
from arctic_codegen.resolve.effects.wrapper_conditions import Asked
from arctic_codegen.resolve.entities import FunctionEntity
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import BodyCall, dotted, span_of

_ATTRIBUTES = frozenset(
    {"global_rank", "local_rank", "rank", "process_index", "local_process_index"}
)
_HOLDERS = frozenset(
    {
        *("trainer", "args", "config", "cfg", "accelerator", "fabric", "state"),
        *("distributed_state", "engine", "model", "model_engine", "ds_engine"),
    }
)
"""Objects that hold the rank of this process, besides the callback's object."""
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
    {
        *("is_main_process", "is_local_main_process", "is_global_zero", "is_rank_zero"),
        *("is_rank_0", "is_main", "is_master", "is_world_process_zero", "is_local_process_zero"),
    }
)
"""Typical names of such tests: functions, methods, properties and attributes."""
_FOR_THE_LAST = frozenset({"is_last_process", "is_last_rank"})
_KEEPING = frozenset(
    {"property", "cached_property", "staticmethod", "classmethod", "cache", "lru_cache"}
)
"""Decorators that preserve the result of a function."""
_OF_GROUP = frozenset({"is_available", "is_initialized"})
"""Functions that test whether there are ranks at all."""
_FIRST = frozenset({(ast.Lt, 1), (ast.LtE, 0)})
_LATER = frozenset({(ast.Gt, 0), (ast.GtE, 1)})
_SEVERAL = frozenset({(ast.Gt, 1), (ast.GtE, 2), (ast.NotEq, 1)})
_ALONE = frozenset({(ast.LtE, 1), (ast.Lt, 2), (ast.Eq, 1)})
_DEEPEST = 4


class RankTests:
    """Evaluates tests for runs with several ranks, since a single one cannot deadlock."""

    def __init__(self, names: Names, calls: Collectives) -> None:
        self._names = names
        self._calls = calls
        self._values = NameValues(names, calls)

    def asked(self, asked: Asked) -> Sides:
        """The ranks for which the condition of a wrapper is true."""
        body = asked.body
        test = self._returned(body, 0) if body and asked.path is None else asked.path
        return UNKNOWN if body is None or test is None else self.sides(test, body)

    def sides(self, test: ast.expr, body: FunctionBody, depth: int = 0) -> Sides:
        """The ranks for which a test is true; names are resolved in the body."""
        if depth > _DEEPEST:
            return UNKNOWN
        match test:
            case ast.Constant(value=constant):
                return (EVERY, NOBODY) if constant else (NOBODY, EVERY)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                holds, fails = self.sides(operand, body, depth)
                return fails, holds
            case ast.BoolOp():
                holds, fails = self.sides(test.values[0], body, depth)
                for one in test.values[1:]:
                    may, may_not = self.sides(one, body, depth)
                    if isinstance(test.op, ast.And):
                        holds, fails = holds & may, fails | may_not
                    else:
                        holds, fails = holds | may, fails & may_not
                return holds, fails
            case ast.IfExp(test=first, body=then, orelse=other):
                holds, fails = self.sides(first, body, depth)
                (a, b), (c, d) = (self.sides(one, body, depth) for one in (then, other))
                return (holds & a) | (fails & c), (holds & b) | (fails & d)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right, body)
        if self._is_rank(test, body):
            return OTHERS, ONE
        called = isinstance(test, ast.Call) and not (test.args or test.keywords)
        name = dotted(test.func if isinstance(test, ast.Call) and called else test)
        name = name.rpartition(".")[2]
        if name in _FOR_ONE and (called or isinstance(test, ast.Attribute)):
            return ONE, OTHERS
        if name in _FOR_THE_LAST and (called or isinstance(test, ast.Attribute)):
            return OTHERS, EVERY
        if name in _OF_GROUP and called:
            return EVERY, NOBODY
        value, of = self._behind(test, body, depth)
        return UNKNOWN if value is None else self.sides(value, of, depth + 1)

    def _compared(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, body: FunctionBody
    ) -> Sides:
        if self._constant(left, body) is not None and isinstance(op, (ast.Eq, ast.NotEq)):
            left, right = right, left
        if isinstance(op, (ast.Eq, ast.NotEq)) and self._is_last(right, left, body):
            return (OTHERS, EVERY) if isinstance(op, ast.Eq) else (EVERY, OTHERS)
        found = self._constant(right, body)
        numbers = [*found] if isinstance(found, (tuple, list, set)) else [found]
        if self._is_variable(left, body):
            numbers = [int(one) for one in numbers if isinstance(one, str) and one.isdigit()]
        numbers = [one for one in numbers if type(one) is int and one >= 0]  # -1: no ranks
        if len(numbers) != 1:
            return UNKNOWN
        test = (type(op), numbers[0])
        if self._is_variable(left, body) or self._is_rank(left, body):
            if test in _FIRST:
                return ONE, OTHERS
            if test in _LATER:
                return OTHERS, ONE
            holds, fails = (ONE, OTHERS) if numbers == [0] else (OTHERS, EVERY)
            if isinstance(op, (ast.Eq, ast.Is, ast.In)):
                return holds, fails
            if isinstance(op, (ast.NotEq, ast.IsNot, ast.NotIn)):
                return fails, holds
            return UNKNOWN
        if test in _SEVERAL and self._is_size(left, body):
            return EVERY, NOBODY
        if test in _ALONE and self._is_size(left, body):
            return NOBODY, EVERY
        return UNKNOWN

    def _constant(self, node: ast.expr, body: FunctionBody) -> object:
        """The value of a literal, or of a name bound to one; ``None`` for anything else."""
        if isinstance(node, ast.Name):
            node = self._values.of(node.id, body) or node
        try:
            value: object = ast.literal_eval(node)
        except (ValueError, TypeError):
            return None
        return value

    def _behind(
        self, node: ast.expr, body: FunctionBody, depth: int
    ) -> tuple[ast.expr | None, FunctionBody]:
        """The expression that a name is bound to, or that a call or property returns, with the
        body that contains it."""
        match node:
            case ast.Name(id=name):
                return self._values.of(name, body), body
            case ast.NamedExpr(value=value):
                return value, body
            case ast.Call(args=[], keywords=[]):
                found = self._calls.meaning(BodyCall(dotted(node.func), span_of(node)), body)
                if isinstance(found, FunctionBody):
                    return self._returned(found, depth), found
            case ast.Attribute() if dotted(node.value) == body.object and body.cls is not None:
                member = self._names.class_attribute(body.cls, node.attr)
                if isinstance(member, FunctionEntity) and member.decl.decorators:
                    found = self._calls.body(member, body.cls)
                    return (None, body) if found is None else (self._returned(found, depth), found)
        return None, body

    def _returned(self, body: FunctionBody, depth: int) -> ast.expr | None:
        """The expression that a function always returns if there are several ranks."""
        node = self._calls.node(body)
        listed = getattr(node, "decorator_list", ())
        decorators = [dotted(one.func if isinstance(one, ast.Call) else one) for one in listed]
        if node is None or any(one.rpartition(".")[2] not in _KEEPING for one in decorators):
            return None
        parts = parts_of(node, lambda test: self.sides(test, body, depth + 1))
        values = [(one.node.value, one) for one in parts if isinstance(one.node, ast.Return)]
        return values[0][0] if len(values) == 1 and values[0][1].certain else None

    def _is_size(self, node: ast.expr, body: FunctionBody) -> bool:
        """Whether an expression is the number of ranks."""
        func = node.func if isinstance(node, ast.Call) and not node.args else node
        if dotted(func).endswith("world_size"):
            return True
        value = self._values.of(node.id, body) if isinstance(node, ast.Name) else None
        return value is not None and not isinstance(value, ast.Name) and self._is_size(value, body)

    def _is_last(self, number: ast.expr, rank: ast.expr, body: FunctionBody) -> bool:
        match number:
            case ast.BinOp(left=size, op=ast.Sub(), right=ast.Constant(value=1)):
                return self._is_size(size, body) and self._is_rank(rank, body)
        return False

    def _is_rank(self, node: ast.expr, body: FunctionBody, depth: int = 0) -> bool:
        """Whether an expression is the rank of this process."""
        if depth > _DEEPEST:
            return False
        match node:
            case ast.Attribute(value=owner, attr=name) if name in _ATTRIBUTES:
                path = dotted(owner) or ""
                *before, last = path.split(".")
                if last in _HOLDERS and name != "rank" and before in ([], [body.object]):
                    return True  # elsewhere `rank` may be that of an adapter
                if body.bound_to is not None and path == body.params[0].name:
                    return name != "rank"
                return path == (body.object or "trainer")
            case ast.IfExp(body=inner, orelse=ast.Constant(value=0)):
                return self._is_rank(inner, body, depth + 1)
            case ast.Call(func=ast.Name(id="int"), args=[inner], keywords=[]):
                return self._is_variable(inner, body) or self._is_rank(inner, body, depth + 1)
            case ast.Call(args=[], keywords=[]):
                if self._imported(node.func, body) in _FUNCTIONS:
                    return True
        value, of = self._behind(node, body, depth)
        return value is not None and self._is_rank(value, of, depth + 1)

    def _is_variable(self, node: ast.expr, body: FunctionBody) -> bool:
        """Whether it is the environment variable with the rank, as a string."""
        key: ast.expr | None = None
        match node:
            case ast.Subscript(value=value, slice=inner):
                key = inner if self._imported(value, body) == "os.environ" else None
            case ast.Call(func=func, args=[first, *_]):
                known = self._imported(func, body) in ("os.environ.get", "os.getenv")
                key = first if known else None
        return isinstance(key, ast.Constant) and key.value in _VARIABLES

    def _imported(self, node: ast.expr, body: FunctionBody) -> str:
        return self._names.imported_path(dotted(node), body.scope) or ""
