"""The file of a recipe: its values, and the line of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from arctic_codegen.blocks._errors import RecipeError

Location = tuple["str | int", ...]
"""The names and numbers that lead to a field, from the outermost section on."""

Wrong = tuple[Location, str]
"""A field, and what is wrong with it."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """It reads 1e-5 as a number, as YAML 1.2 does; PyYAML would read a text."""


_FLOAT = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789"))


class RecipeFile:
    """The values of a recipe, and where each of them stands."""

    def __init__(self, path: Path) -> None:
        """Reads a file. Raises :class:`RecipeError` where it is no mapping in YAML."""
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
            self._root = yaml.compose(text, Loader=_Loader)
            values = yaml.load(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = "" if mark is None else f":{mark.line + 1}:{mark.column + 1}"
            raise RecipeError(f"{path}{at}: invalid YAML: {error.problem}") from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise RecipeError(f"{path} cannot be read: {reason}") from None
        if not isinstance(values, dict):
            raise RecipeError(f"{path}:1:1: a recipe must map names to values")
        twice = list(self._twice(self._root))
        if twice:
            raise RecipeError("\n".join(twice))
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
        return self._at(mark)

    def _at(self, mark: Any) -> str:
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}"

    def _twice(self, node: Any) -> list[str]:
        """A line for each name that a mapping has twice, of which YAML would take the last."""
        found: list[str] = []
        if isinstance(node, yaml.MappingNode):
            names = set()
            for name, value in node.value:
                if name.value in names:
                    found.append(f"{self._at(name.start_mark)}: {name.value}: duplicate key")
                names.add(name.value)
                found += self._twice(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                found += self._twice(value)
        return found


def dotted(location: Location) -> str:
    """A field's name with those of its sections."""
    return ".".join(map(str, location)) or "the recipe"
