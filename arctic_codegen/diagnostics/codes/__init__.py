"""The table of codes: what every run needs to know of each kind of finding.

What a code means, its messages, why it matters, and a wrong and a right example are a Markdown page
beside this file (:mod:`arctic_codegen.diagnostics.codes.page`). It is read when somebody asks for
it, or when a finding of the code is made (:mod:`arctic_codegen.diagnostics.messages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.records import Finding, Severity

WARNING = Severity.WARNING
NOTE = Severity.NOTE


class Code(msgspec.Struct, frozen=True):
    """One kind of finding."""

    code: str
    name: str
    severity: Severity = Severity.ERROR
    varies: bool = False
    """Each finding of the code has a severity of its own; ``severity`` is the usual one."""
    silenceable: bool = True
    """Whether comments and settings silence it. Some codes stand for what stops the run."""


_TABLE = (
    Code("AC001", "syntax-error", silenceable=False),
    Code("AC002", "unreadable-file", silenceable=False),
    Code("AC003", "undecodable-file", silenceable=False),
    Code("AC010", "bad-configuration", silenceable=False),
    Code("AC011", "source-not-found"),
    Code("AC012", "outside-import-roots"),
    Code("AC013", "unused-ignore", WARNING),
    Code("AC014", "module-name-clash"),
    Code("AC015", "untested-version", WARNING),
    Code("AC016", "other-machinery"),
    Code("AC017", "bad-recipe"),
    Code("AC018", "recipe-code-not-found"),
    Code("AC019", "recipe-not-compiled"),
    Code("AC020", "too-deep"),
    Code("AC021", "framework-not-found"),
    Code("AC022", "mixin-lost", silenceable=False),
    Code("AC023", "recipe-never-evaluates", WARNING),
    Code("AC024", "recipe-refused-by-callback"),
    Code("AC101", "base-not-found"),
    Code("AC102", "callbacks-without-mixin", WARNING),
    Code("AC103", "name-not-found"),
    Code("AC104", "undecided-base"),
    Code("AC201", "unknown-event"),
    Code("AC202", "not-an-event"),
    Code("AC203", "malformed-event"),
    Code("AC204", "malformed-entry"),
    Code("AC205", "undecided-callbacks"),
    Code("AC206", "undecided-event"),
    Code("AC207", "undecided-callable"),
    Code("AC208", "undecided-entry"),
    Code("AC209", "callback-method-kind"),
    Code("AC210", "change-elsewhere"),
    Code("AC211", "far-change", WARNING),
    Code("AC212", "object-changed-in-two-modules"),
    Code("AC213", "undecided-change"),
    Code("AC214", "local-class", WARNING),
    Code("AC215", "not-callable"),
    Code("AC216", "duplicate-name"),
    Code("AC217", "near-miss", WARNING),
    Code("AC218", "declared-twice", WARNING),
    Code("AC219", "entry-without-effect", WARNING),
    Code("AC220", "change-in-method"),
    Code("AC301", "unordered-bases"),
    Code("AC302", "cyclic-inheritance"),
    Code("AC303", "compiled-base"),
    Code("AC304", "super-of-other-event", WARNING, varies=True),
    Code("AC305", "semantics-not-chosen"),
    Code("AC306", "semantics-differ", NOTE),
    Code("AC307", "final"),
    Code("AC308", "test-of-replaced-class", WARNING),
    Code("AC309", "event-rebound"),
    Code("AC310", "wrong-order"),
    Code("AC311", "order-contradiction"),
    Code("AC401", "unknown-parameter"),
    Code("AC402", "default-in-callback"),
    Code("AC403", "variadic-in-callback"),
    Code("AC404", "no-object-parameter"),
    Code("AC405", "post-parameter-count"),
    Code("AC406", "pre-missing-return"),
    Code("AC407", "pre-return-length"),
    Code("AC408", "pre-returns-without-parameters"),
    Code("AC409", "post-missing-return"),
    Code("AC410", "return-order", WARNING),
    Code("AC411", "async-callback"),
    Code("AC412", "names-variadic"),
    Code("AC413", "unannotated", NOTE),
    Code("AC414", "undecided-signature"),
    Code("AC415", "generator-callback"),
    Code("AC416", "object-arguments"),
    Code("AC420", "unused-mixin", WARNING),
    Code("AC501", "callback-type"),
    Code("AC502", "source-type"),
    Code("AC503", "compiled-type"),
    Code("AC601", "foreign-file"),
    Code("AC602", "output-clash"),
    Code("AC603", "stale-output"),
    Code("AC604", "missing-output"),
    Code("AC605", "edited-output"),
    Code("AC606", "orphaned-output"),
    Code("AC607", "reserved-name", WARNING),
    Code("AC608", "callbacks-differ"),
    Code("AC609", "import-failed"),
    Code("AC701", "rank-zero-rewrites"),
    Code("AC702", "rank-zero-collective"),
    Code("AC703", "optional-collective", WARNING),
    Code("AC704", "every-number"),
    Code("AC705", "misplaced-wrapper"),
    Code("AC706", "wrapper-condition"),
    Code("AC707", "at-failure"),
    Code("AC708", "one-rank-steers"),
    Code("AC801", "not-yet-set", NOTE),
    Code("AC802", "overwritten-unread", NOTE),
    Code("AC803", "value-ignored", NOTE),
    Code("AC901", "internal-error", silenceable=False),
)

CODES: dict[str, Code] = {entry.code: entry for entry in _TABLE}
"""Every code, in order."""

NAMES_TO_CODES: dict[str, str] = {entry.name: entry.code for entry in CODES.values()}

CHOSEN = frozenset({"AC306"})
"""Notes about what a person has chosen: it is no mistake, and fails no run, strict or not."""

HAZARDS = frozenset(code for code in CODES if code.startswith("AC8"))
"""Notes about what may be meant: they fail a run where ``select`` names them, and no other."""


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
    return suggest.likely(text, (*CODES, *NAMES_TO_CODES))


def fails(findings: Iterable[Finding], strict: bool) -> bool:
    """Whether a run with these findings has failed: by an error, or, if it is strict, by any
    finding but a note about what was chosen or may be meant."""
    return any(
        found.severity is Severity.ERROR or (strict and found.code not in CHOSEN | HAZARDS)
        for found in findings
    )


def names_hazard(selectors: Iterable[str], code: str) -> bool:
    """Whether one of these selectors names that hazard, or hazards, and not everything."""
    return code in HAZARDS and any(
        selector not in ("ALL", "A", "AC") and matches(selector, code) for selector in selectors
    )
