"""What compiled classes cost on the installed arctic-training, against its own runtime and by hand.

    python benchmarks/arctic_training_cost.py [--rounds N] [--check]

Workers with one callback on an event, and others around construction, are compiled on the real
mixin and registry. Timed in turns in this one process, medians of ratios: the event against
ArcticTraining's runtime, and making an object against a subclass by hand that has the same calls
written out and leaves ArcticTraining's collection out too.

The runtime formats every argument for a log line that is off, so what an event is given decides: a
batch of two small tensors, as a trainer's events have it, which the bound is for; and an integer,
the cheapest argument there is, for which a compiled event is at its floor (it costs what one by
hand does) and the runtime's cost is least. One JSON line is printed; with ``--check``, the exit
code is 1 if a ratio exceeds its bound.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from event_cost import build, ratio  # type: ignore[import-not-found]  # the script beside this one

EVENT_BOUND = 80
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


class CompiledWorker(Worker):
    name = "compiled"
    callbacks = [("pre-init", make), ("post-init", made)]


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

KINDS = {
    "pre": '[("pre-step", pre)]',
    "post": '[("post-step", post)]',
    "both": '[("pre-step", pre), ("post-step", post)]',
}
WORKER = """

class Worker_{kind}(Worker):
    name = "worker-{kind}"
    callbacks = {callbacks}
"""


def modules(folder: Path) -> tuple[Any, Any]:
    """The sources, whose classes are on ArcticTraining's runtime, and what is compiled of them."""
    workers = [WORKER.format(kind=kind, callbacks=KINDS[kind]) for kind in KINDS]
    (folder / "workers.py").write_text(SOURCES + "".join(workers))
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["workers.py"]\nsemantics = "runtime"\n'
    )
    build(folder)
    return importlib.import_module("workers"), importlib.import_module("generated.workers")


def measure(rounds: int) -> dict[str, Any]:
    """All ratios."""
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    import torch

    with tempfile.TemporaryDirectory() as folder:
        sources, compiled = modules(Path(folder))
    few = max(rounds // 4, 5)
    tokens = torch.zeros(2, 32, dtype=torch.long)
    batch = {"input_ids": tokens, "labels": tokens}
    result: dict[str, Any] = {"python": platform.python_version()}
    for name, argument, calls in (("batch", batch, 100), ("integer", 1, 2000)):
        ratios = {}
        for kind in KINDS:
            ours = getattr(compiled, f"Worker_{kind}")(1).step
            theirs = getattr(sources, f"Worker_{kind}")(1).step
            value, _ = ratio(
                lambda _, step=ours, given=argument: step(given),
                lambda _, step=theirs, given=argument: step(given),
                few,
                calls,
            )
            ratios[kind] = round(1 / value, 1)
        result[f"runtime_against_event_{name}"] = ratios
    construction, nanoseconds = ratio(compiled.CompiledWorker, sources.ByHandWorker, rounds, 20000)
    result["construction_against_hand"] = round(construction, 3)
    result["construction_ns"] = round(nanoseconds, 1)
    value, _ = ratio(sources.Worker_both, compiled.Worker_both, few, 20)
    result["runtime_construction_against_compiled"] = round(value, 1)
    return result


def main() -> int:
    """Measures, prints, and compares with the bounds where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bound is exceeded")
    arguments = parser.parse_args()
    result = measure(arguments.rounds)
    print(json.dumps(result))
    exceeded = (
        min(result["runtime_against_event_batch"].values()) < EVENT_BOUND
        or result["construction_against_hand"] > CONSTRUCTION_BOUND
    )
    return int(arguments.check and exceeded)


if __name__ == "__main__":
    sys.exit(main())
