"""Workers scan files if this saves time, and have no other effect."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import CONFIG, write_files

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="there is no safe fork elsewhere"
)

SOURCE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    callbacks = [("post-step", lambda self, value: value + {n})]

    def step(self, batch: int) -> int:
        return batch
"""
# Pretend that there is a second processor.
BUILD = """
import json, os, sys
import arctic_codegen.build.workers.pool as workers
from arctic_codegen.cli.main import run
os.sched_getaffinity = lambda _: set(range(int(sys.argv[1])))
{first}
original = workers.Workers.result
replies = []
def told(self, path):
    reply = original(self, path)
    replies.append(reply is not None)
    return reply
workers.Workers.result = told
code = run(sys.argv[2:])
try:
    os.waitpid(-1, os.WNOHANG)
    left = True
except ChildProcessError:
    left = False
print(json.dumps([sum(replies), len(replies), "libcst" in sys.modules, left]), file=sys.stderr)
sys.exit(code)
"""

ALL = 13
"""The files that are scanned for such a project: its own, and that of ``CallbackMixin``."""


def write(folder: Path, last: str = "") -> None:
    files = {f"app/t{n}.py": SOURCE.format(n=n) for n in range(12)}
    files["app/t7.py"] += last
    write_files(folder, {"pyproject.toml": CONFIG, **files})


def built(folder: Path, processors: int, *options: str, meanwhile: str = "pass", first: str = ""):
    done = subprocess.run(
        [
            *(sys.executable, "-c", BUILD.format(first=first)),
            str(processors),
            *("build", "--format", "concise", *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONHASHSEED": str(processors)},
    )
    output = folder / "generated"
    files = {str(path): path.read_bytes() for path in output.rglob("*.*")}
    return (done.returncode, done.stdout, files), json.loads(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("options", [(), ("--no-cache",)], ids=["kept", "not kept"])
@pytest.mark.parametrize("last", ["", "def broken(:\n", "# arctic-codegen: ignore[AC201]\n"])
def test_the_result_is_that_of_one_process(tmp_path, last, options):
    write(tmp_path, last)
    result, told = built(tmp_path, 3, *options)
    assert told == [ALL, ALL, False, False]
    assert result[0] == (1 if "broken" in last else 0)
    again, _ = built(tmp_path, 3)  # cached scans are equivalent
    alone, told = built(tmp_path, 1, "--no-cache")
    assert told == [0, 0, True, False]
    assert again == alone == result


DYING = """
import signal
from arctic_codegen.build.workers.channel import Channel
builder, send = os.getpid(), Channel.send
def die(self, value):
    if os.getpid() != builder and (os.getppid() == builder) == ({victim!r} == "first"):
        os.kill(os.getpid(), signal.SIGKILL)
    send(self, value)
Channel.send = die
"""


@pytest.mark.parametrize("victim", ["first", "second"])
def test_a_worker_that_is_killed_is_done_without(tmp_path, victim):
    write(tmp_path)
    result, told = built(tmp_path, 3, "--no-cache", first=DYING.format(victim=victim))
    assert told[0] < ALL
    assert told[2:] == [True, False]
    alone, _ = built(tmp_path, 1, "--no-cache")
    assert result == alone


LONG = SOURCE.format(n=0) + "x = [" + "(1, 2, 'abc'), " * 1_500 + "]\n"


def descendants(process: int) -> dict[int, str]:
    """The children of a process and their children, each with its start time."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(state[1]) == process or int(state[1]) in found:
                found[int(entry.name)] = state[19]
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_is_left_when_a_build_is_ended(tmp_path, how):
    write(tmp_path)
    for n in range(60):
        (tmp_path / "app" / f"long{n}.py").write_text(LONG + f"y = {n}\n")
    program = BUILD.format(first="")
    started = subprocess.Popen(
        [sys.executable, "-c", program, "3", "build", "--no-cache"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    workers: dict[int, str] = {}
    while len(workers) < 2 and time.monotonic() < deadline:
        workers = descendants(started.pid)
        time.sleep(0.02)
    assert len(workers) == 2
    if how == signal.SIGINT:
        os.killpg(started.pid, how)  # as a terminal does
    else:
        os.kill(started.pid, how)
    said = started.stderr.read() if started.stderr is not None else ""
    code = started.wait(timeout=30)
    if how == signal.SIGINT:
        assert code == 130
        *_, interrupted, told = said.splitlines()
        assert interrupted == "interrupted"
        assert json.loads(told)[3] is False
    else:
        assert (code, said) == (-how, "")
    while any(map(is_at_work, *zip(*workers.items(), strict=True))):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_at_work(process: int, started: str) -> bool:
    """Whether a process is running, and not a zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return state[0] != "Z" and state[19] == started


@pytest.mark.parametrize("closed", ["0<&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"])
def test_streams_that_are_closed_are_no_matter(tmp_path, closed):
    write(tmp_path)
    told = tmp_path / "told"
    program = BUILD.format(first="").replace("file=sys.stderr", "file=open('told', 'w')")
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            f'exec "$0" -c "$1" 3 build --no-cache {closed}',
            sys.executable,
            program,
        ],
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 0
    assert json.loads(told.read_text()) == [ALL, ALL, False, False]


def test_a_build_that_finds_its_files_kept_needs_no_worker(tmp_path):
    write(tmp_path)
    built(tmp_path, 3)
    (tmp_path / "app" / "t3.py").write_text(SOURCE.format(n=77))
    _, told = built(tmp_path, 3)
    assert told == [0, 0, True, False]
