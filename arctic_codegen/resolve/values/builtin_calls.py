"""Calls of builtins, and of methods of strings, lists and dicts, on constants."""

from __future__ import annotations

from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import kinds, strings
from arctic_codegen.resolve.values.cells import holding, placed, python_value
from arctic_codegen.resolve.values.describe import describe
from arctic_codegen.resolve.values.objects import (
    MAX_ELEMENTS,
    Arguments,
    Cell,
    Class,
    Const,
    Function,
    Looker,
    Mapping,
    NotPure,
    Sequence,
    Undecided,
    Value,
)


def builtin(looker: Looker, name: str, args: Arguments, cell: Cell) -> Value:
    """What a builtin function or class gives for these arguments."""
    if args.problem is not None:
        return args.problem
    positional = [item.cell for item in args.items if item.keyword is None]
    keywords = {item.keyword: item.cell for item in args.items if item.keyword is not None}
    try:
        if name in ("list", "tuple", "reversed") and not keywords and len(positional) <= 1:
            return _sequence(looker, name, positional)
        if name == "range" and not keywords:
            return _range(looker, positional, cell)
        if name == "enumerate" and positional:
            return _enumerate(looker, positional, keywords, cell)
        if name == "zip":
            return _zip(looker, positional, keywords, cell)
        if name == "dict" and len(positional) <= 1:
            return _dict(looker, positional, args, cell)
        if name == "getattr" and len(positional) in (2, 3) and not keywords:
            return _getattr(looker, positional, cell)
        if name == "callable" and len(positional) == 1 and not keywords:
            return _callable(looker, positional[0], cell)
        if name == "isinstance" and len(positional) == 2 and not keywords:
            return _isinstance(looker, positional[0], positional[1], cell)
        if name == "len" and len(positional) == 1 and not keywords:
            found = looker.look(positional[0])
            if isinstance(found, Sequence) and found.kind in ("list", "tuple"):
                holes = any(isinstance(item.value, Undecided) for item in found.items)
                if not holes:
                    return Const(len(found.items))
        if name in strings.BUILTINS and not keywords and positional:
            return _on_constants(looker, name, positional, cell)
    except NotPure as error:
        return error.undecided
    except strings.Refused as error:
        return Undecided(str(error), cell.place)
    return Undecided(f"what '{name}(...)' gives is not read", cell.place)


def _callable(looker: Looker, argument: Cell, cell: Cell) -> Value:
    value = looker.look(argument)
    if isinstance(value, (Function, Class)):
        return Const(True)
    if isinstance(value, (Const, Sequence, Mapping)):
        return Const(False)
    return Undecided(f"whether '{show(argument.expr)}' can be called is not read", cell.place)


def _isinstance(looker: Looker, tested: Cell, types: Cell, cell: Cell) -> Value:
    """``isinstance(arg, str)``, as decorators ask that may stand with brackets or without."""
    classes = looker.look(types)
    each = classes.items if isinstance(classes, Sequence) else (types,)
    value = looker.look(tested)
    answers = [kinds.is_instance(value, looker.look(one)) for one in each]
    if any(answers):
        return Const(True)
    if None in answers:
        return Undecided(f"what '{show(cell.expr)}' gives is known only at run time", cell.place)
    return Const(False)


def _sequence(looker: Looker, name: str, positional: list[Cell]) -> Value:
    kind = {"list": "list", "tuple": "tuple"}.get(name, "iterator")
    items: tuple[Cell, ...] = ()
    if positional:
        value = looker.look(positional[0])
        if isinstance(value, Sequence) and value.kind != "set":
            items = value.items  # with what is not known of it
        else:
            found = looker.elements(positional[0])
            if isinstance(found, Undecided):
                return found
            items = found
    if name == "reversed":
        items = tuple(reversed(items))
    return Sequence(kind, items)  # type: ignore[arg-type]  # one of three literals


def _integers(looker: Looker, cells: list[Cell]) -> list[int]:
    found = []
    for cell in cells:
        value = looker.pure(looker.look(cell))
        if not isinstance(value, int):
            raise strings.Refused(f"'{show(cell.expr)}' is no integer")
        found.append(value)
    return found


def _range(looker: Looker, positional: list[Cell], cell: Cell) -> Value:
    numbers = _integers(looker, positional)
    if not 1 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] == 0):
        raise strings.Refused(f"Python refuses '{show(cell.expr)}'")
    span = range(*numbers)
    if _length(span) > MAX_ELEMENTS:
        return Undecided(
            f"'{show(cell.expr)}' has more than {MAX_ELEMENTS:,} elements",
            cell.place,
            code="AC205",
        )
    return Sequence("iterator", tuple(_const(cell, number) for number in span))


def _length(span: range) -> int:
    # `len` of a range raises where the number does not fit a C integer.
    return max(0, (span.stop - span.start + span.step - (1 if span.step > 0 else -1)) // span.step)


def _enumerate(
    looker: Looker, positional: list[Cell], keywords: dict[str, Cell], cell: Cell
) -> Value:
    elements = looker.elements(positional[0])
    if isinstance(elements, Undecided):
        return elements
    starts = [*positional[1:], *(value for key, value in keywords.items() if key == "start")]
    start = _integers(looker, starts[:1])[0] if starts else 0
    pairs = (
        Sequence("tuple", (_const(cell, start + index), element))
        for index, element in enumerate(elements)
    )
    return Sequence("iterator", tuple(holding(cell, pair) for pair in pairs))


def _zip(looker: Looker, positional: list[Cell], keywords: dict[str, Cell], cell: Cell) -> Value:
    columns: list[tuple[Cell, ...]] = []
    for column in positional:
        elements = looker.elements(column)
        if isinstance(elements, Undecided):
            return elements
        columns.append(elements)
    strict = "strict" in keywords and looker.pure(looker.look(keywords["strict"]))
    if strict and len({len(column) for column in columns}) > 1:
        raise strings.Refused("Python raises ValueError: zip() arguments differ in length")
    rows = (Sequence("tuple", row) for row in zip(*columns, strict=False))
    return Sequence("iterator", tuple(holding(cell, row) for row in rows))


def _dict(looker: Looker, positional: list[Cell], args: Arguments, cell: Cell) -> Value:
    pairs: list[tuple[Cell, Cell]] = []
    if positional:
        value = looker.look(positional[0])
        if not isinstance(value, Mapping):
            raise strings.Refused(f"'{show(cell.expr)}' is not read")
        pairs.extend(value.items)
    found = {looker.pure(looker.look(key)): (key, item) for key, item in pairs}
    for item in args.items:
        if item.keyword is not None:
            found[item.keyword] = (_const(cell, item.keyword), item.cell)
    return Mapping(tuple(found.values()))


def _getattr(looker: Looker, positional: list[Cell], cell: Cell) -> Value:
    """``getattr(Base, "callbacks", [])``"""
    holder, name, *default = positional
    attribute = looker.pure(looker.look(name))
    if not isinstance(attribute, str):
        raise strings.Refused(f"'{show(name.expr)}' is no string")
    found = looker.attribute(looker.look(holder), attribute, cell)
    if isinstance(found, Undecided) and found.missing and default:
        return looker.look(default[0])
    return found


def _on_constants(looker: Looker, name: str, positional: list[Cell], cell: Cell) -> Value:
    values = [looker.pure(looker.look(argument)) for argument in positional]
    if name == "str" and len(values) == 1 and not isinstance(values[0], (str, int, float)):
        raise strings.Refused(f"'{show(cell.expr)}' is not read")
    return python_value(cell, strings.builtin(name, values))


def method(looker: Looker, base: Value, name: str, args: Arguments, cell: Cell) -> Value:
    """A method of a constant string, of a list display or of a dict display."""
    if args.problem is not None:
        return args.problem
    positional = [item.cell for item in args.items if item.keyword is None]
    if isinstance(base, Mapping) and not positional and not args.items:
        if name == "items":
            rows = (Sequence("tuple", pair) for pair in base.items)
            return Sequence("iterator", tuple(holding(cell, row) for row in rows))
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
            values = [_pure(looker, argument, formatting) for argument in positional]
            named = {
                item.keyword: _pure(looker, item.cell, formatting)
                for item in args.items
                if item.keyword is not None
            }
            return python_value(cell, strings.method(base.value, name, values, named))
        if isinstance(base, Mapping) and name == "get" and 1 <= len(positional) <= 2:
            key = looker.pure(looker.look(positional[0]))
            for known, item in base.items:
                if looker.pure(looker.look(known)) == key:
                    return looker.look(item)
            return looker.look(positional[1]) if len(positional) == 2 else Const(None)
    except NotPure as error:
        return error.undecided
    except strings.Refused as error:
        return Undecided(str(error), cell.place)
    return Undecided(f"what '{name}' of {describe(base)} gives is not read", cell.place)


def _pure(looker: Looker, cell: Cell, formatting: bool) -> object:
    try:
        return looker.pure(looker.look(cell), formatting=formatting)
    except NotPure as error:
        raise NotPure(placed(error.undecided, cell.place)) from None


def _const(cell: Cell, value: str | int) -> Cell:
    return holding(cell, Const(value))
