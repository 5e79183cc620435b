"""The table of codes: what every run needs to know about each kind of finding.

Each line of ``table.txt`` has a code, its name and severity, and ``always`` if it cannot be
suppressed.

A Markdown page beside this file describes the code: its messages, why it matters, and a wrong and a
right example (:mod:`arctic_codegen.diagnostics.codes.page`). It is read only on request, or when a
finding with the code is created (:mod:`arctic_codegen.diagnostics.messages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.records import Finding, Severity


class Code(msgspec.Struct, frozen=True):
    """One kind of finding."""

    code: str
    name: str
    severity: Severity
    """The default: findings of some codes override it."""
    silenceable: bool
    """Whether comments and settings can suppress it. They cannot if the problem stops the run."""


def _entry(code: str, name: str, severity: str, always: str = "") -> Code:
    return Code(code, name, Severity(severity), not always)


_TABLE = Path(__file__).with_name("table.txt").read_text(encoding="utf-8")

CODES: dict[str, Code] = {line[:5]: _entry(*line.split()) for line in _TABLE.splitlines()}
"""Every code, in order."""

NAMES_TO_CODES: dict[str, str] = {entry.name: entry.code for entry in CODES.values()}

CHOSEN = frozenset({"AC306"})
"""Notes about a deliberate choice of the user: they never fail a run, not even a strict one."""

HAZARDS = frozenset(code for code in CODES if code.startswith("AC8"))
"""Notes about code that may be intended: they fail a run only if ``select`` names them."""


def find_code(text: str) -> Code | None:
    """A table entry by its code or name, ignoring case: ``ac201``, ``unknown-event``."""
    return CODES.get(text.upper()) or CODES.get(NAMES_TO_CODES.get(text.lower(), ""))


def looks_like_code(text: str) -> bool:
    """Whether a target such as ``AC2`` or ``ac999`` looks like a code."""
    return re.fullmatch(r"(?i)ac\d*", text) is not None


def matches(selector: str, code: str) -> bool:
    """Whether a selector (``ALL``, ``AC``, ``AC4``, ``AC401``, ``unknown-event``) selects a
    code."""
    if selector == "ALL":
        return True
    return code.startswith(NAMES_TO_CODES.get(selector, selector))


def is_selector(text: str) -> bool:
    """Whether a selector selects any code at all."""
    return any(matches(text, code) for code in CODES)


def nearest_selectors(text: str) -> str:
    """Codes and names similar to a mistyped selector, as part of a sentence."""
    return suggest.likely(text, (*CODES, *NAMES_TO_CODES))


def fails(findings: Iterable[Finding], strict: bool) -> bool:
    """Whether a run with these findings has failed: because of an error or, in a strict run, any
    other finding except notes about choices and hazards."""
    return any(
        found.severity is Severity.ERROR or (strict and found.code not in CHOSEN | HAZARDS)
        for found in findings
    )


def names_hazard(selectors: Iterable[str], code: str) -> bool:
    """Whether one of these selectors selects hazards in particular, including this one, and not
    just all codes."""
    return code in HAZARDS and any(
        selector not in ("ALL", "A", "AC") and matches(selector, code) for selector in selectors
    )
