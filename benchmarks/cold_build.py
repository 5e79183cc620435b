"""A cold build of arctic-training's tree, against one process that parses that tree with libcst.

Then the same with transformers among the sources, a large tree that cannot matter. This is compared
with the same parse plus eight times the time to read those bytes and search them for eleven words.
Both count wall-clock time, since a cold build parses on all processors while the user waits. Prints
one line of JSON for each; with ``--check`` the exit code is 1 if one exceeds its bound.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from measuring import Compared, Spent, finish, in_turns, options, python, row, spent  # type: ignore[import-not-found]
from starting import BUILD  # type: ignore[import-not-found]

BOUND = 1.3
BESIDE_BOUND = 1.0

PARSE = """
import pathlib, sys, libcst
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    libcst.parse_module(path.read_bytes())
"""
SEARCH = """
import pathlib, sys
words = [b"callback", b"arctic", b"append", b"extend", b"insert", b"remove", b"__setitem__",
         b"setattr", b"CallbackMixin", b"__iadd__", b"import"]
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    data = path.read_bytes()
    found = [word in data for word in words]
"""


def tree_of(package: str, into: Path) -> Path:
    """A copy of an installed package's sources."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed")
    source = Path(spec.origin).parent
    for path in source.rglob("*.py"):
        target = into / package / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return into / package


def cold(folder: Path) -> Spent:
    """A build without a cache and without output."""
    for name in (".arctic-codegen-cache", "generated"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return spent(BUILD, folder)


def configure(folder: Path, *sources: str) -> None:
    """Writes the configuration."""
    listed = ", ".join(f'"{source}"' for source in sources)
    (folder / "pyproject.toml").write_text(
        f'[tool.arctic-codegen]\nsources = [{listed}]\nsemantics = "runtime"\n'
    )


def main() -> int:
    """Measures and prints the results."""
    arguments = options(__doc__, 5)
    parse = python(PARSE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = tree_of("arctic_training", folder)
        configure(folder, "arctic_training")
        alone = in_turns(lambda: cold(folder), lambda: spent((*parse, str(tree))), arguments.rounds)
        beside = tree_of("transformers", folder)
        configure(folder, "arctic_training", "transformers")
        search = python(SEARCH)
        both = in_turns(
            lambda: cold(folder), lambda: spent((*search, str(beside))), arguments.rounds
        )
    allowed = Spent(
        alone.ours.wall + 8 * both.theirs.wall, alone.ours.processor + 8 * both.theirs.processor
    )
    together = Compared(both.ours, allowed)
    held = alone.wall_ratio <= BOUND and together.wall_ratio <= BESIDE_BOUND
    cold_row = row("cold build of arctic-training / libcst parses it", alone, BOUND, by_clock=True)
    finish(cold_row, True, arguments)
    beside_row = row(
        "the same with transformers among the sources / that and 8 searches",
        together,
        BESIDE_BOUND,
        by_clock=True,
    )
    return int(finish(beside_row, held, arguments))


if __name__ == "__main__":
    sys.exit(main())
