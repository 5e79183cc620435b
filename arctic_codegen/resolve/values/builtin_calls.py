"""Calls of builtins, and of methods of strings, lists and dicts, on constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import kinds, strings
from arctic_codegen.resolve.values.records import (
    MAX_ELEMENTS,
    Arguments,
    Class,
    Const,
    Function,
    Mapping,
    NotPure,
    Sequence,
    Thunk,
    Undecided,
    Value,
    describe,
    placed,
    python_value,
)

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator


def builtin(evaluator: Evaluator, name: str, args: Arguments, thunk: Thunk) -> Value:
    """What a builtin function or class gives for these arguments."""
    if args.problem is not None:
        return args.problem
    positional = [item.thunk for item in args.items if item.keyword is None]
    keywords = {item.keyword: item.thunk for item in args.items if item.keyword is not None}
    try:
        if name in ("list", "tuple", "reversed") and not keywords and len(positional) <= 1:
            return _sequence(evaluator, name, positional)
        if name == "range" and not keywords:
            return _range(evaluator, positional, thunk)
        if name == "enumerate" and positional:
            return _enumerate(evaluator, positional, keywords, thunk)
        if name == "zip":
            return _zip(evaluator, positional, keywords, thunk)
        if name == "dict" and len(positional) <= 1:
            return _dict(evaluator, positional, args, thunk)
        if name == "getattr" and len(positional) in (2, 3) and not keywords:
            return _getattr(evaluator, positional, thunk)
        if name == "callable" and len(positional) == 1 and not keywords:
            return _callable(evaluator, positional[0], thunk)
        if name == "isinstance" and len(positional) == 2 and not keywords:
            return _isinstance(evaluator, positional[0], positional[1], thunk)
        if name == "len" and len(positional) == 1 and not keywords:
            found = evaluator.evaluate(positional[0])
            if isinstance(found, Sequence) and found.kind in ("list", "tuple"):
                holes = any(isinstance(item.value, Undecided) for item in found.items)
                if not holes:
                    return Const(len(found.items))
        if name in strings.BUILTINS and not keywords and positional:
            return _on_constants(evaluator, name, positional, thunk)
    except NotPure as error:
        return error.undecided
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)
    return Undecided(f"what '{name}(...)' gives is not read", thunk.place)


def _callable(evaluator: Evaluator, argument: Thunk, thunk: Thunk) -> Value:
    value = evaluator.evaluate(argument)
    if isinstance(value, (Function, Class)):
        return Const(True)
    if isinstance(value, (Const, Sequence, Mapping)):
        return Const(False)
    return Undecided(f"whether '{show(argument.expr)}' can be called is not read", thunk.place)


def _isinstance(evaluator: Evaluator, tested: Thunk, types: Thunk, thunk: Thunk) -> Value:
    """``isinstance(arg, str)``, as decorators ask that may stand with brackets or without."""
    classes = evaluator.evaluate(types)
    each = classes.items if isinstance(classes, Sequence) else (types,)
    value = evaluator.evaluate(tested)
    answers = [kinds.is_instance(value, evaluator.evaluate(one)) for one in each]
    if any(answers):
        return Const(True)
    if None in answers:
        return Undecided(f"what '{show(thunk.expr)}' gives is known only at run time", thunk.place)
    return Const(False)


def _sequence(evaluator: Evaluator, name: str, positional: list[Thunk]) -> Value:
    kind = {"list": "list", "tuple": "tuple"}.get(name, "iterator")
    items: tuple[Thunk, ...] = ()
    if positional:
        value = evaluator.evaluate(positional[0])
        if isinstance(value, Sequence) and value.kind != "set":
            items = value.items  # with what is not known of it
        else:
            found = evaluator.elements(positional[0])
            if isinstance(found, Undecided):
                return found
            items = found
    if name == "reversed":
        items = tuple(reversed(items))
    return Sequence(kind, items)  # type: ignore[arg-type]  # one of three literals


def _integers(evaluator: Evaluator, thunks: list[Thunk]) -> list[int]:
    found = []
    for thunk in thunks:
        value = evaluator.pure(evaluator.evaluate(thunk))
        if not isinstance(value, int):
            raise strings.Refused(f"'{show(thunk.expr)}' is no integer")
        found.append(value)
    return found


def _range(evaluator: Evaluator, positional: list[Thunk], thunk: Thunk) -> Value:
    numbers = _integers(evaluator, positional)
    if not 1 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] == 0):
        raise strings.Refused(f"Python refuses '{show(thunk.expr)}'")
    span = range(*numbers)
    if _length(span) > MAX_ELEMENTS:
        return Undecided(
            f"'{show(thunk.expr)}' has more than {MAX_ELEMENTS:,} elements",
            thunk.place,
            code="AC205",
        )
    return Sequence("iterator", tuple(_const(thunk, number) for number in span))


def _length(span: range) -> int:
    # `len` of a range raises where the number does not fit a C integer.
    return max(0, (span.stop - span.start + span.step - (1 if span.step > 0 else -1)) // span.step)


def _enumerate(
    evaluator: Evaluator, positional: list[Thunk], keywords: dict[str, Thunk], thunk: Thunk
) -> Value:
    elements = evaluator.elements(positional[0])
    if isinstance(elements, Undecided):
        return elements
    starts = [*positional[1:], *(value for key, value in keywords.items() if key == "start")]
    start = _integers(evaluator, starts[:1])[0] if starts else 0
    pairs = (
        Sequence("tuple", (_const(thunk, start + index), element))
        for index, element in enumerate(elements)
    )
    return Sequence("iterator", tuple(thunk.holding(pair) for pair in pairs))


def _zip(
    evaluator: Evaluator, positional: list[Thunk], keywords: dict[str, Thunk], thunk: Thunk
) -> Value:
    columns: list[tuple[Thunk, ...]] = []
    for column in positional:
        elements = evaluator.elements(column)
        if isinstance(elements, Undecided):
            return elements
        columns.append(elements)
    strict = "strict" in keywords and evaluator.pure(evaluator.evaluate(keywords["strict"]))
    if strict and len({len(column) for column in columns}) > 1:
        raise strings.Refused("Python raises ValueError: zip() arguments differ in length")
    rows = (Sequence("tuple", row) for row in zip(*columns, strict=False))
    return Sequence("iterator", tuple(thunk.holding(row) for row in rows))


def _dict(evaluator: Evaluator, positional: list[Thunk], args: Arguments, thunk: Thunk) -> Value:
    pairs: list[tuple[Thunk, Thunk]] = []
    if positional:
        value = evaluator.evaluate(positional[0])
        if not isinstance(value, Mapping):
            raise strings.Refused(f"'{show(thunk.expr)}' is not read")
        pairs.extend(value.items)
    found = {evaluator.pure(evaluator.evaluate(key)): (key, item) for key, item in pairs}
    for item in args.items:
        if item.keyword is not None:
            found[item.keyword] = (_const(thunk, item.keyword), item.thunk)
    return Mapping(tuple(found.values()))


def _getattr(evaluator: Evaluator, positional: list[Thunk], thunk: Thunk) -> Value:
    """``getattr(Base, "callbacks", [])``"""
    holder, name, *default = positional
    attribute = evaluator.pure(evaluator.evaluate(name))
    if not isinstance(attribute, str):
        raise strings.Refused(f"'{show(name.expr)}' is no string")
    found = evaluator.attribute(evaluator.evaluate(holder), attribute, thunk)
    if isinstance(found, Undecided) and found.missing and default:
        return evaluator.evaluate(default[0])
    return found


def _on_constants(evaluator: Evaluator, name: str, positional: list[Thunk], thunk: Thunk) -> Value:
    values = [evaluator.pure(evaluator.evaluate(argument)) for argument in positional]
    if name == "str" and len(values) == 1 and not isinstance(values[0], (str, int, float)):
        raise strings.Refused(f"'{show(thunk.expr)}' is not read")
    return python_value(thunk, strings.builtin(name, values))


def method(evaluator: Evaluator, base: Value, name: str, args: Arguments, thunk: Thunk) -> Value:
    """A method of a constant string, of a list display or of a dict display."""
    if args.problem is not None:
        return args.problem
    positional = [item.thunk for item in args.items if item.keyword is None]
    if isinstance(base, Mapping) and not positional and not args.items:
        if name == "items":
            rows = (Sequence("tuple", pair) for pair in base.items)
            return Sequence("iterator", tuple(thunk.holding(row) for row in rows))
        if name in ("keys", "values"):
            side = 0 if name == "keys" else 1
            return Sequence("iterator", tuple(pair[side] for pair in base.items))
        if name == "copy":
            return base
    if isinstance(base, Sequence) and name == "copy" and not args.items and base.kind == "list":
        return Sequence("list", base.items)
    try:
        if isinstance(base, Const) and isinstance(base.value, str):
            formatting = name == "format"
            values = [_pure(evaluator, argument, formatting) for argument in positional]
            named = {
                item.keyword: _pure(evaluator, item.thunk, formatting)
                for item in args.items
                if item.keyword is not None
            }
            return python_value(thunk, strings.method(base.value, name, values, named))
        if isinstance(base, Mapping) and name == "get" and 1 <= len(positional) <= 2:
            key = evaluator.pure(evaluator.evaluate(positional[0]))
            for known, item in base.items:
                if evaluator.pure(evaluator.evaluate(known)) == key:
                    return evaluator.evaluate(item)
            return evaluator.evaluate(positional[1]) if len(positional) == 2 else Const(None)
    except NotPure as error:
        return error.undecided
    except strings.Refused as error:
        return Undecided(str(error), thunk.place)
    return Undecided(f"what '{name}' of {describe(base)} gives is not read", thunk.place)


def _pure(evaluator: Evaluator, thunk: Thunk, formatting: bool) -> object:
    try:
        return evaluator.pure(evaluator.evaluate(thunk), formatting=formatting)
    except NotPure as error:
        raise NotPure(placed(error.undecided, thunk.place)) from None


def _const(thunk: Thunk, value: str | int) -> Thunk:
    return thunk.holding(Const(value))
