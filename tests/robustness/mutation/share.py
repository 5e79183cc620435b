"""The share of mutants that the tests kill, by module, and the surviving ones, from a session.

python -m tests.robustness.mutation.share --name           the session of the current modules
python -m tests.robustness.mutation.share --again SESSION  forgets the surviving mutants
python -m tests.robustness.mutation.share SESSION [PAGE]   writes the results into the page
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from tests.robustness.mutation.warm import CONFIG, ROOT, SECONDS, targets

QUERY = """
select job_id, module_path, operator_name, start_pos_row, worker_outcome, test_outcome, diff
from mutation_specs left join work_results using (job_id)
order by module_path, start_pos_row, operator_name
"""
FORGET = "delete from work_results where job_id = ?"
TRIED = ("killed", "survived", "equivalent")
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
BEGIN, END = "<!-- made by make mutation -->", "<!-- end of mutation -->"


class Same(msgspec.Struct, frozen=True):
    """A mutant that is equivalent to the module, so that no test can kill it."""

    module: str
    was: str
    """The changed lines, without indentation, joined by one space; likewise for ``now``."""
    now: list[str]
    reason: str


class Mutant(msgspec.Struct, frozen=True):
    """A mutant that was tried, or is waiting."""

    job: str
    module: str
    operator: str
    row: int
    outcome: str
    was: str
    now: str


def known_equivalent() -> dict[tuple[str, str, str], str]:
    """The reason by module, the current lines, and the lines of the mutant."""
    table = msgspec.toml.decode(EQUIVALENT.read_text(encoding="utf-8"), type=dict[str, list[Same]])
    return {
        (one.module, one.was, now): one.reason for one in table["equivalent"] for now in one.now
    }


def mutants(session: str) -> Iterator[Mutant]:
    """All except those that the filter has excluded."""
    rows = sqlite3.connect(session).execute(QUERY).fetchall()
    for job, module, operator, row, worker, outcome, diff in rows:
        if worker == "SKIPPED":
            continue
        lines = (diff or "").splitlines()[3:]
        was, now = (
            " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
        )
        told = "waits" if worker is None else (outcome or worker).lower()
        yield Mutant(job, module, operator.removeprefix("core/"), row, told, was, now)


def session_name() -> str:
    """A digest of the text that mutants are made from: a session is valid only for this text."""
    made_of = [CONFIG, *(ROOT / path for path in targets())]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in made_of)).hexdigest()[:16]


def table(counts: dict[str, Counter[str]]) -> str:
    """The counts in Markdown."""
    lines = [
        "| module | mutants | tried | equivalent | killed | survived | of tried | of the rest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    everything: Counter[str] = sum(counts.values(), Counter())
    for name, count in [*sorted(counts.items()), ("all", everything)]:
        shown = name if name == "all" else f"`{name.removeprefix('arctic_codegen/')}`"
        killed, same = count["killed"], count["equivalent"]
        tried = sum(count[outcome] for outcome in TRIED)
        lines.append(
            f"| {shown} | {sum(count.values())} | {tried} | {same} | {killed} "
            f"| {count['survived']} | {killed / max(tried, 1):.1%} "
            f"| {killed / max(tried - same, 1):.1%} |"
        )
    return "\n".join(lines)


def report(session: str, page: str | None) -> int:
    """Print the results, and write the table. Exit code 1 if mutants are waiting."""
    equivalent = known_equivalent()
    used = set()
    counts: dict[str, Counter[str]] = {}
    for one in mutants(session):
        outcome = one.outcome
        key = (one.module, one.was, one.now)
        if outcome == "survived" and key in equivalent:
            used.add(key)
            outcome = "equivalent"
        elif outcome not in ("killed", "waits"):
            print(f"{one.module}:{one.row}: {outcome}: {one.operator}: {one.was} -> {one.now}")
        counts.setdefault(one.module, Counter())[outcome] += 1
    whole = all(set(count) <= set(TRIED) for count in counts.values())
    for key in sorted(set(equivalent) - used) if whole else ():
        print(f"{key[0]}: no such living mutant any more: {key[1]} -> {key[2]}")
    print(table(counts))
    if page is not None:
        limit = os.environ.get(SECONDS, "any number of")
        tried = f"Tried on {date.today().isoformat()}, each on at most {limit} seconds of tests."
        made = f"{tried}\n\n{table(counts)}"
        text = Path(page).read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        _, _, tail = rest.partition(END)
        Path(page).write_text(f"{head}{BEGIN}\n{made}\n{END}{tail}", encoding="utf-8")
    return 0 if whole else 1


def again(session: str) -> None:
    """Forget which mutants survive, except equivalent ones."""
    equivalent = known_equivalent()
    living = [
        one.job
        for one in mutants(session)
        if one.outcome == "survived" and (one.module, one.was, one.now) not in equivalent
    ]
    with sqlite3.connect(session) as connection:
        connection.executemany(FORGET, [(job,) for job in living])
    print(f"{len(living)} mutants are tried again")


if __name__ == "__main__":
    if sys.argv[1] == "--name":
        print(session_name())
    elif sys.argv[1] == "--again":
        again(sys.argv[2])
    else:
        sys.exit(report(sys.argv[1], sys.argv[2] if sys.argv[2:] else None))
