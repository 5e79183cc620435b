"""Runs pyright's command line, and parses its JSON output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.diagnostics.texts import SourceLines
from arctic_codegen.typecheck.pyright_interpreter import interpreter
from arctic_codegen.typecheck.questions import (
    CheckedFile,
    CheckerFault,
    CheckerMessage,
    CheckerName,
    Question,
    character,
    reader,
)

_FOUND_ERRORS = 1
"""The highest exit code of a run that completed."""


class Pyright:
    """The installed pyright. It has no cache, and analyses untyped packages by default."""

    name: CheckerName = "pyright"

    def __init__(self) -> None:
        self._command = _command()

    def ask(self, question: Question) -> None:
        """Do nothing: pyright starts when its messages are requested."""

    def messages(self, question: Question) -> Sequence[CheckerMessage]:
        with tempfile.TemporaryDirectory(prefix="arctic-codegen-") as folder:
            # pyright reports real paths.
            above = os.path.realpath(folder)
            copy = _Copy(question, above)
            with tempfile.TemporaryDirectory(prefix="arctic-codegen-") as script_folder:
                roots = [above, *question.roots]
                python = interpreter(question.python or sys.executable, roots, script_folder)
                found = self._run(question, copy, python)
            return tuple(_messages(found, copy))

    def close(self) -> None:
        """Nothing is kept running."""

    def _run(self, question: Question, copy: _Copy, python: str) -> dict[str, Any]:
        files = [file.path for file in question.sources] + copy.output
        command = [*self._command, "--outputjson", "--pythonpath", python, *files]
        try:
            done = subprocess.run(
                command,
                cwd=question.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise CheckerFault(f"pyright cannot be started: {error.strerror or error}") from error
        printed = done.stderr.decode(errors="replace").strip()
        if done.returncode > _FOUND_ERRORS:
            raise CheckerFault(printed or f"its exit code was {done.returncode}")
        try:
            found = json.loads(done.stdout)
        except ValueError as error:
            printed = printed or done.stdout.decode(errors="replace").strip()
            raise CheckerFault(f"pyright ended without an answer: {printed}") from error
        assert isinstance(found, dict)
        if found.get("summary", {}).get("filesAnalyzed", 0) < len(copy.output):
            raise CheckerFault("it has not read the output" + (f": {printed}" if printed else ""))
        return found


def _command() -> list[str]:
    if find_spec("pyright") is not None:
        return [sys.executable, "-I", "-m", "pyright"]
    found = shutil.which("pyright")
    if found is None:
        raise WrongUse(
            "pyright is not installed",
            'run `pip install "pyright[nodejs]"`, or use `--checker mypy`',
        )
    return [found]


class _Copy:
    """A copy of the future output in a separate folder, where no project setting excludes it from
    pyright."""

    def __init__(self, question: Question, folder: str) -> None:
        self._original: dict[str, str] = {}
        self._read = reader(question)
        self.output = [self._write(folder, file) for file in question.output]
        self.lines = SourceLines(self._read)

    def _write(self, folder: str, file: CheckedFile) -> str:
        parts = file.module.split(".")
        if os.path.basename(file.path) == "__init__.py":
            parts.append("__init__")
        copy = os.path.join(folder, *parts) + ".py"
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(copy, "wb") as target:
            target.write(self._read(file.path) or b"")
        self._original[copy] = file.path
        return copy

    def original(self, path: str) -> str:
        return self._original.get(path, path)


def _messages(found: Mapping[str, Any], copy: _Copy) -> Iterator[CheckerMessage]:
    """The errors in pyright's output; lower severities are ignored."""
    for one in found.get("generalDiagnostics", ()):
        if one.get("severity") != "error":
            continue
        path = copy.original(os.path.normpath(one["file"]))
        text, *more = one["message"].replace("\u00a0", " ").split("\n")
        place = Place(path, _span(one.get("range"), path, copy.lines))
        yield CheckerMessage(place, text, one.get("rule", ""), tuple(line.strip() for line in more))


def _span(found: Mapping[str, Any] | None, path: str, lines: SourceLines) -> Span:
    """The span of a message; pyright counts lines from 0, and columns in UTF-16 units."""
    if found is None:
        return Span(1, 1, 1, 1)
    places: list[int] = []
    for end in (found["start"], found["end"]):
        line = end["line"] + 1
        text = lines.line(path, line)
        places += [line, character(text, end["character"], "utf-16-le", 2)]
    return Span(*places)
