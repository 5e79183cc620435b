"""A command exits immediately without cleaning up memory, and loses nothing by that."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys, threading, time
from arctic_codegen.cli.main import main
sys.argv = ["arctic-codegen", *sys.argv[1:]]
{before}
main()
"""


def end(before: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "code"), [(("explain", "AC201"), 0), (("list", "no.such:Thing"), 2)]
)
def test_what_was_said_arrives_and_so_does_the_exit_code(arguments, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = end("atexit.register(print, 'bye')", *arguments)
    assert done.returncode == code
    assert (done.stdout if code == 0 else done.stderr).strip()
    assert done.stdout.endswith("bye\n")


def test_objects_are_not_taken_apart():
    before = """
class Late:
    def __del__(self): print('late')
late = Late()
"""
    assert "late" not in end(before, "--version").stdout


@pytest.mark.parametrize(
    "before",
    [
        "threading.Thread(target=lambda: (threading.main_thread().join(), print('last'))).start()",
        "import cProfile; atexit.register(print, 'last'); cProfile.Profile().enable()",
        "atexit.register(print, 'last'); sys.settrace(lambda *_: None)",
    ],
    ids=["a thread", "a profile", "a debugger"],
)
def test_who_waits_for_the_end_of_the_interpreter_gets_it(before):
    at_once = "import os; os._exit = lambda code: print('at once', flush=True)\n"
    done = end(at_once + before, "--version")
    assert done.returncode == 0
    assert "last\n" in done.stdout
    assert "at once" not in done.stdout
    assert "at once" in end(at_once, "--version").stdout
