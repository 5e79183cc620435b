"""Writes the tables of ``docs/reliability.md`` from the results of the tests.

``make reliability`` runs them with :data:`RESULTS` set, and then this module.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

RESULTS = "ARCTIC_CODEGEN_RELIABILITY_RESULTS"
PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"

WHOLE = "an import gets the old output, the new output or an error; the next build repairs it"
FAULTS = {
    "killed": ("`kill -9` at a call that changes the disk", WHOLE),
    "full": ("a disk that is full from some call on", f"AC601, exit 1; {WHOLE}"),
    "read-only": ("a disk that is read-only from some call on", f"AC601, exit 1; {WHOLE}"),
    "stale handle": ("a file server that loses the folder (`ESTALE`)", f"AC601, exit 1; {WHOLE}"),
    "quota": ("a file that is truncated by a quota", f"AC601, exit 1; {WHOLE}"),
    "builds at once": ("concurrent builds of one project", "all succeed, with the same output"),
    "clock": (
        "a clock that is set forward or back, so that edits have earlier times",
        "every edit is built, and stale output is refused",
    ),
    "imported meanwhile": (
        "imports while builds switch between two versions",
        "one of the two versions, or an error",
    ),
}  # fmt: skip
"""By name: the fault, and the requirement."""

ATTACKS = {
    "run": "run code of a project or of its environment",
    "strings": "turn strings of sources into code in the output",
    "names": "turn names of files and folders into code, or into lines of a report",
    "out": "redirect a write out of the output folder with links and names",
    "odd": "block a command with FIFOs, sockets, devices and endless files",
}  # fmt: skip
"""By name: the attempt."""


def survived(fault: str, times: int = 1) -> None:
    """Records that a fault was tried, and that the requirement was met."""
    assert fault in FAULTS, fault
    _note("fault", fault, times)


def attacked(kind: str, times: int = 1) -> None:
    """Records that attacks were tried, and failed."""
    assert kind in ATTACKS, kind
    _note("attack", kind, times)


def measured(case: str, seconds: float, megabytes: float, outcome: str) -> None:
    """Records the processor time and the peak memory of a hard input."""
    _note("hard", case, round(seconds, 1), round(megabytes), outcome)


def defended(defence: str, test: str) -> None:
    """Records that a test fails if a defence is disabled."""
    _note("defence", defence, test)


def _note(*row: object) -> None:
    path = os.environ.get(RESULTS)
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def begin(table: str) -> str:
    """The line before a table."""
    return f"<!-- made by the tests: {table} -->"


END = "<!-- end -->"


def tables(rows: Iterable[list[object]]) -> dict[str, str]:
    """Each table in Markdown, by its name."""
    counts: Counter[tuple[object, object]] = Counter()
    hard: dict[str, list[object]] = {}
    defences: dict[str, str] = {}
    for kind, name, *more in rows:
        if kind == "hard":
            hard[str(name)] = more
        elif kind == "defence":
            defences[str(name)] = str(more[0])
        else:
            counts[kind, name] += int(str(more[0]))
    faults = [(done, holds, counts["fault", name]) for name, (done, holds) in FAULTS.items()]
    attacks = [(what, counts["attack", name]) for name, what in ATTACKS.items()]
    inputs = [(name.replace("_", " "), *hard[name]) for name in sorted(hard)]
    shown = [(name, f"`{test}`") for name, test in sorted(defences.items())]
    return {
        "attacks": _table(("attempt", "prevented"), attacks),
        "hard inputs": _table(("input", "seconds", "peak MB", "result"), inputs),
        "faults": _table(("fault", "requirement", "passed"), faults),
        "defences": _table(("without this defence", "this test fails"), shown),
    }


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [f"| {' | '.join(map(str, line))} |" for line in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def made(table: str) -> list[list[str]]:
    """The rows of a table in the page, without its head."""
    text = PAGE.read_text(encoding="utf-8").partition(begin(table))[2].partition(END)[0]
    rows = text.strip().splitlines()[2:]
    return [re.split(r" \| ", row.removeprefix("| ").removesuffix(" |")) for row in rows]


def main(results: str) -> None:
    """Writes the tables of these results into the page."""
    rows = [json.loads(line) for line in Path(results).read_text(encoding="utf-8").splitlines()]
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables(rows).items():
        head, mark, rest = text.partition(begin(name))
        assert mark, name
        text = f"{head}{mark}\n{table}\n{END}{rest.partition(END)[2]}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
