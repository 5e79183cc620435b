"""pyright: one run of its command line, and its JSON as messages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.diagnostics.texts import SourceLines, read_from_disk
from arctic_codegen.typecheck.asked_python import interpreter
from arctic_codegen.typecheck.records import CheckerFault, CheckerName, Message, Question

_STYLE = re.compile(
    r"report(Unknown|Missing|Unused|Unnecessary|Untyped|Private|Constant|Deprecated|ImplicitOverride)"
)
"""Rules about how code is to be written. They concern the sources; of the output they would only
say the same again where nobody can act."""

_FOUND_ERRORS = 1
"""The highest exit code of a run that was able to do its work."""


class Pyright:
    """The installed pyright. It has no cache; it looks into untyped packages by itself."""

    name: CheckerName = "pyright"

    def __init__(self) -> None:
        self._command = _command()

    def ask(self, question: Question) -> None:
        """It begins when its messages are wanted."""

    def messages(self, question: Question) -> Sequence[Message]:
        with tempfile.TemporaryDirectory(prefix="arctic-codegen-") as folder:
            # pyright reports real paths.
            above = os.path.realpath(folder)
            copy = _Copy(question, above)
            output = {file.path for file in question.output}
            with tempfile.TemporaryDirectory(prefix="arctic-codegen-") as aside:
                roots = [above, *question.roots]
                python = interpreter(question.python or sys.executable, roots, aside)
                found = self._run(question, copy, python)
            return tuple(
                message
                for message in _messages(found, copy)
                if message.place.path not in output or not _STYLE.match(message.rule)
            )

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
        said = done.stderr.decode(errors="replace").strip()
        if done.returncode > _FOUND_ERRORS:
            raise CheckerFault(said or f"its exit code was {done.returncode}")
        try:
            found = json.loads(done.stdout)
        except ValueError as error:
            said = said or done.stdout.decode(errors="replace").strip()
            raise CheckerFault(f"pyright ended without an answer: {said}") from error
        assert isinstance(found, dict)
        if found.get("summary", {}).get("filesAnalyzed", 0) < len(copy.output):
            raise CheckerFault("it has not read the output" + (f": {said}" if said else ""))
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
    """The output as it would be, in a folder of its own: there no setting of the project's keeps
    pyright out of it."""

    def __init__(self, question: Question, folder: str) -> None:
        self._original: dict[str, str] = {}
        self._texts = {path: text for path, text in question.overlay if text is not None}
        self.output = [self._write(folder, file.path, file.module) for file in question.output]
        self.lines = SourceLines(self._read)

    def _write(self, folder: str, path: str, module: str) -> str:
        parts = module.split(".")
        if os.path.basename(path) == "__init__.py":
            parts.append("__init__")
        copy = os.path.join(folder, *parts) + ".py"
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        data = self._read(path)
        with open(copy, "wb") as file:
            file.write(data or b"")
        self._original[copy] = path
        return copy

    def original(self, path: str) -> str:
        return self._original.get(path, path)

    def _read(self, path: str) -> bytes | None:
        text = self._texts.get(path)
        return read_from_disk(path) if text is None else text.encode("utf-8")


def _messages(found: Mapping[str, Any], copy: _Copy) -> tuple[Message, ...]:
    """Its errors; what it thinks of less is its own affair."""
    messages = []
    for one in found.get("generalDiagnostics", ()):
        if one.get("severity") != "error":
            continue
        path = copy.original(os.path.normpath(one["file"]))
        text, *more = one["message"].replace("\u00a0", " ").split("\n")
        place = Place(path, _span(one.get("range"), path, copy.lines))
        messages.append(
            Message(place, text, one.get("rule", ""), tuple(line.strip() for line in more))
        )
    return tuple(messages)


def _span(found: Mapping[str, Any] | None, path: str, lines: SourceLines) -> Span:
    if found is None:
        return Span(1, 1, 1, 1)
    start, end = found["start"], found["end"]
    return Span(
        start["line"] + 1,
        _characters(lines.line(path, start["line"] + 1), start["character"]),
        end["line"] + 1,
        _characters(lines.line(path, end["line"] + 1), end["character"]),
    )


def _characters(line: str | None, units: int) -> int:
    """pyright counts units of UTF-16, from 0."""
    if line is None or line.isascii():
        return units + 1
    return len(line.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")) + 1
