"""Starts a training: from a recipe to the compiled trainer that it names (R33)."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arctic_codegen import StaleOutputError
from arctic_codegen._guard import LOCK_NAME
from arctic_codegen.blocks._errors import RecipeError, TrainingError
from arctic_codegen.blocks.failing import described
from arctic_codegen.blocks.recipe import Recipe, config_of
from arctic_codegen.blocks.trainer import Trainer

logger = logging.getLogger("arctic_codegen.blocks")

BUILD = "run 'arctic-codegen build'"


def main(arguments: Sequence[str]) -> int:
    """Trains on this rank; the exit code is 1 for what a person has to put right, else 0.

    Any other exception ends the process with its traceback, so that a launcher ends the others.
    """
    parser = argparse.ArgumentParser(prog="python -m arctic_codegen.blocks", description=__doc__)
    parser.add_argument("recipe", type=Path, help="a YAML file")
    parser.add_argument("--output", type=Path, help="the folder of the compiled classes")
    parser.add_argument("--local_rank", type=int, help=argparse.SUPPRESS)  # some launchers pass it
    given = parser.parse_args(arguments)
    rank = int(os.environ.get("RANK", "0") or "0")
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logger.setLevel(logging.INFO if rank == 0 else logging.WARNING)
    try:
        recipe = Recipe(given.recipe)
        trainer = compiled_trainer(recipe, given.output)
        trainer(config_of(recipe, trainer)).train()
    except (TrainingError, StaleOutputError) as error:
        if rank == 0:
            print(error, file=sys.stderr)
        return _end(1)
    except BaseException as error:
        traceback.print_exc()
        print(described(error, rank), file=sys.stderr)
        return _end(1)
    return 0


def compiled_trainer(recipe: Recipe, output: Path | None = None) -> type[Trainer]:
    """The compiled class of the trainer that a recipe's ``type`` names.

    ``output`` is the folder of the compiled classes; without it, the nearest folder from the
    recipe's upwards is taken that has one.

    Raises :class:`RecipeError` where there is no output, or no such trainer in it, and
    :class:`~arctic_codegen.StaleOutputError` where the output does not match its sources.
    """
    name = recipe.values.get("type")
    if not isinstance(name, str) or not name:
        raise RecipeError(f"{recipe.place(('type',))}: type: must be the name of a trainer")
    folder = output.absolute() if output is not None else _output_above(recipe.path.absolute())
    if not (folder / LOCK_NAME).is_file():
        raise RecipeError(f"there are no compiled classes in {folder}: {BUILD}")
    project = folder.parent
    for root in (project / "src", project):
        if root.is_dir() and str(root) not in sys.path:
            sys.path.insert(0, str(root))
    registry: Any = importlib.import_module(folder.name)
    get = getattr(registry, "get_trainer", None)
    if get is None:
        raise RecipeError(f"no trainer is compiled in {folder}: {BUILD}")
    try:
        cls: type[Any] = get(name)
    except LookupError as error:
        raise RecipeError(f"{recipe.place(('type',))}: type: {error}; or {BUILD}") from None
    if not issubclass(cls, Trainer):
        raise RecipeError(
            f"{recipe.place(('type',))}: type: {cls.__qualname__} is no trainer of"
            " arctic_codegen.blocks"
        )
    return cls


def _output_above(path: Path) -> Path:
    """The output in the nearest folder above the recipe that has one."""
    for folder in path.parents:
        found = sorted(one.parent for one in folder.glob(f"*/{LOCK_NAME}"))
        if len(found) > 1:
            names = ", ".join(one.name for one in found)
            raise RecipeError(f"{folder} has more than one output: choose with --output: {names}")
        if found:
            return found[0]
    raise RecipeError(f"there are no compiled classes beside or above {path}: {BUILD}")


def _end(code: int) -> int:
    """Ends the process at once where other ranks wait for it: its exit is what they notice."""
    sys.stdout.flush()
    sys.stderr.flush()
    if int(os.environ.get("WORLD_SIZE", "1") or "1") > 1:
        os._exit(code)
    return code
