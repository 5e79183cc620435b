"""Projects for tests: writes sources, runs the command line on them, and runs compiled classes."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.forking import Forks

CONFIG = """\
[tool.arctic-codegen]
sources = ["app"]
"""
AUTHOR = {
    f"GIT_{person}_{fact}": "a" for person in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")
}
"""Environment variables for commits with git."""
_MARK = re.compile(r"# (error|warning|note): \[([A-Z0-9, ]+)\]")


FORKED = True
"""Whether the command line runs in a fork of a process that has already loaded it."""


@functools.cache
def forks(kind: str) -> Forks:
    """The server process of this test run that has loaded modules of this kind."""
    server = Forks(kind)
    atexit.register(server.close)
    return server


def forked(
    kind: str,
    program: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] = os.environ,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """The result of ``python PROGRAM...``, in a process that has already loaded modules of this
    kind.

    Variables such as ``PYTHONPATH`` have no effect, because Python is already running.
    """
    if FORKED:
        return forks(kind).run(program, folder, environment, timeout)
    return subprocess.run(
        [sys.executable, *program],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@dataclass(frozen=True)
class ReportedFinding:
    """One finding in the output of ``--format concise``."""

    path: str
    line: int
    column: int
    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class CommandResult:
    """The result of one run of the command line."""

    code: int
    findings: tuple[ReportedFinding, ...]
    stdout: str
    stderr: str

    @property
    def codes(self) -> list[tuple[str, int, str]]:
        """Path, line and code of each finding that is not a note."""
        return [(f.path, f.line, f.code) for f in self.findings if f.severity != "note"]


def parse_concise(text: str) -> tuple[ReportedFinding, ...]:
    """The findings in concise output; other lines are ignored."""
    found = []
    for line in text.splitlines():
        head, bracket, message = line.partition("] ")
        place, space, label = head.rpartition(": ")
        if not bracket or not space or "[" not in label:
            continue
        if not all(part.isdigit() for part in place.split(":")[-2:]):
            continue  # a line of a diff
        path, row, column = place.rsplit(":", 2)
        severity, code = label.split("[")
        found.append(ReportedFinding(path, int(row), int(column), severity, code, message))
    return tuple(found)


def marks_of(files: dict[str, str]) -> dict[tuple[str, int, str], set[str]]:
    """The expected codes, by path, line and severity.

    A line with a finding ends with ``# error: [AC201]`` (or ``warning``, ``note``); if there are
    several codes, one of them is expected.
    """
    marks = {}
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            for severity, codes in _MARK.findall(line):
                marks[path, number, severity] = set(re.split(r",\s*", codes))
    return marks


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below a folder, unchanged."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


class Project:
    """A folder with a configuration and sources."""

    def __init__(self, root: Path, files: dict[str, str], config: str = CONFIG) -> None:
        self.root = root
        self.write({"pyproject.toml": config, **files})

    def write(self, files: Mapping[str, str]) -> None:
        """Write files; the texts may be indented, and start with an empty line."""
        texts = {name: textwrap.dedent(text).lstrip("\n") for name, text in files.items()}
        write_files(self.root, texts)

    def cli(
        self, *args: str, env: dict[str, str] | None = None, timeout: float = 120
    ) -> CommandResult:
        """Run ``arctic-codegen`` in the project's folder, in a separate process."""
        if env is None:
            program = ["-m", "arctic_codegen", *args]
            done = forked("tool", program, self.root, timeout=timeout)
        else:
            done = subprocess.run(
                [sys.executable, "-m", "arctic_codegen", *args],
                cwd=self.root,
                capture_output=True,
                text=True,
                env={**os.environ, **env},
                timeout=timeout,
            )
        found = parse_concise(done.stdout)
        return CommandResult(done.returncode, found, done.stdout, done.stderr)

    def build(self, *args: str) -> CommandResult:
        return self.cli("build", "--format", "concise", *args)

    def built(self) -> Project:
        """Build, and fail with the report if there are errors."""
        ran = self.build()
        assert ran.code == 0, ran.stdout + ran.stderr
        return self

    def python(self, code: str, *, ok: bool = True, env: dict[str, str] | None = None) -> str:
        """Run Python code in the project's folder; returns its output, or its errors if not
        ``ok``."""
        return self.run(sys.executable, "-c", textwrap.dedent(code), ok=ok, env=env)

    def run(self, *command: str, ok: bool = True, env: dict[str, str] | None = None) -> str:
        """Run a command in the project's folder; returns its output, or its errors if not
        ``ok``."""
        done = subprocess.run(
            command,
            cwd=self.root,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            timeout=120,
        )
        if ok:
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout
        assert done.returncode != 0, done.stdout
        return done.stderr

    def generated(self, name: str) -> str:
        return (self.root / "generated" / name).read_text(encoding="utf-8")


def projects_in(
    folder: Path, config: str = CONFIG, always: Mapping[str, str] | None = None
) -> Callable[..., Project]:
    """A factory of projects in separate folders, from files or from the text of one module.

    Projects made from files also have the files ``always``.
    """
    counter = itertools.count()

    def make(files: dict[str, str] | str, config: str = config) -> Project:
        if isinstance(files, str):
            files = {"app/__init__.py": "", "app/main.py": files}
        return Project(folder / f"p{next(counter)}", {**(always or {}), **files}, config)

    return make
