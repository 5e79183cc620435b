"""Parses the final text, and matches its calls with those of the plan."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.output import Mapped
from arctic_codegen.model.plan import ClassPlan, MethodPlan, ModulePlan

_NEWEST = (3, 14)
"""From this version on, Python can parse everything that the formatter can."""

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


class TextFault(Exception):
    """The generated text does not match the plan."""


def parse(path: str, text: str) -> ast.Module | None:
    """The syntax tree of a text; ``None`` if its syntax is too new for the running Python.

    The formatter has already parsed it, so an older Python is the only valid reason to fail.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the user's code in a lambda
        try:
            return ast.parse(text, path)
        except SyntaxError as error:
            if sys.version_info < _NEWEST:
                return None
            raise TextFault(f"{path}:{error.lineno}: {error.msg}") from error


def mapped(plan: ModulePlan, text: str, tree: ast.Module) -> tuple[Mapped, ...]:
    """The spans of a compiled module and what they correspond to, in order."""
    lines = [line.encode() for line in text.split("\n")]
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found: list[Mapped] = []
    try:
        for function in plan.functions:
            span = _span(functions[function.name], lines)
            found.append(Mapped(span, "lambda", function.key))
        for cls in plan.classes:
            found.extend(_class(cls, classes[cls.name], lines))
    except KeyError as error:
        raise TextFault(f"{plan.path}: {error} is planned and not in the text") from error
    return tuple(sorted(found, key=lambda one: (one.span, one.kind)))


def _class(plan: ClassPlan, node: ast.ClassDef, lines: list[bytes]) -> Iterator[Mapped]:
    # The last function with a name is the implementation: overloads come before it.
    functions = {child.name: child for child in node.body if isinstance(child, _Function)}
    for method in plan.methods:
        function = functions[method.name]
        yield Mapped(_span(function, lines), "method", method.key)
        body = function.body[len(method.opening) :]
        calls = list(_calls(body, ()))
        if len(calls) != len(method.calls):
            raise TextFault(_differs(plan, method))
        for (call, tests), planned in zip(calls, method.calls, strict=True):
            if _dotted(call.func) != planned.callee or len(tests) != len(planned.guards):
                raise TextFault(_differs(plan, method))
            for test, wrapper in zip(tests, planned.guards, strict=True):
                if wrapper is not None:
                    key = msgspec.structs.replace(planned.key, wrapper=wrapper)
                    yield Mapped(_span(test, lines), "condition", key)
            own = planned.key.phase is None
            yield Mapped(_span(call, lines), "source" if own else "call", planned.key)


def _calls(
    body: Sequence[ast.stmt], tests: tuple[ast.stmt | ast.expr, ...]
) -> Iterator[tuple[ast.Call, tuple[ast.stmt | ast.expr, ...]]]:
    """The calls of which the statements of a method consist, each with the tests of the enclosing
    ``if`` statements."""
    quotient: ast.stmt | None = None
    for stmt in body:
        if isinstance(stmt, ast.If):
            yield from _calls(stmt.body, (*tests, quotient or stmt.test))
        elif isinstance(stmt, ast.Try):
            yield from _calls(stmt.body, tests)
            for handler in stmt.handlers:
                if isinstance(handler.body[-1], ast.Raise):  # it contains callbacks, not logging
                    yield from _calls(handler.body, tests)
            yield from _calls(stmt.finalbody, tests)
        elif (call := _outer_call(stmt)) is not None and not _stores_quotient(stmt):
            yield call, tests
        is_quotient = isinstance(stmt, ast.AnnAssign) and isinstance(stmt.value, ast.BinOp)
        quotient = stmt if is_quotient else None


def _differs(plan: ClassPlan, method: MethodPlan) -> str:
    return f"the calls of {plan.id}.{method.name} are not those that were planned"


def _stores_quotient(stmt: ast.stmt) -> bool:
    """Whether a statement sets an attribute, in which an ``every`` stores its quotient."""
    return isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Attribute)


def _outer_call(stmt: ast.stmt) -> ast.Call | None:
    """The outer call in a statement of a compiled method."""
    value = getattr(stmt, "value", None)
    if isinstance(value, ast.Await):
        value = value.value
    return value if isinstance(value, ast.Call) else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _span(node: ast.stmt | ast.expr, lines: list[bytes]) -> Span:
    """The span of a node, with columns in characters; the parser counts bytes."""

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1][:offset].decode()) + 1

    end_line = node.end_lineno or node.lineno
    end = node.end_col_offset or node.col_offset
    return Span(node.lineno, column(node.lineno, node.col_offset), end_line, column(end_line, end))
