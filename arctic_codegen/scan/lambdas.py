"""What a stage that lifts a lambda has to know of its body: text, free names, and whether the
text may stand elsewhere at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import libcst as cst
import msgspec

from arctic_codegen.model.expr import FreeName
from arctic_codegen.scan.names import all_params, identifier, param_names
from arctic_codegen.scan.positions import Positions

# These read or write the frame that they are called in.
_FRAME_READERS = frozenset({"eval", "exec", "locals", "globals", "vars", "dir"})
_OTHERWISE_WITH_ARGUMENTS = frozenset({"vars", "dir"})


class LambdaFacts(msgspec.Struct, frozen=True):
    """The fields of :class:`arctic_codegen.model.expr.LambdaExpr` that are found here."""

    text: str
    names: tuple[FreeName, ...]
    liftable: bool
    is_generator: bool


def describe(node: cst.Lambda, positions: Positions, in_class: bool) -> LambdaFacts:
    """The facts about one lambda; ``in_class`` tells whether names are mangled where it stands."""
    start, end = positions.outer(node.body)
    walk = _Walk(positions, start, in_class)
    if in_class and any(map(_mangled, param_names(node.params))):
        walk.liftable = False
    walk.visit(node.body, param_names(node.params))
    names = tuple(sorted(walk.names, key=lambda name: name.start))
    return LambdaFacts(positions.text[start:end], names, walk.liftable, walk.is_generator)


class _Walk:
    """Collects free names, minding the scopes of nested lambdas and comprehensions."""

    def __init__(self, positions: Positions, origin: int, in_class: bool) -> None:
        self._positions = positions
        self._origin = origin
        self._in_class = in_class
        self._nested = 0
        self.names: list[FreeName] = []
        self.liftable = True
        self.is_generator = False

    def visit(self, node: cst.CSTNode, bound: frozenset[str]) -> None:
        if isinstance(node, cst.Name):
            self._name(node, bound)
        elif isinstance(node, cst.Attribute):
            self._check_mangling(node.attr.value)
            self.visit(node.value, bound)
        elif isinstance(node, cst.Arg):
            if node.keyword is not None:
                self._check_mangling(node.keyword.value)
            self.visit(node.value, bound)
        elif isinstance(node, cst.Lambda):
            self._lambda(node, bound)
        elif isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp)):
            self._comprehension(node.for_in, (node.elt,), bound)
        elif isinstance(node, cst.DictComp):
            self._comprehension(node.for_in, (node.key, node.value), bound)
        else:
            self._check_kind(node, bound)
            for child in children(node):
                self.visit(child, bound)

    def _check_kind(self, node: cst.CSTNode, bound: frozenset[str]) -> None:
        if isinstance(node, cst.Yield):
            self.liftable = False
            if not self._nested:
                self.is_generator = True
        elif isinstance(node, (cst.Await, cst.NamedExpr)):
            self.liftable = False
        elif isinstance(node, cst.FormattedStringExpression) and node.equal is not None:
            # ``{x=}`` prints its own text: another name in it would be seen.
            self.liftable = False
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
            name = node.func.value
            harmless = name in bound or (name in _OTHERWISE_WITH_ARGUMENTS and node.args)
            if name in _FRAME_READERS and not harmless:
                self.liftable = False

    def _name(self, node: cst.Name, bound: frozenset[str]) -> None:
        value = node.value
        if value in ("None", "True", "False"):
            return
        self._check_mangling(value)
        if value in ("super", "__class__") and value not in bound:
            self.liftable = False
        name = identifier(value)
        if name in bound:
            return
        start = self._positions.start(node) - self._origin
        self.names.append(FreeName(name, start, start + len(value)))

    def _check_mangling(self, value: str) -> None:
        if self._in_class and _mangled(value):
            self.liftable = False

    def _lambda(self, node: cst.Lambda, bound: frozenset[str]) -> None:
        for param, _ in all_params(node.params):
            self._check_mangling(param.name.value)
            if param.default is not None:
                self.visit(param.default, bound)
        self._nested += 1
        self.visit(node.body, bound | param_names(node.params))
        self._nested -= 1

    def _comprehension(
        self,
        clause: cst.CompFor,
        elements: Sequence[cst.BaseExpression],
        bound: frozenset[str],
    ) -> None:
        # The first iterable is evaluated outside; everything else inside.
        self.visit(clause.iter, bound)
        clauses: list[cst.CompFor] = []
        here: cst.CompFor | None = clause
        while here is not None:
            clauses.append(here)
            here = here.inner_for_in
        inner = bound | {name for each in clauses for name in _target_names(each.target)}
        for index, each in enumerate(clauses):
            if each.asynchronous is not None:
                self.liftable = False
            self.visit(each.target, inner)
            if index:
                self.visit(each.iter, inner)
            for condition in each.ifs:
                self.visit(condition.test, inner)
        for element in elements:
            self.visit(element, inner)


def _target_names(node: cst.CSTNode) -> Iterator[str]:
    """The names that a comprehension's target binds."""
    if isinstance(node, cst.Name):
        yield identifier(node.value)
    elif isinstance(node, (cst.Tuple, cst.List)):
        for element in node.elements:
            yield from _target_names(element.value)
    elif isinstance(node, cst.StarredElement):
        yield from _target_names(node.value)


def _mangled(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


_SKIPPED = frozenset({"lpar", "rpar", "comma", "operator", "dot", "semicolon", "equal"})
_FIELDS: dict[type[cst.CSTNode], tuple[str, ...]] = {}


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Child nodes in order, white space and punctuation left out.

    ``CSTNode.children`` would run a visitor over the node, many times slower.
    """
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(
            field.name
            for field in dataclasses.fields(kind)
            if field.name not in _SKIPPED and not field.name.startswith("whitespace")
        )
        _FIELDS[kind] = names
    for name in names:
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from (item for item in value if isinstance(item, cst.CSTNode))
