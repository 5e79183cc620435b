"""Runs the tool's command line in a fork of a process that has loaded it already.

Tests start it as ``python -m arctic_codegen`` by ``subprocess.run``; otherwise each mutant would
have to start Python and import the tool again.
"""

from __future__ import annotations

import io
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from tests import harness

CPU_SECONDS = 10
"""Limits for a command: a mutant may never end."""

_run = subprocess.run


def install(at_end: Callable[[], None] = lambda: None) -> None:
    """Make ``subprocess.run`` fork for the tool; ``at_end`` is called in each fork."""

    def run(command: Any, **how: Any) -> Any:
        plain = {"cwd", "env", "timeout", "capture_output", "text", "check"}
        ours = isinstance(command, list) and command[:3] == [sys.executable, "-m", "arctic_codegen"]
        if not ours or not set(how) <= plain:
            return _run(command, **how)
        return _forked(command, at_end=at_end, **how)

    subprocess.run = run  # type: ignore[assignment]
    harness.FORKED = False  # its process has no mutant


def _forked(
    command: Sequence[str],
    at_end: Callable[[], None],
    cwd: Any = None,
    env: dict[str, str] | None = None,
    check: bool = False,
    **_: object,
) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = _command([str(word) for word in command[3:]], cwd, env, (out, err))
                at_end()
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        status = os.waitpid(child, 0)[1]
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode().replace("\r\n", "\n"))
    done = subprocess.CompletedProcess(command, os.waitstatus_to_exitcode(status), *texts)
    if check:
        done.check_returncode()
    return done


def _command(words: list[str], cwd: Any, env: dict[str, str] | None, files: Sequence[Any]) -> int:
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    for number, file in enumerate(files, 1):
        os.dup2(file.fileno(), number)
    sys.stdin = open(os.devnull)  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
    if cwd is not None:
        os.chdir(cwd)
    if env is not None:
        os.environ.clear()
        os.environ.update(env)
    sys.argv = ["arctic-codegen", *words]
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [os.getcwd(), *filter(None, given)]
    try:
        runpy.run_module("arctic_codegen", run_name="__main__", alter_sys=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
