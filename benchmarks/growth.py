"""Cold builds of 500 and of 4,000 modules: time and peak memory against linear growth.

Prints one line of JSON; with ``--check`` the exit code is 1 if growth exceeds its bound.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from measuring import finish, options  # type: ignore[import-not-found]
from projects import write_project  # type: ignore[import-not-found]
from starting import output_of  # type: ignore[import-not-found]

SMALL, LARGE = 500, 4000
BOUND = 1.15

# The peak memory of a process's children is that of the largest one, so each build has a separate
# parent process.
_MEASURED = """
import json, os, resource, subprocess, sys
subprocess.run([sys.executable, "-m", "arctic_codegen", "build", "--quiet"], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def measured(modules: int) -> tuple[float, float]:
    """Seconds of processor time, and peak memory in MiB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, modules)
        seconds, memory = json.loads(output_of([sys.executable, "-c", _MEASURED], folder))
    return float(seconds), float(memory) / 1024


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 1)
    small = [measured(SMALL) for _ in range(arguments.rounds)]
    large = [measured(LARGE) for _ in range(arguments.rounds)]
    times = min(one[0] for one in small), min(one[0] for one in large)
    memory = min(one[1] for one in small), min(one[1] for one in large)
    factor = LARGE / SMALL
    growth, memory_growth = times[1] / times[0] / factor, memory[1] / memory[0] / factor
    result = {
        "what": f"growth from {SMALL} to {LARGE} modules / linear",
        "ratio": round(growth, 3),
        "memory_ratio": round(memory_growth, 3),
        "bound": BOUND,
        "seconds": [round(one, 2) for one in times],
        "peak_mib": [round(one) for one in memory],
    }
    return int(finish(result, max(growth, memory_growth) <= BOUND, arguments))


if __name__ == "__main__":
    sys.exit(main())
