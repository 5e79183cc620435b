"""Reads one ``[tool.arctic-codegen]`` table: each key, its type, and its place in the text."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from arctic_codegen.config.toml_places import (
    MOST_BYTES,
    KeyPath,
    error_place,
    key_places,
    parsed,
    read_start,
)
from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.codes import is_selector, nearest_selectors
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.settings import Semantics, Settings

TABLE = ("tool", "arctic-codegen")
_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.[0-9]{1,3})?")
HEADER = "[tool.arctic-codegen]"
DEFAULT_OUTPUT = "generated"


def default_roots(root: str) -> tuple[str, ...]:
    """The project's folder, and its ``src`` where there is one."""
    source_folder = os.path.join(root, "src")
    return (root, source_folder) if os.path.isdir(source_folder) else (root,)


class _NoTable(Exception):
    """The file cannot be read, or has no table of ours."""

    def __init__(self, message: str, hint: str | None, span: Span) -> None:
        super().__init__(message)
        self.hint = hint
        self.span = span


class ConfigReader:
    """Reads one file. Every mistake is gathered, at the line and column of its key."""

    def __init__(self, path: Path, read: Callable[[Path], bytes] = read_start) -> None:
        self.path = path
        self.read = read
        self.root = str(path.parent)
        self.findings: list[Finding] = []
        self.places: dict[KeyPath, Span] = {}

    def settings(self, extra: tuple[str, ...], need_sources: bool) -> Settings | None:
        """The settings; ``None`` where the file has no table that can be read."""
        try:
            table = self.table()
        except _NoTable as problem:
            self.report(str(problem), problem.hint, problem.span)
            return None
        values: dict[str, Any] = {}
        for key, value in table.items():
            read = _KEYS.get(key)
            if read is None:
                guess = len(self.findings) < suggest.MOST_GUESSES
                self.problem(
                    f"unknown key '{key}'",
                    f"did you mean '{suggest.nearest(key, _KEYS)}'?" if guess else None,
                    key,
                )
                continue
            found = read(self, key, value)
            if found is not None:
                values[key.replace("-", "_")] = found
        written: tuple[str, ...] = values.get("sources", ())
        first = {source: number for number, source in reversed(list(enumerate(written)))}
        listed = tuple(dict.fromkeys(written))
        if need_sources and not listed and not extra and not self.findings:
            self.problem(
                f"{HEADER} names no sources",
                'add what to compile: sources = ["my_package"]',
                *(("sources",) if "sources" in table else ()),
            )
        more = tuple(source for source in extra if source not in listed)
        defaults: dict[str, Any] = {
            "output": os.path.join(self.root, DEFAULT_OUTPUT),
            "src": default_roots(self.root),
            "python_version": sys.version_info[:2],
            "platform": sys.platform,
        }
        own: dict[str, Any] = {
            "root": self.root,
            "config_file": str(self.path),
            "sources": (*listed, *more),
            "source_places": (
                *(self.place("sources", first[source]) for source in listed),
                *(None for _ in more),
            ),
            "semantics_places": tuple(
                self.place("semantics-of", name) for name, _ in values.get("semantics_of", ())
            ),
            "python_place": self.place("python") if "python" in table else None,
        }
        settings = Settings(**{**defaults, **values, **own})
        self.check_output(settings.output, settings.src)
        return settings

    def table(self) -> Mapping[str, Any]:
        """The table; raises :class:`_NoTable` where there is none."""
        start = Span(1, 1, 1, 1)
        try:
            data = self.read(self.path)
        except OSError as error:
            raise _NoTable(f"cannot be read: {error.strerror}", None, start) from error
        if len(data) > MOST_BYTES:
            raise _NoTable(
                f"larger than {MOST_BYTES:,} bytes, which no configuration is",
                "give arctic-codegen a file of its own: --config FILE",
                start,
            )
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
            raise _NoTable(
                "not UTF-8, which TOML has to be",
                "save the file as UTF-8",
                Span(line, column, line, column + 1),
            ) from error
        try:
            document = parsed(text)
        except ValueError as error:
            reason = str(error).partition(" (at ")[0]
            raise _NoTable(f"invalid TOML: {reason}", None, error_place(text, error)) from error
        self.places = key_places(text)
        tool = document.get(TABLE[0])
        table = tool.get(TABLE[1]) if isinstance(tool, dict) else None
        if table is None:
            raise _NoTable(
                f"there is no {HEADER} table", "run `arctic-codegen init` to write one", start
            )
        if not isinstance(table, dict):
            raise _NoTable(f"'arctic-codegen' has to be a table: {HEADER}", None, self.span())
        return table

    def check_output(self, output: str, roots: Sequence[str]) -> None:
        """Output that lies over an import root would stand among the sources."""
        for root in roots:
            if root == output or root.startswith(output + os.sep):
                self.problem(
                    f"the output folder '{os.path.relpath(output, self.root)}' holds an "
                    "import root",
                    f'give it a folder of its own: output = "{DEFAULT_OUTPUT}"',
                    *(("output",) if ("output" in self.own_keys()) else ()),
                )
                return
        name = os.path.basename(output)
        if os.path.dirname(output) in roots and name in sys.stdlib_module_names:
            self.problem(
                f"the output folder '{name}' would be imported in the place of Python's own "
                f"'{name}'",
                f'give it another name: output = "{DEFAULT_OUTPUT}"',
                "output",
            )

    def own_keys(self) -> set[str]:
        depth = len(TABLE)
        return {
            str(path[depth])
            for path in self.places
            if path[:depth] == TABLE and len(path) == depth + 1
        }

    # Places and findings.

    def span(self, *keys: str | int) -> Span:
        """The place of a key below the table, or of the nearest thing around it."""
        path: KeyPath = (*TABLE, *keys)
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return Span(1, 1, 1, 1)

    def place(self, *keys: str | int) -> Place:
        return Place(str(self.path), self.span(*keys))

    def report(self, message: str, hint: str | None, span: Span) -> None:
        self.findings.append(Finding("AC010", message, Place(str(self.path), span), hint))

    def problem(self, message: str, hint: str | None, *keys: str | int) -> None:
        self.report(message, hint, self.span(*keys))

    def wrong_type(self, key: str, value: object, wanted: str, *more: str | int) -> None:
        kind = "a date" if type(value).__module__ == "datetime" else _TYPES.get(type(value), "")
        was = f", not {kind}" if kind else ""
        self.problem(f"'{key}' has to be {wanted}{was}", None, key, *more)

    # One method for each shape of value. Each gives None after a mistake.

    def path_value(self, text: str) -> str:
        return os.path.normpath(os.path.join(self.root, os.path.expanduser(text)))

    def text(self, key: str, value: object) -> str | None:
        if isinstance(value, str):
            if value and "\0" not in value:
                return value
            what = "holds a null character" if value else "is empty"
            self.problem(f"'{key}' {what}", None, key)
            return None
        self.wrong_type(key, value, "a string")
        return None

    def path_of(self, key: str, value: object) -> str | None:
        text = self.text(key, value)
        return None if text is None else self.path_value(text)

    def interpreter(self, key: str, value: object) -> str | None:
        path = self.path_of(key, value)
        if path is not None and not os.path.isfile(path):
            hint = "make that environment, or name another one's interpreter, relative to this file"
            self.problem(f"there is no interpreter at '{value}'", hint, key)
            return None
        return path

    def texts(self, key: str, value: object, *inside: str) -> tuple[str, ...] | None:
        keys = (key, *inside)
        if not isinstance(value, list):
            self.problem(
                f"'{keys[-1]}' has to be a list of strings",
                f'write {_key_text(keys[-1])} = ["{value}"]' if isinstance(value, str) else None,
                *keys,
            )
            return None
        right = True
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item:
                self.problem(
                    f"'{keys[-1]}' has to be a list of strings, and none of them empty",
                    None,
                    *keys,
                    index,
                )
                right = False
        return tuple(value) if right else None

    def dotted_names(self, key: str, value: object) -> tuple[str, ...] | None:
        texts = self.texts(key, value)
        if texts is None:
            return None
        for index, text in enumerate(texts):
            parts = text.split(".")
            if len(parts) < 2 or not all(part.isidentifier() for part in parts):
                self.problem(
                    f"'{text}' is not the dotted name of a decorator",
                    'write its module and its name, as in "my_project.decorators.timed"',
                    key,
                    index,
                )
        return tuple(dict.fromkeys(texts))

    def roots(self, key: str, value: object) -> tuple[str, ...] | None:
        texts = self.texts(key, value)
        if texts is None:
            return None
        found: list[str] = []
        for index, text in enumerate(texts):
            path = self.path_value(text)
            if not os.path.isdir(path):
                self.problem(f"the import root '{text}' is not a folder", None, key, index)
            found.append(path)
        return tuple(dict.fromkeys(found))

    def truth(self, key: str, value: object) -> bool | None:
        if isinstance(value, bool):
            return value
        self.wrong_type(key, value, "true or false")
        return None

    def not_inlined(self, key: str, value: object) -> None:
        """Bodies stay where they are (ADR 17): only ``false`` says what happens."""
        if value is not False:
            self.problem(
                f"'{key}' can only be false: the bodies of callbacks are not written into methods",
                "leave it out: a body that stands elsewhere has no frame, breakpoint or line of its"
                " own, and would save about 20 ns a call",
                key,
            )

    def choice(self, key: str, value: object) -> str | None:
        valid = _CHOICES[key]
        if isinstance(value, str) and value in valid:
            return value
        near = suggest.close(value, valid, most=1) if isinstance(value, str) else ()
        hint = f'did you mean "{near[0]}"?' if near else None
        wanted = suggest.choice([f'"{one}"' for one in valid])
        self.problem(f"'{key}' has to be {wanted}", hint, key)
        return None

    def version(self, key: str, value: object) -> tuple[int, int] | None:
        if isinstance(value, str):
            found = _VERSION.fullmatch(value)
            if found is not None:
                return int(found[1]), int(found[2])
        hint = f'write {key} = "{value}"' if isinstance(value, float) else None
        self.problem(f"'{key}' has to be a version such as \"3.11\"", hint, key)
        return None

    def codes(self, key: str, value: object, *inside: str) -> tuple[str, ...] | None:
        texts = self.texts(key, value, *inside)
        if texts is None:
            return None
        for index, text in enumerate(texts):
            if not is_selector(text):
                guess = len(self.findings) < suggest.MOST_GUESSES
                self.problem(
                    f"no finding has the code '{text}'",
                    f"did you mean {nearest_selectors(text)}?" if guess else None,
                    key,
                    *inside,
                    index,
                )
        return tuple(dict.fromkeys(texts))

    def codes_per_file(self, key: str, value: object) -> object:
        if not isinstance(value, dict):
            self.wrong_type(key, value, "a table of patterns and lists of codes")
            return None
        found = [
            (pattern, self.codes(key, listed, pattern) or ()) for pattern, listed in value.items()
        ]
        return tuple(found)

    def semantics_of(self, key: str, value: object) -> tuple[tuple[str, Semantics], ...] | None:
        if not isinstance(value, dict):
            self.wrong_type(key, value, "a table of classes")
            return None
        found: list[tuple[str, Semantics]] = []
        for name, semantics in sorted(value.items()):
            module, colon, qualified = name.partition(":")
            if not (module and colon and qualified):
                self.problem(
                    f"'{name}' does not name a class",
                    'write it as "my_project.trainers:TrainerB" = "runtime"',
                    key,
                    name,
                )
            elif semantics == "documented" or semantics == "runtime":
                found.append((name, semantics))
            else:
                self.problem(
                    f'the semantics of \'{name}\' have to be "documented" or "runtime"',
                    None,
                    key,
                    name,
                )
        return tuple(found)


def _key_text(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else f'"{key}"'


_TYPES: dict[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}

_CHOICES: dict[str, tuple[str, ...]] = {
    "semantics": ("documented", "runtime"),
    "on-stale": ("error", "warn", "ignore"),
    "checker": ("mypy", "pyright"),
}

_KEYS: dict[str, Callable[[ConfigReader, str, object], Any]] = {
    "sources": ConfigReader.texts,
    "output": ConfigReader.path_of,
    "src": ConfigReader.roots,
    "semantics": ConfigReader.choice,
    "semantics-of": ConfigReader.semantics_of,
    "python": ConfigReader.interpreter,
    "python-version": ConfigReader.version,
    "platform": ConfigReader.text,
    "on-stale": ConfigReader.choice,
    "late-callbacks": ConfigReader.truth,
    "signature-preserving": ConfigReader.dotted_names,
    "select": ConfigReader.codes,
    "ignore": ConfigReader.codes,
    "per-file-ignores": ConfigReader.codes_per_file,
    "checker": ConfigReader.choice,
    "inline": ConfigReader.not_inlined,
}
"""Every key, and how its value is read."""
