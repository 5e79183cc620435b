"""The recipe that is started: a copy of the user's recipe with another value of ``code``.

It is beside the user's recipe, under a derived name: ``recipe.yaml`` gives
``recipe.arctic-codegen.yaml``. The reasons for this location:

- ArcticTraining resolves a relative ``code`` from the recipe's folder, and every other relative
  path from the working folder. In the same folder, all of them mean the same in both recipes.
- Each node of a job reads the recipe from the path that the launcher was given. A node that has the
  user's recipe has this one as well, on a shared file system and in a folder that is copied to the
  nodes; a temporary folder is on one node only.
- The Ray launcher sends the recipe's folder to its workers, without files that git ignores. So the
  name is not hidden, and nothing writes a ``.gitignore``; ``code`` is relative, because absolute
  paths mean nothing on the workers.
"""

from __future__ import annotations

import hashlib
import json
import os
import re

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.files.regular import open_regular
from arctic_codegen.files.replacing import replace_file
from arctic_codegen.model.output import HEADER_PREFIX
from arctic_codegen.recipes.reading import Recipe, the_yaml

MARK = "arctic-codegen"


def derived_path(recipe: str) -> str:
    """Where the recipe that is started stands."""
    stem, suffix = os.path.splitext(recipe)
    return f"{stem}.{MARK}{suffix}"


def code_path(recipe: str) -> str:
    """Where the script stands that loads the person's code and then the compiled classes.

    ArcticTraining makes a module name of it. No two recipes of a folder share one: a job that
    starts may still have to read it when the next is started.
    """
    folder, name = os.path.split(recipe)
    stem, suffix = os.path.splitext(name)
    parts = [re.sub(r"\W", "_", stem), suffix.removeprefix("."), MARK.replace("-", "_")]
    if not stem.isidentifier():
        parts.insert(1, hashlib.sha256(stem.encode(errors="surrogateescape")).hexdigest()[:8])
    return os.path.join(folder, f"{'_'.join(parts)}.py")


def relative_to(folder: str, path: str) -> str:
    """A path as it is written in a file of that folder: ``..`` is taken after links are."""
    try:
        found = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
    except ValueError:  # another drive
        return path
    return found.replace(os.sep, "/")


def derive(recipe: Recipe, code: str) -> str:
    """The text of the recipe with another ``code``. Its comments stay in the person's own."""
    data = {**recipe.data, "code": code}
    name = os.path.basename(recipe.path)
    return f"{HEADER_PREFIX} from {name}; do not edit\n{the_yaml().dump(data)}"


def script(recipe: Recipe, code: str, compiled: str) -> str:
    """The text of the script for code that has no compiled module of its own.

    What it registers is registered as ArcticTraining would do it; then the compiled classes take
    their places.
    """
    paths = [relative_to(recipe.folder, path) for path in (code, compiled)]
    loads = "\n".join(f"load_user_module_from_path(_here / {json.dumps(path)})" for path in paths)
    return (
        f"{HEADER_PREFIX} from {os.path.basename(recipe.path)}; do not edit\n"
        '"""The code of that recipe, and the compiled classes for it."""\n\n'
        "from pathlib import Path\n\n"
        "from arctic_training.config.trainer import load_user_module_from_path\n\n"
        "_here = Path(__file__).resolve().parent\n"
        f"{loads}\n"
    )


def put(path: str, text: str) -> Finding | None:
    """Writes a file of ours beside the recipe, if it is not there already.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` where the folder cannot be
    written to.
    """
    data = text.encode("utf-8")
    try:
        try:
            with open_regular(path) as file:
                old = file.read()
        except FileNotFoundError:
            old = None
        if old == data:
            return None
        if old is not None and not old.startswith(HEADER_PREFIX.encode()):
            return message("AC601", "recipe").at(Place(path, Span(1, 1, 1, 1)))
        replace_file(path, data)
    except OSError as error:
        raise WrongUse(
            f"cannot write '{path}': {error.strerror}",
            "copy the recipe to a writable folder that all nodes share, or set `code:` to the "
            "compiled file yourself",
        ) from error
    return None


def is_ours(text: str) -> bool:
    """Whether a recipe is one that was written here."""
    return text.startswith(HEADER_PREFIX)
