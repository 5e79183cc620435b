"""What a file says about names, as far as a class header can depend on it.

Read from Python's own syntax tree, which is made ten times as quickly as one that keeps every
blank. A base class is found by names and attributes alone, so calls are of no account.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.model.spelling import CALLBACK_METHOD, DICT_CHANGERS, LIST_CHANGERS

Path = tuple[str, ...]
"""A name, and the attributes that are taken of it: ``a.b.c``."""


class Imported(msgspec.Struct, frozen=True):
    """One name that an import binds. ``module`` is absolute; ``name`` is empty where the module
    itself is bound, and ``*`` for a star import, which binds nothing by name."""

    module: str
    name: str
    bound: str


class Bindings(msgspec.Struct, frozen=True):
    """One file."""

    headers: tuple[tuple[str, tuple[Path, ...]], ...]
    """Each class's name, and what its bases and keywords use; classes in functions as well."""
    bound: tuple[tuple[tuple[str, ...], tuple[Path, ...]], ...]
    """Names, each with what they are bound to, or what something of them is."""
    imports: tuple[Imported, ...]
    declares: bool
    """Some class binds ``callbacks``, or a callback method, in its body."""
    changed: frozenset[str]
    """Names that begin what a statement changes as it would change a list."""


def bindings(data: bytes, package: str) -> Bindings | None:
    """What a file says; ``None`` where Python's parser does not read it.

    ``package`` is the one that relative imports start from.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        return _Reader(package, b":=" in data).read(tree)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


class _Reader:
    def __init__(self, package: str, has_walrus: bool) -> None:
        self._package = package
        self._has_walrus = has_walrus
        self._headers: list[tuple[str, tuple[Path, ...]]] = []
        self._bound: list[tuple[tuple[str, ...], tuple[Path, ...]]] = []
        self._imports: list[Imported] = []
        self._changed: set[str] = set()
        self._with_classes: set[ast.AST] = set()
        """Functions that have some."""
        self._declares = False

    def read(self, tree: ast.Module) -> Bindings:
        self._body(tree.body, False)
        if self._has_walrus:
            self._expressions(tree)
        return Bindings(
            tuple(self._headers),
            tuple(self._bound),
            tuple(self._imports),
            self._declares,
            frozenset(self._changed),
        )

    def _expressions(self, tree: ast.Module) -> None:
        """What expressions bind; in a function, for its own classes alone."""
        pending: list[ast.AST] = [tree]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.NamedExpr):
                self._bind([node.target], node.value)
            if isinstance(node, _FUNCTIONS) and node not in self._with_classes:
                pending += node.decorator_list
                pending.append(node.args)
            else:
                pending += ast.iter_child_nodes(node)

    def _body(self, body: Iterable[ast.stmt], in_class: bool) -> None:
        for node in body:
            reader = _READERS.get(type(node))
            if reader is not None:
                reader(self, node, in_class)
            elif isinstance(node, _COMPOUND):
                for part in _parts(node):
                    self._body(part, in_class)
            elif type(node).__name__ == "TypeAlias":
                self._bind([node.name], node.value)  # type: ignore[attr-defined]  # Python 3.12

    def _class(self, node: ast.ClassDef, in_class: bool) -> None:
        values = [*node.bases, *(keyword.value for keyword in node.keywords)]
        self._headers.append((node.name, _uses(values)))
        self._note(node.name, in_class)
        first = len(self._headers), len(self._bound), len(self._imports)
        self._body(node.body, True)
        # What a class holds, it gives to whoever asks it.
        inside = {name for name, _ in self._headers[first[0] :]}
        inside.update(name for names, _ in self._bound[first[1] :] for name in names)
        inside.update(imported.bound for imported in self._imports[first[2] :])
        if inside:
            self._bound.append(((node.name,), tuple((name,) for name in sorted(inside))))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> None:
        self._note(node.name, in_class)
        before = len(self._headers)
        self._body(node.body, False)
        if len(self._headers) > before:
            self._with_classes.add(node)

    def _import(self, node: ast.Import, in_class: bool) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            bound = alias.asname or top
            self._imports.append(Imported(alias.name if alias.asname else top, "", bound))
            self._note(bound, in_class)

    def _import_from(self, node: ast.ImportFrom, in_class: bool) -> None:
        module = node.module or ""
        if node.level:
            parts = self._package.split(".")
            parts = parts[: max(len(parts) - node.level + 1, 0)]
            module = ".".join((*parts, module) if module else parts)
        for alias in node.names:
            bound = "" if alias.name == "*" else alias.asname or alias.name
            self._imports.append(Imported(module, alias.name, bound))
            self._note(bound, in_class)

    def _assign(self, node: ast.Assign, in_class: bool) -> None:
        self._bind(node.targets, node.value)
        for target in node.targets:
            self._assigned(target, in_class)

    def _ann_assign(self, node: ast.AnnAssign, in_class: bool) -> None:
        if node.value is not None:
            self._bind([node.target], node.value)
        self._assigned(node.target, in_class)

    def _aug_assign(self, node: ast.AugAssign, in_class: bool) -> None:
        self._bind([node.target], node.value)
        self._change(node.target)
        self._assigned(node.target, in_class)

    def _delete(self, node: ast.Delete, in_class: bool) -> None:
        for target in node.targets:
            self._change(target)

    def _expr(self, node: ast.Expr, in_class: bool) -> None:
        value: ast.expr = node.value
        if isinstance(value, ast.Await):
            value = value.value
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
            return
        if value.func.attr in LIST_CHANGERS or value.func.attr in DICT_CHANGERS:
            self._change(value.func.value)
            for argument in value.args:  # `list.append(X.callbacks, entry)`
                self._change(argument)

    def _for(self, node: ast.For | ast.AsyncFor, in_class: bool) -> None:
        self._bind([node.target], node.iter)
        self._assigned(node.target, in_class)
        self._body(node.body, in_class)
        self._body(node.orelse, in_class)

    def _with(self, node: ast.With | ast.AsyncWith, in_class: bool) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._bind([item.optional_vars], item.context_expr)
                self._assigned(item.optional_vars, in_class)
        self._body(node.body, in_class)

    def _match(self, node: ast.Match, in_class: bool) -> None:
        names: set[str] = set()
        for case in node.cases:
            for part in ast.walk(case.pattern):
                names.update(_captured(part))
            self._body(case.body, in_class)
        if names:
            self._bound.append((tuple(sorted(names)), _uses([node.subject])))
            for name in names:
                self._note(name, in_class)

    def _bind(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        names = tuple(name for target in targets for name in _target_names(target))
        if names:
            used = _uses([value])
            if used:
                self._bound.append((names, used))

    def _assigned(self, target: ast.expr, in_class: bool) -> None:
        if isinstance(target, ast.Subscript):
            self._change(target)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self._change(item)  # an assignment by unpacking
                self._assigned(item, in_class)
        elif isinstance(target, ast.Starred):
            self._assigned(target.value, in_class)
        elif isinstance(target, ast.Name):
            self._note(target.id, in_class)

    def _change(self, target: ast.expr) -> None:
        while isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
            target = target.func if isinstance(target, ast.Call) else target.value
        if isinstance(target, ast.Name):
            self._changed.add(target.id)

    def _note(self, name: str, in_class: bool) -> None:
        if in_class and (name == "callbacks" or CALLBACK_METHOD.fullmatch(name)):
            self._declares = True


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_READERS: Mapping[type[ast.stmt], Callable[..., None]] = {
    ast.ClassDef: _Reader._class,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.Import: _Reader._import,
    ast.ImportFrom: _Reader._import_from,
    ast.Assign: _Reader._assign,
    ast.AnnAssign: _Reader._ann_assign,
    ast.AugAssign: _Reader._aug_assign,
    ast.Delete: _Reader._delete,
    ast.Expr: _Reader._expr,
    ast.For: _Reader._for,
    ast.AsyncFor: _Reader._for,
    ast.With: _Reader._with,
    ast.AsyncWith: _Reader._with,
    ast.Match: _Reader._match,
}
_TRIES: tuple[type[ast.stmt], ...] = tuple(
    kind for name in ("Try", "TryStar") if (kind := getattr(ast, name, None)) is not None
)
_COMPOUND: tuple[type[ast.stmt], ...] = (ast.If, ast.While, *_TRIES)


def _parts(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        yield getattr(node, field, [])
    for handler in getattr(node, "handlers", []):
        yield handler.body


def _captured(pattern: ast.AST) -> Iterator[str]:
    name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
    if isinstance(name, str):
        yield name


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


_OBJECTS = ("self", "cls")
"""What an object is given in a method, no class is derived from."""


def _uses(values: Sequence[ast.expr]) -> tuple[Path, ...]:
    """What an expression may get its value from."""
    found: dict[Path, None] = {}
    pending: list[ast.AST] = list(values)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            found[(node.id,)] = None
        elif isinstance(node, ast.Attribute):
            attributes = [node.attr]
            inner: ast.expr = node.value
            while isinstance(inner, ast.Attribute):
                attributes.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name):
                path = (inner.id, *reversed(attributes))
                found[path] = None
            else:
                pending.append(inner)
        elif isinstance(node, ast.Call):
            pending += node.args
            pending += (keyword.value for keyword in node.keywords)
        else:
            pending += ast.iter_child_nodes(node)
    return tuple(found)
