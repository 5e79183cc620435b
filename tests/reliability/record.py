"""The table of faults in ``docs/reliability.md``: what was tried how often is written by the tests.

``make reliability`` runs them with :data:`RESULTS` set, and then this module.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

RESULTS = "ARCTIC_CODEGEN_RELIABILITY_RESULTS"
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- made by the tests -->", "<!-- end -->"

WHOLE = "the old output, the new one, or a refusal is imported; the next build repairs"
FAULTS = {
    "killed": ("`kill -9` at a call that changes the disk", WHOLE),
    "full": ("a full disk, from some call on", f"AC601, exit 1; {WHOLE}"),
    "read-only": ("a disk that becomes read-only, from some call on", f"AC601, exit 1; {WHOLE}"),
    "stale handle": ("a file server that loses the folder (`ESTALE`)", f"AC601, exit 1; {WHOLE}"),
    "quota": ("a file that is cut off by a quota", f"AC601, exit 1; {WHOLE}"),
    "builds at once": ("builds of one project at once", "all end well, with the same output"),
    "imported meanwhile": (
        "imports while builds go to and fro",
        "one of the two versions, or a refusal",
    ),
}  # fmt: skip
"""By a name: what is done, and what has to hold."""


def survived(fault: str, times: int = 1) -> None:
    """Tells that a fault was tried, and that what has to hold has held."""
    assert fault in FAULTS, fault
    path = os.environ.get(RESULTS)
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps([fault, times]) + "\n")


def table(counts: Counter[str]) -> str:
    """The table in Markdown."""
    lines = ["| fault | what has to hold | tried and survived |", "|---|---|---|"]
    for name, (done, holds) in FAULTS.items():
        lines.append(f"| {done} | {holds} | {counts[name]} |")
    return "\n".join(lines)


def main(results: str) -> None:
    """Puts the table of these results into the page."""
    counts: Counter[str] = Counter()
    for line in Path(results).read_text(encoding="utf-8").splitlines():
        fault, times = json.loads(line)
        counts[fault] += times
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table(counts)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
