"""What compiled classes cost on the installed arctic-training, against its own runtime and by hand.

    python benchmarks/arctic_training_cost.py [--rounds N] [--check]

A factory with one callback on each side of an event, and others around its construction, is
compiled on the real mixin and registry. Timed in turns in this one process, medians of ratios:
the event against ArcticTraining's runtime, and making an object against a subclass by hand that has
the same calls written out and leaves ArcticTraining's collection out too. One JSON line is
printed; with ``--check``, the exit code is 1 if a ratio exceeds its bound.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from event_cost import ratio

EVENT_BOUND = 1 / 80
CONSTRUCTION_BOUND = 1.1

SOURCES = """
from abc import ABC

from arctic_training.callback.logging import _post_init_log, _pre_init_log
from arctic_training.callback.mixin import CallbackMixin, callback_wrapper
from arctic_training.logging import logger
from arctic_training.registry import RegistryMeta


class Worker(ABC, CallbackMixin, metaclass=RegistryMeta):
    @classmethod
    def _validate_subclass(cls) -> None:
        pass

    def __init__(self, batch: int) -> None:
        self.batch = batch

    @callback_wrapper("step")
    def step(self, batch: int) -> int:
        return batch


def pre(self: Worker, batch: int) -> int:
    return batch


def post(self: Worker, value: int) -> int:
    return value


def make(self: Worker, batch: int) -> int:
    return batch


def made(self: Worker) -> None:
    self.made = True


class RuntimeWorker(Worker):
    name = "runtime"
    callbacks = [("pre-init", make), ("post-init", made), ("pre-step", pre), ("post-step", post)]


class CompiledWorker(Worker):
    name = "compiled"
    callbacks = [("pre-init", make), ("post-init", made), ("pre-step", pre), ("post-step", post)]


class PlainWorker(Worker):
    name = "plain"
    callbacks = []


class ByHandWorker(PlainWorker):
    name = "by-hand"
    callbacks = []

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)


def log_order(self) -> None:
    logger.info("the order of callbacks, written out")


def initialize(self, batch: int) -> None:
    _pre_init_log(self)
    batch = make(self, batch)
    _worker_init(self, batch)
    _post_init_log(self)
    log_order(self)
    made(self)


_worker_init = Worker.__init__.__wrapped__
ByHandWorker.__init__ = initialize
"""


def classes(folder: Path) -> tuple[Any, Any, Any]:
    """The class on ArcticTraining's runtime, the compiled one, and the one by hand."""
    (folder / "workers.py").write_text(SOURCES)
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["workers.py"]\nsemantics = "runtime"\n'
    )
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
    sources = importlib.import_module("workers")
    runtime, by_hand = sources.RuntimeWorker, sources.ByHandWorker
    # The runtime is to be timed as it is: its class stays out of what is compiled.
    compiled = importlib.import_module("generated.workers").CompiledWorker
    return runtime, compiled, by_hand


def measure(rounds: int) -> dict[str, Any]:
    """All ratios."""
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    with tempfile.TemporaryDirectory() as folder:
        runtime, compiled, by_hand = classes(Path(folder))
    few = max(rounds // 4, 5)
    event, _ = ratio(compiled(1).step, runtime(1).step, few, 1000)
    construction, nanoseconds = ratio(compiled, by_hand, rounds, 20000)
    runtime_construction, _ = ratio(runtime, compiled, few, 20)
    return {
        "python": platform.python_version(),
        "event_against_runtime": round(event, 5),
        "runtime_against_event": round(1 / event, 1),
        "construction_against_hand": round(construction, 3),
        "construction_ns": round(nanoseconds, 1),
        "runtime_construction_against_compiled": round(runtime_construction, 1),
    }


def main() -> int:
    """Measures, prints, and compares with the bounds where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bound is exceeded")
    arguments = parser.parse_args()
    result = measure(arguments.rounds)
    print(json.dumps(result))
    exceeded = (
        result["event_against_runtime"] > EVENT_BOUND
        or result["construction_against_hand"] > CONSTRUCTION_BOUND
    )
    return int(arguments.check and exceeded)


if __name__ == "__main__":
    sys.exit(main())
