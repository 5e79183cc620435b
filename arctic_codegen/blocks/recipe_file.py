"""The file of a recipe: its values, and the line of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from arctic_codegen.blocks._errors import RecipeError

Location = tuple["str | int", ...]
"""The names and numbers that lead to a field, from the outermost section on."""


class Recipe:
    """The values of a recipe, and where each of them stands."""

    def __init__(self, path: Path) -> None:
        """Reads a file. Raises :class:`RecipeError` where it is no mapping in YAML."""
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            values = yaml.safe_load(text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise RecipeError(f"{path} cannot be read: {error}") from None
        if not isinstance(values, dict):
            raise RecipeError(f"{path} is no recipe: it must map names to values")
        self.values: dict[str, Any] = values

    @property
    def folder(self) -> Path:
        """What paths in the recipe are relative to."""
        return self.path.absolute().parent

    def place(self, location: Location) -> str:
        """Path, line and column of a field, or of what is nearest around it."""
        node = self._root
        mark = node.start_mark
        for key in location:
            child = None
            if isinstance(node, yaml.MappingNode):
                for name, value in node.value:
                    if name.value == str(key):
                        child, mark = value, name.start_mark
            elif isinstance(node, yaml.SequenceNode) and key in range(len(node.value)):
                child = node.value[int(key)]
                mark = child.start_mark
            if child is None:
                break
            node = child
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}"


def dotted(location: Location) -> str:
    """A field's name with those of its sections."""
    return ".".join(map(str, location)) or "the recipe"
