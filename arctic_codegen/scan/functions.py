"""What does a function's body contain besides its statements: calls of other methods, ``yield``?

The nodes come from the list that the recording of positions collects.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
import msgspec

from arctic_codegen.model.decls import ClassTest, SuperCall
from arctic_codegen.model.expr import Call
from arctic_codegen.scan.expressions import Expressions
from arctic_codegen.scan.names import identifier, param_names
from arctic_codegen.scan.positions import Positions


class BodyFacts(msgspec.Struct, frozen=True):
    """The fields of :class:`arctic_codegen.model.decls.FunctionDecl` that come from the body."""

    is_generator: bool
    super_calls: tuple[SuperCall, ...]
    self_calls: tuple[str, ...]
    class_tests: tuple[ClassTest, ...]


def body_facts(node: cst.FunctionDef, positions: Positions, reader: Expressions) -> BodyFacts:
    """The facts about one function's body."""
    first = first_param(node.params)
    generator = False
    super_calls: list[SuperCall] = []
    self_calls: set[str] = set()
    tests: list[ClassTest] = []
    loose: list[cst.CSTNode] = []
    followed: set[int] = set()
    for found, nested in _own(node, first, positions):
        # `type(...) is`: `isinstance` is slow for libcst's classes, which are abstract base
        # classes.
        kind = type(found)
        if first is not None:
            tests += class_tests(found, first, positions)
        if kind is cst.Yield:
            generator = generator or not nested
        elif isinstance(found, cst.Call) and type(found.func) is cst.Attribute:
            if first is None:
                continue
            method = identifier(found.func.attr.value)
            on = found.func.value
            self_calls.update(_passed_on(found, first))
            if isinstance(on, cst.Name) and identifier(on.value) == first:
                self_calls.add(method)
            elif _is_super(on):
                followed.add(id(on))
                if _reaches_object(on, first, nested):
                    super_calls.append(SuperCall(method, None, positions.span(found)))
            elif found.args and _is_object(found.args[0], first):
                super_calls.append(SuperCall(method, reader.read(on), positions.span(found)))
        elif isinstance(found, cst.Call) and _is_hasattr(found):
            followed.add(id(found.args[0].value))  # asks whether a method is there; gets none
        elif first is None or not _is_super(found) or id(found) in followed:
            continue
        elif _reaches_object(found, first, nested):
            loose.append(found)
    name = identifier(node.name.value)
    if loose and name in {token.strip("\"'") for token in positions.tokens_in(node.body)}:
        # `parent = super()`, `run = super().name`, `getattr(super(), "name", None)`
        super_calls += [SuperCall(name, None, positions.span(each)) for each in loose]
    return BodyFacts(
        generator,
        tuple(super_calls),
        tuple(sorted(self_calls)),
        tuple(tests),
    )


def _passed_on(call: cst.Call, first: str) -> Iterator[str]:
    """The methods of the object among the arguments of a call: ``signal(SIGTERM, self.stop)``."""
    for arg in call.args:
        passed = arg.value
        if type(passed) is not cst.Attribute or type(passed.value) is not cst.Name:
            continue
        if identifier(passed.value.value) == first:
            yield identifier(passed.attr.value)


def class_tests(node: cst.CSTNode, first: str, positions: Positions) -> Iterator[ClassTest]:
    """Attributes of the object that ``isinstance`` or ``except`` uses as classes."""
    tested: cst.BaseExpression | None = None
    if type(node) is cst.Call:
        if type(node.func) is cst.Name and node.func.value in _TESTS and len(node.args) == 2:
            tested = node.args[1].value
    elif isinstance(node, _HANDLERS):
        tested = node.type
    pending = [] if tested is None else [tested]
    while pending:
        one = pending.pop(0)
        if isinstance(one, cst.Tuple):
            pending.extend(element.value for element in one.elements)
        elif isinstance(one, cst.BinaryOperation):
            pending.extend((one.left, one.right))
        elif type(one) is cst.Attribute and _is_object_or_class(one.value, first):
            yield ClassTest(identifier(one.attr.value), positions.span(one))


_TESTS = ("isinstance", "issubclass")
_HANDLERS = (cst.ExceptHandler, cst.ExceptStarHandler)


def _is_object_or_class(node: cst.BaseExpression, first: str) -> bool:
    """Whether it is ``self``, ``type(self)`` or ``self.__class__``."""
    if type(node) is cst.Attribute and node.attr.value == "__class__":
        node = node.value
    elif type(node) is cst.Call and type(node.func) is cst.Name and node.func.value == "type":
        return len(node.args) == 1 and _is_name(node.args[0], first)
    return isinstance(node, cst.Name) and identifier(node.value) == first


def forwarding_calls(
    node: cst.FunctionDef, positions: Positions, reader: Expressions
) -> tuple[Call, ...] | None:
    """The calls in a body that pass on the function's ``*args`` and ``**kwargs``.

    ``None`` if these are used in any other way.
    """
    stars = (node.params.star_arg, node.params.star_kwarg)
    names = {identifier(star.name.value) for star in stars if isinstance(star, cst.Param)}
    if not names:
        return ()
    found: list[Call] = []
    left = _mentions(node, names, positions)
    for call in positions.noted_in(node.body, node.body):
        if type(call) is not cst.Call:
            continue
        given = sum(_is_star_of(arg, names) for arg in call.args)
        if given:
            left -= given
            found.append(reader.call(call))
    return None if left else tuple(found)


def _mentions(node: cst.FunctionDef, names: set[str], positions: Positions) -> int:
    """How often a body uses one of these names, not counting attributes of the same name."""
    count, before = 0, ""
    for token in positions.tokens_in(node.body):
        count += token in names and before != "."
        before = token
    return count


def _is_star_of(arg: cst.Arg, names: set[str]) -> bool:
    return bool(arg.star) and isinstance(arg.value, cst.Name) and arg.value.value in names


def _own(
    node: cst.FunctionDef, first: str | None, positions: Positions
) -> Iterator[tuple[cst.CSTNode, bool]]:
    """The recorded nodes of a body, each with whether it is in a nested function or lambda.

    Nested classes are skipped, and so are functions that rebind the object's name as a
    parameter.
    """
    skip = nested = -1
    for found in positions.noted_in(node.body, node.body):
        start = positions.start(found)
        if start < skip:
            continue
        kind = type(found)
        if kind is cst.Call or kind is cst.Yield or kind in _HANDLERS:
            yield found, start < nested
        elif kind is cst.ClassDef:
            skip = positions.end(found)
        elif isinstance(found, (cst.FunctionDef, cst.Lambda)):
            nested = max(nested, positions.end(found))
            if first is not None and first in param_names(found.params):
                skip = positions.end(found)


def first_param(params: cst.Parameters) -> str | None:
    """The name of the first parameter, which receives the object."""
    for param in (*params.posonly_params, *params.params):
        return identifier(param.name.value)
    return None


def _is_super(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "super"
    )


def _is_hasattr(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value == "hasattr" and bool(call.args)


def _reaches_object(node: cst.CSTNode, first: str, nested: bool) -> bool:
    """Whether ``super(...)`` refers to the method's own object."""
    assert isinstance(node, cst.Call)
    if not node.args:
        return not nested  # in a nested function it uses the first argument of that function
    return len(node.args) == 2 and _is_name(node.args[1], first)


def _is_name(arg: cst.Arg, name: str) -> bool:
    return arg.keyword is None and _is_object(arg, name)


def _is_object(arg: cst.Arg, name: str) -> bool:
    """Whether it is ``self`` or ``trainer=self``."""
    return not arg.star and isinstance(arg.value, cst.Name) and identifier(arg.value.value) == name
