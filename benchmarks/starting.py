"""Runs the commands of benchmarks, in an environment like that of users."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BUILD = (sys.executable, "-m", "arctic_codegen", "build", "--quiet")

OF_BYTECODE = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONOPTIMIZE", "PYTHONDEVMODE")
"""Variables that make Python compile the sources again, which would be timed as well."""


def output_of(command: Sequence[str], folder: Path | None = None) -> str:
    """The output of a command. Exits if the command fails."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_BYTECODE}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout
