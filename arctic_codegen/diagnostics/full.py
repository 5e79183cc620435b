"""Renders findings with their source lines, as ruff and rustc do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.diagnostics.texts import SourceLines, shown_path, underlined, visible

Segment = tuple[str, str]
"""Text, and the name of its style (empty for plain text)."""

LINE_WIDTH = 120
"""Longer source lines are clipped."""


def render_full(
    findings: Sequence[Finding], lines: SourceLines, working_folder: str
) -> list[list[Segment]]:
    """Lines of styled text; each finding is followed by a blank line."""
    shown: list[list[Segment]] = []
    for finding in findings:
        shown += _finding(finding, lines, working_folder)
        shown.append([])
    return shown


def without_style(shown: Iterable[Iterable[Segment]]) -> str:
    """The text of these lines without styles."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in shown)


def _finding(finding: Finding, lines: SourceLines, working_folder: str) -> list[list[Segment]]:
    severity = finding.severity.value
    shown: list[list[Segment]] = [
        [(f"{severity}[{finding.code}]", severity), (f": {_one_line(finding.message)}", "title")]
    ]
    places = [related.place for related in finding.related]
    if finding.place is not None:
        places.append(finding.place)
    margin = max((len(str(place.span.line)) for place in places), default=1)
    if finding.place is not None:
        shown += _place(finding.place, "-->", "", "^", severity, margin, lines, working_folder)
    for related in finding.related:
        message = _one_line(related.message)
        shown += _place(
            related.place, ":::", message, "-", "related", margin, lines, working_folder
        )
    if finding.hint is not None:
        hint = finding.hint.strip("\n").split("\n")
        shown.append([("help", "help"), (f": {visible(hint[0])}", "")])
        shown += [[(f"      {visible(line)}", "")] for line in hint[1:]]
    return shown


def _place(
    place: Place,
    arrow: str,
    message: str,
    mark: str,
    style: str,
    margin: int,
    lines: SourceLines,
    working_folder: str,
) -> list[list[Segment]]:
    span = place.span
    is_file = span.start == span.end == (1, 1)  # the file as a whole
    where = shown_path(place.path, working_folder)
    if not is_file:
        where += f":{span.line}:{span.column}"
    pad = " " * margin
    shown: list[list[Segment]] = [[(f"{pad}{arrow} ", "margin"), (visible(where), "path")]]
    line = None if is_file else lines.line(place.path, span.line)
    if line is None or (not line.strip() and span.line == span.end_line):
        if message:
            shown.append([(f"{pad} = ", "margin"), (message, style)])
        return shown
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    text, offset, length = underlined(line, span.column - 1, end, LINE_WIDTH)
    number = str(span.line).rjust(margin)
    under: list[Segment] = [
        (f"{pad} | ", "margin"),
        (" " * offset, ""),
        (mark * length, style),
    ]
    if message:
        under.append((f" {message}", style))
    return [
        *shown,
        [(f"{pad} |", "margin")],
        [(f"{number} | ", "margin"), (text, "")],
        under,
        [(f"{pad} |", "margin")],
    ]


def _one_line(text: str) -> str:
    return visible(" ".join(text.split("\n")))
