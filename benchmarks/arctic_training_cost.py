"""Compiled classes on the installed arctic-training against its own runtime, and by hand.

    python benchmarks/arctic_training_cost.py [--rounds N] [--check]

Workers with one callback on an event, and others with callbacks around construction, are compiled
on the actual mixin and registry. The event is timed against ArcticTraining's runtime. Making an
object is timed against a hand-written subclass that has the same calls, and does not collect
callbacks either.

The runtime formats every argument for a log line that is disabled, so its cost depends on the
argument: a batch of two small tensors, as in a trainer's events, to which the bound applies; and an
integer, the cheapest argument, for which a compiled event costs the same as a hand-written one, and
the runtime costs least. A line of JSON is printed for each; with ``--check``, the exit code is 1 if
a ratio exceeds its bound.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from calling import build, finish, in_turns, options, row  # type: ignore[import-not-found]

EVENT_BOUND = 1 / 80
BOUND = 1.1

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
    "before": '[("pre-step", pre)]',
    "after": '[("post-step", post)]',
    "on both sides": '[("pre-step", pre), ("post-step", post)]',
}
WORKER = """

class {worker}(Worker):
    name = "{worker}"
    callbacks = {callbacks}
"""


def worker(kind: str) -> str:
    """The name of the class with the callbacks of a kind."""
    return f"Worker_{kind.replace(' ', '_')}"


def modules(folder: Path) -> tuple[Any, Any]:
    """The source module, whose classes use ArcticTraining's runtime, and the compiled module."""
    workers = [WORKER.format(worker=worker(kind), callbacks=KINDS[kind]) for kind in KINDS]
    (folder / "workers.py").write_text(SOURCES + "".join(workers))
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["workers.py"]\nsemantics = "runtime"\n'
    )
    build(folder)
    return importlib.import_module("workers"), importlib.import_module("generated.workers")


def main() -> int:
    """Measures, prints, and compares with the bounds if requested."""
    arguments = options(__doc__, 1001)
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    import torch

    with tempfile.TemporaryDirectory() as folder:
        sources, compiled = modules(Path(folder))
    few = max(arguments.rounds // 20, 5)
    tokens = torch.zeros(2, 32, dtype=torch.long)
    batch = {"input_ids": tokens, "labels": tokens}
    rows = []
    for name, given, bound in (("a batch", batch, EVENT_BOUND), ("an integer", 1, None)):
        for kind in KINDS:
            ours, theirs = (getattr(one, worker(kind))(1) for one in (compiled, sources))
            what = f"event given {name}, callbacks {kind} / ArcticTraining's runtime"
            rows.append(row(what, in_turns(ours.step, theirs.step, few, 50, given), bound))
    found = in_turns(compiled.CompiledWorker, sources.ByHandWorker, arguments.rounds, 200)
    rows.append(row("making an object on ArcticTraining's mixin / by hand", found, BOUND))
    found = in_turns(
        *(getattr(one, worker("on both sides")) for one in (compiled, sources)), few, 20
    )
    rows.append(row("making an object / on ArcticTraining's runtime", found, None))
    return int(finish(rows, arguments))


if __name__ == "__main__":
    sys.exit(main())
