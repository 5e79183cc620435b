"""libcst expressions to the records of :mod:`arctic_codegen.model.expr`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import libcst as cst

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model import expr as e
from arctic_codegen.scan import strings
from arctic_codegen.scan.names import all_params, identifier
from arctic_codegen.scan.operators import BINARY, COMPARE, NUMBERS, UNARY
from arctic_codegen.scan.positions import Positions, QuotedPositions

# Deeper expressions are kept as text, since code that traverses the records is recursive.
_DEEPEST = 80


class Expressions:
    """Reads the expressions of one tree."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self._annotating = False
        self._depth = 0

    def read(self, node: cst.BaseExpression) -> e.Expr:
        """The record of an expression."""
        reader = _READERS.get(type(node))
        if reader is None or self._depth > _DEEPEST:
            return self.opaque(node)
        self._depth += 1
        result = reader(self, node)
        self._depth -= 1
        return result

    def optional(self, node: cst.BaseExpression | None) -> e.Expr | None:
        """The record of an expression that may be absent."""
        return None if node is None else self.read(node)

    def annotation(self, node: cst.BaseExpression) -> e.Expr:
        """The record of an annotation: strings in it are parsed as well."""
        before, self._annotating = self._annotating, True
        try:
            return self.read(node)
        finally:
            self._annotating = before

    def base(self, arg: cst.Arg) -> e.Expr:
        """The record of a base class; its subscripts are parsed like annotations."""
        if arg.star:
            return e.Starred(self.positions.span(arg), self.read(arg.value))
        value = arg.value
        return self.annotation(value) if isinstance(value, cst.Subscript) else self.read(value)

    def opaque(self, node: cst.BaseExpression) -> e.Opaque:
        """An unsupported expression."""
        return e.Opaque(self.positions.span(node), self.positions.source(node))

    def params(self, node: cst.Parameters) -> tuple[e.Param, ...]:
        """Parameters in order."""
        return tuple([self._param(param, kind) for param, kind in all_params(node)])

    def _param(self, node: cst.Param, kind: e.ParamKind) -> e.Param:
        annotation = node.annotation
        return e.Param(
            identifier(node.name.value),
            kind,
            self.positions.span(node.name),
            None if annotation is None else self.annotation(annotation.annotation),
            None if node.default is None else self.read(node.default),
        )

    def args(self, nodes: Sequence[cst.Arg]) -> tuple[e.Arg, ...]:
        """The arguments of a call."""
        return tuple(
            [
                e.Arg(
                    self.read(node.value),
                    None if node.keyword is None else identifier(node.keyword.value),
                    node.star,
                )
                for node in nodes
            ]
        )

    def call(self, node: cst.Call) -> e.Call:
        """A call."""
        return e.Call(self.positions.span(node), self.read(node.func), self.args(node.args))

    # One reader for each type of node, as listed in the table at the end of this file.

    def _name(self, node: cst.Name) -> e.Expr:
        value = node.value
        span = self.positions.span(node)
        if value == "None":
            return e.Literal_(span, "none", value)
        if value in ("True", "False"):
            return e.Literal_(span, "bool", value)
        return e.Name(span, identifier(value))

    def _attribute(self, node: cst.Attribute) -> e.Expr:
        span = self.positions.span
        return e.Attr(
            span(node), self.read(node.value), identifier(node.attr.value), span(node.attr)
        )

    def _number(self, node: cst.BaseNumber) -> e.Expr:
        assert isinstance(node, (cst.Integer, cst.Float, cst.Imaginary))
        return e.Literal_(self.positions.span(node), NUMBERS[type(node)], node.value)

    def _ellipsis(self, node: cst.Ellipsis) -> e.Expr:
        return e.Literal_(self.positions.span(node), "ellipsis", "...")

    def _string(self, node: cst.SimpleString) -> e.Expr:
        span = self.positions.span(node)
        if strings.is_bytes(node):
            return e.Literal_(span, "bytes", node.value)
        value = strings.value_of(node)
        if not strings.is_storable(value):
            return self.opaque(node)
        if not self._annotating:
            return e.Str(span, value)
        return e.Str(span, value, self._quoted(value, span))

    def _concatenated(self, node: cst.ConcatenatedString) -> e.Expr:
        span = self.positions.span(node)
        literals = strings.parts(node)
        simple = [part for part in literals if isinstance(part, cst.SimpleString)]
        if not all(isinstance(part, (cst.SimpleString, cst.FormattedString)) for part in literals):
            return self.opaque(node)  # it contains a template string (PEP 750)
        if len(simple) == len(literals):
            if strings.is_bytes(simple[0]):
                return e.Literal_(span, "bytes", " ".join(part.value for part in simple))
            value = "".join(strings.value_of(part) for part in simple)
            if not strings.is_storable(value):
                return self.opaque(node)
            return e.Str(span, value, self._quoted(value, span) if self._annotating else None)
        found: list[e.FText | e.FField] = []
        for part in literals:
            if isinstance(part, cst.SimpleString):
                found.append(e.FText(strings.value_of(part)))
            elif isinstance(part, cst.FormattedString):
                found.extend(self._fparts(part.parts, "r" in part.prefix))
        return self._fstring(node, found)

    def _fstring(self, node: cst.BaseString, found: list[e.FText | e.FField]) -> e.Expr:
        parts = _joined(found)
        if all(strings.is_storable(part.value) for part in parts if isinstance(part, e.FText)):
            return e.FString(self.positions.span(node), parts)
        return self.opaque(node)

    def _quoted(self, value: str, literal: Span) -> e.Expr | None:
        """The expression in a string annotation, if it is one."""
        tree = strings.annotation_in(value)
        if tree is None:
            return None
        return Expressions(QuotedPositions(tree, value.strip(), literal)).annotation(tree)

    def _formatted(self, node: cst.FormattedString) -> e.Expr:
        return self._fstring(node, self._fparts(node.parts, "r" in node.prefix))

    def _fparts(
        self, parts: Sequence[cst.BaseFormattedStringContent], raw: bool
    ) -> list[e.FText | e.FField]:
        found: list[e.FText | e.FField] = []
        for part in parts:
            if isinstance(part, cst.FormattedStringText):
                text = part.value.replace("{{", "{").replace("}}", "}")
                found.append(e.FText(text if raw else strings.unescape(text)))
            elif isinstance(part, cst.FormattedStringExpression):
                found.append(self._ffield(part, raw))
        return found

    def _ffield(self, part: cst.FormattedStringExpression, raw: bool) -> e.FField:
        spec = part.format_spec
        debug = None
        if part.equal is not None:
            start, end = self.positions.outer(part.expression)
            text = self.positions.text
            while text[start - 1] != "{":
                start -= 1
            debug = text[start : text.index("=", end)]
        return e.FField(
            self.read(part.expression),
            part.conversion,
            None if spec is None else _joined(self._fparts(spec, raw)),
            debug,
        )

    def _elements(self, nodes: Sequence[cst.BaseElement]) -> tuple[e.Expr, ...]:
        return tuple(
            self._starred(node) if isinstance(node, cst.StarredElement) else self.read(node.value)
            for node in nodes
        )

    def _starred(self, node: cst.StarredElement) -> e.Expr:
        return e.Starred(self.positions.span(node), self.read(node.value))

    def _display(self, node: cst.List | cst.Set) -> e.Expr:
        kind: Literal["list", "set"] = "list" if isinstance(node, cst.List) else "set"
        return e.Seq(self.positions.span(node), kind, self._elements(node.elements))

    def _tuple(self, node: cst.Tuple) -> e.Expr:
        # The innermost parentheses belong to the tuple, as in Python's own tree.
        span = self._with_own_parens(node)
        return e.Seq(span, "tuple", self._elements(node.elements))

    def _with_own_parens(self, node: cst.Tuple | cst.GeneratorExp) -> Span:
        return self.positions.between(*self.positions.outer(node))

    def _dict(self, node: cst.Dict) -> e.Expr:
        items = [
            (self.read(one.key) if isinstance(one, cst.DictElement) else None, self.read(one.value))
            for one in node.elements
        ]
        return e.DictDisplay(self.positions.span(node), tuple(items))

    def _subscript(self, node: cst.Subscript) -> e.Expr:
        items = tuple(self._item(element) for element in node.slice)
        tuple_ = len(items) > 1 or isinstance(node.slice[0].comma, cst.Comma)
        return e.Subscript(self.positions.span(node), self.read(node.value), items, tuple_)

    def _item(self, element: cst.SubscriptElement) -> e.Expr:
        inside = element.slice
        if isinstance(inside, cst.Slice):
            return e.SliceExpr(
                self.positions.span(element),
                self.optional(inside.lower),
                self.optional(inside.upper),
                self.optional(inside.step),
            )
        assert isinstance(inside, cst.Index)
        value = self.read(inside.value)
        return e.Starred(self.positions.span(element), value) if inside.star else value

    def _binary(self, node: cst.BinaryOperation) -> e.Expr:
        # Long sums nest to the left; a loop avoids deep recursion.
        chain: list[cst.BinaryOperation] = []
        here: cst.BaseExpression = node
        while isinstance(here, cst.BinaryOperation):
            chain.append(here)
            here = here.left
        if len(chain) > _DEEPEST:
            return self.opaque(node)
        result = self.read(here)
        for link in reversed(chain):
            result = e.BinOp(
                self.positions.span(link),
                BINARY[type(link.operator)],
                result,
                self.read(link.right),
            )
        return result

    def _boolean(self, node: cst.BooleanOperation) -> e.Expr:
        return e.BoolOp(
            self.positions.span(node),
            "and" if isinstance(node.operator, cst.And) else "or",
            self.read(node.left),
            self.read(node.right),
        )

    def _unary(self, node: cst.UnaryOperation) -> e.Expr:
        return e.UnaryOp(
            self.positions.span(node), UNARY[type(node.operator)], self.read(node.expression)
        )

    def _comparison(self, node: cst.Comparison) -> e.Expr:
        rest = tuple(
            (COMPARE[type(target.operator)], self.read(target.comparator))
            for target in node.comparisons
        )
        return e.Compare(self.positions.span(node), self.read(node.left), rest)

    def _ifexp(self, node: cst.IfExp) -> e.Expr:
        return e.IfExp(
            self.positions.span(node),
            self.read(node.test),
            self.read(node.body),
            self.read(node.orelse),
        )

    def _comprehension(self, node: cst.ListComp | cst.SetComp) -> e.Expr:
        span = self.positions.span(node)
        kind: Literal["list", "set"] = "list" if isinstance(node, cst.ListComp) else "set"
        return e.Comp(span, kind, self.read(node.elt), self._clauses(node.for_in))

    def _generator(self, node: cst.GeneratorExp) -> e.Expr:
        span = self._with_own_parens(node)
        return e.Comp(span, "generator", self.read(node.elt), self._clauses(node.for_in))

    def _clauses(self, node: cst.CompFor) -> tuple[e.CompFor, ...]:
        found: list[e.CompFor] = []
        here: cst.CompFor | None = node
        while here is not None:
            found.append(
                e.CompFor(
                    self.read(here.target),
                    self.read(here.iter),
                    tuple(self.read(condition.test) for condition in here.ifs),
                    here.asynchronous is not None,
                )
            )
            here = here.inner_for_in
        return tuple(found)

    def _dict_comprehension(self, node: cst.DictComp) -> e.Expr:
        clauses = self._clauses(node.for_in)
        span, value = self.positions.span(node), self.read(node.value)
        return e.Comp(span, "dict", value, clauses, self.read(node.key))

    def _lambda(self, node: cst.Lambda) -> e.Expr:
        body = node.body
        start, end = self.positions.outer(body)
        return e.LambdaExpr(
            self.positions.span(node),
            self.params(node.params),
            self.read(body),
            self.positions.text[start:end],
            self.positions.between(start, end).start,
            self._yields(body),
        )

    def _yields(self, body: cst.BaseExpression) -> bool:
        """Whether the body of a lambda itself contains ``yield``."""
        nested = -1
        for noted in self.positions.noted_in(body, body):
            if type(noted) is cst.Lambda:
                nested = max(nested, self.positions.end(noted))
            elif type(noted) is cst.Yield and self.positions.start(noted) >= nested:
                return True
        return False


def _joined(parts: list[e.FText | e.FField]) -> tuple[e.FText | e.FField, ...]:
    """The parts, with adjacent texts joined."""
    found: list[e.FText | e.FField] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, e.FText) and isinstance(last, e.FText):
            found[-1] = e.FText(last.value + part.value)
        else:
            found.append(part)
    return tuple(found)


# A table by exact type: a chain of isinstance tests would cost more than creating the records. Each
# reader takes the type that it is listed under, which the type of the table cannot express.
_READERS: dict[type[cst.CSTNode], Callable[..., e.Expr]] = {
    cst.Name: Expressions._name,
    cst.Attribute: Expressions._attribute,
    cst.Integer: Expressions._number,
    cst.Float: Expressions._number,
    cst.Imaginary: Expressions._number,
    cst.Ellipsis: Expressions._ellipsis,
    cst.SimpleString: Expressions._string,
    cst.ConcatenatedString: Expressions._concatenated,
    cst.FormattedString: Expressions._formatted,
    cst.List: Expressions._display,
    cst.Set: Expressions._display,
    cst.Tuple: Expressions._tuple,
    cst.Dict: Expressions._dict,
    cst.StarredElement: Expressions._starred,
    cst.Call: Expressions.call,
    cst.Subscript: Expressions._subscript,
    cst.BinaryOperation: Expressions._binary,
    cst.BooleanOperation: Expressions._boolean,
    cst.UnaryOperation: Expressions._unary,
    cst.Comparison: Expressions._comparison,
    cst.IfExp: Expressions._ifexp,
    cst.ListComp: Expressions._comprehension,
    cst.SetComp: Expressions._comprehension,
    cst.GeneratorExp: Expressions._generator,
    cst.DictComp: Expressions._dict_comprehension,
    cst.Lambda: Expressions._lambda,
}
