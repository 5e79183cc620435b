"""The examples on the pages of codes, as projects."""

from __future__ import annotations

import re

from arctic_codegen.diagnostics.codes import CODES

MAIN_FILE = "trainers.py"
_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)

NOT_RUNNABLE = frozenset(
    [
        "AC002",
        "AC015",
        "AC016",
        "AC017",
        "AC018",
        "AC019",
        "AC020",
        "AC021",
        "AC022",
        "AC023",
        "AC024",
        "AC307",
        "AC501",
        "AC502",
        "AC503",
        "AC602",
        "AC603",
        "AC604",
        "AC605",
        "AC606",
        "AC607",
        "AC608",
        "AC609",
        "AC901",
    ]
)
"""Codes that sources alone cannot trigger: unreadable files, edited output."""

RUNNABLE = tuple(code for code in CODES if code not in NOT_RUNNABLE)


def example_files(example: str, main: str = MAIN_FILE) -> dict[str, str]:
    """The files of an example, by name. ``# file: NAME`` starts another file; text before the first
    one is ``main``."""
    parts = _FILE.split(example.strip("\n") + "\n")
    files = {main: parts[0]} if parts[0].strip() else {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        files[name] = text.strip("\n") + "\n"
    return files
