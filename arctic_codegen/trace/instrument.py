"""Times the calls of a compiled module with clock statements in its own methods.

Each method's code is replaced by a recompiled version of its text, with a statement before and
after each call. Line numbers do not change, so tracebacks and debuggers show the file as it is; the
classes stay the same objects, so registries and ``type(self)`` see no difference.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from arctic_codegen.runtime.call_comments import named_at
from arctic_codegen.runtime.wrapping import name_of
from arctic_codegen.trace.recorder import Recorder, the_recorder
from arctic_codegen.trace.sites import Site

ENTER, LEAVE, LEAVE_TASK = "_arctic_enter", "_arctic_leave", "_arctic_leave_task"
BEGAN = "_arctic_began"
_Method = ast.FunctionDef | ast.AsyncFunctionDef
_TIMED = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)


def instrument(namespace: dict[str, Any]) -> None:
    """Time the events of the compiled classes of a module that has just been executed.

    A module without source text (only bytecode) is left unchanged, with a warning on standard
    error.
    """
    file = namespace["__file__"]
    text = "".join(linecache.getlines(file, namespace))
    if not text:
        print(f"arctic-codegen trace: {file} cannot be read, and is not traced", file=sys.stderr)
        return
    recorder = the_recorder()
    namespace[ENTER], namespace[LEAVE] = recorder.enter, recorder.leave
    namespace[LEAVE_TASK] = recorder.leave_task
    tree, lines = ast.parse(text, file), text.splitlines()
    changed: list[tuple[type, _Method]] = []
    for node in tree.body:
        cls = namespace.get(node.name) if isinstance(node, ast.ClassDef) else None
        if isinstance(node, ast.ClassDef) and isinstance(cls, type):
            for method in node.body:
                if isinstance(method, _Method) and not _is_overload(method):
                    _Timing(recorder, namespace, cls, method, lines).rewrite()
                    changed.append((cls, method))
    recorder.announce()
    codes = {
        (code.co_name, code.co_firstlineno): code
        for code in _codes(compile(tree, file, "exec", dont_inherit=True))
    }
    for cls, method in changed:
        _exchange(cls, method.name, codes)


def _is_overload(method: _Method) -> bool:
    return bool(method.decorator_list)  # compiled methods have no other decorators (R28)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _exchange(cls: type, name: str, codes: dict[tuple[str, int], CodeType]) -> None:
    found = vars(cls).get(_mangled(cls, name))
    function = inspect.unwrap(found) if callable(found) else None  # a framework may wrap it
    if isinstance(function, FunctionType):
        was = function.__code__
        now = codes.get((was.co_name, was.co_firstlineno))
        if now is not None and now.co_freevars == was.co_freevars:
            function.__code__ = now


def _mangled(cls: type, name: str) -> str:
    if name.startswith("__") and not name.endswith("__"):
        return f"_{cls.__name__.lstrip('_')}{name}"
    return name


class _Timing:
    """Inserts clock statements into one compiled method."""

    def __init__(
        self,
        recorder: Recorder,
        namespace: dict[str, Any],
        cls: type,
        method: _Method,
        lines: list[str],
    ) -> None:
        self._recorder = recorder
        self._namespace = namespace
        self._cls = cls
        self._method = method
        self._lines = lines
        source = vars(cls).get("__arctic_source__", cls)
        own = getattr(source, _mangled(source, method.name), None)
        self._own = inspect.unwrap(own) if callable(own) else None
        self._event = self._numbered("event", f"{cls.__module__}.{cls.__qualname__}.{method.name}")
        self._kind = "pre"

    def rewrite(self) -> None:
        """Changes the method's body in place."""
        first = self._method.body[0]
        opening = []
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            opening = [first]
        body = self._timed_calls(self._method.body[len(opening) :])
        self._method.body = [*opening, *self._between(self._event, BEGAN, body)]

    def _timed_calls(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in statements:
            called = _called(statement)
            if called is not None and (site := self._site(statement, called)) is not None:
                found += self._between(site, f"{BEGAN}_call", [statement])
                continue
            for name in ("body", "orelse", "finalbody"):
                inside = getattr(statement, name, None)
                if inside:
                    setattr(statement, name, self._timed_calls(inside))
            for handler in getattr(statement, "handlers", ()):
                handler.body = self._timed_calls(handler.body)
            found.append(statement)
        return found

    def _between(self, site: int, variable: str, body: list[ast.stmt]) -> list[ast.stmt]:
        """``body`` between two clock statements, both attributed to its first line."""
        is_async = isinstance(self._method, ast.AsyncFunctionDef)
        leaving = LEAVE_TASK if is_async else LEAVE
        enter = ast.parse(f"{variable} = {ENTER}({site})").body[0]
        leave = ast.parse(f"{leaving}({site}, {variable})").body[0]
        around = ast.Try(body=body, handlers=[], orelse=[], finalbody=[leave])
        for added in (enter, around, leave):
            ast.copy_location(added, body[0])
        for added in (enter, leave):
            for node in ast.walk(added):
                if "lineno" in node._attributes:
                    ast.copy_location(node, body[0])
        return [enter, around]

    def _site(self, statement: ast.stmt, called: ast.expr) -> int | None:
        """The number of a timed call; ``None`` for a call of the runtime."""
        value = self._value(called)
        if isinstance(value, FunctionType) and value.__module__.startswith(
            "arctic_codegen.runtime"
        ):
            return None
        kind = self._kind
        if kind == "pre" and value is not None and self._own is _unwrapped(value):
            kind, self._kind = "method", "post"
        name = named_at(statement, self._lines) or ("" if value is None else name_of(value))
        return self._numbered(kind, name or ast.unparse(called))

    def _numbered(self, kind: str, name: str) -> int:
        cls = self._cls
        site = Site(cls.__module__, cls.__qualname__, self._method.name, kind, name)
        return self._recorder.add(site)

    def _value(self, called: ast.expr) -> Any:
        """The current value of a callee, if it is a dotted name of the module."""
        names = []
        while isinstance(called, ast.Attribute):
            names.append(called.attr)
            called = called.value
        if not isinstance(called, ast.Name):
            return None
        value = self._namespace.get(called.id)
        for name in reversed(names):
            value = getattr(value, name, None)
        return value


def _unwrapped(value: Any) -> Any:
    return inspect.unwrap(value) if callable(value) else value


def _called(statement: ast.stmt) -> ast.expr | None:
    """The callee of a simple statement."""
    if not isinstance(statement, _TIMED):
        return None
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute):
        return None  # an `every` stores its quotient
    value = statement.value
    if isinstance(value, ast.Await):
        value = value.value
    return value.func if isinstance(value, ast.Call) else None
