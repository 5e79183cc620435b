"""A traced event with one callback on each side, against the untraced one.

    python benchmarks/trace_cost.py [--rounds N] [--check]

Both classes are compiled from the same text; one module is imported with tracing enabled. An event
has four timed calls: itself, its method and two callbacks. A line of JSON is printed, with the time
that each of them adds. There is no bound, since tracing costs nothing unless it is enabled.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path

from calling import build, finish, in_turns, options, row  # type: ignore[import-not-found]

TIMED = 4
_SOURCES = """
from arctic_codegen import CallbackMixin


def before(self: "Trainer", batch: int) -> int:
    return batch


def after(self: "Trainer", result: int) -> int:
    return result


class Trainer(CallbackMixin):
    callbacks = [("pre-step", before), ("post-step", after)]

    def step(self, batch: int) -> int:
        return batch
"""


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 200)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for module in ("plain", "traced"):
            (folder / f"{module}.py").write_text(_SOURCES)
        (folder / "pyproject.toml").write_text(
            '[tool.arctic-codegen]\nsources = ["plain.py", "traced.py"]\n'
        )
        build(folder)
        plain = importlib.import_module("generated.plain").Trainer()
        os.environ["ARCTIC_CODEGEN_TRACE"] = str(folder / "trace.json")
        traced = importlib.import_module("generated.traced").Trainer()
        found = in_turns(traced.step, plain.step, arguments.rounds, 500)
        added = round((found.ours - found.theirs) / TIMED)
        from arctic_codegen.trace.recorder import the_recorder

        the_recorder().close()  # before its folder is removed
    what = "event traced, one callback on each side / untraced"
    return int(finish([row(what, found, None, added_per_call_ns=added)], arguments))


if __name__ == "__main__":
    sys.exit(main())
