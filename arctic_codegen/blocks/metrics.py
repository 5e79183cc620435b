"""What a run tells about itself: a log line, and a line of JSON."""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from arctic_codegen.blocks import ranks
from arctic_codegen.blocks._errors import TrainingError

logger = logging.getLogger("arctic_codegen.blocks")


class Metrics:
    """Gathers losses between two log lines, over all ranks. Rank 0 writes."""

    def __init__(
        self, path: Path | None, device: torch.device, board: Path | None, horizon: int
    ) -> None:
        """``horizon`` is the number of the last step; ``board`` is TensorBoard's folder."""
        first = dist.get_rank() == 0
        self._path = path if first else None
        self._board_folder = board if first else None
        self._board: Any = None
        self._horizon = horizon
        self._device = device
        self._total = torch.zeros((), device=device, dtype=torch.float64)
        self._count = 0
        self._tokens = 0
        self._since = time.perf_counter()
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, loss: torch.Tensor, tokens: int) -> None:
        """One loss of this rank, of a batch of that many tokens."""
        self._total += loss.detach().double()
        self._count += 1
        self._tokens += tokens

    def report(self, step: int, epoch: int, learning_rate: float) -> None:
        """Writes what was gathered. All ranks call it together.

        Raises :class:`TrainingError` on all of them where the loss is no number.
        """
        if not self._count:
            return
        loss = ranks.mean(self._total, self._count)
        now = time.perf_counter()
        check(loss, f"the loss at step {step}")
        rate = self._tokens * dist.get_world_size() / max(now - self._since, 1e-9)
        self.write({"step": step, "epoch": epoch, "loss": loss, "learning_rate": learning_rate,
                    "tokens_per_second": round(rate, 1)})  # fmt: skip
        self._total.zero_()
        self._count = self._tokens = 0
        self._since = now

    def write(self, values: dict[str, Any]) -> None:
        """One line of values, on rank 0."""
        if dist.get_rank() == 0:
            of_all = {**values, "step": f"{values['step']}/{self._horizon}"}
            shown = "  ".join(f"{name} {_shown(value)}" for name, value in of_all.items())
            logger.info("%s", shown)
        if self._board_folder is not None and self._board is None:
            self._board = _board(self._board_folder, values["step"])
            self._board_folder = None
        if self._board is not None:
            for name in values.keys() - {"step", "epoch"}:
                self._board.add_scalar(name, values[name], values["step"])
            self._board.flush()
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(values) + "\n")

    def state(self) -> dict[str, Any]:
        """For a checkpoint: what was gathered and is not written, and how much is written."""
        written = self._path.stat().st_size if self._path is not None and self._path.exists() else 0
        return {"total": self._total.item(), "count": self._count, "written": written}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from such a state. Lines that were written after it are written again."""
        self._total.fill_(state["total"])
        self._count = state["count"]
        if self._path is None or not self._path.exists():
            return
        if self._path.stat().st_size > state["written"]:
            os.truncate(self._path, state["written"])


def _board(folder: Path, step: int) -> Any:
    """What writes for TensorBoard, from a step on; nothing where that is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        logger.warning("tensorboard_dir is not written: run 'pip install tensorboard'")
        return None
    return SummaryWriter(str(folder), purge_step=step)


def check(loss: float, what: str) -> None:
    """Raises :class:`TrainingError` where a loss is no finite number."""
    if not -float("inf") < loss < float("inf"):
        raise TrainingError(
            f"{what} is {loss}: lower optimizer.learning_rate, set gradient_clipping, or look for"
            " a callback that makes it so"
        )


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
