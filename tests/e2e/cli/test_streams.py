"""Output streams that are closed, full, or terminals."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "arctic_codegen"]


def shell(text: str) -> subprocess.CompletedProcess[str]:
    line = f"{sys.executable} -m arctic_codegen {text}"
    return subprocess.run(line, shell=True, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("list >&-", 0),
        ("build 2>&-", 0),
        ("build 2>/dev/full", 0),
        ("list >/dev/full", 2),
        ("list --output /dev/full", 2),
        ("list --output nowhere/report.txt", 2),
        ("list --output .", 2),
    ],
)
def test_a_stream_that_cannot_be_written_is_no_fault_of_the_tool(project, line, code):
    done = shell(line)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "AC901" not in done.stderr
    assert "Exception ignored" not in done.stderr


def on_a_terminal(*arguments: str, **env: str) -> str:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", **env},
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        process.wait()
    os.close(leader)
    return shown.decode()


def test_colour_only_on_a_terminal_that_wants_it(project):
    source = project / "app" / "main.py"
    source.write_text(source.read_text().replace("post-epoch", "post-epok"))
    assert "\x1b[" in on_a_terminal("build")
    assert "\x1b[31m" not in on_a_terminal("build", NO_COLOR="1")
    assert "\x1b[1;31m" not in on_a_terminal("build", TERM="dumb")
    assert "\x1b" not in shell("build").stdout


def test_a_working_folder_that_is_gone(folder):
    gone = folder / "gone"
    gone.mkdir()
    done = shell(f"--version; cd {gone}; rmdir {gone}; {' '.join(COMMAND)} build")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
