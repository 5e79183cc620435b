"""What does a body do with one object, in order: which attributes, and which calls receive it?

Only the text of the body itself is read; :mod:`.touches` follows its calls.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Literal, NamedTuple

from arctic_codegen.resolve.effects.flow import Part
from arctic_codegen.resolve.names.trees import dotted

ActionKind = Literal["read", "write", "unsure", "call", "anything"]


class Action(NamedTuple):
    """One thing that a body does.

    ``read``, ``write``: an attribute of the object is read or written. ``unsure``: it is unknown
    what happens to the attribute, or when (a nested function, ``hasattr``). ``call``: something is
    called, and ``given`` says how it gets the object, if it does: ``.`` for a method of it, else
    its position or keyword. ``anything``: the object is used in a way that cannot be followed.
    """

    kind: ActionKind
    name: str
    """The name of the attribute; for a call, that of the callee, ``?`` if it is not a name."""
    node: ast.AST
    certain: bool
    """It happens on every run of the body that gets this far, and every run does."""
    given: str = ""
    value: str = ""
    """The literal that is written, if it is a literal."""


_LOOKS_ONLY = frozenset({"isinstance", "issubclass", "type", "id", "callable"})
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})
_HIDDEN = frozenset({"__dict__", "__getattribute__", "__setattr__", "__getattr__"})


def actions_in(parts: Sequence[Part], object: str) -> tuple[Action, ...]:
    """The actions of a function, or of parts of it, with ``object`` as its name of the object."""
    reader = _Reader(object)
    if object and any(_binds(node, object) for part in parts for node in ast.walk(part.node)):
        reader.add("anything", object, parts[0].node)  # the name is rebound
    for part in parts:
        reader.part(part)
    return tuple(reader.actions)


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    return isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names


class _Reader:
    def __init__(self, object: str) -> None:
        self.actions: list[Action] = []
        self._object = object
        self._certain = True

    def add(
        self, kind: ActionKind, name: str, node: ast.AST, given: str = "", value: str = ""
    ) -> None:
        self.actions.append(Action(kind, name, node, self._certain, given, value))

    def part(self, part: Part) -> None:
        """Read the actions of one part."""
        self._certain = part.certain
        match part.node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._later(part.node)
            case ast.Assign(targets=targets, value=value):
                self.expression(value)
                for target in targets:
                    self._target(target, value)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self.expression(value)
                    self._target(target, value)
            case ast.AugAssign(target=ast.Attribute() as target, value=value):
                if self._is_object(target.value):
                    self.add("read", target.attr, target)
                self.expression(value)
                self._target(target, None)
            case ast.expr():
                self.expression(part.node)
            case _:
                self._children(part.node)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif not isinstance(child, (ast.expr_context, ast.operator, ast.stmt)):
                self._children(child)

    def _target(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Attribute) and self._is_object(target.value):
            literal = ast.dump(value) if isinstance(value, ast.Constant) else ""
            self.add("write", target.attr, target, value=literal)
        elif (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(target.elts) == len(value.elts)
        ):
            for inner, one in zip(target.elts, value.elts, strict=True):
                self._target(inner, one)
        else:
            self.expression(target)

    # Expressions.

    def expression(self, node: ast.expr) -> None:
        match node:
            case ast.Attribute() if self._is_object(node.value):
                self._attribute(node)
            case ast.Name(id=name) if name == self._object:
                self.add("anything", name, node)
            case ast.Call():
                self._call(node)
            case ast.Lambda():
                self._later(node)
            case ast.BoolOp():
                self._first(node.values[0], node.values[1:])
            case ast.IfExp():
                self._first(node.test, [node.body, node.orelse])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node)
            case ast.NamedExpr():
                self.expression(node.value)
            case _:
                self._children(node)

    def _attribute(self, node: ast.Attribute) -> None:
        if node.attr in _HIDDEN:
            self.add("anything", node.attr, node)
        elif isinstance(node.ctx, ast.Load):
            self.add("read", node.attr, node)
        else:
            self.add("write" if isinstance(node.ctx, ast.Store) else "unsure", node.attr, node)

    def _first(self, first: ast.expr, rest: Sequence[ast.expr]) -> None:
        """An expression, and others that may not be evaluated."""
        self.expression(first)
        before, self._certain = self._certain, False
        for one in rest:
            self.expression(one)
        self._certain = before

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        first, *others = node.generators
        rest = [first.target, *first.ifs]
        for clause in others:
            rest += [clause.target, clause.iter, *clause.ifs]
        rest += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._first(first.iter, rest)

    def _later(self, node: ast.AST) -> None:
        """A nested function, which may be called later or never."""
        if any(map(self._is_object, ast.walk(node))):
            self.add("anything", self._object, node)

    # Calls.

    def _call(self, node: ast.Call) -> None:
        func = node.func
        handed: list[str] = []
        if isinstance(func, ast.Attribute) and (
            self._is_object(func.value) or _is_super(func.value)
        ):
            handed.append(".")
        elif isinstance(func, ast.Attribute):
            self.expression(func.value)
        elif not isinstance(func, ast.Name):
            self.expression(func)
        given: list[tuple[int | str, ast.expr]] = [*enumerate(node.args)]
        given += ((word.arg or "?", word.value) for word in node.keywords)
        for at, one in given:
            if self._is_object(one):
                handed.append(str(at))
            else:
                self.expression(one)
        name = dotted(func)
        if handed == ["0"] and name in _LOOKS_ONLY:
            return
        stars = any(isinstance(one, ast.Starred) for one in node.args)
        if handed == ["0"] and name in _BY_NAME:
            self._by_name(name, node)
        elif len(handed) > 1 or "?" in handed or (stars and handed not in ([], ["."])):
            self.add("anything", self._object, node)
        else:
            self.add("call", name, node, given="".join(handed))

    def _is_object(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self._object

    def _by_name(self, function: str, node: ast.Call) -> None:
        """``getattr(trainer, "name")`` and similar calls."""
        name = node.args[1] if len(node.args) > 1 else None
        if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            self.add("anything", function, node)
        else:
            self.add("unsure", name.value, node)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "super"
