"""Processes that start with the libraries loaded: ``python forking.py`` forks one for each request.

Loading PyTorch, DeepSpeed and transformers takes four seconds, a run of a few steps takes less
than one. Requests and answers are lines of JSON, and nothing happens between them.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn


def serve() -> None:
    import arctic_codegen.blocks.start  # noqa: F401  # what each process starts with

    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever the libraries print
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        answer: int | None
        if "poll" in asked:
            pid, status = os.waitpid(asked["poll"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                answers.close()
                become(**asked)
        answers.write(json.dumps(answer) + "\n")
    os._exit(0)  # nothing is left to be put away


def become(program: list[str], environment: dict[str, str], folder: str, out: str) -> NoReturn:
    """Runs a program in this process as ``python PROGRAM...`` would, and ends."""
    code = 1
    try:
        written = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for descriptor in (1, 2):
            os.dup2(written, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        if program[0] == "-m":
            sys.argv = program[1:]
            sys.path[0] = folder
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = program
            sys.path[0] = str(Path(folder, program[0]).parent)
            runpy.run_path(program[0], run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Forks:
    """The process that forks others."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            env={
                **os.environ,
                "DS_ACCELERATOR": "cpu",
                "OMP_NUM_THREADS": "1",
                "HF_HUB_OFFLINE": "1",
                "PYTHONPATH": str(Path(__file__).parents[3]),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self, program: Sequence[str], environment: Mapping[str, str], folder: Path, out: Path
    ) -> int:
        """The number of a new process that runs a program and writes into ``out``."""
        pid: int = self._ask(
            program=list(program), environment=dict(environment), folder=str(folder), out=str(out)
        )
        return pid

    def poll(self, pid: int) -> int | None:
        """The exit code of a process, once it has ended; asked no more after that."""
        code: int | None = self._ask(poll=pid)
        return code

    def close(self) -> None:
        self._server.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        self._server.wait(timeout=60)

    def _ask(self, **request: Any) -> Any:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())


if __name__ == "__main__":
    serve()
