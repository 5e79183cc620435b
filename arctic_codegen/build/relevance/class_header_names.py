"""Which names in a file can a class header depend on?

They are read from Python's own syntax tree, which is ten times as fast to create as a concrete one.
A base class is found by names and attributes only, so the functions of calls are ignored.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.model.spelling import CALLBACK_METHOD, absolute_module
from arctic_codegen.scan import syntax_tree

DottedName = tuple[str, ...]
"""A name and its attributes: ``a.b.c``."""


class Imported(msgspec.Struct, frozen=True):
    """One name that an import binds. ``module`` is absolute; ``name`` is empty if the module
    itself is bound, and ``*`` for a star import, for which ``bound`` is empty."""

    module: str
    name: str
    bound: str


class HeaderNames(msgspec.Struct, frozen=True):
    """The names in one file that class headers can depend on."""

    headers: tuple[tuple[str, tuple[DottedName, ...]], ...]
    """Each class, including those in functions, with the names in its bases and keywords."""
    bound: tuple[tuple[tuple[str, ...], tuple[DottedName, ...]], ...]
    """Names, with the names in the values that they, their attributes or items are bound to."""
    imports: tuple[Imported, ...]
    declares: bool
    """A class binds ``callbacks``, or a callback method, in its body."""


def header_names(data: bytes, package: str) -> HeaderNames | None:
    """The names in a file; ``None`` if Python cannot parse it.

    Relative imports start from ``package``.
    """
    tree = syntax_tree(data)
    if tree is None:
        return None
    reader = _Reader(package)
    try:
        reader.read(tree.body, None)
        if b":=" in data:
            reader.read_walruses(tree)
    except RecursionError:
        return None
    return reader.found()


class _Reader:
    def __init__(self, package: str) -> None:
        self._package = package
        self._headers: list[tuple[str, tuple[DottedName, ...]]] = []
        self._bound: list[tuple[tuple[str, ...], tuple[DottedName, ...]]] = []
        self._imports: list[Imported] = []
        self._held: dict[str, set[str]] = {}
        """The names that each class binds in its body: they are attributes of the class."""

    def found(self) -> HeaderNames:
        held = [
            ((owner,), tuple((name,) for name in sorted(names)))
            for owner, names in self._held.items()
        ]
        declares = any(
            name == "callbacks" or CALLBACK_METHOD.fullmatch(name)
            for names in self._held.values()
            for name in names
        )
        return HeaderNames(
            tuple(self._headers), (*self._bound, *held), tuple(self._imports), declares
        )

    def read(self, body: Iterable[ast.AST], owner: str | None) -> None:
        """Read statements and their blocks; ``owner`` is the class whose body contains them."""
        for node in body:
            self._statement(node, owner)
            inside = owner
            if isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
                inside = node.name if isinstance(node, ast.ClassDef) else None
            for field in node._fields:
                if field in _BLOCKS:
                    self.read(getattr(node, field), inside)

    def read_walruses(self, tree: ast.Module) -> None:
        """Read the assignment expressions outside functions."""
        pending: list[ast.AST] = [tree]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.NamedExpr):
                self._bind([node.target], node.value, None)
            if not isinstance(node, _FUNCTIONS):
                pending += ast.iter_child_nodes(node)

    def _statement(self, node: ast.AST, owner: str | None) -> None:
        match node:
            case ast.ClassDef():
                values = [*node.bases, *(keyword.value for keyword in node.keywords)]
                self._headers.append((node.name, _uses(values)))
                self._hold((node.name,), owner)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._hold((node.name,), owner)
            case ast.Import() | ast.ImportFrom():
                imported = _imported(node, self._package)
                self._imports += imported
                self._hold((one.bound for one in imported if one.bound), owner)
            case ast.Assign():
                self._bind(node.targets, node.value, owner)
            case ast.AnnAssign() | ast.AugAssign():
                self._bind([node.target], node.value, owner)
            case ast.For() | ast.AsyncFor():
                self._bind([node.target], node.iter, owner)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self._bind([item.optional_vars], item.context_expr, owner)
            case _ if type(node).__name__ == "TypeAlias":  # Python 3.12
                self._bind([node.name], node.value, owner)  # type: ignore[attr-defined]

    def _bind(self, targets: Sequence[ast.expr], value: ast.expr | None, owner: str | None) -> None:
        names = tuple(name for target in targets for name in _target_names(target))
        self._hold(names, owner)
        used = () if value is None or not names else _uses([value])
        if used:
            self._bound.append((names, used))

    def _hold(self, names: Iterable[str], owner: str | None) -> None:
        if owner is not None:
            self._held.setdefault(owner, set()).update(names)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})
_OBJECTS = ("self", "cls")
"""No class is derived from an attribute that a method sets on one of these."""


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> list[Imported]:
    if isinstance(node, ast.ImportFrom):
        module = absolute_module(node.level, node.module or "", package) or ""
        return [
            Imported(module, one.name, "" if one.name == "*" else one.asname or one.name)
            for one in node.names
        ]
    named = [(one.name if one.asname else top_of(one.name), one.asname) for one in node.names]
    return [Imported(module, "", asname or module) for module, asname in named]


def top_of(module: str) -> str:
    """The top-level package of a module."""
    return module.partition(".")[0]


def _target_names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Attribute):
        yield from (name for name in _target_names(target.value) if name not in _OBJECTS)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _target_names(item)
    elif isinstance(target, (ast.Starred, ast.Subscript)):
        yield from _target_names(target.value)


def _uses(values: Sequence[ast.expr]) -> tuple[DottedName, ...]:
    """The names that the value of an expression may come from."""
    found: dict[DottedName, None] = {}
    pending: list[ast.AST] = list(values)
    while pending:
        node = pending.pop()
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            path = (node.id, *reversed(attributes))
            found[path] = None
        elif isinstance(node, ast.Call):
            pending += node.args
            pending += (keyword.value for keyword in node.keywords)
        else:
            pending += ast.iter_child_nodes(node)
    return tuple(found)
