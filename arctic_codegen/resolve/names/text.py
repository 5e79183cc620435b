"""Expressions as text that can stand in another module: each global name is a reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from arctic_codegen.model.expr import (
    Arg,
    Attr,
    BinOp,
    BoolOp,
    Call,
    Comp,
    Compare,
    DictDisplay,
    Expr,
    FField,
    FString,
    FText,
    IfExp,
    LambdaExpr,
    Literal_,
    Name,
    Seq,
    SliceExpr,
    Starred,
    Str,
    Subscript,
    UnaryOp,
)
from arctic_codegen.model.hosts import Ref, Text
from arctic_codegen.resolve.binder.bindings import targets_of
from arctic_codegen.resolve.entities import OpaqueEntity, Scope
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.refs import References

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

Parts = list["str | Ref"]

_LAMBDA, _IF, _OR, _AND, _NOT, _COMPARE = 1, 2, 3, 4, 5, 6
_BINARY = {
    "|": 7, "^": 8, "&": 9, "<<": 10, ">>": 10, "+": 11, "-": 11,
    "*": 12, "/": 12, "//": 12, "%": 12, "@": 12, "**": 14,
}  # fmt: skip
_UNARY, _PRIMARY = 13, 16
_BRACKETS = {"list": "[]", "set": "{}", "tuple": "()", "generator": "()"}
_LITERAL = frozenset({"typing.Literal", "typing_extensions.Literal"})
_ANNOTATED = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
_UNPACK = frozenset({"typing.Unpack", "typing_extensions.Unpack"})
_ANY = Ref("typing", "Any")
_ATTRIBUTES = re.compile(r"(?:\.[^\W\d]\w*)*")


_MOST_PARTS = 5000


class _Cannot(Exception):
    """The expression holds what cannot stand elsewhere."""


class Texts:
    """Writes expressions with references in them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._references = References(names)

    def text(self, expr: Expr, scope: Scope, types: dict[str, Text] | None = None) -> Text | None:
        """The text of an expression; ``None`` if it holds what cannot stand elsewhere."""
        try:
            parts = _Writer(self._names, self._references, scope, types or {}).write(expr)
        except (_Cannot, RecursionError):
            return None
        # Type parameters that are replaced by pairs of themselves double at each level.
        return Text(tuple(merged(parts))) if len(parts) <= _MOST_PARTS else None

    def reference(self, name: str, scope: Scope) -> Ref | None:
        """How another module imports what a bare name means in ``scope``."""
        found = self._references.of(name, (), scope, late=scope.before is None)
        if found is None or len(found) != 1 or not isinstance(found[0], Ref):
            return None
        return found[0]


class _Writer:
    def __init__(
        self, names: Names, references: References, scope: Scope, types: dict[str, Text]
    ) -> None:
        self._names = names
        self._references = references
        self._scope = scope
        self._types = types
        self._bound: list[str] = []
        self._unquote = True
        decls = names.source(scope.module).decls
        self._late = decls is not None and decls.future_annotations

    def write(self, expr: Expr, level: int = 0) -> Parts:
        """The parts of an expression, in parentheses if it binds less than ``level``."""
        own, parts = self._parts(expr)
        return ["(", *parts, ")"] if own < level else parts

    def _parts(self, expr: Expr) -> tuple[int, Parts]:
        match expr:
            case Name() | Attr():
                return self._named(expr)
            case Str():
                return self._string(expr)
            case Literal_(kind=kind, text=text):
                if kind == "complex" and ("+" in text or "-" in text):
                    return _BINARY["+"], [text]
                return _PRIMARY, [text]
            case Subscript():
                return _PRIMARY, self._subscript(expr)
            case BinOp(op=op, left=left, right=right):
                own = _BINARY.get(op)
                if own is None:
                    raise _Cannot
                left_level, right_level = (own + 1, _UNARY) if op == "**" else (own, own + 1)
                return own, [
                    *self.write(left, left_level), f" {op} ", *self.write(right, right_level),
                ]  # fmt: skip
            case Seq(kind=kind, items=items):
                return _PRIMARY, self._display(kind, items)
            case Call(func=func, args=args):
                return _PRIMARY, [
                    *self.write(func, _PRIMARY), "(",
                    *_separated(self._argument(arg) for arg in args), ")",
                ]  # fmt: skip
            case Starred(value=value):
                return self._starred(value)
            case UnaryOp(op=op, operand=operand):
                if op == "not":
                    return _NOT, ["not ", *self.write(operand, _NOT)]
                return _UNARY, [op, *self.write(operand, _UNARY)]
            case BoolOp(op=op, left=left, right=right):
                own = _AND if op == "and" else _OR
                return own, [*self.write(left, own), f" {op} ", *self.write(right, own + 1)]
            case Compare(left=left, rest=rest):
                parts = self.write(left, _COMPARE + 1)
                for op, right in rest:
                    parts += [f" {op} ", *self.write(right, _COMPARE + 1)]
                return _COMPARE, parts
            case IfExp(test=test, body=body, orelse=orelse):
                return _IF, [
                    *self.write(body, _OR), " if ", *self.write(test, _OR),
                    " else ", *self.write(orelse, _IF),
                ]  # fmt: skip
            case DictDisplay(items=pairs):
                return _PRIMARY, ["{", *_separated(self._pair(*pair) for pair in pairs), "}"]
            case SliceExpr(lower=lower, upper=upper, step=step):
                parts = [*self._optional(lower), ":", *self._optional(upper)]
                return 0, parts if step is None else [*parts, ":", *self.write(step, _IF)]
            case Comp():
                return _PRIMARY, self._comprehension(expr)
            case LambdaExpr():
                return _LAMBDA, self._lambda(expr)
            case FString():
                return _PRIMARY, self._f_string(expr)
        raise _Cannot

    def _named(self, expr: Name | Attr) -> tuple[int, Parts]:
        attributes: list[str] = []
        root: Expr = expr
        while isinstance(root, Attr):
            attributes.insert(0, root.attr)
            root = root.value
        if not isinstance(root, Name):
            assert isinstance(expr, Attr)
            inner = self.write(expr.value, _PRIMARY)
            if isinstance(expr.value, Literal_) and expr.value.kind in ("int", "float"):
                inner = ["(", *inner, ")"]
            return _PRIMARY, [*inner, f".{expr.attr}"]
        if root.id in self._bound:
            return _PRIMARY, [".".join((root.id, *attributes))]
        whole = self._types.get(".".join((root.id, *attributes)))
        if whole is not None:
            return _level_of(whole), list(whole.parts)
        given = self._types.get(root.id)
        if given is not None:
            if len(given.parts) == 1 and (
                isinstance(given.parts[0], Ref) or given.parts[0].isidentifier()
            ):
                return _PRIMARY, [*given.parts, "".join(f".{name}" for name in attributes)]
            # `P.args` of a parameter list that is spelled out has no spelling.
            return _PRIMARY, [_ANY]
        parts = self._references.of(root.id, tuple(attributes), self._scope, self._late)
        if parts is None:
            raise _Cannot
        return _PRIMARY, list(parts)

    def _string(self, expr: Str) -> tuple[int, Parts]:
        if expr.quoted is not None and self._unquote:
            late, self._late = self._late, True
            parts = self._parts(expr.quoted)
            self._late = late
            return parts
        return _PRIMARY, [repr(expr.value)]

    def _starred(self, value: Expr) -> tuple[int, Parts]:
        if isinstance(value, Name) and value.id in self._types:
            given = self._types[value.id]
            if given.parts == (value.id,) or (
                len(given.parts) == 1 and isinstance(given.parts[0], Ref)
            ):
                return 0, ["*", *given.parts]
            return 0, list(given.parts)
        return 0, ["*", *self.write(value, _BINARY["|"])]

    def _meaning(self, expr: Expr) -> str | None:
        if not isinstance(expr, (Name, Attr)):
            return None
        entity = self._names.lookup(expr, self._scope)
        return dotted_name(entity) if isinstance(entity, OpaqueEntity) else None

    def _subscript(self, expr: Subscript) -> Parts:
        meaning = self._meaning(expr.value)
        if meaning in _UNPACK and len(expr.items) == 1:
            item = expr.items[0]
            if isinstance(item, Name) and item.id in self._types:
                given = self._types[item.id]
                if given.parts != (item.id,) and not isinstance(given.parts[0], Ref):
                    return list(given.parts)
        parts = [*self.write(expr.value, _PRIMARY), "["]
        unquote = self._unquote
        items: list[Parts] = []
        for number, item in enumerate(expr.items):
            if meaning in _LITERAL or (meaning in _ANNOTATED and number):
                self._unquote = False
            items.append(self.write(item, 0 if isinstance(item, SliceExpr) else _LAMBDA - 1))
            self._unquote = unquote
        parts += _separated(items)
        if expr.tuple_ and len(expr.items) == 1:
            parts.append(",")
        return [*parts, "]"]

    def _display(self, kind: str, items: Sequence[Expr]) -> Parts:
        opening, closing = _BRACKETS[kind][0], _BRACKETS[kind][1]
        if kind == "set" and not items:
            raise _Cannot
        parts = [opening, *_separated(self.write(item) for item in items)]
        if kind == "tuple" and len(items) == 1:
            parts.append(",")
        return [*parts, closing]

    def _argument(self, arg: Arg) -> Parts:
        prefix = arg.star if arg.keyword is None else f"{arg.keyword}="
        value = arg.value
        if isinstance(value, Starred):
            return self.write(value)
        return [prefix, *self.write(value)] if prefix else self.write(value)

    def _pair(self, key: Expr | None, value: Expr) -> Parts:
        if key is None:
            return ["**", *self.write(value, _BINARY["|"])]
        return [*self.write(key), ": ", *self.write(value)]

    def _optional(self, expr: Expr | None) -> Parts:
        return [] if expr is None else self.write(expr, _IF)

    def _comprehension(self, expr: Comp) -> Parts:
        opening, closing = _BRACKETS[expr.kind][0], _BRACKETS[expr.kind][1]
        before = len(self._bound)
        tail: Parts = []
        for number, clause in enumerate(expr.clauses):
            iterable = self.write(clause.iterable, _OR) if number == 0 else None
            self._bound += [name for name, _ in targets_of(clause.target)]
            tail.append(" async for " if clause.is_async else " for ")
            tail += [*self._target(clause.target), " in "]
            tail += self.write(clause.iterable, _OR) if iterable is None else iterable
            for test in clause.ifs:
                tail += [" if ", *self.write(test, _OR)]
        parts = [opening, *self.write(expr.element), *tail, closing]
        del self._bound[before:]
        return parts

    def _target(self, target: Expr) -> Parts:
        if isinstance(target, Seq) and target.kind == "tuple" and target.items:
            parts = _separated(self.write(item) for item in target.items)
            return [*parts, ","] if len(target.items) == 1 else parts
        return self.write(target)

    def _lambda(self, expr: LambdaExpr) -> Parts:
        if not expr.liftable or expr.is_generator:
            raise _Cannot
        parts: Parts = ["lambda"]
        positional = star = False
        written: list[Parts] = []
        for number, param in enumerate(expr.params):
            text: Parts = [param.name]
            if param.kind == "var_positional":
                text, star = [f"*{param.name}"], True
            elif param.kind == "var_keyword":
                text = [f"**{param.name}"]
            elif param.kind == "keyword_only" and not star:
                written.append(["*"])
                star = True
            if param.default is not None:
                text += ["=", *self.write(param.default)]
            written.append(text)
            last = number + 1 == len(expr.params)
            if (
                param.kind == "positional_only"
                and not positional
                and (last or expr.params[number + 1].kind != "positional_only")
            ):
                written.append(["/"])
                positional = True
        if written:
            parts += [" ", *_separated(written)]
        parts.append(": ")
        before = len(self._bound)
        self._bound += [param.name for param in expr.params]
        position = 0
        for name in expr.names:
            parts.append(expr.text[position : name.start])
            dotted = _ATTRIBUTES.match(expr.text, name.end)
            position = name.end if dotted is None else dotted.end()
            chain = expr.text[name.end : position].split(".")[1:]
            named: Expr = Name(expr.span, name.id)
            for attribute in chain:
                named = Attr(expr.span, named, attribute, expr.span)
            parts += self.write(named)
        parts.append(expr.text[position:])
        del self._bound[before:]
        return parts

    def _f_string(self, expr: FString) -> Parts:
        return ['f"', *self._f_parts(expr.parts), '"']

    def _f_parts(self, pieces: Iterable[FText | FField]) -> Parts:
        parts: Parts = []
        for piece in pieces:
            if isinstance(piece, FText):
                text = repr('"' + piece.value)[2:-1].replace('"', '\\"').replace("\\'", "'")
                parts.append(text.replace("{", "{{").replace("}", "}}"))
                continue
            inner = self.write(piece.value, _OR)
            if any(isinstance(part, str) and ('"' in part or "\\" in part) for part in inner):
                raise _Cannot
            first = inner[0] if inner else ""
            lead = " " if isinstance(first, str) and first.startswith("{") else ""
            parts += ["{" + lead if piece.debug is None else "{" + piece.debug]
            if piece.debug is None:
                parts += inner
            elif any(isinstance(part, Ref) for part in inner):
                raise _Cannot
            if piece.conversion is not None:
                parts.append(f"!{piece.conversion}")
            if piece.spec is not None:
                parts += [":", *self._f_parts(piece.spec)]
            parts.append("}")
        return parts


def _level_of(text: Text) -> int:
    """How tightly a given text binds: alone, it is one name or one with brackets."""
    depth = 0
    for part in text.parts:
        if isinstance(part, Ref):
            continue
        for char in part:
            depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(char, 0)
            if depth == 0 and char in "|&^+-*/%@<>=,":
                return _BINARY["|"] if char == "|" else 0
    return _PRIMARY


def _separated(items: Iterable[Parts]) -> Parts:
    parts: Parts = []
    for number, item in enumerate(items):
        if number:
            parts.append(", ")
        parts += item
    return parts


def merged(parts: Iterable[str | Ref]) -> Parts:
    """The parts, neighbouring strings joined and empty ones left out."""
    result: Parts = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return result
