"""What an event costs, against the best subclass that a person would write by hand.

    python benchmarks/event_cost.py [--rounds N] [--check]

A project with 0, 1, 4 and 16 callbacks on each side of an event is compiled into a temporary
folder. The compiled and the hand-written class are then timed in turns in this one process, and
the median of the ratios counts, so that a busy machine disturbs both alike. One JSON line is
printed; with ``--check``, the exit code is 1 if a ratio exceeds its bound.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COUNTS = (0, 1, 4, 16)
BOUNDS = {0: 1.03, 1: 1.30, 4: 1.10, 16: 1.05}
CONSTRUCTION_BOUND = 1.1


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
    for i in range(max(COUNTS)):
        lines += [
            f"def pre_{i}(self: Trainer, batch: int) -> int:",
            "    return batch",
            f"def post_{i}(self: Trainer, value: int) -> int:",
            "    return value",
        ]
    for count in COUNTS:
        entries = [f"('pre-step', pre_{i}), ('post-step', post_{i})" for i in range(count)]
        lines += [f"class Trainer{count}(Trainer):", f"    callbacks = [{', '.join(entries)}]"]
    return "\n".join(lines) + "\n"


def by_hand() -> str:
    """The same classes without the mixin, their calls written out."""
    text = sources().replace("from arctic_codegen import CallbackMixin\n", "")
    lines = [text.split("class Trainer0(")[0].replace("(CallbackMixin)", "")]
    for count in COUNTS:
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


def build(folder: Path) -> None:
    """Builds the project in a folder, and lets it be imported."""
    done = subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    sys.path.insert(0, str(folder))


def compiled_modules(folder: Path) -> tuple[Any, Any]:
    """The compiled module, and the one written by hand."""
    (folder / "compiled_sources.py").write_text(sources())
    (folder / "by_hand.py").write_text(by_hand())
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["compiled_sources.py"]\n'
    )
    build(folder)
    return importlib.import_module("generated.compiled_sources"), importlib.import_module("by_hand")


def seconds(function: Callable[[int], object], calls: int) -> float:
    """The time of that many calls."""
    repeat = range(calls)
    start = time.perf_counter()
    for _ in repeat:
        function(1)
    return time.perf_counter() - start


def ratio(
    ours: Callable[[int], object], theirs: Callable[[int], object], rounds: int, calls: int
) -> tuple[float, float]:
    """The median ratio of the two, measured in turns, and the median time of ours in ns."""
    seconds(ours, calls)
    seconds(theirs, calls)
    ratios, times = [], []
    for number in range(rounds):
        if number % 2:
            first, second = seconds(ours, calls), seconds(theirs, calls)
        else:
            second, first = seconds(theirs, calls), seconds(ours, calls)
        ratios.append(first / second)
        times.append(first / calls * 1e9)
    return statistics.median(ratios), statistics.median(times)


def arctic_training_classes() -> tuple[type, type] | None:
    """A class with one callback on each side, and one without, on arctic-training's runtime."""
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

    # Its runtime does not see a `None` that is written under `from __future__ import annotations`.
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

    return WithCallbacks, Plain


def measure(rounds: int) -> dict[str, Any]:
    """All ratios."""
    with tempfile.TemporaryDirectory() as folder:
        compiled, hand = compiled_modules(Path(folder))
    result: dict[str, Any] = {
        "python": platform.python_version(),
        "event": {},
        "event_ns": {},
    }
    for count in COUNTS:
        name = f"Trainer{count}"
        ours, theirs = getattr(compiled, name)(1), getattr(hand, name)(1)
        calls = 20000 if count < 4 else 5000
        value, nanoseconds = ratio(ours.step, theirs.step, rounds, calls)
        result["event"][str(count)] = round(value, 3)
        result["event_ns"][str(count)] = round(nanoseconds, 1)
    value, nanoseconds = ratio(compiled.Trainer1, hand.Trainer1, rounds, 20000)
    result["construction"] = round(value, 3)
    result["construction_ns"] = round(nanoseconds, 1)
    if classes := arctic_training_classes():
        runtime = classes[0]
        value, _ = ratio(runtime(1).step, compiled.Trainer1(1).step, max(rounds // 10, 5), 500)
        result["arctic_training_runtime_event"] = round(value, 1)
        value, _ = ratio(runtime, compiled.Trainer1, max(rounds // 10, 5), 100)
        result["arctic_training_runtime_construction"] = round(value, 1)
    return result


def main() -> int:
    """Measures, prints, and compares with the bounds where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bound is exceeded")
    arguments = parser.parse_args()
    result = measure(arguments.rounds)
    print(json.dumps(result))
    exceeded = [count for count, bound in BOUNDS.items() if result["event"][str(count)] > bound]
    if result["construction"] > CONSTRUCTION_BOUND:
        exceeded.append(-1)
    return int(arguments.check and bool(exceeded))


if __name__ == "__main__":
    sys.exit(main())
