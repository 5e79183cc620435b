"""``docs/codes.md``: the pages of all codes, and a table of them."""

from __future__ import annotations

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import read_page

_GROUPS = (
    ("AC0", "Reading and configuration"),
    ("AC1", "Names"),
    ("AC2", "Declarations"),
    ("AC3", "Inheritance and order"),
    ("AC4", "Signatures"),
    ("AC5", "Types"),
    ("AC6", "Output"),
    ("AC7", "Ranks and wrappers"),
    ("AC8", "Hazards"),
    ("AC9", "The tool itself"),
)


def codes_page() -> str:
    """All of them as one Markdown page."""
    pages = {code: read_page(code) for code in CODES}
    parts = [
        "# Codes of findings",
        "This page is made from the pages in `arctic_codegen/diagnostics/codes` by "
        "`python docs/codes_page.py`. `arctic-codegen explain CODE` prints "
        "one of them. `{name}` stands for what a message fills in.",
        "Errors fail a run. Warnings and notes fail it with `--strict`; notes are only listed "
        "then. Hazards (AC8) are notes of their own: `check` and `explain` list them, and they "
        "fail a run only where `select` names them. `# arctic-codegen: ignore[CODE]` at the end of "
        "a line silences a finding there.",
    ]
    rows = ["| code | name | severity | |", "|---|---|---|---|"]
    rows += [
        f"| [{entry.code}](#{entry.code.lower()}-{entry.name}-{entry.severity.value}) "
        f"| {entry.name} | {entry.severity.value} | {pages[entry.code].summary} |"
        for entry in CODES.values()
    ]
    parts.append("\n".join(rows))
    for prefix, title in _GROUPS:
        parts.append(f"## {title}")
        parts += [
            "##" + page.text.rstrip("\n").replace("\n## ", "\n#### ")
            for code, page in pages.items()
            if code.startswith(prefix)
        ]
    for page, title in (("shared", "Texts of several codes"), ("reasons", "Reasons")):
        parts.append(f"## {title}\n\n```text\n{read_page(page).messages}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(codes_page())
