"""``explain CODE``, and the page of all codes, from the one table."""

from __future__ import annotations

from collections.abc import Iterable

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.table.entry import Code

_GROUPS = (
    ("AC0", "Reading and configuration"),
    ("AC1", "Names"),
    ("AC2", "Declarations"),
    ("AC3", "Inheritance and order"),
    ("AC4", "Signatures"),
    ("AC5", "Types"),
    ("AC6", "Output"),
    ("AC7", "Ranks and guards"),
    ("AC9", "The tool itself"),
)


def code_text(entry: Code) -> str:
    """One entry as Markdown that reads well in a terminal, too."""
    parts = [
        f"# {entry.code}: {entry.name} ({entry.severity.value})",
        entry.summary,
        f"## Why it matters\n\n{entry.why}",
    ]
    if entry.wrong.strip():
        parts.append(f"## Wrong\n\n{_fenced(entry.wrong)}")
        parts.append(f"## Right\n\n{_fenced(entry.right)}")
    return "\n\n".join(parts) + "\n"


def code_value(entry: Code) -> dict[str, str]:
    """One entry for JSON."""
    return {
        "code": entry.code,
        "name": entry.name,
        "severity": entry.severity.value,
        "summary": entry.summary,
        "why": entry.why,
        "wrong": entry.wrong.strip("\n"),
        "right": entry.right.strip("\n"),
    }


def codes_page(entries: Iterable[Code] = tuple(CODES.values())) -> str:
    """``docs/codes.md``"""
    listed = tuple(entries)
    parts = [
        "# Codes of findings",
        "This page is made from the table in `arctic_codegen/diagnostics/table` by "
        "`python -m arctic_codegen.report.codes_page`. `arctic-codegen explain CODE` prints "
        "one entry.",
        "Errors fail a run. Warnings and notes fail it with `--strict`; notes are only listed "
        "then. `# arctic-codegen: ignore[CODE]` at the end of a line silences a finding there.",
    ]
    rows = ["| code | name | severity | |", "|---|---|---|---|"]
    rows += [
        f"| [{entry.code}](#{entry.code.lower()}-{entry.name}-{entry.severity.value}) "
        f"| {entry.name} | {entry.severity.value} | {entry.summary} |"
        for entry in listed
    ]
    parts.append("\n".join(rows))
    for prefix, title in _GROUPS:
        group = [entry for entry in listed if entry.code.startswith(prefix)]
        if group:
            parts.append(f"## {title}")
        for entry in group:
            text = code_text(entry).rstrip("\n").replace("\n## ", "\n#### ")
            parts.append(f"##{text}")
    return "\n\n".join(parts) + "\n"


def _fenced(example: str) -> str:
    language = "sh" if example.lstrip().startswith("$") else "python"
    return f"```{language}\n{example.strip(chr(10))}\n```"


if __name__ == "__main__":
    import sys

    sys.stdout.write(codes_page())
