"""Reads the file of a recipe: its values, and the line of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from arctic_codegen.blocks._errors import RecipeError
from arctic_codegen.files import yaml_text

Location = tuple["str | int", ...]
"""The names and indices that lead to a field, from the outermost section on."""

Wrong = tuple[Location, str]
"""A field, and what is wrong with it."""


class _Loader(yaml_text.Loader):
    """Reads 1e-5 as a number, as in YAML 1.2; PyYAML would read a string."""


_FLOAT = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789"))
for _tag in ("binary", "omap", "pairs", "set"):  # no field has such a value
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.construct_undefined)


class RecipeFile:
    """The values of a recipe, and the position of each."""

    def __init__(self, path: Path) -> None:
        """Reads a file. Raises :class:`RecipeError` if it is not a YAML mapping."""
        self.path = path
        try:
            self._text = path.read_text(encoding="utf-8")
            values = yaml_text.load(self._text, _Loader)
        except yaml_text.YamlError as error:
            place = f"{path}:{error.line}:{error.column}"
            raise RecipeError(f"{place}: invalid YAML: {error}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"{path} cannot be read: {error}") from None
        if not isinstance(values, dict):
            raise RecipeError(f"{path}:1:1: a recipe must map names to values")
        try:
            json.dumps(values, default=str, skipkeys=True)
        except (ValueError, RecursionError):
            raise RecipeError(f"{path}:1:1: a value of the recipe contains itself") from None
        self.values: dict[str, Any] = values

    @property
    def folder(self) -> Path:
        """The folder that paths in the recipe are relative to."""
        return self.path.absolute().parent

    def place(self, location: Location) -> str:
        """Path, line and column of a field, or of the nearest enclosing one."""
        name, node = yaml_text.find(self._text, location)
        mark = (name or node).start_mark
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}"


def leaves(value: Mapping[str, Any], above: Location = ()) -> Iterator[tuple[Location, Any]]:
    """The values of nested mappings that are not mappings, each with its place."""
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield from leaves(one, (*above, name))
        else:
            yield (*above, name), one


def dotted(location: Location) -> str:
    """The dotted name of a field, with its sections."""
    return ".".join(map(str, location)) or "the recipe"


def about(recipe: RecipeFile | None, location: Location, message: str) -> str:
    """The message about a field, with its position if the values come from a file."""
    at = "" if recipe is None else f"{recipe.place(location)}: "
    return f"{at}{dotted(location)}: {message}"
