"""What the table of codes says about one code."""

from __future__ import annotations

import re

import msgspec

from arctic_codegen.diagnostics.records import Severity

_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
MAIN_FILE = "trainers.py"


class Code(msgspec.Struct, frozen=True):
    """One kind of finding.

    The examples are whole projects: a line ``# file: NAME`` starts another file, and text
    before the first such line is ``trainers.py``. The wrong one gives the finding, the right
    one does not. ``runnable`` is false where no text alone can show it (a file that may not
    be read, output that was edited).
    """

    code: str
    name: str
    summary: str
    why: str
    wrong: str
    right: str
    severity: Severity = Severity.ERROR
    runnable: bool = True
    varies: bool = False
    """Each finding of the code has a severity of its own; ``severity`` is the usual one."""


def example_files(example: str) -> dict[str, str]:
    """The files of an example, by name."""
    parts = _FILE.split(example.strip("\n") + "\n")
    files = {MAIN_FILE: parts[0]} if parts[0].strip() else {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        files[name] = text.strip("\n") + "\n"
    return files
