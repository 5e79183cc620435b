"""An event of a compiled class, against the best subclass that one would write by hand.

    python benchmarks/event_cost.py [--rounds N] [--check]

A project with 0, 1, 4 and 16 callbacks on each side of an event is compiled into a temporary
folder. The hand-written subclass is in the same module as its base class: it calls each callback,
and the method of that class, by a global name, and keeps its values in local variables. Callbacks
and method return their arguments, so that only the calls are timed. With one callback on each side,
the event is also timed against ArcticTraining's own runtime, if that is installed, with an integer,
the cheapest argument for that runtime.

A line of JSON is printed for each; with ``--check``, the exit code is 1 if a ratio exceeds its
bound.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from calling import build, finish, in_turns, options, row  # type: ignore[import-not-found]

BOUNDS = {0: 1.03, 1: 1.10, 4: 1.05, 16: 1.03}
RUNTIME_BOUND = 1 / 80


def sources() -> str:
    """The module that is compiled: one class for each number of callbacks."""
    lines = [
        "from arctic_codegen import CallbackMixin",
        "",
        "class Trainer(CallbackMixin):",
        "    def __init__(self, batch: int) -> None:",
        "        self.batch = batch",
        "    def step(self, batch: int) -> int:",
        "        return batch",
    ]
    for i in range(max(BOUNDS)):
        lines += [
            f"def pre_{i}(self: Trainer, batch: int) -> int:",
            "    return batch",
            f"def post_{i}(self: Trainer, value: int) -> int:",
            "    return value",
        ]
    for count in BOUNDS:
        entries = [f"('pre-step', pre_{i}), ('post-step', post_{i})" for i in range(count)]
        lines += [f"class Trainer{count}(Trainer):", f"    callbacks = [{', '.join(entries)}]"]
    return "\n".join(lines) + "\n"


def by_hand() -> str:
    """The same classes without the mixin, with their calls written out."""
    text = sources().replace("from arctic_codegen import CallbackMixin\n", "")
    lines = [text.split("class Trainer0(")[0].replace("(CallbackMixin)", "")]
    for count in BOUNDS:
        lines.append(f"class Trainer{count}(Trainer):")
        if not count:
            lines.append("    pass")
        else:
            lines.append("    def step(self, batch: int) -> int:")
            lines += [f"        batch = pre_{i}(self, batch)" for i in range(count)]
            lines += ["        value = Trainer.step(self, batch)"]
            lines += [f"        value = post_{i}(self, value)" for i in range(count)]
            lines += ["        return value"]
    return "\n".join(lines) + "\n"


def compiled_modules(folder: Path) -> tuple[Any, Any]:
    """The compiled module, and the one written by hand."""
    (folder / "compiled_sources.py").write_text(sources())
    (folder / "by_hand.py").write_text(by_hand())
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["compiled_sources.py"]\n'
    )
    build(folder)
    return importlib.import_module("generated.compiled_sources"), importlib.import_module("by_hand")


def arctic_training_class() -> Any:
    """A class with one callback on each side, on ArcticTraining's runtime.

    ``None`` if it is not installed.
    """
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    try:
        from arctic_training.callback.mixin import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
            CallbackMixin,
            callback_wrapper,
        )
    except ImportError:
        return None

    def initialize(self: Any, batch: int) -> None:
        self.batch = batch

    # Its runtime does not recognize `None` under `from __future__ import annotations`.
    initialize.__annotations__["return"] = None

    class Plain(CallbackMixin):  # type: ignore[misc,unused-ignore]
        __init__ = initialize

        @callback_wrapper("step")  # type: ignore[untyped-decorator,unused-ignore]
        def step(self, batch: int) -> int:
            return batch

    def pre(self: object, batch: int) -> int:
        return batch

    def post(self: object, value: int) -> int:
        return value

    class WithCallbacks(Plain):
        callbacks = [("pre-step", pre), ("post-step", post)]

    return WithCallbacks


def main() -> int:
    """Measures, prints, and compares with the bounds if requested."""
    arguments = options(__doc__, 1001)
    with tempfile.TemporaryDirectory() as folder:
        compiled, hand = compiled_modules(Path(folder))
    rows = []
    for count, bound in BOUNDS.items():
        ours, theirs = (getattr(module, f"Trainer{count}")(1) for module in (compiled, hand))
        calls = 200 if count > 4 else 1000
        found = in_turns(ours.step, theirs.step, arguments.rounds, calls)
        rows.append(row(f"event, callbacks on each side: {count} / by hand", found, bound))
    runtime = arctic_training_class()
    if runtime is not None:
        few = max(arguments.rounds // 10, 5)
        found = in_turns(compiled.Trainer1(1).step, runtime(1).step, few, 100)
        rows.append(
            row("event, callbacks on each side: 1 / ArcticTraining's runtime", found, RUNTIME_BOUND)
        )
    return int(finish(rows, arguments))


if __name__ == "__main__":
    sys.exit(main())
