"""``--fix``: applies the unambiguous fixes that findings carry."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Fix
from arctic_codegen.editing.scopes import DefNode
from arctic_codegen.editing.text import Edit, Edited, SourceText
from arctic_codegen.model.spelling import IGNORE_COMMENT, codes_of
from arctic_codegen.resolve.names.trees import bound_by, own_nodes

ReadFile = Callable[[str], bytes]


def fixed(findings: Iterable[Finding], read: ReadFile) -> Edited:
    """Apply the fixes that findings have.

    If two fixes overlap, only the first is applied: the other one may be applied by the next run,
    or no longer be needed. A file is not changed if the result would not be valid Python, or if the
    running Python cannot parse it.
    """
    by_path: dict[str, list[Fix]] = {}
    for finding in findings:
        fix = finding.fix
        if fix is None:
            continue
        fixes = by_path.setdefault(fix.place.path, [])
        same = next(
            (one for one in fixes if fix.kind == one.kind == "ignore" and one.place == fix.place),
            None,
        )
        if same is not None:
            # All codes that are removed from one comment are removed by a single edit.
            fixes[fixes.index(same)] = msgspec.structs.replace(same, old=f"{same.old} {fix.old}")
        elif fix not in fixes:
            fixes.append(fix)
    changed = {}
    count = 0
    for path, fixes in by_path.items():
        data = read(path)
        after, made = _fixed(data, fixes)
        if after != data:
            changed[path] = after
            count += made
    return Edited(changed, count)


def _fixed(data: bytes, fixes: Iterable[Fix]) -> tuple[bytes, int]:
    source = SourceText.of(data)
    if source is None or source.tree() is None:
        return data, 0
    return source.applied(list(_EDITS[fix.kind](source, fix)) for fix in fixes)


def _word(source: SourceText, fix: Fix) -> Iterator[Edit]:
    start, end = source.between(fix.place.span)
    stretch = source.text[start:end]
    if stretch.count(fix.old) == 1:
        at = start + stretch.index(fix.old)
        yield Edit(at, at + len(fix.old), fix.new)


def _parameter(source: SourceText, fix: Fix) -> Iterator[Edit]:
    """Rename the parameter and its uses, unless another scope is involved."""
    at = source.between(fix.place.span)[0]
    for function in source.nodes():
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        params = function.args
        every = [*params.posonlyargs, *params.args, *params.kwonlyargs]
        found = next((arg for arg in every if source.node(arg)[0] == at), None)
        if found is None:
            continue
        body = function.body if isinstance(function.body, list) else [function.body]
        names = [node for stmt in body for node in ast.walk(stmt)]
        if any(_binds(node, fix.old, fix.new) for node in names):
            return
        if _called_with(source, function, fix.old):
            return
        edits = [Edit(at, at + len(fix.old), fix.new)]
        edits += [
            Edit(*source.node(node), fix.new)
            for node in names
            if isinstance(node, ast.Name) and node.id == fix.old
        ]
        # Older parsers report wrong positions of names in f-strings, and Python normalizes names.
        if all(source.text[edit.start : edit.end] == fix.old for edit in edits):
            yield from edits
        return


def _binds(node: ast.AST, old: str, new: str) -> bool:
    """Whether a node rebinds one of the names, or already uses the new one."""
    if isinstance(node, ast.Name):
        return node.id == new
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return old in node.names or new in node.names
    return not {old, new}.isdisjoint(bound_by(node))


def _called_with(source: SourceText, function: ast.AST, name: str) -> bool:
    """Whether the file calls the function with this keyword argument."""
    own = getattr(function, "name", None)
    for node in source.nodes():
        if isinstance(node, ast.Call):
            called = node.func
            last = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if last == own and any(keyword.arg == name for keyword in node.keywords):
                return True
    return False


def _return(source: SourceText, fix: Fix) -> Iterator[Edit]:
    """Add the values to each bare ``return``, and if necessary a ``return`` at the end."""
    at = source.between(fix.place.span)[0]
    for function in source.nodes():
        if not isinstance(function, DefNode) or function.lineno != fix.place.span.line:
            continue
        if source.text[at : at + len(function.name)] != function.name:
            continue
        unsafe = _unsafe_names(function)
        if not unsafe.isdisjoint(fix.new.split(", ")) or _has_unread_name(function):
            return
        for node in own_nodes(function):
            if isinstance(node, ast.Return) and node.value is None:
                end = source.node(node)[1]
                yield Edit(end, end, f" {fix.new}")
        if fix.old == "end":
            yield from _at_end(source, function, f"return {fix.new}")


def _unsafe_names(function: DefNode) -> frozenset[str]:
    """The names that a function deletes or declares as global, or that it binds in a block that may
    rebind or unbind them."""
    found: set[str] = set()
    for node in own_nodes(function):
        parts: Sequence[ast.AST] = ()
        if isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            found.update(bound_by(node))
        elif isinstance(node, ast.For | ast.AsyncFor):
            parts = [node.target]
        elif isinstance(node, ast.With | ast.AsyncWith):
            parts = [item.optional_vars for item in node.items if item.optional_vars]
        elif isinstance(node, ast.Delete):
            parts = node.targets
        found.update(name for part in parts for one in ast.walk(part) for name in bound_by(one))
    return frozenset(found)


def _has_unread_name(function: DefNode) -> bool:
    """Whether a local name is assigned and never read: it may be the intended return value."""
    assigned: set[str] = set()
    known: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            assigned.update(one.id for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            known.add(node.id)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            known.update(node.names)
    return not assigned <= known


_BEHIND = re.compile(r"([ \t\f]*;)?[ \t\f]*(?:#.*)?")
"""The text that may follow the last statement on its line."""


def _at_end(source: SourceText, function: DefNode, statement: str) -> Iterator[Edit]:
    first, last = function.body[0], function.body[-1]
    end = source.node(last)[1]
    line = last.end_lineno or last.lineno
    behind = _BEHIND.fullmatch(source.text[end : source.line_end(line)])
    if behind is None:
        return
    begin = source.offset(first.lineno, 1)
    indent = source.text[begin : source.node(first)[0]]
    if indent.strip():
        # The body is on the line of the `def`.
        semicolon = behind[1] or ""
        end += len(semicolon)
        yield Edit(end, end, f" {statement}" if semicolon else f"; {statement}")
        return
    at = source.line_end(line)
    yield Edit(at, at, f"{source.newline(line)}{indent}{statement}")


def _order(source: SourceText, fix: Fix) -> Iterator[Edit]:
    at = source.between(fix.place.span)[0]
    names = fix.new.split(", ")
    for node in source.nodes():
        if isinstance(node, ast.Tuple) and len(node.elts) == len(names):
            start = source.node(node)[0]
            inner = source.node(node.elts[0])[0]
            if at in (start, inner):
                for element, name in zip(node.elts, names, strict=True):
                    yield Edit(*source.node(element), name)
                return


def _ignore(source: SourceText, fix: Fix) -> Iterator[Edit]:
    """Remove codes from the comment, or the whole comment if no code is left."""
    start, end = source.between(fix.place.span)
    stretch = source.text[start:end]
    match = IGNORE_COMMENT.fullmatch(stretch)
    left = [code for code in codes_of(match) if code not in fix.old.split()] if match else []
    if match is not None and left:
        first, last = match.span("codes")
        yield Edit(start + first, start + last, ", ".join(left))
        return
    before = source.text[:start]
    blanks = len(before) - len(before.rstrip(" \t"))
    line = fix.place.span.line
    rest = source.text[end : source.line_end(line)]
    if not rest.strip() and not source.body_of(line)[: fix.place.span.column - 1].strip():
        # The comment is alone on its line.
        yield Edit(source.offset(line, 1), source.offset(line + 1, 1), "")
    elif rest.strip():
        # Another comment follows it.
        yield Edit(start, end + len(rest) - len(rest.lstrip()), "")
    else:
        yield Edit(start - blanks, source.line_end(line), "")


_EDITS: Mapping[str, Callable[[SourceText, Fix], Iterator[Edit]]] = {
    "word": _word,
    "name": _word,
    "parameter": _parameter,
    "return": _return,
    "order": _order,
    "ignore": _ignore,
}
