"""What a build said, said again while nothing is different.

The record of a build is found by the command line, the working folder and the interpreter. It holds
everything that the build was told about the disk, the state in which it left its output, and its
report. If all of that still holds, so does the report. This module loads nothing but what Python
has loaded anyway, so that a build with nothing to do takes little more than the start of Python.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from arctic_codegen.caching import records
from arctic_codegen.caching.disk import (
    CACHE,
    Facts,
    changed_files,
    clock,
    digest,
    output_state,
    same_output,
    structure_holds,
)
from arctic_codegen.faults import WrongUse

FOLDER = "replies"
SECONDS = "{seconds}"
"""Stands in a kept summary for the time that it took."""

_MOST = 16
"""How many records a project keeps: of the command lines that were used last."""

_OTHERWISE = frozenset({"--diff", "--no-cache", "--output", "--timings", "--watch", "-h", "--help"})


def is_repeatable(arguments: Sequence[str]) -> bool:
    """Whether a command line is that of a build whose report can be given again."""
    if not arguments or arguments[0] != "build" or "_ARCTIC_CODEGEN_COMPLETE" in os.environ:
        return False
    return not any(argument.partition("=")[0] in _OTHERWISE for argument in arguments)


def name_of(arguments: Sequence[str], working_folder: str) -> str:
    """The file name of a record: whoever asks the same, in the same place, finds it."""
    asked = (
        sys.version,
        sys.executable,
        sys.prefix,
        repr(sys.flags),
        *sys.path,
        "",
        os.environ.get("HOME", ""),
        working_folder,
        *arguments,
    )
    return digest("\0".join(asked).encode(errors="surrogatepass")).hex()


def repeated(arguments: Sequence[str]) -> int | None:
    """Gives the report of the same build again; its exit code, or ``None`` if it has to be made."""
    if not is_repeatable(arguments):
        return None
    begun = time.perf_counter()
    try:
        here = os.getcwd()
    except OSError:
        return None
    name = name_of(arguments, here)
    folder = here
    while True:
        path = os.path.join(folder, CACHE, FOLDER, name)
        known = records.read(path)
        if known is not None:
            return _repeat(path, known, begun)
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _repeat(path: str, known: Any, begun: float) -> int | None:
    try:
        plain_facts, plain_state, reply, plain = known
        facts, state = Facts.of(plain_facts), Facts.of(plain_state)
        output, report, summary = reply
    except (TypeError, ValueError):
        return None
    if report and not plain and _is_coloured():
        return None
    now = clock(os.path.dirname(path))
    fresh = Facts(facts.at if now is None else now, facts.output)
    if not structure_holds(facts, fresh):
        return None
    for _ in changed_files(facts, fresh):
        return None
    found = output_state(output, state)
    if found is None or not same_output(state, found):
        return None
    if now is not None and (_stamps(fresh) != _stamps(facts) or _is_unsettled(facts, state)):
        # Next time the stamps alone will do.
        found.at = now
        records.write(path, (fresh.plain(), found.plain(), reply, plain))
    if report:
        _print(report, sys.stdout)
    if summary:
        _print(summary.replace(SECONDS, f"{time.perf_counter() - begun:.2f}"), sys.stderr)
    return 0


def _stamps(facts: Facts) -> list[object]:
    return [
        *(stamp for stamp, _ in facts.files.values()),
        *(stamp for stamp, _ in facts.folders.values()),
    ]


def _is_unsettled(facts: Facts, state: Facts) -> bool:
    """Whether something had to be read because it was new when it was looked at."""
    stamps = (
        *(stamp for stamp, _ in facts.files.values()),
        *(stamp for stamp, _ in facts.folders.values()),
    )
    if not all(stamp is None or facts.is_settled(stamp) for stamp in stamps):
        return True
    return not all(stamp is None or state.is_settled(stamp) for stamp, _ in state.files.values())


def _print(text: str, stream: TextIO) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # As in a build: the reader has seen enough.
        if stream is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if stream is sys.stdout:
            raise WrongUse(f"cannot write to standard output: {error.strerror}") from error


def _is_coloured() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def keep(path: str, facts: Facts, state: Facts, report: str, summary: str, *, plain: bool) -> None:
    """Keeps the report of a build. ``plain`` tells that it has no colours even on a terminal."""
    if not records.write(
        path, (facts.plain(), state.plain(), (facts.output, report, summary), plain)
    ):
        return
    _remove_oldest(os.path.dirname(path))


def _remove_oldest(folder: str) -> None:
    try:
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        if len(paths) > _MOST:
            paths.sort(key=lambda path: os.stat(path).st_mtime_ns)
            for path in paths[: len(paths) - _MOST]:
                os.unlink(path)
    except OSError:
        return
