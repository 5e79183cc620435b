"""Collects and writes the values that a run reports: as a log line, and as a line of JSON."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from arctic_codegen.blocks import disk, ranks
from arctic_codegen.blocks._errors import TrainingError
from arctic_codegen.callbacks.guards import not_finite
from arctic_codegen.callbacks.loggers import Board
from arctic_codegen.callbacks.throughput import Meter
from arctic_codegen.callbacks.values import Lines, plain

PREVIOUS = ".previous"
"""The suffix of the renamed metrics file of an earlier run."""

logger = logging.getLogger("arctic_codegen.blocks")


class Metrics:
    """Collects losses between two log lines, over all ranks. Rank 0 writes."""

    def __init__(
        self, path: Path | None, device: torch.device, board: Path | None, horizon: int
    ) -> None:
        """``horizon`` is the number of the last step; ``board`` is TensorBoard's folder."""
        first = dist.get_rank() == 0
        self._path = path if first else None
        self._board_folder = board if first else None
        self._board: Any = None
        self._horizon = horizon
        self._total = torch.zeros((), device=device, dtype=torch.float64)
        self._weight: torch.Tensor | float = 0.0
        self._meter = Meter()
        self.lines = Lines()
        """The lines so far, for loggers."""
        self._logged = 0
        """The step of the checkpoint that the run resumed from, if the file has its line."""

    def add(self, loss: torch.Tensor, tokens: int, weight: torch.Tensor | float = 1) -> None:
        """Adds the loss of a batch with that many tokens on this rank."""
        loss = loss.detach().double()
        self._total += loss if isinstance(weight, (int, float)) else loss * weight
        self._weight += weight
        self._meter.tokens += tokens

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Excludes the time in this context from tokens per second."""
        self._meter.pause(time.perf_counter())
        try:
            yield
        finally:
            self._meter.go_on(time.perf_counter())

    def summary(self, step: int) -> dict[str, Any]:
        """The values since the last summary; empty if there are none. A collective call.

        Raises :class:`TrainingError` on all ranks if the loss is NaN or infinite.
        """
        if not self._gathered():
            return {}
        loss = self.finite_loss(step, None)
        tokens, seconds = self._meter.take(time.perf_counter())
        rate = tokens * dist.get_world_size() / seconds
        self._total.zero_()
        self._weight = 0.0
        return {"loss": loss, "tokens_per_second": round(rate, 1)}

    def finite_loss(self, step: int, gradient_norm: torch.Tensor | float | None) -> float:
        """The mean loss over all ranks since the last summary. A collective call.

        Raises :class:`TrainingError` on all ranks if it or the norm is NaN or infinite.
        """
        loss = ranks.mean(self._total, self._weight) if self._gathered() else 0.0
        _finite(loss, f"the loss at step {step}")
        if gradient_norm is not None:  # the same on all ranks
            _finite(float(gradient_norm), f"the norm of the gradients at step {step}")
        return loss

    def _gathered(self) -> bool:
        return torch.is_tensor(self._weight) or self._weight > 0

    def write(self, values: dict[str, Any]) -> None:
        """Writes a line of values, on rank 0. Tensors of one element become numbers.

        Raises :class:`TrainingError` if the file cannot be written, or not with such a value.
        """
        values = plain(values)
        if "loss" in values and values["step"] == self._logged:
            return
        if dist.get_rank() == 0:
            of_all = {**values, "step": f"{values['step']}/{self._horizon}"}
            shown = "  ".join(f"{name} {_shown(value)}" for name, value in of_all.items())
            logger.info("%s", shown)
        if self._board_folder is not None and self._board is None:
            try:
                self._board = Board(self._board_folder, values["step"])
            except TrainingError as error:
                logger.warning("tensorboard_dir is not written: %s", error)
            self._board_folder = None
        if self._board is not None:
            self._board.write(values, values["step"])
        if self._path is not None:
            try:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(values) + "\n")
            except (OSError, TypeError) as error:
                raise _unwritable(self._path, error) from error
        self.lines.add(values)

    def begin(self, step: int) -> None:
        """Prepares the file for the lines after a step, so that no step appears twice.

        A new run starts a new file, and renames that of an earlier run. Raises
        :class:`TrainingError` if the file contains anything else.
        """
        path = self._path
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()  # if it cannot be written, this fails before the first step
            kept, later = _split(path, step)
            if any("loss" in one and one["step"] == step for one in map(json.loads, kept)):
                self._logged = step
            if not later:
                return
            if not kept:
                os.replace(path, path.with_name(path.name + PREVIOUS))
                return
            whole = path.with_name(path.name + ".tmp")
            whole.write_text("".join(kept), encoding="utf-8")
            os.replace(whole, path)
        except OSError as error:
            raise _unwritable(path, error) from None

    def state(self) -> dict[str, Any]:
        """The state for a checkpoint: the collected values that are not written yet."""
        return {"total": self._total.item(), "count": float(self._weight)}

    def restore(self, state: dict[str, Any]) -> None:
        """Continues from such a state."""
        self._total.fill_(state["total"])
        self._weight = float(state["count"])


def _unwritable(path: Path, error: Exception) -> TrainingError:
    reason = disk.reason(path, error)
    return TrainingError(f"metrics_path: {path} cannot be written: {reason}")


def is_metrics(path: Path) -> bool:
    """Whether a file is a metrics file."""
    try:
        _split(path, 0)
    except (TrainingError, OSError):
        return False
    return True


def _split(path: Path, step: int) -> tuple[list[str], list[str]]:
    """The lines of a metrics file up to a step, and those after it.

    Raises :class:`TrainingError` if it is not a metrics file.
    """
    kept: list[str] = []
    later: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        for line in lines:
            if line is lines[-1] and line.startswith("{") and not line.endswith("\n"):
                later.append(line)  # a run was killed while writing
                continue
            (kept if json.loads(line)["step"] <= step else later).append(line)
    except (ValueError, KeyError, TypeError):
        raise TrainingError(
            f"metrics_path: {path} is not a file of metrics, and would be overwritten: choose"
            " another one"
        ) from None
    return kept, later


def _finite(value: float, what: str) -> None:
    """Raises :class:`TrainingError` if a value is NaN or infinite."""
    problem = not_finite(value, what)
    if problem is not None:
        raise TrainingError(problem)


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
