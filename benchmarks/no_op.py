"""A build of 300 modules with nothing to do, against the import of click.

Prints one line of JSON; with ``--check`` the exit code is 1 if it exceeds its bound.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import finish, in_turns, options, python, row, spent  # type: ignore[import-not-found]
from projects import write_project  # type: ignore[import-not-found]
from starting import BUILD  # type: ignore[import-not-found]

MODULES = 300
BOUND = 2.0


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 25)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, MODULES)
        spent(BUILD, folder)
        found = in_turns(
            lambda: spent(BUILD, folder), lambda: spent(python("import click")), arguments.rounds
        )
    result = row(f"no-op build of {MODULES} modules / import click", found, BOUND)
    return int(finish(result, found.ratio <= BOUND, arguments))


if __name__ == "__main__":
    sys.exit(main())
