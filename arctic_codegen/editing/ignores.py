"""``--add-ignores``: adds an ignore comment for each current finding of a large project."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.records import Finding, Span
from arctic_codegen.editing.text import Edit, Edited, SourceText
from arctic_codegen.model.spelling import IGNORE_COMMENT, codes_of


def can_be_ignored(code: str) -> bool:
    """Whether a comment can suppress findings with this code."""
    return CODES[code].silenceable and not code.startswith("AC6") and code != "AC013"


def ignored(findings: Iterable[Finding], read: Callable[[str], bytes]) -> Edited:
    """Add ignore comments for these findings, on lines that can have one."""
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        path = "" if finding.place is None else finding.place.path
        if path.endswith(".py") and can_be_ignored(finding.code):
            by_path.setdefault(path, []).append(finding)
    files = {}
    count = 0
    for path, found in by_path.items():
        source = SourceText.of(read(path))
        if source is None:
            continue
        wanted: dict[int, set[str]] = {}
        inside_strings = _lines_inside_strings(source)
        for finding in found:
            line = _line_for(finding, source, inside_strings)
            if line is not None:
                wanted.setdefault(line, set()).add(finding.code)
                count += 1
        comments = [_comment(source, line, codes) for line, codes in wanted.items()]
        after, made = source.applied([comments])
        if made:
            files[path] = after
    return Edited(files, count)


def _line_for(finding: Finding, source: SourceText, inside_strings: frozenset[int]) -> int | None:
    assert finding.place is not None
    span: Span = finding.place.span
    for line in range(span.line, min(span.end_line, len(source.lines)) + 1):
        if line not in inside_strings and not source.body_of(line).endswith("\\"):
            return line
    return None


def _lines_inside_strings(source: SourceText) -> frozenset[int]:
    """The lines that end inside a string."""
    found: set[int] = set()
    for node in source.nodes():
        text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        )
        if text and isinstance(node, ast.expr):
            found.update(range(node.lineno, node.end_lineno or node.lineno))
    return frozenset(found)


def _comment(source: SourceText, line: int, codes: set[str]) -> Edit:
    body = source.body_of(line)
    start = source.offset(line, 1)
    match = IGNORE_COMMENT.search(body)
    if match is not None and match["codes"] is not None:
        there = codes_of(match)
        listed = [*there, *sorted(codes.difference(there))]
        first, last = match.span("codes")
        return Edit(start + first, start + last, ", ".join(listed))
    at = start + len(body.rstrip())
    return Edit(at, at, f"  # arctic-codegen: ignore[{', '.join(sorted(codes))}]")
