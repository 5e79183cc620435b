"""Renders findings for other programs: one line each, JSON, GitHub's log, SARIF."""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from arctic_codegen._version import VERSION
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import read_page
from arctic_codegen.diagnostics.records import Finding, Place, Severity
from arctic_codegen.diagnostics.texts import shown_path, visible


def render_concise(findings: Sequence[Finding], working_folder: str) -> str:
    """``PATH:LINE:COL: SEVERITY[CODE] MESSAGE``"""
    return "".join(_concise(finding, working_folder) + "\n" for finding in findings)


def _concise(finding: Finding, working_folder: str) -> str:
    message = visible(" ".join(finding.message.split("\n")))
    text = f"{finding.severity.value}[{finding.code}] {message}"
    if finding.place is None:
        return text
    span = finding.place.span
    path = visible(shown_path(finding.place.path, working_folder))
    return f"{path}:{span.line}:{span.column}: {text}"


def json_text(value: object) -> str:
    """Indented JSON in ASCII, which is safe in any terminal's encoding; records become mappings."""
    return json.dumps(msgspec.to_builtins(value), indent=2) + "\n"


class RelatedDocument(msgspec.Struct, frozen=True):
    """Another place that is relevant to a finding."""

    path: str
    line: int
    column: int
    message: str


class FindingDocument(msgspec.Struct, frozen=True):
    """One finding. The place is omitted if it concerns the run as a whole."""

    code: str
    severity: Literal["error", "warning", "note"]
    message: str
    path: str | None
    line: int | None
    column: int | None
    hint: str | None
    related: tuple[RelatedDocument, ...]


class FindingsDocument(msgspec.Struct, frozen=True):
    """``--format json`` of every command that reports findings."""

    version: Literal[1]
    findings: tuple[FindingDocument, ...]


def render_json(findings: Sequence[Finding], working_folder: str) -> str:
    """The findings as a JSON document, in the format of the contract."""
    shown = tuple(_json_finding(found, working_folder) for found in findings)
    return json_text(FindingsDocument(1, shown))


def _json_finding(finding: Finding, working_folder: str) -> FindingDocument:
    place = finding.place
    path, line, column = _json_place(place, working_folder) if place else (None, None, None)
    return FindingDocument(
        finding.code,
        finding.severity.value,
        finding.message,
        path,
        line,
        column,
        finding.hint,
        tuple(
            RelatedDocument(*_json_place(related.place, working_folder), related.message)
            for related in finding.related
        ),
    )


def _json_place(place: Place, working_folder: str) -> tuple[str, int, int]:
    return shown_path(place.path, working_folder), place.span.line, place.span.column


def _with_hint(finding: Finding) -> str:
    return finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"


_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(findings: Sequence[Finding], working_folder: str) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(_github(finding, working_folder) for finding in findings)


def _github(finding: Finding, working_folder: str) -> str:
    properties = [f"title={_github_property(f'arctic-codegen ({finding.code})')}"]
    if finding.place is not None:
        span = finding.place.span
        path = shown_path(finding.place.path, working_folder)
        properties += [
            f"file={_github_property(path)}",
            f"line={span.line}",
            f"col={span.column}",
            f"endLine={span.end_line}",
            f"endColumn={span.end_column}",
        ]
    message = _with_hint(finding)
    return f"::{_GITHUB[finding.severity]} {','.join(properties)}::{_github_text(message)}\n"


def _github_text(text: str) -> str:
    # Other programs treat more characters as line ends.
    shown = "\n".join(map(visible, text.split("\n")))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


def render_sarif(findings: Sequence[Finding], working_folder: str) -> str:
    """SARIF 2.1.0, for code scanning."""
    rules = []
    for code in sorted({finding.code for finding in findings}):
        page = read_page(code)
        rules.append(
            {
                "id": code,
                "name": CODES[code].name,
                "shortDescription": {"text": page.summary},
                "fullDescription": {"text": page.why},
            }
        )
    driver = {"name": "arctic-codegen", "version": VERSION, "rules": rules}
    return json_text(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": driver},
                    "columnKind": "unicodeCodePoints",
                    "results": [_sarif(finding, working_folder) for finding in findings],
                }
            ],
        }
    )


def _sarif(finding: Finding, working_folder: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": finding.severity.value,
        "message": {"text": _with_hint(finding)},
    }
    if finding.place is not None:
        result["locations"] = [_sarif_location(finding.place, working_folder)]
    if finding.related:
        result["relatedLocations"] = [
            {
                **_sarif_location(related.place, working_folder),
                "message": {"text": related.message},
            }
            for related in finding.related
        ]
    return result


def _sarif_location(place: Place, working_folder: str) -> dict[str, Any]:
    span = place.span
    path = shown_path(place.path, working_folder)
    uri = urllib.parse.quote(os.fsencode(path))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": f"file://{uri}" if path.startswith("/") else uri},
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }
