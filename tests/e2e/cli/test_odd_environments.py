"""Unusual environments and names lead to a finding, or a clear error message."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "arctic_codegen"]


def ran(folder, *arguments, **env):
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        timeout=60,
    )


def no_fault(done):
    said = done.stdout + done.stderr
    assert b"Traceback" not in said
    assert b"AC901" not in said, said
    return said


def test_settings_for_a_person_s_own_ruff_do_not_count(project):
    """A workflow may set another message format, or an output file, for all runs of ruff."""
    assert ran(project, "build").returncode == 0
    made = (project / "generated" / "app" / "main.py").read_bytes()
    (project / "generated" / "app" / "main.py").unlink()
    done = ran(
        project,
        "build",
        "--no-cache",
        RUFF_OUTPUT_FORMAT="of-tomorrow",
        RUFF_OUTPUT_FILE=str(project / "messages.txt"),
        RUFF_NO_CACHE="perhaps",
    )
    no_fault(done)
    assert done.returncode == 0
    assert (project / "generated" / "app" / "main.py").read_bytes() == made
    assert not (project / "messages.txt").exists()


def test_a_ruff_that_cannot_be_started_is_told(project):
    code = (
        "import arctic_codegen.emit.format as f; f.ruff = lambda: '/no/such/ruff';"
        "from arctic_codegen.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "build", "--no-cache"], cwd=project, capture_output=True
    )
    no_fault(done)
    assert done.returncode == 2
    assert b"ruff cannot be started: No such file" in done.stderr
    assert not (project / "generated").exists()


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_checker_that_cannot_be_started_is_told(project, checker):
    code = (
        "import sys; from arctic_codegen.cli.main import main;"
        "sys.executable = '/no/such/python'; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "--checker", checker],
        cwd=project,
        capture_output=True,
    )
    no_fault(done)
    assert done.returncode == 2
    assert f"{checker} cannot be started: No such file".encode() in done.stderr


@pytest.mark.parametrize("command", ["--help", "--version", "explain AC201"])
def test_a_full_disk_behind_standard_output_is_no_fault_of_the_tool(project, command):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *command.split()], cwd=project, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert b"AC901" not in done.stderr
    assert b"No space left on device" in done.stderr


@pytest.mark.parametrize("command", ["build --no-cache", "list", "check"])
def test_too_few_open_files_are_no_fault_of_the_tool(project, command):
    for files in (5, 6, 7, 8, 9):
        done = subprocess.run(
            ["bash", "-c", f'ulimit -n {files}; exec "$@"', "-", *COMMAND, *command.split()],
            cwd=project,
            capture_output=True,
        )
        assert b"AC901" not in done.stderr, done.stderr
        assert done.returncode in (0, 1, 2, 127)  # so little that Python itself does not start


def test_a_folder_whose_name_is_no_text(folder):
    """On Linux a file name may be any bytes."""
    project = os.fsencode(folder) + b"/\xff"
    try:
        os.makedirs(project + b"/app")
    except OSError:
        pytest.skip("names are texts here")
    for name, text in {
        b"pyproject.toml": '[tool.arctic-codegen]\nsources = ["app"]\n',
        b"app/__init__.py": "",
        b"app/main.py": "from arctic_codegen import CallbackMixin\n\n\n"
        "class A(CallbackMixin):\n    def run(self) -> None: ...\n\n"
        "    def post_run_callback(self) -> None: ...\n",
    }.items():
        with open(project + b"/" + name, "w") as file:
            file.write(text)
    for command in ("build", "build", "build --check", "list", "explain app.main:A", "build app"):
        done = ran(project, *command.split())
        no_fault(done)
        assert done.returncode == 0, (command, done.stderr)
    for command in ("check", "annotate"):
        no_fault(ran(project, command))
    for command in ("build", "check", "list", "explain", "annotate"):
        done = subprocess.run(
            [*(os.fsencode(part) for part in COMMAND), command.encode(), b"nowhere/\xff"],
            cwd=project,
            capture_output=True,
        )
        no_fault(done)
        assert done.returncode == 1, (command, done.stderr)


@pytest.mark.parametrize("command", ["list", "explain", "build", "check", "annotate"])
def test_a_name_that_is_too_long_for_a_file(project, command):
    done = ran(project, command, "x" * 5000)
    no_fault(done)
    assert done.returncode in (1, 2)
    assert len(done.stderr.splitlines()) <= 2


EVIL = "a\x1b[31mb\n::error::c\r"


def test_what_is_told_on_standard_error_has_no_lines_and_colours_of_others(project):
    toml = json.dumps(EVIL)
    (project / "pyproject.toml").write_text(
        f'[tool.arctic-codegen]\nsources = ["app"]\noutput = {toml}\n'
    )
    for arguments in (
        ("build",), ("build",), ("build", "--check"), ("list", EVIL), ("explain", EVIL),
        ("build", "--config", EVIL), ("build", "--output", f"{EVIL}/x/y"), ("run", EVIL),
    ):  # fmt: skip
        said = no_fault(ran(project, *arguments)).decode()
        assert not any(one in said for one in "\x1b\r"), arguments
        assert "\n::error" not in said, arguments


@pytest.mark.parametrize("command", [("list",), ("explain", "app.main:TrainerB")])
def test_sarif_is_one_document(project, command):
    for more in ((), ("--compare",)) if command[0] == "explain" else ((), ("--strict",)):
        done = ran(project, *command, *more, "--format", "sarif")
        assert json.loads(done.stdout)["version"] == "2.1.0"
