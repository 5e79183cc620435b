"""``annotate``: adds missing annotations to callbacks."""

from __future__ import annotations

import builtins
import contextlib
import tokenize
from collections.abc import Iterable

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.editing.file_imports import FileImports
from arctic_codegen.editing.scopes import DefNode, functions
from arctic_codegen.editing.text import Edit, SourceText
from arctic_codegen.model.text import Ref, Text

_BUILTINS = frozenset(dir(builtins))


class Wanted(msgspec.Struct, frozen=True):
    """The known types of one callback; ``place`` is its name after ``def``."""

    place: Place
    is_method: bool
    """Its first parameter is ``self``, which needs no annotation."""
    object_name: str
    object: Text | None
    takes: tuple[tuple[str, Text | None], ...]
    returns: Text | None
    outside: frozenset[str] = frozenset()
    """Names of type parameters that are out of scope at the callback."""


def annotated(data: bytes, module: str, wanted: Iterable[Wanted]) -> tuple[bytes, int]:
    """The module with these annotations added where they are missing, and the number of changed
    callbacks."""
    source = SourceText.of(data)
    tree = None if source is None else source.tree()
    if source is None or tree is None:
        return data, 0
    path_is_package = any(one.place.path.endswith("__init__.py") for one in wanted)
    imports = FileImports(source, tree, module, path_is_package)
    found = {
        (function.lineno, function.name): (function, hidden) for function, hidden in functions(tree)
    }
    edits: set[Edit] = set()
    count = 0
    for one in wanted:
        start, end = source.between(one.place.span)
        known = found.get((one.place.span.line, source.text[start:end]))
        if known is None or _has_type_comment(source, known[0]):
            continue
        made = _Annotation(source, imports, one, known[1]).edits(known[0])
        count += bool(made)
        edits.update(made)
    after, made_any = source.applied([[*edits, *imports.edits()]])
    return after, count if made_any else 0


def _has_type_comment(source: SourceText, function: DefNode) -> bool:
    last = function.body[0].lineno
    return any("# type: (" in source.body_of(line) for line in range(function.lineno, last + 1))


class _Annotation:
    """The annotations of one callback."""

    def __init__(
        self, source: SourceText, imports: FileImports, wanted: Wanted, hidden: frozenset[str]
    ) -> None:
        self._source = source
        self._hidden = hidden
        self._imports = imports
        self._wanted = wanted

    def edits(self, function: DefNode) -> list[Edit]:
        wanted = self._wanted
        spec = function.args
        params = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
        types = dict(wanted.takes)
        if not wanted.is_method and wanted.object is not None:
            types = {wanted.object_name: wanted.object, **types}
        edits = []
        for param in params:
            text = self._text(types.get(param.arg)) if param.annotation is None else None
            if text is not None:
                end = self._source.node(param)[1]
                edits.append(Edit(end, end, f": {text}"))
        if function.returns is None:
            returns = self._text(wanted.returns)
            behind = _parameters_end(self._source, function)
            if returns and behind is not None:
                edits.append(Edit(behind, behind, f" -> {returns}"))
        return edits

    def _text(self, text: Text | None) -> str | None:
        """The annotation as written in this file; ``None`` if it cannot be written there."""
        added = dict(self._imports.added)
        written = None if text is None else self._written(text)
        if written is None:
            self._imports.added = added
        return written

    def _written(self, text: Text) -> str | None:
        if any(self._is_out_of_scope(part) for part in text.parts):
            return None
        late = False
        parts = []
        for part in text.parts:
            if isinstance(part, str):
                parts.append(part)
                continue
            if part.builtin:
                name: str | None = self._imports.builtin(part.name, self._hidden)
                late = late or name != part.name
            else:
                name = self._imports.name(part.module, part.name, self._hidden)
                late = True
            if name is None:
                return None
            parts.append(name)
        written = " ".join("".join(parts).split())
        # A plain name can be evaluated at run time; other expressions perhaps not, so quote them.
        if not late or self._imports.postponed or self._imports.is_there(written):
            return written
        quote = "'" if '"' in written else '"'
        return None if quote in written or "\\" in written else f"{quote}{written}{quote}"

    def _is_out_of_scope(self, part: str | Ref) -> bool:
        if isinstance(part, str):
            words = "".join(c if c.isalnum() or c == "_" else " " for c in part).split()
            return not self._wanted.outside.isdisjoint(words)
        if part.name in self._wanted.outside:
            return True
        return part.name == "Self" and not self._wanted.is_method


def _parameters_end(source: SourceText, function: DefNode) -> int | None:
    """The offset after the closing parenthesis of a function's parameters."""
    lines = [line.rstrip("\r\n") + "\n" for line in source.lines[function.lineno - 1 :]]
    depth, end = 0, None
    with contextlib.suppress(tokenize.TokenError, IndentationError):
        for token in tokenize.generate_tokens(iter(lines).__next__):
            if token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
                if token.string == ")" and depth == 0:
                    row, column = token.end
                    end = source.offset(function.lineno + row - 1, column + 1)
                elif token.string == ":" and depth == 0:
                    return end
    return None
