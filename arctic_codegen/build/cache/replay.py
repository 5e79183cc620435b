"""What did the last build report? While nothing has changed, the report is repeated.

The record of a build is found by the command line, the working folder and the interpreter. It
contains everything that the build read from the disk, the state of its output, and its report. The
report is valid as long as these facts are. This module loads only modules that Python has already
loaded, so a build with nothing to do takes little longer than the start of Python.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TextIO

from arctic_codegen._version import COMPLETE_VARIABLE
from arctic_codegen.build.cache import runs
from arctic_codegen.build.cache.facts import Facts, digest, in_caches, interpreter
from arctic_codegen.diagnostics.faults import WrongUse

FOLDER = "replies"
SECONDS = "{seconds}"
"""Placeholder for the elapsed time in a stored summary."""

_MOST = 16
"""How many records a project keeps: those of the most recent command lines."""

_NOT_REPLAYED = frozenset(
    {"--diff", "--no-cache", "--output", "--timings", "--watch", "-h", "--help"}
)


def is_build(arguments: Sequence[str], without: frozenset[str]) -> bool:
    """Whether a command line runs a build, without any of the options ``without``."""
    if not arguments or arguments[0] != "build" or COMPLETE_VARIABLE in os.environ:
        return False
    return not any(argument.partition("=")[0] in without for argument in arguments)


def is_repeatable(arguments: Sequence[str]) -> bool:
    """Whether a command line runs a build whose report can be repeated."""
    return is_build(arguments, _NOT_REPLAYED)


def name_of(arguments: Sequence[str], working_folder: str) -> str:
    """The file name of a record: the same command in the same folder has the same name."""
    asked = (*interpreter(), "", os.environ.get("HOME", ""), working_folder, *arguments)
    return digest("\0".join(asked).encode(errors="surrogatepass")).hex()


def repeated(arguments: Sequence[str]) -> int | None:
    """Repeat the report of the same build; returns its exit code, or ``None`` if a build has to
    run."""
    if not is_repeatable(arguments):
        return None
    begun = time.perf_counter()
    try:
        here = os.getcwd()
    except OSError:
        return None
    name = name_of(arguments, here)
    for path in in_caches(here, os.path.join(FOLDER, name)):
        known = runs.recall(path)
        if known is not None:
            return _repeat(known, begun)
    return None


def _repeat(known: runs.RecordedRun, begun: float) -> int | None:
    try:
        report, summary, plain = known.payload
    except (TypeError, ValueError):
        return None
    if report and not plain and is_coloured(sys.stdout):
        return None
    if not known.holds():
        return None
    if report:
        print_to(sys.stdout, report)
    if summary:
        print_to(sys.stderr, summary.replace(SECONDS, f"{time.perf_counter() - begun:.2f}"))
    return 0


def print_to(stream: TextIO, text: str) -> None:
    """Write a report or a summary; a reader that closes the pipe early is not an error."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        if stream is sys.stdout:  # the exit code still tells how the run ended
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if stream is sys.stdout:
            raise WrongUse(f"cannot write to standard output: {error.strerror}") from error


def is_coloured(stream: TextIO) -> bool:
    """Whether output to a stream is coloured."""
    if os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def keep(path: str, facts: Facts, state: Facts, report: str, summary: str, *, plain: bool) -> None:
    """Store the report of a build. ``plain`` means that it has no colours even on a terminal."""
    runs.keep(path, facts, state, (report, summary, plain), _MOST)
