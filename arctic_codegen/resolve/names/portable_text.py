"""How is an expression written in another module? Each global name becomes a reference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from arctic_codegen.model.expr import (
    Attr,
    Expr,
    Name,
    Str,
    Subscript,
    dotted_parts,
)
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.entities import OpaqueEntity, Scope
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.references import References
from arctic_codegen.resolve.writing import PRIMARY, CannotWrite, Parts, Writer

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

_LITERAL = frozenset({"typing.Literal", "typing_extensions.Literal"})
_ANNOTATED = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
_ANY = Ref("typing", "Any")


_MOST_PARTS = 5000


class PortableTexts:
    """Writes expressions with references to other modules."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._references = References(names)

    def text(self, expr: Expr, scope: Scope, types: dict[str, Text] | None = None) -> Text | None:
        """The text of an expression; ``None`` if it contains names that cannot be imported."""
        try:
            parts = _Writer(self._names, self._references, scope, types or {}).write(expr)
        except (CannotWrite, RecursionError):
            return None
        # A type parameter replaced by a pair of itself doubles the text at each level.
        return Text(tuple(merged(parts))) if len(parts) <= _MOST_PARTS else None

    def reference(self, name: str, scope: Scope) -> Ref | None:
        """How another module imports the object that a bare name refers to in ``scope``."""
        found = self._references.of(name, (), scope, late=scope.before is None)
        if found is None or len(found) != 1 or not isinstance(found[0], Ref):
            return None
        return found[0]


class _Writer(Writer):
    def __init__(
        self, names: Names, references: References, scope: Scope, types: dict[str, Text]
    ) -> None:
        self._names = names
        self._references = references
        self._scope = scope
        self._types = types
        self._unquote = True
        self._quoted: tuple[Expr, ...] = ()
        """The items of the current subscript that keep their quotes."""
        decls = names.source(scope.module).decls
        self._late = decls is not None and decls.future_annotations

    def named(self, expr: Name | Attr) -> tuple[int, Parts]:
        """A dotted name as another module writes it."""
        dotted = dotted_parts(expr)
        if dotted is None:
            return super().named(expr)
        root, *attributes = dotted
        whole = self._types.get(".".join(dotted))
        if whole is not None:
            return PRIMARY, list(whole.parts)
        given = self._types.get(root)
        if given is not None:
            if len(given.parts) == 1 and (
                isinstance(given.parts[0], Ref) or given.parts[0].isidentifier()
            ):
                return PRIMARY, [*given.parts, "".join(f".{name}" for name in attributes)]
            # `P.args` cannot be written for an explicit parameter list.
            return PRIMARY, [_ANY]
        parts = self._references.of(root, tuple(attributes), self._scope, self._late)
        if parts is None:
            raise CannotWrite
        return PRIMARY, list(parts)

    def string(self, expr: Str) -> tuple[int, Parts]:
        """A string; a quoted annotation is written without its quotes."""
        if expr.quoted is not None and self._unquote:
            late, self._late = self._late, True
            parts = self.parts(expr.quoted)
            self._late = late
            return parts
        return super().string(expr)

    def _meaning(self, expr: Expr) -> str | None:
        if not isinstance(expr, (Name, Attr)):
            return None
        entity = self._names.lookup(expr, self._scope)
        return dotted_name(entity) if isinstance(entity, OpaqueEntity) else None

    def subscript(self, expr: Subscript) -> Parts:
        """``value[items]``; in ``Literal``, and after the first item of ``Annotated``, quotes
        stay."""
        meaning = self._meaning(expr.value)
        around = self._quoted
        self._quoted = expr.items if meaning in _LITERAL else ()
        if meaning in _ANNOTATED:
            self._quoted = expr.items[1:]
        parts = super().subscript(expr)
        self._quoted = around
        return parts

    def item(self, item: Expr) -> Parts:
        """One of the items of a subscript."""
        unquote = self._unquote
        self._unquote = unquote and not any(item is one for one in self._quoted)
        parts = super().item(item)
        self._unquote = unquote
        return parts


def merged(parts: Iterable[str | Ref]) -> Parts:
    """The parts with adjacent strings joined and empty ones removed."""
    result: Parts = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return result
