"""The random state of a rank, which is saved in a checkpoint."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from deepspeed.accelerator import get_accelerator


@dataclass(frozen=True)
class RandomState:
    """The state of each generator of a process: Python's, numpy's, PyTorch's, the device's."""

    values: dict[str, Any]

    @classmethod
    def now(cls) -> RandomState:
        """The current state, in values that ``torch.load`` can load with ``weights_only``."""
        name, keys, position, has_gauss, gauss = numpy.random.get_state(legacy=True)
        accelerator = get_accelerator()
        on_cpu = accelerator.device_name() == "cpu"
        return cls(
            {
                "python": random.getstate(),
                "numpy": (str(name), [int(key) for key in keys], position, has_gauss, gauss),
                "torch": torch.get_rng_state(),
                "device": None if on_cpu else accelerator.get_rng_state(),
            }
        )

    def restore(self) -> None:
        """Sets the generators of this process."""
        random.setstate(self.values["python"])
        name, keys, position, has_gauss, gauss = self.values["numpy"]
        state = (name, numpy.array(keys, dtype=numpy.uint32), position, has_gauss, gauss)
        numpy.random.set_state(state)
        torch.set_rng_state(self.values["torch"])
        if self.values["device"] is not None:
            get_accelerator().set_rng_state(self.values["device"])
