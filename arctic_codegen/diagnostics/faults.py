"""Exceptions that end a run without a finding: incorrect use of a command, or a bug in the tool."""

from __future__ import annotations


class WrongUse(Exception):
    """The command cannot be carried out as it was given; exit code 2.

    ``hint`` is what to type instead.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NeedsFullBuild(Exception):
    """A change since the last build needs a full build."""


class InternalFault(Exception):
    """A bug in the tool: ``reading`` is the file that was being processed, if any."""

    def __init__(self, cause: BaseException, stage: str, reading: str | None) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.cause = cause
        self.stage = stage
        self.reading = reading
