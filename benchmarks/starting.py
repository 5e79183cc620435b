"""Starts what a benchmark needs, with the environment in which people run programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BUILD = (sys.executable, "-m", "arctic_codegen", "build", "--quiet")

OF_BYTECODE = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONOPTIMIZE", "PYTHONDEVMODE")
"""Where one of these is set, what is timed is the compiler that translates the source anew."""


def output_of(command: Sequence[str], folder: Path | None = None) -> str:
    """What a command prints that has to go well."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_BYTECODE}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout
