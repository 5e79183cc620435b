"""The share of mutants that the tests kill, by module, and those that live, from a session."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter

QUERY = """
select module_path, operator_name, start_pos_row, worker_outcome, test_outcome
from mutation_specs left join work_results using (job_id)
order by module_path, start_pos_row
"""


def main(session: str) -> None:
    killed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    waiting = 0
    connection = sqlite3.connect(session)
    for module, operator, row, worker, outcome in connection.execute(QUERY):
        if worker == "SKIPPED":
            continue
        if outcome is None and worker is None:
            waiting += 1
            continue
        tried[module] += 1
        if outcome == "SURVIVED":
            print(f"{module}:{row}: lives: {operator.removeprefix('core/')}")
        else:
            killed[module] += 1
    for module in sorted(tried):
        print(f"{module}: {killed[module]} of {tried[module]} killed")
    total = sum(tried.values())
    if total:
        print(f"all: {sum(killed.values()) / total:.1%} of {total} killed, {waiting} not tried yet")


if __name__ == "__main__":
    main(sys.argv[1])
