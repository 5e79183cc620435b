"""Builds after one edit in a project of 1,000 modules, against a cold build of it.

First a callback of a leaf module is edited, then the base class of all. Prints one line of JSON for
each; with ``--check`` the exit code is 1 if one exceeds its bound.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from measuring import (  # type: ignore[import-not-found]
    Compared,
    Spent,
    finish,
    median,
    options,
    python,
    row,
    spent,
)
from projects import leaf, write_project  # type: ignore[import-not-found]
from starting import BUILD  # type: ignore[import-not-found]

MODULES = 1000
LEAF_BOUND = 0.05
BASE_BOUND = 0.35
IMPORTS = python("import libcst, jinja2")


def edited(path: Path, number: int, folder: Path) -> Spent:
    """A build after a callback of a file has changed its code and its event."""
    text = path.read_text()
    event = ("loss", "step")[number % 2]
    other = ("loss", "step")[(number + 1) % 2]
    text = text.replace(f'("pre-{other}", ', f'("pre-{event}", ')
    path.write_text(text.replace("batch[: max(1", "batch[: max(2"))
    return spent(BUILD, folder)


def cold(folder: Path) -> Spent:
    """A build without a cache and without output."""
    for name in (".arctic-codegen-cache", "generated"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return spent(BUILD, folder)


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 3)
    leaves, bases, colds, imports = [], [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package = write_project(folder, MODULES)
        for number in range(arguments.rounds):
            colds.append(cold(folder))
            for edit in range(3):
                leaves.append(edited(leaf(package, 30), 3 * number + edit, folder))
                imports.append(spent(IMPORTS))
            bases.append(edited(package / "base.py", number, folder))
    whole, importing = median(colds), median(imports)
    bound = max(LEAF_BOUND, 2 * importing.processor / whole.processor)
    of_leaf = Compared(median(leaves), whole)
    of_base = Compared(median(bases), whole)
    held = of_leaf.ratio <= bound and of_base.ratio <= BASE_BOUND
    finish(
        row(
            f"leaf edited among {MODULES} modules / cold build",
            of_leaf,
            bound,
            imports_s=round(importing.processor, 3),
        ),
        True,
        arguments,
    )
    return int(
        finish(
            row(f"base of {MODULES} modules edited / cold build", of_base, BASE_BOUND),
            held,
            arguments,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
