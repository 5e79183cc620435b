"""Injects faults into a process, at chosen calls that change the disk.

:data:`INJECTOR` is installed as ``sitecustomize`` on the search path of the process. Python calls
audit hooks right before each such call. (The content of a file is first written to a temporary
file, which does not count: nothing reads a truncated one.)
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

INJECTOR = """
import os, signal, sys

_ROOT = os.environ["FAULT_ROOT"]
_KIND = os.environ["FAULT_KIND"]
_AT = int(os.environ["FAULT_AT"])
_count = 0


def _paths(event, args):
    if event == "open":
        path, mode, flags = args
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return [path] if writes else []
    if event in ("os.rename", "os.link", "os.symlink"):
        return list(args[:2])
    if event in ("os.remove", "os.rmdir", "os.mkdir"):
        # What is named by an open folder is a temporary one that goes as a whole.
        return [args[0]] if args[-1] == -1 else []
    return []


def _hook(event, args):
    global _count
    for path in _paths(event, args):
        if not isinstance(path, (str, bytes, os.PathLike)):
            continue
        full = os.path.abspath(os.fsdecode(path))
        if not full.startswith(_ROOT) or "__pycache__" in full:
            continue
        _count += 1
        if _KIND == "count":
            os.write(int(os.environ["FAULT_COUNTER"]), b".")
        elif _count == _AT and _KIND == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif _count >= _AT and _KIND.isdigit():
            # From here on the disk gives this error.
            raise OSError(int(_KIND), os.strerror(int(_KIND)), full)
        return


sys.addaudithook(_hook)
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended; ``calls`` is the number of its calls that change the disk."""

    code: int
    out: str
    err: str
    calls: int = 0


class Faulty:
    """Run the command line in a project, with a fault at one call."""

    def __init__(self, root: Path, hooks: Path) -> None:
        self.root = root
        self._hooks = hooks
        hooks.mkdir(parents=True)
        (hooks / "sitecustomize.py").write_text(INJECTOR)

    def run(self, *arguments: str, kind: str, at: int = 0) -> Ended:
        """``kind`` is ``kill``, ``count``, or the number of an error of the operating system."""
        read, write = os.pipe()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "arctic_codegen", *arguments],
                cwd=self.root,
                capture_output=True,
                text=True,
                timeout=120,
                pass_fds=(write,),
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(
                        filter(None, (str(self._hooks), os.environ.get("PYTHONPATH")))
                    ),
                    "FAULT_ROOT": str(self.root),
                    "FAULT_KIND": kind,
                    "FAULT_AT": str(at),
                    "FAULT_COUNTER": str(write),
                },
            )
        finally:
            os.close(write)
            with os.fdopen(read, "rb") as counted:
                calls = len(counted.read())
        return Ended(done.returncode, done.stdout, done.stderr, calls)

    def calls(self, *arguments: str, undo: Callable[[], None]) -> int:
        """The number of calls of a run that change the disk; ``undo`` reverts them."""
        ended = self.run(*arguments, kind="count")
        assert ended.code == 0, ended.out + ended.err
        undo()
        return ended.calls
