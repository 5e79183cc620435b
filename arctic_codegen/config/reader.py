"""Reads one ``[tool.arctic-codegen]`` table: each key, and its position in the text."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from arctic_codegen.config.keys import KEYS, LIST, NOT_INLINED, SEMANTICS, Texts, Version
from arctic_codegen.config.toml_places import (
    KeyPath,
    Unreadable,
    key_places,
    read_document,
    read_start,
)
from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.codes import is_selector, nearest_selectors
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.settings import Semantics, Settings

TABLE = ("tool", "arctic-codegen")
TABLE_HEADER = "[tool.arctic-codegen]"
DEFAULT_OUTPUT = "generated"


def default_roots(root: str) -> tuple[str, ...]:
    """The project's folder, and its ``src`` if it exists."""
    source_folder = os.path.join(root, "src")
    return (root, source_folder) if os.path.isdir(source_folder) else (root,)


class ConfigReader:
    """Reads one file. All errors are collected, with the line and column of their keys."""

    def __init__(self, path: Path, read: Callable[[Path], bytes] = read_start) -> None:
        self.path = path
        self.root = str(path.parent)
        self.findings: list[Finding] = []
        self._read = read
        self._places: dict[KeyPath, Span] = {}

    def settings(self, extra: tuple[str, ...], need_sources: bool) -> Settings | None:
        """The settings; ``None`` if the table is missing or cannot be read."""
        try:
            table = self._table()
        except Unreadable as problem:
            self._report(problem.problem, problem.span)
            return None
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in KEYS:
                self._unknown_key(key)
            elif (found := self._value(key, value)) is not None:
                values[key.replace("-", "_")] = found
        written: tuple[str, ...] = values.get("sources", ())
        first: dict[str, int] = {}
        for number, source in enumerate(written):
            first.setdefault(source, number)
        more = tuple(source for source in extra if source not in first)
        if need_sources and not written and not extra and not self.findings:
            self._problem(message("AC010", "no-sources", header=TABLE_HEADER), "sources")
        defaults = {
            "output": os.path.join(self.root, DEFAULT_OUTPUT),
            "src": default_roots(self.root),
            "python_version": sys.version_info[:2],
            "platform": sys.platform,
        }
        own = {
            "root": self.root,
            "config_file": str(self.path),
            "sources": (*first, *more),
            "source_places": (
                *(self._place("sources", number) for number in first.values()),
                *(None for _ in more),
            ),
            "semantics_places": tuple(
                self._place("semantics-of", name) for name, _ in values.get("semantics_of", ())
            ),
            "preserving_places": tuple(
                self._place("signature-preserving", table["signature-preserving"].index(name))
                for name in values.get("signature_preserving", ())
            ),
            "order_places": tuple(
                self._place("order", index) for index, _ in enumerate(values.get("order", ()))
            ),
            "python_place": self._place("python") if "python" in table else None,
        }
        settings = Settings(**{**defaults, **values, **own})
        self._check_output(settings.output, settings.src)
        return settings

    def _table(self) -> Mapping[str, Any]:
        text, document = read_document(self.path, self._read)
        self._places = key_places(text)
        tool = document.get(TABLE[0])
        table = tool.get(TABLE[1]) if isinstance(tool, dict) else None
        if table is None:
            raise Unreadable(message("AC010", "no-table", header=TABLE_HEADER), Span(1, 1, 1, 1))
        if not isinstance(table, dict):
            raise Unreadable(message("AC010", "not-a-table", header=TABLE_HEADER), self._span())
        return table

    def _check_output(self, output: str, roots: Sequence[str]) -> None:
        """Check that the output does not contain an import root, and so sources."""
        name = os.path.basename(output)
        if any(root == output or root.startswith(output + os.sep) for root in roots):
            shown = os.path.relpath(output, self.root)
            found = message("AC010", "output-holds-root", folder=shown, default=DEFAULT_OUTPUT)
            self._problem(found, "output")
        elif os.path.dirname(output) in roots and name in sys.stdlib_module_names:
            found = message("AC010", "output-hides-stdlib", folder=name, default=DEFAULT_OUTPUT)
            self._problem(found, "output")

    # Places and findings.

    def _span(self, *keys: str | int) -> Span:
        """The place of a key below the table, or of its nearest parent."""
        path: KeyPath = (*TABLE, *keys)
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, Span(1, 1, 1, 1))

    def _place(self, *keys: str | int) -> Place:
        return Place(str(self.path), self._span(*keys))

    def _report(self, problem: Message, span: Span) -> None:
        self.findings.append(problem.at(Place(str(self.path), span)))

    def _problem(self, problem: Message, *keys: str | int) -> None:
        self._report(problem, self._span(*keys))

    def _may_guess(self) -> bool:
        """Whether suggestions are still computed: not after many findings."""
        return len(self.findings) < suggest.MOST_GUESSES

    def _unknown_key(self, key: str) -> None:
        found = message("AC010", "unknown-key", key=key)
        if self._may_guess():
            meant = f"'{suggest.nearest(key, KEYS)}'"
            found = message("AC010", "unknown-key-did-you-mean", key=key, meant=meant)
        self._problem(found, key)

    # Values. Each reader returns None after an error.

    def _value(self, key: str, value: object) -> object:
        found = self._converted(value, KEYS[key].type, KEYS[key].wanted, key)
        finish = _FINISH.get(key)
        return found if found is None or finish is None else finish(self, key, found)

    def _converted(self, value: object, kind: Any, wanted: str, *keys: str) -> Any:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            key = keys[-1]
            near: tuple[str, ...] = ()
            if isinstance(value, str) and get_origin(kind) is Literal:
                near = suggest.close(value, get_args(kind), most=1)
            if kind is Texts and isinstance(value, str):
                found = message(
                    "AC010",
                    "wrong-value-not-a-list",
                    key=key,
                    wanted=wanted,
                    written=key if re.fullmatch(r"[\w-]+", key) else f'"{key}"',
                    value=value,
                )
            elif kind is Version and isinstance(value, float):
                found = message(
                    "AC010", "wrong-value-not-a-string", key=key, wanted=wanted, value=value
                )
            elif near:
                found = message(
                    "AC010", "wrong-value-did-you-mean", key=key, wanted=wanted, meant=near[0]
                )
            else:
                found = message("AC010", "wrong-value", key=key, wanted=wanted)
            element = re.search(r"`\$\[(\d+)\]`", str(error))
            where = [int(element[1])] if element else []
            self._problem(found, *keys, *where)
            return None

    def _path(self, key: str, text: str) -> str:
        return os.path.normpath(os.path.join(self.root, os.path.expanduser(text)))

    def _interpreter(self, key: str, text: str) -> str | None:
        path = self._path(key, text)
        if os.path.isfile(path):
            return path
        is_folder = os.path.isdir(path)
        found = message(
            "AC010", "interpreter-is-a-folder" if is_folder else "no-interpreter", path=text
        )
        self._problem(found, key)
        return None

    def _dotted(
        self, names: Sequence[str], problem: Callable[[str], Message], *keys: str | int
    ) -> None:
        for index, name in enumerate(names):
            parts = name.split(".")
            if len(parts) < 2 or not all(part.isidentifier() for part in parts):
                self._problem(problem(name), *keys, index)

    def _dotted_names(self, key: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        self._dotted(texts, lambda name: message("AC010", "not-dotted", name=name), key)
        return tuple(dict.fromkeys(texts))

    def _orders(self, key: str, listed: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for index, texts in enumerate(listed):
            self._dotted(
                texts, lambda name: message("AC010", "not-a-callback", name=name), key, index
            )
        return listed

    def _roots(self, key: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        paths = tuple(self._path(key, text) for text in texts)
        for index, path in enumerate(paths):
            if not os.path.isdir(path):
                found = message("AC010", "root-not-a-folder", root=texts[index])
                self._problem(found, key, index)
        return tuple(dict.fromkeys(paths))

    def _not_inlined(self, key: str, value: bool) -> None:
        """Check ``inline``: bodies are never inlined (ADR 17), so only ``false`` is valid."""
        if value:
            self._problem(message("AC010", "wrong-value", key=key, wanted=NOT_INLINED), key)

    def _version(self, key: str, text: str) -> tuple[int, ...]:
        return tuple(map(int, text.split(".")[:2]))

    def _codes(self, key: str, texts: tuple[str, ...], *inside: str) -> tuple[str, ...]:
        for index, text in enumerate(texts):
            if not is_selector(text):
                found = message("AC010", "unknown-code", code=text)
                if self._may_guess():
                    meant = nearest_selectors(text)
                    found = message("AC010", "unknown-code-did-you-mean", code=text, meant=meant)
                self._problem(found, key, *inside, index)
        return tuple(dict.fromkeys(texts))

    def _codes_per_file(self, key: str, table: dict[str, object]) -> object:
        found = []
        for pattern, listed in table.items():
            texts = self._converted(listed, Texts, LIST, key, pattern)
            found.append((pattern, () if texts is None else self._codes(key, texts, pattern)))
        return tuple(found)

    def _semantics_of(self, key: str, table: dict[str, object]) -> tuple[tuple[str, str], ...]:
        found = []
        for name, semantics in sorted(table.items()):
            module, _, qualified = name.partition(":")
            if not (module and qualified):
                self._problem(message("AC010", "not-a-class", name=name), key, name)
            elif value := self._converted(semantics, Semantics, SEMANTICS, key, name):
                found.append((name, value))
        return tuple(found)


_FINISH: dict[str, Callable[[ConfigReader, str, Any], Any]] = {
    "output": ConfigReader._path,
    "src": ConfigReader._roots,
    "semantics-of": ConfigReader._semantics_of,
    "python": ConfigReader._interpreter,
    "python-version": ConfigReader._version,
    "signature-preserving": ConfigReader._dotted_names,
    "order": ConfigReader._orders,
    "select": ConfigReader._codes,
    "ignore": ConfigReader._codes,
    "per-file-ignores": ConfigReader._codes_per_file,
    "inline": ConfigReader._not_inlined,
}
"""Functions that validate the value of a key beyond its type, and convert it to a setting."""
