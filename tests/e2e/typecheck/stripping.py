"""Removes the annotations of callbacks from sources, with all kinds of file formats."""

from __future__ import annotations

import ast
import codecs
import json
import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from tests.harness import Project


def callbacks_of(project: Project) -> dict[str, set[int]]:
    """The lines of the functions that are callbacks, by path as listed."""
    ran = project.cli("list", "--format", "json")
    assert ran.code == 0, ran.stdout + ran.stderr
    found: dict[str, set[int]] = {}
    for cls in json.loads(ran.stdout)["classes"]:
        for event in cls["events"]:
            for callback in event["callbacks"]:
                if not callback["name"].endswith("<lambda>"):
                    found.setdefault(callback["path"], set()).add(callback["line"])
    return found


class _Stripper(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, lines: set[int]) -> None:
        super().__init__()
        self._lines = lines
        self.count = 0

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        position = self.get_metadata(PositionProvider, original_node.name)
        if position.start.line not in self._lines:
            return updated_node
        self.count += 1
        params = updated_node.params
        bare = params.with_changes(
            **{
                kind: [one.with_changes(annotation=None) for one in getattr(params, kind)]
                for kind in ("posonly_params", "params", "kwonly_params")
            }
        )
        return updated_node.with_changes(params=bare, returns=None)


def stripped(text: str, lines: set[int]) -> tuple[str, int]:
    """A module without the annotations of the functions on these lines, and their number."""
    stripper = _Stripper(lines)
    return MetadataWrapper(cst.parse_module(text)).visit(stripper).code, stripper.count


def strip(project: Project) -> dict[Path, bytes]:
    """Remove the annotations of all of a project's own callbacks; returns the new contents."""
    made = {}
    for name, lines in callbacks_of(project).items():
        path = project.root / name
        if path.resolve().is_relative_to(project.root.resolve()):
            text, count = stripped(path.read_text(encoding="utf-8"), lines)
            assert count == len(lines), (name, lines)
            path.write_text(text, encoding="utf-8")
            made[path] = path.read_bytes()
    return made


# Ways to write a file. Each takes a text with "\n" as line end, and returns bytes.


def _mixed(text: str) -> str:
    *lines, last = text.split("\n")
    written = ""
    for number, line in enumerate(lines):
        # The "\n" of an empty line after a "\r" would be part of the same line end.
        end = ("\r", "\n", "\r\n")[number % 3] if line else "\r"
        written += line + end
    return written + last


NEWLINES: Mapping[str, Callable[[str], str]] = {
    "lf": lambda text: text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "mixed": _mixed,
}


def _tabs(text: str) -> str:
    return re.sub(r"^(?:    )+", lambda match: "\t" * (len(match[0]) // 4), text, flags=re.M)


SPELLINGS: Mapping[str, tuple[Callable[[str], str], str]] = {
    "plain": (lambda text: text, "utf-8"),
    "bom": (lambda text: text, "utf-8-sig"),
    "latin": (lambda text: "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n" + text, "latin-1"),
    "feeds": (lambda text: "\f\n" + text.replace("\n\n\n", "\n\f\n\n"), "utf-8"),
    "tabs": (_tabs, "utf-8"),
    "open_end": (lambda text: text.rstrip("\n"), "utf-8"),
}


def written(text: str, newline: str, spelling: str) -> bytes:
    """The text of a module in one of these forms."""
    change, encoding = SPELLINGS[spelling]
    bom = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
    return bom + NEWLINES[newline](change(text)).encode(encoding.removesuffix("-sig"))


# Which parts of a file have changed.


def lines_of(data: bytes) -> list[bytes]:
    """The lines, each with its line end."""
    return re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", data)


def line_changes(before: bytes, after: bytes) -> list[tuple[list[bytes], list[bytes]]]:
    """The runs of lines that differ, with old and new lines; byte for byte, there are no other
    differences."""
    old, new = lines_of(before), lines_of(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    assert b"".join(old) == before
    assert b"".join(new) == after
    return [(old[a:b], new[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def ends_of(data: bytes) -> set[bytes]:
    """The kinds of line ends in a file."""
    return set(re.findall(rb"\r\n|\r|\n", data))


_ADDED_LINE = re.compile(rb"(?:if (?:\w+\.)?TYPE_CHECKING:|)(?:\r\n|\r|\n)")


def _imports_apart(data: bytes) -> tuple[bytes, set[str]]:
    """A file without the import lines at its top, and what they import."""
    lines = lines_of(data)
    imported = set()
    tree = ast.parse(data)
    for stmt in [*tree.body, *(inner for one in tree.body for inner in getattr(one, "body", []))]:
        if isinstance(stmt, (ast.Import, ast.ImportFrom)):
            imported |= {f"{getattr(stmt, 'module', '')} {ast.unparse(one)}" for one in stmt.names}
            for number in range(stmt.lineno - 1, stmt.end_lineno):
                lines[number] = b""
    return b"".join(lines), imported


def assert_only_annotated(before: bytes, after: bytes) -> None:
    """Only annotations in existing lines, and imports, are new."""
    assert ends_of(after) <= (ends_of(before) or {b"\n"})
    (before, imported), (after, imported_after) = _imports_apart(before), _imports_apart(after)
    assert imported <= imported_after
    for old, new in line_changes(before, after):
        rest = list(new)
        for line in old:
            # The old line is complete and in order, around the inserted text.
            while rest and not _is_annotated(line, rest[0]):
                assert _ADDED_LINE.fullmatch(rest[0]), (old, new)
                rest.pop(0)
            assert rest, (old, new)
            rest.pop(0)
        assert all(_ADDED_LINE.fullmatch(line) for line in rest), (old, new)


def _is_annotated(old: bytes, new: bytes) -> bool:
    """Whether a line equals another one with annotations inserted, and nothing removed."""
    pattern = b""
    for token in re.findall(rb"\w+|\W", old):
        pattern += re.escape(token)
        if token == b")":
            pattern += rb"(?: -> [^\r\n]+?)?"
        elif token[-1:].isalnum() or token[-1:] == b"_":
            pattern += rb"(?:: [^\r\n]+?)?"
    return re.fullmatch(pattern, new) is not None
