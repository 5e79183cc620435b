"""What is recorded while a tree is printed: tokens, and the first and last token of each node."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

NOTED: frozenset[type[cst.CSTNode]] = frozenset(
    {
        cst.Call,
        cst.Yield,
        cst.NamedExpr,
        cst.Lambda,
        cst.FunctionDef,
        cst.ClassDef,
        cst.ExceptHandler,
        cst.ExceptStarHandler,
    }
)


class Recording:
    """The part of a ``CodegenState`` that libcst's code generation uses, as fast as possible.

    It is also the context manager that :meth:`record_syntactic_position` returns: one object for
    all nodes, with a stack, is cheaper than one object for each node.
    """

    def __init__(self, default_indent: str, default_newline: str) -> None:
        self.default_indent = default_indent
        self.default_newline = default_newline
        self.tokens: list[str] = []
        self.indent_tokens: list[str] = []
        self.starts: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self.noted_at: list[int] = []
        self.noted: list[cst.CSTNode] = []
        self.comments: list[tuple[int, str]] = []
        self._open: list[int] = []
        # Called for every node and token: builtins avoid a Python frame.
        self.add_token: Callable[[str], None] = self.tokens.append
        self.increase_indent: Callable[[str], None] = self.indent_tokens.append
        self.decrease_indent: Callable[[], object] = self.indent_tokens.pop
        self.after_codegen: Callable[[cst.CSTNode], object] = id

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.tokens.pop()

    def before_codegen(self, node: cst.CSTNode) -> None:
        if type(node) is cst.Comment:
            self.comments.append((len(self.tokens), node.value))

    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Recording:
        key = id(node)
        self.starts[key] = at = len(self.tokens)
        if type(node) in NOTED:
            self.noted_at.append(at)
            self.noted.append(node)
        self._open.append(key)
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.ends[self._open.pop()] = len(self.tokens)
