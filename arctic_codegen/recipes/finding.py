"""The recipes of a project, which say which trainers it trains with."""

from __future__ import annotations

import os
import re
from pathlib import Path

from arctic_codegen.commands.initializer import project_files
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.files.plain import open_plain
from arctic_codegen.recipes.deriving import is_ours
from arctic_codegen.recipes.reading import MOST_BYTES, Recipe, read_recipe

_SAYS = (re.compile(rb"\bmodel[\"']?\s*:"), re.compile(rb"\bdata[\"']?\s*:"))
"""What every recipe has to say: for these ArcticTraining has no defaults."""


def find_recipes(folder: str) -> tuple[Recipe, ...]:
    """All recipes below a folder. What cannot be read is none; without PyYAML there are none."""
    found = []
    for path in project_files(folder, ".yaml", ".yml"):
        try:
            if not _may_be_one(path):
                continue
            recipe = read_recipe(Path(path))
        except (OSError, WrongUse):
            continue
        if isinstance(recipe, Recipe) and _is_one(recipe):
            found.append(recipe)
    return tuple(found)


def _is_one(recipe: Recipe) -> bool:
    return {"model", "data"} <= recipe.data.keys() and not is_ours(recipe.text)


def _may_be_one(path: str) -> bool:
    if os.path.getsize(path) > MOST_BYTES:
        return False
    with open_plain(path) as file:
        data = file.read(MOST_BYTES)
    return all(pattern.search(data) for pattern in _SAYS)
