"""Processes with preloaded modules: ``python forking.py KIND`` forks one for each request.

Loading PyTorch, DeepSpeed and transformers takes four seconds, while a run of a few steps takes
less than one; the same applies to the tool and a small build. Requests and answers are lines of
JSON, one at a time.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

TOOL = ("cli", "commands", "build", "config", "discover", "scan", "resolve", "plan", "emit")


def load_blocks() -> None:
    import arctic_codegen.blocks.start  # noqa: F401


def load_tool() -> None:
    """Load all modules that a build loads."""
    import libraries  # type: ignore[import-not-found]  # it is next to this file

    for package in TOOL:
        for path in (libraries.TOOL / package).rglob("*.py"):
            name = path.relative_to(libraries.TOOL.parent).with_suffix("").parts
            importlib.import_module(".".join(name).removesuffix(".__init__"))
    libraries.scan_once()


LOAD = {"blocks": load_blocks, "tool": load_tool}


def serve(kind: str) -> None:
    LOAD[kind]()
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # output of libraries must not be mixed with answers
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
    os._exit(0)  # nothing needs to be cleaned up


def become(
    program: list[str], environment: dict[str, str], folder: str, out: str, err: str | None
) -> NoReturn:
    """Run a program in this process as ``python PROGRAM...`` would, and exit."""
    code = 1
    try:
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if err else 1, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        if program[0] == "-c":
            sys.argv = ["-c", *program[2:]]
            sys.path[0] = ""
            sys.modules["__main__"] = types.ModuleType("__main__")
            try:
                exec(compile(program[1], "<string>", "exec"), vars(sys.modules["__main__"]))
            finally:
                atexit._run_exitfuncs()
        elif program[0] == "-m":
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
    """A server process that forks one process for each program."""

    def __init__(self, kind: str) -> None:
        self._lock = threading.Lock()
        self._server = subprocess.Popen(
            [sys.executable, __file__, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self,
        program: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        out: Path,
        err: Path | None = None,
    ) -> int:
        """Start a program in a new process, and return its id. It writes to ``out``; its errors
        go to ``err``, or to ``out`` as well."""
        pid: int = self._ask(
            program=list(program),
            environment=dict(environment),
            folder=str(folder),
            out=str(out),
            err=None if err is None else str(err),
        )
        return pid

    def poll(self, pid: int) -> int | None:
        """The exit code of a process; ``None`` while it is running. Must not be called again after
        the process has ended."""
        code: int | None = self._ask(poll=pid)
        return code

    def run(
        self,
        program: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program like ``subprocess.run``, with its output captured as text."""
        with tempfile.TemporaryDirectory() as kept:
            files = Path(kept, "out"), Path(kept, "err")
            pid = self.start(program, environment, folder, *files)
            until = time.monotonic() + timeout
            while (code := self.poll(pid)) is None:
                if time.monotonic() > until:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(program, timeout)
                time.sleep(0.005)
            texts = [file.read_text(encoding="utf-8") for file in files]
        return subprocess.CompletedProcess(program, code, *texts)

    def close(self) -> None:
        self._server.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        self._server.wait(timeout=60)

    def _ask(self, **request: Any) -> Any:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with self._lock:
            self._server.stdin.write(json.dumps(request) + "\n")
            self._server.stdin.flush()
            return json.loads(self._server.stdout.readline())


if __name__ == "__main__":
    serve(sys.argv[1])
