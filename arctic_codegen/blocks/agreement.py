"""Makes all ranks agree on what to do next: stop, save, evaluate, or end after a signal.

If one rank did any of these alone, the others would wait in a collective call. So each rank
sends its requests once per optimizer step, and receives those of all ranks one step later. This
uses the CPUs while the devices compute, so no step waits for it.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import torch
import torch.distributed as dist

from arctic_codegen.blocks import ranks
from arctic_codegen.blocks._errors import Interrupted
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.run import Run
from arctic_codegen.blocks.signals import Signals


class Agreement:
    """What all ranks do next. If there is only one rank, it decides at once."""

    stop = False
    """Whether the training ends."""
    save = False
    """Whether to save a checkpoint now, regardless of the intervals."""
    evaluate = False
    """Whether to evaluate now."""
    signal = 0
    """The number of the signal that ends the run; 0 for none."""

    def __init__(self, run: Run) -> None:
        self.wants_save = False
        self.wants_evaluation = False
        self.signals = Signals()
        self._run = run
        self._group = ranks.cpu_group()
        self._asked = torch.zeros(4, dtype=torch.int32)
        self._pending: dist.Work | None = None

    def ask(self) -> None:
        """Sends this rank's request to the other ranks, without waiting for them."""
        if self._group is None:
            self.stop = self.stop or self._run.early_stop
            return
        self._asked = torch.tensor(self._wanted(), dtype=torch.int32)
        self._pending = dist.all_reduce(
            self._asked, dist.ReduceOp.MAX, group=self._group, async_op=True
        )

    def settle(self) -> None:
        """Waits for the requests of all ranks, and adopts what any of them requests."""
        if self._group is None:
            stop, save, evaluate, number = self._wanted()
        elif self._pending is None:
            return
        else:
            self._pending.wait()
            self._pending = None
            stop, save, evaluate, number = self._asked.tolist()
        self.stop = self.stop or bool(stop)
        self.save = self.save or bool(save)
        self.evaluate = self.evaluate or bool(evaluate)
        self.signal = self.signal or number
        if self.stop:
            self._run.early_stop = True

    def at_once(self) -> None:
        """Sends and receives requests now, at the end of an epoch, which all ranks have reached."""
        self.settle()
        if self._group is not None:
            self.ask()
            self.settle()

    def done(self) -> None:
        """Clears the requests to save and to evaluate, which have been carried out."""
        self.save = self.evaluate = False

    def end(self, saved: Sequence[Path]) -> NoReturn:
        """Raises :class:`Interrupted` for the signal; rank 0 logs what is saved."""
        if self._run.global_rank == 0:
            what = " and ".join(map(str, saved)) or "no checkpoint: none is enabled in the recipe"
            logger.warning("%s: saved %s", signal.Signals(self.signal).name, what)
        raise Interrupted(self.signal)

    def state(self) -> dict[str, bool]:
        """The state for a checkpoint: what is agreed on, and the requests of this rank."""
        return {
            "stop": self.stop,
            "early_stop": self._run.early_stop,
            "save": self.wants_save,
            "evaluate": self.wants_evaluation,
        }

    def restore(self, state: dict[str, bool]) -> None:
        """Continues from such a state."""
        self.stop = state["stop"]
        self._run.early_stop = state["early_stop"]
        self.wants_save = state["save"]
        self.wants_evaluation = state["evaluate"]

    def _wanted(self) -> tuple[int, int, int, int]:
        """The requests of this rank, which are then cleared."""
        wanted = (
            int(self._run.early_stop),
            int(self.wants_save),
            int(self.wants_evaluation),
            self.signals.number,
        )
        self.wants_save = self.wants_evaluation = False
        return wanted
