"""Starts mypy's process. This module imports almost nothing, so that mypy can start first."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

from arctic_codegen.diagnostics.faults import WrongUse

_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mypy_worker.py")


def start_mypy() -> subprocess.Popen[bytes] | None:
    """Start a process that loads mypy and waits for a question; ``None`` if mypy is not installed.

    Raises :class:`WrongUse` if no process can be started.
    """
    if find_spec("mypy") is None:
        return None
    try:
        return subprocess.Popen(
            [sys.executable, _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise WrongUse(f"mypy cannot be started: {error.strerror or error}") from error


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the process immediately."""
    if process.poll() is None:
        process.kill()
    process.communicate()
