"""The table of codes: what each finding means, why it matters, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.records import Finding, Severity
from arctic_codegen.diagnostics.table.declarations import DECLARATIONS
from arctic_codegen.diagnostics.table.entry import Code
from arctic_codegen.diagnostics.table.guards import GUARDS
from arctic_codegen.diagnostics.table.names import NAMES
from arctic_codegen.diagnostics.table.order import ORDER
from arctic_codegen.diagnostics.table.output import OUTPUT
from arctic_codegen.diagnostics.table.reading import READING
from arctic_codegen.diagnostics.table.signatures import SIGNATURES
from arctic_codegen.diagnostics.table.types import TYPES

_TABLES = (READING, NAMES, DECLARATIONS, ORDER, SIGNATURES, TYPES, OUTPUT, GUARDS)

CODES: dict[str, Code] = {
    entry.code: entry
    for entry in sorted((one for table in _TABLES for one in table), key=lambda one: one.code)
}
"""Every code, in order."""

NAMES_TO_CODES: dict[str, str] = {entry.name: entry.code for entry in CODES.values()}

ALWAYS_TOLD = frozenset({"AC001", "AC002", "AC003", "AC010", "AC022", "AC901"})
"""No comment and no setting silences these: what they stand for leaves no way to go on."""

CHOSEN = frozenset({"AC306"})
"""Notes about what a person has chosen: it is no mistake, and fails no run, strict or not."""


def find_code(text: str) -> Code | None:
    """A table entry by its code or its name, in any case: ``ac201``, ``unknown-event``."""
    return CODES.get(text.upper()) or CODES.get(NAMES_TO_CODES.get(text.lower(), ""))


def looks_like_code(text: str) -> bool:
    """Whether a target such as ``AC2`` or ``ac999`` is meant as a code."""
    return re.fullmatch(r"(?i)ac\d*", text) is not None


def matches(selector: str, code: str) -> bool:
    """Whether a selector (``ALL``, ``AC``, ``AC4``, ``AC401``, ``unknown-event``) takes a code."""
    if selector == "ALL":
        return True
    return code.startswith(NAMES_TO_CODES.get(selector, selector))


def is_selector(text: str) -> bool:
    """Whether a selector takes any code at all."""
    return any(matches(text, code) for code in CODES)


def nearest_selectors(text: str) -> str:
    """Codes and names that a mistyped selector may have meant, as a sentence has them."""
    known = (*CODES, *NAMES_TO_CODES)
    return suggest.choice(suggest.close(text, known) or (suggest.nearest(text, known),))


def fails(findings: Iterable[Finding], strict: bool) -> bool:
    """Whether a run with these findings has failed: by an error, or, if it is strict, by any
    finding but a note about what was chosen."""
    return any(
        found.severity is Severity.ERROR or (strict and found.code not in CHOSEN)
        for found in findings
    )


def severity_of(code: str) -> Severity:
    """How much a code weighs; an unknown one is an error."""
    entry = CODES.get(code)
    return Severity.ERROR if entry is None else entry.severity
