"""Which findings are reported? Ignore comments, and the settings that select codes."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.codes import CODES, find_code, matches, names_hazard
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Fix, Place, Severity
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.settings import Settings


class Silencer:
    """Filters the findings of the passes, and remembers which comments were used.

    ``comments`` are the ignore comments of every file read so far, by path.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._used: set[tuple[str, int, str]] = set()
        self._codes: dict[tuple[str, int], dict[str, list[str]]] = {}

    def kept(
        self, findings: Iterable[Finding], comments: Mapping[str, Sequence[IgnoreComment]]
    ) -> tuple[Finding, ...]:
        """The findings to report. A hazard that ``select`` names becomes an error (R61)."""
        return tuple(
            self._with_severity(finding)
            for finding in findings
            # Evaluate both: a comment counts as used even if a setting hides the code as well.
            if not (self._is_suppressed(finding, comments) | (not self._is_selected(finding)))
        )

    def _with_severity(self, finding: Finding) -> Finding:
        if not names_hazard(self._settings.select, finding.code):
            return finding
        return msgspec.structs.replace(finding, severity=Severity.ERROR)

    def _is_suppressed(
        self, finding: Finding, comments: Mapping[str, Sequence[IgnoreComment]]
    ) -> bool:
        place = finding.place
        if place is None or not CODES[finding.code].silenceable:
            return False
        silenced = False
        lines = range(place.span.line, place.span.end_line + 1)
        for comment in comments.get(place.path, ()):
            if comment.line not in lines:
                continue
            if not comment.codes and finding.code != "AC013":  # it cannot hide its own uselessness
                self._used.add((place.path, comment.line, ""))
                silenced = True
            for written in self._codes_in(place.path, comment).get(finding.code, ()):
                self._used.add((place.path, comment.line, written))
                silenced = True
        return silenced

    def _codes_in(self, path: str, comment: IgnoreComment) -> dict[str, list[str]]:
        """The spellings of each code in a comment. Cached: a comment may name thousands of codes,
        with a finding for each."""
        found = self._codes.get((path, comment.line))
        if found is None:
            found = self._codes[path, comment.line] = {}
            for written in comment.codes:
                entry = find_code(written)
                if entry is not None:
                    found.setdefault(entry.code, []).append(written)
        return found

    def _is_selected(self, finding: Finding) -> bool:
        code = finding.code
        if not CODES[code].silenceable:
            return True
        settings = self._settings
        # As in ruff, the more specific of two selectors wins, and `ignore` wins a tie.
        # Selecting some codes does not hide problems with the sources (AC0) or the output (AC6).
        everything = ("ALL",) if code.startswith(("AC0", "AC6")) and code != "AC013" else ()
        wanted = _specificity((*settings.select, *everything) or ("ALL",), code)
        unwanted = _specificity(settings.ignore, code)
        if wanted < 0 or unwanted >= max(wanted, 0):
            return False
        if finding.place is None:
            return True
        return not any(
            _file_matches(pattern, finding.place.path, settings.root)
            and any(matches(selector, code) for selector in codes)
            for pattern, codes in settings.per_file_ignores
        )

    def unused(
        self,
        comments: Mapping[str, Sequence[IgnoreComment]],
        judged: Iterable[str],
        *,
        last: bool = False,
    ) -> tuple[Finding, ...]:
        """AC013 for each code in a comment that silenced nothing.

        ``judged`` are the codes whose findings are complete: comments for other codes may still
        become used, as may comments without codes, unless this is the ``last`` call.
        """
        known = frozenset(judged)
        return tuple(
            problem.at(Place(path, comment.span), fix=Fix("ignore", Place(path, comment.span), old))
            for path, listed in comments.items()
            for comment in listed
            for old, problem in self._unused_in(path, comment, known, last)
        )

    def _unused_in(
        self, path: str, comment: IgnoreComment, judged: frozenset[str], last: bool
    ) -> Iterator[tuple[str, Message]]:
        """The codes in a comment that have no effect, each with a message."""
        if not comment.codes and last and (path, comment.line, "") not in self._used:
            yield "", message("AC013", "comment")
        for written in dict.fromkeys(comment.codes):
            entry = find_code(written)
            if entry is None:
                yield written, message("AC013", "unknown-code", code=written)
            elif entry.code in judged and (path, comment.line, written) not in self._used:
                yield written, message("AC013", "nothing-here", code=written)


def _specificity(selectors: Sequence[str], code: str) -> int:
    """The length of the longest selector that selects the code; -1 if none does."""
    found = [
        0 if selector == "ALL" else len(code) if find_code(selector) else len(selector)
        for selector in selectors
        if matches(selector, code)
    ]
    return max(found, default=-1)


def _file_matches(pattern: str, path: str, root: str) -> bool:
    negated = pattern.startswith("!")
    glob = pattern[1:] if negated else pattern
    relative = os.path.relpath(path, root)
    found = (
        fnmatch.fnmatch(os.path.basename(path), glob)
        or fnmatch.fnmatch(relative, glob)
        or fnmatch.fnmatch(path, os.path.join(root, glob))
        or relative.startswith(glob.rstrip("/") + "/")
    )
    return found is not negated
