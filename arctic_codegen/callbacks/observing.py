"""Callbacks that observe a device: its memory, and how its time is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arctic_codegen.callbacks.base import ReadyMade, option, states_of
from arctic_codegen.callbacks.callback import Callback
from arctic_codegen.callbacks.training import Trainer, training
from arctic_codegen.runtime.errors import TrainingError

GIB = 2**30


@dataclass(frozen=True, eq=False)
class MemoryMonitor(Callback):
    """Adds ``memory_allocated_gib`` and ``memory_reserved_gib`` to each line: the peaks since the
    start, of the rank that uses most. On a CPU they are the memory of the process."""

    def post_step(self, trainer: Trainer) -> None:
        """Reports the peaks with the next line."""
        run = training(trainer)
        if run.after_optimizer and run.logs_now:
            from deepspeed.accelerator import get_accelerator

            device = get_accelerator()
            allocated, reserved = device.max_memory_allocated(), device.max_memory_reserved()
            run.report({
                "memory_allocated_gib": run.largest(allocated) / GIB,
                "memory_reserved_gib": run.largest(reserved) / GIB,
            })  # fmt: skip


class Profile:
    """The profiler of a trainer."""

    def __init__(self) -> None:
        self.profiler: Any = None


@dataclass(frozen=True, eq=False)
class TorchProfiler(ReadyMade[Profile]):
    """Records batches with PyTorch's profiler, and writes a trace for each rank into ``dirpath``.

    After ``wait`` batches and ``warmup`` more, ``active`` batches are recorded, ``repeat`` times.
    """

    dirpath: str
    wait: int = option(1, at_least=0)
    warmup: int = option(1, at_least=0)
    active: int = option(3, at_least=1)
    repeat: int = option(1, at_least=0)

    def new_state(self) -> Profile:
        """A state without a profiler."""
        return Profile()

    def pre_train(self, trainer: Trainer) -> None:
        """Starts the profiler.

        Raises :class:`TrainingError` if the trainer has another one, which would crash PyTorch.
        """
        from torch import profiler

        if any(isinstance(one, Profile) and one.profiler for one in states_of(trainer)):
            raise TrainingError(
                "a trainer can have only one TorchProfiler, as PyTorch records one profile at a"
                " time: remove the other one, which may be inherited"
            )
        schedule = profiler.schedule(
            wait=self.wait, warmup=self.warmup, active=self.active, repeat=self.repeat
        )
        handler = profiler.tensorboard_trace_handler(
            self.dirpath, worker_name=f"rank_{trainer.global_rank}"
        )
        recording = profiler.profile(schedule=schedule, on_trace_ready=handler)
        recording.start()
        self.state_of(trainer).profiler = recording

    def post_step(self, trainer: Trainer) -> None:
        """Counts a batch."""
        self.state_of(trainer).profiler.step()

    def post_train(self, trainer: Trainer) -> None:
        """Stops the profiler."""
        state = self.state_of(trainer)
        state.profiler.stop()
        state.profiler = None
