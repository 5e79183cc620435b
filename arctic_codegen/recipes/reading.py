"""Reads a recipe as ArcticTraining does, and finds the positions of ``type`` and ``code`` in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.files.regular import open_regular

DEFAULT_TYPE = "sft"
DEFAULT_CODE = "train.py"
"""ArcticTraining's default for ``code`` (``config/trainer.py``)."""

MOST_BYTES = 1_000_000
"""Maximum size of a recipe: longer files are not written by hand, and take a minute to read."""

_FIRST = Span(1, 1, 1, 1)


class Recipe(msgspec.Struct, frozen=True):
    """One recipe. Paths are absolute, with links unresolved, as in ArcticTraining."""

    path: str
    text: str
    data: dict[Any, Any]
    type: str
    code: str | None
    """As written; ``None`` if the recipe does not set it."""
    type_place: Place
    code_place: Place
    """The place of the value; if there is none, the start of the recipe."""

    def place(self, *keys: str | int) -> Place:
        """The place of the value at a path of keys and indices, or of the nearest parent."""
        return _place(self.text, self.path, keys)

    @property
    def folder(self) -> str:
        """The folder that a relative ``code`` refers to; other settings do not refer to it."""
        return os.path.dirname(self.path)

    def code_file(self) -> str | None:
        """The file that ArcticTraining would load, with links resolved; ``None`` if it loads none.

        An explicit file need not exist. The default one is loaded if it exists.
        """
        path = Path(self.folder, self.code or DEFAULT_CODE).resolve()
        return str(path) if self.code is not None or path.exists() else None


def read_recipe(path: Path) -> Recipe | Finding:
    """The recipe in a file, or the finding about it.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if PyYAML is not installed.
    """
    absolute = os.path.abspath(path)
    try:
        with open_regular(absolute) as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        place = Place(absolute, Span(line, 1, line, 2))
        return message("AC017", "not-utf").at(place)
    except OSError as error:
        unreadable = message("AC017", "unreadable", reason=error.strerror or error)
        return unreadable.at(Place(absolute, _FIRST))
    if len(data) > MOST_BYTES:
        return message("AC017", "too-large", most=MOST_BYTES).at(Place(absolute, _FIRST))
    loaded = _load(text, absolute)
    return loaded if isinstance(loaded, Finding) else _checked(absolute, text, loaded)


def _checked(path: str, text: str, data: Any) -> Recipe | Finding:
    if not isinstance(data, dict):
        found = message("AC017", "empty" if data is None else "not-a-mapping")
        return found.at(Place(path, _FIRST))
    places = {key: _place(text, path, [key]) for key in ("type", "code")}
    for key in ("type", "code"):
        value = data.get(key, "")
        if not isinstance(value, str) or (key in data and not value) or "\0" in value:
            return message("AC017", "type" if key == "type" else "code").at(places[key])
    return Recipe(
        path,
        text,
        data,
        data.get("type", DEFAULT_TYPE),
        data.get("code"),
        places["type"],
        places["code"],
    )


def _load(text: str, path: str) -> Any:
    """The data in a text, or a finding; like ArcticTraining, it rejects duplicate keys."""
    yaml = the_yaml()
    try:
        return yaml.load(text)
    except yaml.YamlError as error:
        at = error.line, error.column
        place = Place(path, Span(*at, error.line, error.column + 1))
        return message("AC017", "invalid-yaml", reason=error).at(place)


def _place(text: str, path: str, keys: Sequence[str | int]) -> Place:
    """The place of the value at a path of keys and indices, or of the nearest parent."""
    name, node = the_yaml().find(text, keys)
    if name is None:
        return Place(path, _FIRST)
    # For an alias, the place of the key: the value is defined earlier.
    shown = name if node.start_mark.index < name.start_mark.index else node
    return Place(path, span(shown.start_mark, shown.end_mark))


def span(start: Any, end: Any) -> Span:
    """The span between two of PyYAML's marks, which count from 0."""
    if (end.line, end.column) <= (start.line, start.column):
        return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def the_yaml() -> Any:
    """The YAML module. PyYAML comes with ArcticTraining, and only recipes need it."""
    try:
        from arctic_codegen.files import yaml_text
    except ImportError as error:
        raise WrongUse(
            "reading a recipe needs PyYAML, which comes with arctic-training",
            'pip install "arctic-codegen[arctic-training]"',
        ) from error
    return yaml_text
