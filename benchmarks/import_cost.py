"""Importing a compiled module of 10 classes, against importing its source.

Prints one line of JSON; with ``--check`` the exit code is 1 where it takes longer than it may.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import BUILD, Compared, Spent, finish, options, python, row, spent  # type: ignore[import-not-found]

BOUND = 1.5
_BASE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch

    def epoch(self) -> None: ...
"""
_CLASS = """
class Trainer{n}(Trainer):
    callbacks = [("post-step", lambda self, value: value + {n})]

    def post_epoch_callback(self) -> None:
        print({n})
"""


def main() -> int:
    """Measures and prints."""
    arguments = options(__doc__, 21)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = _BASE + "".join(_CLASS.format(n=n) for n in range(10))
        (folder / "trainers.py").write_text(text)
        (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["trainers.py"]\n')
        spent(BUILD, folder)
        pairs = [
            (
                spent(python("import generated.trainers"), folder),
                spent(python("import trainers"), folder),
            )
            for _ in range(arguments.rounds)
        ]
    ours, theirs = zip(*pairs, strict=True)
    found = Compared(
        Spent(min(one.wall for one in ours), min(one.processor for one in ours)),
        Spent(min(one.wall for one in theirs), min(one.processor for one in theirs)),
    )
    result = row("import of 10 compiled classes / of their source", found, BOUND)
    return int(finish(result, found.wall_ratio <= BOUND, arguments))


if __name__ == "__main__":
    sys.exit(main())
