"""Finds ArcticTraining's launcher, and starts it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from arctic_codegen.diagnostics.faults import WrongUse

LAUNCHER = "arctic_training"
RUNNER = "arctic_training_run"
"""The program that the launcher finds on ``PATH`` and starts on each rank."""


HOSTFILE = "/job/hostfile"
"""DeepSpeed's default list of nodes."""


class Command(msgspec.Struct, frozen=True):
    """A command to start, and its environment."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


def launcher(python: str | None) -> str:
    """The launcher of the configured environment, otherwise of this one.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if there is none.
    """
    folders = [os.path.dirname(os.path.abspath(path)) for path in (python, sys.executable) if path]
    for folder in folders:
        found = shutil.which(LAUNCHER, path=folder)
        if found is not None:
            return found
    found = shutil.which(LAUNCHER)
    if found is None:
        raise WrongUse(
            f"ArcticTraining's launcher `{LAUNCHER}` is neither beside {folders[0]}/python nor "
            "on PATH",
            'pip install "arctic-codegen[arctic-training]"',
        )
    return found


def command(
    program: str, recipe: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> Command:
    """The command for a recipe.

    A first argument that is not an option is the launcher's mode (``process-data``), which comes
    before the recipe. The folder of the launcher is added to ``PATH`` if its runner is not found
    there.
    """
    mode, rest = list(arguments[:1]), list(arguments[1:])
    if not mode or mode[0].startswith("-"):
        mode, rest = [], list(arguments)
    variables = dict(environment)
    if shutil.which(RUNNER, path=variables.get("PATH")) is None:
        parts = [os.path.dirname(program), variables.get("PATH", "")]
        variables["PATH"] = os.pathsep.join(part for part in parts if part)
    return Command((program, *mode, recipe, *rest), variables)


def has_hostfile(arguments: Sequence[str]) -> bool:
    """Whether the launcher may start ranks on other nodes, which get no environment variables."""
    named = any(one.partition("=")[0] in ("-H", "--hostfile") for one in arguments)
    return named or os.path.exists(HOSTFILE)


def start(chosen: Command) -> None:
    """Replace this process by the launcher, including its exit code and signals.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if it cannot be started.
    """
    program = chosen.arguments[0]
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(program, chosen.arguments, chosen.environment)
    except OSError as error:
        raise WrongUse(f"cannot start '{Path(program)}': {error.strerror}") from error
