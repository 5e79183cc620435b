"""Runs mypy in a separate process, and parses its output lines."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.diagnostics.texts import SourceLines
from arctic_codegen.typecheck.questions import (
    CheckerFault,
    CheckerMessage,
    CheckerName,
    Question,
    character,
    reader,
)
from arctic_codegen.typecheck.starting import start_mypy, stop

_LINE = re.compile(
    r"(?P<path>.+?):(?P<line>\d+):(?:(?P<column>\d+):)?(?:(?P<end_line>\d+):(?P<end>\d+):)?"
    r" (?P<kind>error|note): (?P<text>.*?)(?:  \[(?P<rule>[a-z0-9-]+)\])?"
)
_PLACELESS = re.compile(r"(?:(?P<path>.+?): )?error: (?P<text>.*?)(?:  \[(?P<rule>[a-z0-9-]+)\])?")


Columns = Callable[[str, int], tuple[int, int]]


class Mypy:
    """The installed mypy, loaded in a separate process in advance."""

    name: CheckerName = "mypy"

    def __init__(self, process: subprocess.Popen[bytes] | None = None) -> None:
        process = process or start_mypy()
        if process is None:
            raise WrongUse(
                "mypy is not installed",
                'run `pip install "arctic-codegen[check]"`, or use `--checker pyright`',
            )
        self._process = process

    def ask(self, question: Question) -> None:
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # the exit code shows what went wrong
                stdin.write(json.dumps(msgspec.to_builtins(question)).encode())
                stdin.close()
            self._process.stdin = None

    def messages(self, question: Question) -> Sequence[CheckerMessage]:
        found = self._answer(question)
        if _has_crashed(found) and question.cache is not None and not self._was_killed():
            # mypy crashes on a damaged file in its cache.
            shutil.rmtree(question.cache, ignore_errors=True)
            again = start_mypy()
            if again is not None:
                self._process = again
                found = self._answer(question)
        if "fault" in found:
            raise CheckerFault(found["fault"])
        columns = _native_columns if found["native"] else _byte_columns
        lines = SourceLines(reader(question))
        return read_lines(found["lines"], lines, question.folder, columns)

    def _answer(self, question: Question) -> dict[str, Any]:
        self.ask(question)
        out, err = self._process.communicate()
        try:
            found = json.loads(out)
        except ValueError:
            last = err.decode(errors="replace").strip().split("\n")[-1]
            why = last or f"its exit code was {self._process.returncode}"
            return {"fault": f"mypy ended without an answer: {why}", "has_crashed": True}
        assert isinstance(found, dict)
        return found

    def _was_killed(self) -> bool:
        """Whether it was killed from outside, for example for lack of memory: a retry would fail
        too."""
        return self._process.returncode in (-9, -15)

    def close(self) -> None:
        stop(self._process)


def _has_crashed(found: dict[str, Any]) -> bool:
    return "has_crashed" in found or "INTERNAL ERROR" in found.get("fault", "")


def read_lines(
    lines: Sequence[str], texts: SourceLines, folder: str, columns: Columns
) -> tuple[CheckerMessage, ...]:
    """The messages that mypy printed; a note belongs to the preceding error in the same file."""
    found: list[CheckerMessage] = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            match = _PLACELESS.fullmatch(line)
            if match is not None:
                path = os.path.join(folder, match["path"] or "")
                place = Place(os.path.normpath(path), Span(1, 1, 1, 1))
                found.append(CheckerMessage(place, match["text"], match["rule"] or ""))
            continue
        path = os.path.normpath(os.path.join(folder, match["path"]))
        if match["kind"] == "note":
            if found and found[-1].place.path == path:
                text = match["text"].rstrip()
                found[-1] = msgspec.structs.replace(found[-1], more=(*found[-1].more, text))
            continue
        found.append(
            CheckerMessage(
                Place(path, _span(match, path, texts, columns)), match["text"], match["rule"] or ""
            )
        )
    return tuple(found)


def _span(match: re.Match[str], path: str, texts: SourceLines, columns: Columns) -> Span:
    line = int(match["line"])
    first = int(match["column"] or 1)
    end_line = int(match["end_line"] or line)
    last = int(match["end"] or first)
    start = columns(texts.line(path, line) or "", first)[0]
    # mypy's end column is inclusive.
    stop = columns(texts.line(path, end_line) or "", last)[1] + 1
    return Span(line, start, end_line, max(stop, start) if end_line == line else stop)


def _byte_columns(line: str, column: int) -> tuple[int, int]:
    """The first and last character of a column that counts bytes of UTF-8, as Python's own parser
    does."""
    found = character(line, column - 1, "utf-8")
    return found, found


def _native_columns(line: str, column: int) -> tuple[int, int]:
    """The same for mypy's newer parser, whose columns are too small by one for each extra byte of
    the characters before (seen in mypy 2.4)."""
    if line.isascii():
        return column, column
    short = 0
    found = []
    for number, one in enumerate(line, 1):
        if number - short == column:
            found.append(number)
        short += len(one.encode("utf-8", errors="replace")) - 1
    return (found[0], found[-1]) if found else (column, column)
