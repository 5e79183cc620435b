"""What does a file import, under which names, and where do new imports go?"""

from __future__ import annotations

import ast

from arctic_codegen.editing.scopes import all_names, bound_in
from arctic_codegen.editing.text import Edit, SourceText
from arctic_codegen.model.spelling import absolute_module

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class FileImports:
    """The imports at the top level of a file, and the place for new ones."""

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
        """The imports to add: module and name, each with its alias."""
        self.postponed = False
        """Whether the evaluation of annotations is postponed by a ``__future__`` import."""
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
            elif isinstance(stmt, _DEFINITIONS):
                defined = True
        # A name that is also bound by something other than an import refers to that in the end.
        self._names = {
            key: name
            for key, name in self._names.items()
            if name.partition(".")[0] not in self._own
        }

    def _bind(self, stmt: ast.stmt) -> set[str]:
        """Record an import, and return the names that it binds."""
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
        """Whether the file's own imports bind a name at run time."""
        return any(written == name or written.startswith(f"{name}.") for name in self._runtime)

    def builtin(self, name: str, hidden: frozenset[str]) -> str:
        """The name of a builtin in this file, imported if another binding hides it."""
        return self._import("builtins", name) if name in self._bound | hidden else name

    def name(self, module: str, name: str, hidden: frozenset[str]) -> str | None:
        """The name of a module's global in this file, imported if necessary.

        ``hidden`` are names that have another meaning at the annotation. Returns ``None`` if the
        name belongs to this file and is one of them.
        """
        first = name.partition(".")[0]
        if module == self._module:
            return None if first in hidden else name
        written = self._written(module, name)
        if written.partition(".")[0] not in hidden:
            return written
        return self._import(module, first) + name[len(first) :]

    def _written(self, module: str, name: str) -> str:
        first, dot, rest = name.partition(".")
        for key, found in (((module, first), ""), ((module, ""), first)):
            known = self._names.get(key)
            if known is not None:
                return ".".join(part for part in (known, found) if part) + dot + rest
        return self._import(module, first) + dot + rest

    def _import(self, module: str, name: str) -> str:
        key = (module, name)
        if key not in self.added:
            self.added[key] = self._free(name or module.replace(".", "_"))
        return self.added[key]

    def _free(self, wanted: str) -> str:
        """A name that the file does not use yet."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    def edits(self) -> list[Edit]:
        """The missing imports, under ``if TYPE_CHECKING:``, so that they do not run and cannot
        cause import cycles. They follow the other imports."""
        if not self.added:
            return []
        lines = [
            _import_line(module, name, alias)
            for (module, name), alias in sorted(self.added.items())
        ]
        if self._checking is not None:
            first = self._checking.body[0]
            start = self._source.offset(first.lineno, 1)
            indent = self._source.text[start : self._source.node(first)[0]]
            if not indent.strip():
                newline = self._source.newline(first.lineno)
                return [Edit(start, start, "".join(f"{indent}{one}{newline}" for one in lines))]
        at, line = self._place()
        newline = self._source.newline(line)
        above, checking = self._type_checking(line)
        block = [*above, "", f"if {checking}:", *(f"    {one}" for one in lines)]
        text = newline.join(block)
        if at == 0 or self._source.text[at - 1] in "\r\n":
            defines = isinstance(self._tree.body[0], _DEFINITIONS)
            return [Edit(at, at, text + newline * (3 if defines else 2))]
        behind_imports = any(isinstance(stmt, _IMPORTS) for stmt in self._tree.body[:2])
        return [Edit(at, at, newline * (1 if behind_imports else 2) + text)]

    def _type_checking(self, line: int) -> tuple[list[str], str]:
        """The import lines needed for ``TYPE_CHECKING`` (none if the imports up to a line have it),
        and its name."""
        for stmt in self._tree.body:
            if isinstance(stmt, ast.ImportFrom) and stmt.module == "typing" and stmt.lineno <= line:
                for alias in stmt.names:
                    if alias.name == "TYPE_CHECKING":
                        return [], alias.asname or alias.name
        if "TYPE_CHECKING" not in self._own:
            return [_import_line("typing", "TYPE_CHECKING", "TYPE_CHECKING")], "TYPE_CHECKING"
        typing = self._free("typing")
        return [_import_line("typing", "", typing)], f"{typing}.TYPE_CHECKING"

    def _place(self) -> tuple[int, int]:
        """The offset after the imports at the top, and its line."""
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
            # Other statements may start on the same line, and end further down.
            line = last.lineno
            for stmt in self._tree.body:
                if stmt.lineno <= line:
                    line = max(line, stmt.end_lineno or stmt.lineno)
            return self._source.line_end(line), line
        first = self._tree.body[0]  # there is a function
        line = min(node.lineno for node in (first, *getattr(first, "decorator_list", ())))
        return self._source.offset(line, 1), line


def _import_line(module: str, name: str, alias: str) -> str:
    if not name:
        return f"import {module}" + ("" if alias == module else f" as {alias}")
    return f"from {module} import {name}" + ("" if alias == name else f" as {alias}")


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"
