"""Which messages about the sources concern a callback (R69)?

Three places do: the signature of a function that is a callback, what that function returns, and the
arguments of a call that creates one (``partial(scale, factor=2)``). A type checker reports
everything else in the sources just as well by itself. This also applies to style rules, and to
overrides: callback methods of one name do not override each other (R17).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.typecheck.questions import CheckerMessage

ReadFile = Callable[[str], bytes]
"""Returns the bytes of a file as it was compiled; raises :class:`OSError`."""

_RETURNED = frozenset({"return", "return-value", "reportReturnType"})
_GIVEN = re.compile(
    r"arg-type|call-arg|call-overload|attr-defined|union-attr|name-defined|operator|index|"
    r"report(ArgumentType|CallIssue|AttributeAccessIssue|OptionalMemberAccess|OptionalOperand|"
    r"OperatorIssue|IndexIssue|UndefinedVariable)"
)
_STYLE = (
    r"deprecated|explicit-override|ignore-without-code|mutable-override|"
    r"report(Unknown|Missing|Unused|Unnecessary|Untyped|Private|Constant|Deprecated|"
    r"ImplicitOverride)\w*"
)
"""Rules about code style."""

_WRITTEN = re.compile(
    rf"{_STYLE}|unused-ignore|override|no-untyped-def|no-untyped-call|untyped-decorator|type-arg|"
    r"no-any-\w+|no-redef|empty-body|import|import-\w[\w-]*|"
    r"report(Incompatible|Redeclaration|SelfClsParameterName|InconsistentOverload)\w*"
)
"""Rules that do not count in a signature: style, strictness, overrides, and unreadable modules,
since mypy reports an import at the start of its line, before the start of the enclosing body."""


def is_about_style(message: CheckerMessage) -> bool:
    """Whether a message is about code style. In the output it would only repeat a message about the
    sources, at a place where it cannot be fixed."""
    return re.fullmatch(_STYLE, message.rule) is not None


class _Function(NamedTuple):
    """A function that is a callback: its line, and the start of its body (in bytes)."""

    line: int
    body: tuple[int, int]
    end_line: int


class CallbackDeclarations:
    """The callbacks of host classes, by their places in the sources."""

    def __init__(self, hosts: Iterable[HostClass], read: ReadFile) -> None:
        self._read = read
        self._defined: dict[str, set[int]] = {}
        self._entries: dict[str, set[Span]] = {}
        self._functions: dict[str, tuple[_Function, ...]] = {}
        for host in hosts:
            for event in host.events:
                for callback in event.all_callbacks:
                    place = callback.place
                    self._defined.setdefault(place.path, set()).add(place.span.line)
                    if callback.kind == "entry":
                        entry = callback.declared_at
                        self._entries.setdefault(entry.path, set()).add(entry.span)

    def concern(self, message: CheckerMessage) -> bool:
        """Whether a message about a source concerns a callback."""
        path, span = message.place.path, message.place.span
        at = span.start
        if _GIVEN.fullmatch(message.rule) and any(
            entry.holds(at) for entry in self._entries.get(path, ())
        ):
            return True
        return any(
            message.rule in _RETURNED or (at <= function.body and not _is_about_writing(message))
            for function in self._functions_of(path)
            if function.line <= span.line <= function.end_line
        )

    def _functions_of(self, path: str) -> tuple[_Function, ...]:
        found = self._functions.get(path)
        if found is None:
            found = self._functions[path] = tuple(self._parsed(path))
        return found

    def _parsed(self, path: str) -> Iterable[_Function]:
        defined = self._defined.get(path)
        if defined is None:
            return
        try:
            tree = ast.parse(self._read(path))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            # Syntax of a newer Python: only the first line of each function is known.
            for line in defined:
                yield _Function(line, (line + 1, 0), line)
            return
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno in defined:
                first = node.body[0]
                begins = (first.lineno, first.col_offset)
                yield _Function(node.lineno, begins, node.end_lineno or node.lineno)


def _is_about_writing(message: CheckerMessage) -> bool:
    return bool(_WRITTEN.fullmatch(message.rule)) or message.text.startswith("Untyped decorator")
