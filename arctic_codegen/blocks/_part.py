"""The base of all parts of a trainer: the trainer, their section of the recipe, and the rank."""

from __future__ import annotations

import torch

from arctic_codegen.blocks.run import Run


class Part:
    """The base of factories and engines: their trainer, and what it knows about the run."""

    _trainer: Run

    @property
    def trainer(self) -> Run:
        """The trainer that uses this part."""
        return self._trainer

    @property
    def device(self) -> torch.device:
        """The device of this rank."""
        return self._trainer.device

    @property
    def world_size(self) -> int:
        """The number of ranks."""
        return self._trainer.world_size

    @property
    def global_rank(self) -> int:
        """The rank of this process."""
        return self._trainer.global_rank
