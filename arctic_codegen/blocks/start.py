"""Starts a training by a recipe, with the compiled trainer that it names (R33)."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch.distributed.elastic.multiprocessing.errors import get_error_handler

from arctic_codegen import StaleOutputError
from arctic_codegen._version import LOCK_NAME, SITE
from arctic_codegen.blocks import ranks
from arctic_codegen.blocks._errors import Interrupted, RecipeError, TrainingError
from arctic_codegen.blocks.config import TrainerConfig
from arctic_codegen.blocks.failing import described
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.recipe import config_of
from arctic_codegen.blocks.recipe_file import RecipeFile
from arctic_codegen.blocks.trainer import Trainer
from arctic_codegen.blocks.watching import Watch, followed, leave
from arctic_codegen.runtime.errors import OutputDiffersError
from arctic_codegen.runtime.rank import named_ranks
from arctic_codegen.runtime.staleness import read_lock

BUILD = "run 'arctic-codegen build'"

EXPECTED = (TrainingError, StaleOutputError, OutputDiffersError)
"""Errors that the user has to fix; the message says how."""


class _NotPreparedError(TrainingError):
    """Some ranks cannot start; all ranks know which ones and why."""


def main(arguments: Sequence[str]) -> int:
    """Trains on this rank, and returns the exit code: 0, or 1 if the training failed. If a signal
    ended it after a checkpoint, the code is 128 plus the signal's number.

    Errors that the user has to fix are reported in one line, any other exception with its
    traceback. If there are several ranks, the first one that fails ends all of them.
    """
    parser = argparse.ArgumentParser(
        prog="python -m arctic_codegen.blocks",
        description="Train by a recipe, with the compiled trainer that it names.",
    )
    parser.add_argument("recipe", type=Path, help="the recipe, a YAML file")
    parser.add_argument(
        "--output", type=Path, help="the output folder, which has the compiled classes"
    )
    parser.add_argument("--local_rank", type=int, help=argparse.SUPPRESS)  # some launchers pass it
    given = parser.parse_args(arguments)
    watch = Watch()
    try:
        ranks.take_slurm()
    except TrainingError as error:
        return _failed(error, 0, watch)
    rank = int(os.environ.get("RANK", "0") or "0")
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logger.setLevel(logging.INFO if rank == 0 else logging.WARNING)
    # DeepSpeed calls functions in each step that newer releases of PyTorch have renamed.
    warnings.filterwarnings("ignore", message="`torch.distributed", category=FutureWarning)
    code = 0
    try:
        if _several():
            ranks.connect()
            watch.start()
        trainer, config = _prepared(given.recipe, given.output)
        try:
            trainer(config).train()
        except Interrupted as interrupted:
            code = interrupted.status
        if _several():
            ranks.disconnect()
    except BaseException as error:
        return _failed(error, rank, watch)
    watch.stop()
    return code


def _prepared(path: Path, output: Path | None) -> tuple[type[Trainer], TrainerConfig]:
    """The trainer that a recipe names, and its configuration, once all ranks have them.

    If some ranks cannot get them, raises :class:`TrainingError` on all ranks, with the reasons.
    """
    problem = found = None
    try:
        recipe = RecipeFile(path)
        trainer = compiled_trainer(recipe, output)
        found = trainer, config_of(recipe, trainer)
    except EXPECTED as error:
        problem = str(error)
    if _several():
        problem = _together(ranks.gathered(problem))
    if problem or found is None:
        raise _NotPreparedError(problem)
    return found


def _together(problems: list[str | None]) -> str | None:
    """The problems of all ranks, each with the ranks that have it."""
    if len(set(problems)) == 1:
        return problems[0]
    ranks_of: dict[str, list[int]] = {}
    for rank, problem in enumerate(problems):
        if problem is not None:
            ranks_of.setdefault(problem, []).append(rank)
    return "\n".join(f"{named_ranks(those)}: {one}" for one, those in ranks_of.items())


def compiled_trainer(recipe: RecipeFile, output: Path | None = None) -> type[Trainer]:
    """The compiled class of the trainer that a recipe's ``type`` names.

    ``output`` is the folder of the compiled classes; by default, the nearest one from the recipe's
    folder upwards.

    Raises :class:`RecipeError` if there is no output, or no such trainer in it, and
    :class:`~arctic_codegen.StaleOutputError` if the output does not match its sources.
    """
    name = recipe.values.get("type")
    if not isinstance(name, str) or not name:
        raise RecipeError(f"{recipe.place(('type',))}: type: must be the name of a trainer")
    folder = output.absolute() if output is not None else _output_above(recipe.path.absolute())
    if not (folder / LOCK_NAME).is_file():
        raise RecipeError(f"there are no compiled classes in {folder}: {BUILD}")
    for root in reversed(_import_roots(folder)):
        if root in sys.path:
            sys.path.remove(root)
        sys.path.insert(0, root)
    registry: Any = importlib.import_module(folder.name)
    if not any(Path(one).samefile(folder) for one in getattr(registry, "__path__", ())):
        raise RecipeError(
            f"{folder} cannot be imported: the name {folder.name!r} is that of"
            f" {getattr(registry, '__file__', None)}"
        )
    get = getattr(registry, "get_trainer", None)
    if get is None:
        raise RecipeError(f"no trainer is compiled in {folder}: {BUILD}")
    try:
        cls: type[Any] = get(name)
    except LookupError as error:
        raise RecipeError(f"{recipe.place(('type',))}: type: {error}; or {BUILD}") from None
    if not issubclass(cls, Trainer):
        raise RecipeError(
            f"{recipe.place(('type',))}: type: {cls.__qualname__} is not a trainer of "
            "arctic_codegen.blocks"
        )
    return cls


def _import_roots(folder: Path) -> list[str]:
    """The parent of the output folder, and the import roots of its sources."""
    roots = [str(folder.parent)]
    for module, built in read_lock(str(folder)).get("modules", {}).items():
        inside = module.replace(".", "/")
        found = [
            path.removesuffix(end)
            for path in built["reads"]
            for end in (f"/{inside}.py", f"/{inside}/__init__.py")
            if path.endswith(end) and not path.startswith(SITE)
        ]
        if found:  # a module in a package may have the same last name
            root = min(found, key=lambda path: path.count("/"))
            roots.append(os.path.normpath(folder / root))
    return list(dict.fromkeys(roots))


def _output_above(path: Path) -> Path:
    """The output in the nearest folder above the recipe that has one.

    Raises :class:`RecipeError` if there is none, or more than one in the same folder.
    """
    for folder in path.parents:
        found = sorted(one.parent for one in folder.glob(f"*/{LOCK_NAME}"))
        if len(found) > 1:
            names = ", ".join(one.name for one in found)
            raise RecipeError(f"{folder} has more than one output: choose with --output: {names}")
        if found:
            return found[0]
    raise RecipeError(f"there are no compiled classes beside or above {path}: {BUILD}")


def _several() -> bool:
    """Whether a launcher has started more ranks than this one."""
    return int(os.environ.get("WORLD_SIZE", "1") or "1") > 1


def _failed(error: BaseException, rank: int, watch: Watch) -> int:
    """Reports why this rank ends: its own error, or that of the first rank that failed.

    Returns the exit code; if there are several ranks, it exits the process instead.
    """
    expected = isinstance(error, EXPECTED)
    line = str(error) if expected else described(error)
    first, told = watch.first_failure(rank, line)
    if first != rank:
        if told != line:  # the error of this rank is a different one
            followed(rank, first, told)
    else:
        if not expected:
            traceback.print_exception(error)
        by_rank = _several() and not isinstance(error, _NotPreparedError)
        print(f"rank {rank}: {line}" if by_rank else line, file=sys.stderr)
        get_error_handler().record_exception(error)  # torchrun shows it at the end
    watch.linger()
    if _several():  # cleanup must not wait for other ranks
        leave()
    return 1
