"""What a file imports, by which names, and where more imports go."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Mapping, Sequence

from arctic_codegen.editing.scopes import all_names, bound_in
from arctic_codegen.editing.text import Edit, SourceText
from arctic_codegen.model.spelling import absolute_module

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class FileImports:
    """What the top level of a file imports, and where more can be put."""

    def __init__(self, source: SourceText, tree: ast.Module, module: str, is_package: bool) -> None:
        self._source = source
        self._tree = tree
        self._package = module if is_package else module.rpartition(".")[0]
        self._module = module
        self._names: dict[tuple[str, str], str] = {}
        self._taken = set(all_names(tree))
        self._own = bound_in(tree, imports=False)
        self._bound = bound_in(tree)
        self.added: dict[tuple[str, str], str] = {}
        """What has to be imported besides, and under which names."""
        self.postponed = False
        """Annotations are not evaluated."""
        self._checking: ast.If | None = None
        self._runtime: set[str] = set()
        defined = False
        for stmt in tree.body:
            bound = self._bind(stmt)
            if not defined:
                self._runtime.update(bound)
            if isinstance(stmt, ast.If) and _is_type_checking(stmt.test):
                for inner in stmt.body:
                    self._bind(inner)
                self._checking = self._checking or stmt
            elif isinstance(stmt, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                defined = True
        # What is bound to something else as well means that, at least in the end.
        self._names = {
            key: name
            for key, name in self._names.items()
            if name.partition(".")[0] not in self._own
        }

    def _bind(self, stmt: ast.stmt) -> set[str]:
        """Takes up an import; the names that it gives."""
        found = set()
        if isinstance(stmt, ast.Import):
            for alias in stmt.names:
                name = alias.asname or alias.name
                self._names[alias.name, ""] = name
                found.add(name)
        elif isinstance(stmt, ast.ImportFrom):
            base = absolute_module(stmt.level, stmt.module or "", self._package) or ""
            for alias in stmt.names:
                if base == "__future__" and alias.name == "annotations":
                    self.postponed = True
                name = alias.asname or alias.name
                self._names[base, alias.name] = name
                self._names.setdefault((f"{base}.{alias.name}", ""), name)
                found.add(name)
        return found

    def is_there(self, written: str) -> bool:
        """Whether a name is one that the file's own imports give when the program runs."""
        return any(written == name or written.startswith(f"{name}.") for name in self._runtime)

    def builtin(self, name: str, hidden: frozenset[str]) -> str:
        """The same for a built-in name."""
        return self._import("builtins", name) if name in self._bound | hidden else name

    def name(self, module: str, name: str, hidden: frozenset[str]) -> str | None:
        """How the file calls a global name of a module, imported for it where it has to be.

        ``hidden`` are names that mean something else there; ``None`` where one of the file's own
        is among them.
        """
        first = name.partition(".")[0]
        if module == self._module:
            return None if first in hidden else name
        written = self._written(module, name)
        if written.partition(".")[0] not in hidden:
            return written
        return self._import(module, first) + name[len(first) :]

    def _written(self, module: str, name: str) -> str:
        if not name:
            known = self._names.get((module, ""))
            if known is not None:
                return known
            return self._import(module, "")
        first, dot, rest = name.partition(".")
        for key, found in (((module, first), ""), ((module, ""), first)):
            known = self._names.get(key)
            if known is not None:
                return ".".join(part for part in (known, found) if part) + dot + rest
        return self._import(module, first) + dot + rest

    def _import(self, module: str, name: str) -> str:
        key = (module, name)
        if key not in self.added:
            wanted = name or module.replace(".", "_")
            while wanted in self._taken:
                wanted += "_"
            self._taken.add(wanted)
            self.added[key] = wanted
        return self.added[key]

    def edits(self) -> list[Edit]:
        """The imports that are missing, under ``if TYPE_CHECKING:``, so that none is made when the
        program runs and no cycle can come of it."""
        if not self.added:
            return []
        lines = _import_lines(self.added)
        if self._checking is not None:
            first = self._checking.body[0]
            start = self._source.offset(first.lineno, 1)
            indent = self._source.text[start : self._source.node(first)[0]]
            if not indent.strip():
                newline = self._source.newline(first.lineno)
                return [
                    Edit(start, start, "".join(f"{indent}{one}{newline}" for one in lines if one))
                ]
        at, line = self._place()
        newline = self._source.newline(line)
        block, checking, edits = self._type_checking(at, line)
        block += ["", f"if {checking}:", *(one and f"    {one}" for one in lines)]
        text = newline.join(block)
        if at == 0 or self._source.text[at - 1] in "\r\n":
            defines = isinstance(
                self._tree.body[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            )
            return [Edit(at, at, text + newline * (3 if defines else 2))]
        behind_imports = any(isinstance(stmt, _IMPORTS) for stmt in self._tree.body[:2])
        return [*edits, Edit(at, at, newline * (1 if behind_imports else 2) + text)]

    def _type_checking(self, at: int, line: int) -> tuple[list[str], str, list[Edit]]:
        """What is true for a type checker alone, and the import that this takes: in lines to put
        ``at`` the end of the imports, which is on ``line``, or as edits above."""
        imports = [
            stmt
            for stmt in self._tree.body
            if isinstance(stmt, (ast.Import, ast.ImportFrom)) and stmt.lineno <= line
        ]
        for stmt in imports:
            if isinstance(stmt, ast.ImportFrom) and stmt.module == "typing":
                for alias in stmt.names:
                    if alias.name == "TYPE_CHECKING":
                        return [], alias.asname or alias.name, []
        if "TYPE_CHECKING" not in self._own:
            lines, edits = self._import_of_typing(at, imports)
            return lines, "TYPE_CHECKING", edits
        typing = "typing"
        while typing in self._taken:
            typing += "_"
        return [_import_line("typing", "", typing)], f"{typing}.TYPE_CHECKING", []

    def _import_of_typing(
        self, at: int, imports: Sequence[ast.Import | ast.ImportFrom]
    ) -> tuple[list[str], list[Edit]]:
        """Where other names of the module are imported, or among the standard library's."""
        source, line = self._source, "from typing import TYPE_CHECKING"
        for stmt in imports:
            first = stmt.names[0]
            if _imported(stmt) == "typing" and isinstance(stmt, ast.ImportFrom):
                if first.name == "*":
                    continue
                start = source.at(first.lineno, first.col_offset)
                gap = " "
                if first.lineno > stmt.lineno:
                    gap = source.newline(first.lineno) + source.indent(first.lineno)
                return [], [Edit(start, start, f"TYPE_CHECKING,{gap}")]
        standard = list(itertools.takewhile(_is_standard, imports))
        if standard and _imported(standard[-1]) != "__future__":
            last = self._last_line(standard[-1].end_lineno or standard[-1].lineno)
            end = source.line_end(last)
            if end < at:
                return [], [Edit(end, end, source.newline(last) + line)]
        elif len(standard) < len(imports):
            number = imports[len(standard)].lineno
            start = source.offset(number, 1)
            if start == source.node(imports[len(standard)])[0]:
                return [], [Edit(start, start, line + 2 * source.newline(number))]
        elif standard:
            return ["", line], []
        return [line], []

    def _last_line(self, line: int) -> int:
        """The line on which all ends that begins on a line or above."""
        for stmt in self._tree.body:
            if stmt.lineno <= line:
                line = max(line, stmt.end_lineno or stmt.lineno)
        return line

    def _place(self) -> tuple[int, int]:
        """Behind the imports at the top, and the number of the line there."""
        last: ast.stmt | None = None
        for stmt in self._tree.body:
            docstring = (
                last is None
                and isinstance(stmt, ast.Expr)
                and isinstance(stmt.value, ast.Constant)
                and isinstance(stmt.value.value, str)
            )
            if not (docstring or isinstance(stmt, _IMPORTS)):
                break
            last = stmt
        if last is not None:
            line = self._last_line(last.end_lineno or last.lineno)
            return self._source.line_end(line), line
        line = self._tree.body[0].lineno if self._tree.body else 1
        decorated = getattr(self._tree.body[0], "decorator_list", []) if self._tree.body else []
        line = min([line, *(node.lineno for node in decorated)])
        return self._source.offset(line, 1), line


def _imported(stmt: ast.Import | ast.ImportFrom) -> str:
    """The top-level module; empty for one of the own package."""
    if isinstance(stmt, ast.Import):
        return stmt.names[0].name.partition(".")[0]
    return "" if stmt.level else (stmt.module or "").partition(".")[0]


def _is_standard(stmt: ast.Import | ast.ImportFrom) -> bool:
    return _imported(stmt) in sys.stdlib_module_names


def _import_lines(wanted: Mapping[tuple[str, str], str]) -> list[str]:
    """The statements, one for each module of which names are wanted; the standard library first."""
    sections: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for (module, name), alias in sorted(wanted.items()):
        lines = sections[module.partition(".")[0] in sys.stdlib_module_names]
        if name:
            names = lines.setdefault(f"from {module} import ", [])
            names.append(name if name == alias else f"{name} as {alias}")
        else:
            lines[_import_line(module, "", alias)] = []
    written = [
        [line + ", ".join(names) for line, names in one.items()] for one in sections.values()
    ]
    return [*written[0], *([""] if all(written) else []), *written[1]]


def _import_line(module: str, name: str, alias: str) -> str:
    if not name:
        return f"import {module}" + ("" if alias == module else f" as {alias}")
    return f"from {module} import {name}" + ("" if alias == name else f" as {alias}")


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"
