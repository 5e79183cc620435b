"""The record of a finding: its code, message, severity and places."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Literal

import msgspec


class Severity(enum.Enum):
    """The severity of a finding: an error fails the run, the others fail it with ``--strict``."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(msgspec.Struct, frozen=True, order=True):
    """A range of text. Lines and columns count from 1, in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def start(self) -> tuple[int, int]:
        """Line and column of the first character."""
        return self.line, self.column

    @property
    def end(self) -> tuple[int, int]:
        """Line and column after the last character."""
        return self.end_line, self.end_column

    def holds(self, at: tuple[int, int]) -> bool:
        """Whether a line and column are inside it."""
        return self.start <= at < self.end


class Place(msgspec.Struct, frozen=True, order=True):
    """A range in one file: ``path`` is absolute, as the tree that read it names it."""

    path: str
    span: Span


class Related(msgspec.Struct, frozen=True):
    """Another place that is relevant to a finding, and why."""

    place: Place
    message: str


class Fix(msgspec.Struct, frozen=True):
    """How to fix a finding that has a single right answer. ``place`` is the code to edit.

    - ``word`` replaces the only occurrence of ``old`` by ``new``.
    - ``name`` does the same, if nothing else in the project uses the name, except for places with
      the same fix.
    - ``parameter`` renames the parameter at the place from ``old`` to ``new``.
    - ``return`` makes the function whose name is at the place return ``new`` wherever it returns
      nothing, and also at its end if ``old`` is ``end``.
    - ``order`` puts the names of a tuple in the order ``new``.
    - ``ignore`` removes ``old`` from an ignore comment, or the whole comment if ``old`` is empty.
    """

    kind: Literal["word", "name", "parameter", "return", "order", "ignore"]
    place: Place
    old: str = ""
    new: str = ""


class Finding(msgspec.Struct, frozen=True):
    """One mistake in the sources, reported at a place where the user can fix it.

    A finding without a place concerns the run as a whole (an unknown command-line target, say).
    """

    code: str
    message: str
    place: Place | None = None
    hint: str | None = None
    related: tuple[Related, ...] = ()
    severity: Severity = Severity.ERROR
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Findings are reported by file, then by position, then by code."""
        if self.place is None:
            return ("", 0, 0, self.code, self.message)
        span = self.place.span
        return (self.place.path, span.line, span.column, self.code, self.message)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Remove duplicates, and sort findings in reading order."""
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda finding: finding.sort_key))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of these fails a run without ``--strict``."""
    return any(finding.severity is Severity.ERROR for finding in findings)
