"""ArcticTraining's launcher: where it is, and how it is started."""

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
"""What the launcher looks for on ``PATH``, and starts on each rank."""


HOSTFILE = "/job/hostfile"
"""The list of nodes that DeepSpeed takes where nobody names one."""


class Command(msgspec.Struct, frozen=True):
    """What to start, and with which environment."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


def launcher(python: str | None) -> str:
    """The launcher of the environment that the configuration names, or else of this one.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` where there is none.
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

    A first argument that is no option is the launcher's mode (``process-data``), which it takes
    before the recipe. Its environment's folder joins ``PATH`` where its runner would not be found.
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
    """Whether the launcher may start ranks on other nodes, to which it passes no variables on."""
    named = any(one.partition("=")[0] in ("-H", "--hostfile") for one in arguments)
    return named or os.path.exists(HOSTFILE)


def start(chosen: Command) -> None:
    """Becomes the launcher: its exit code and all signals are then its own.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` where it cannot be started.
    """
    program = chosen.arguments[0]
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(program, chosen.arguments, chosen.environment)
    except OSError as error:
        raise WrongUse(f"cannot start '{Path(program)}': {error.strerror}") from error
