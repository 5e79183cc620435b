"""Creates a new model in partitions at ZeRO stage 3, with the same weights as a whole model.

With DeepSpeed's own context the weights would differ: tensors are created on the device, which has
its own random numbers, and a parameter is already empty when the model sets its initial values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from deepspeed.runtime.zero import GatheredParameters, Init
from transformers import PreTrainedModel

CONSTRUCTORS = ("tensor", "empty", "zeros", "ones", "full", "arange", "eye", "randn")
"""The functions of PyTorch that DeepSpeed replaces, to create tensors on the device."""


@contextmanager
def in_parts(settings: dict[str, Any]) -> Iterator[None]:
    """Partitions the parameters of a transformers model as soon as they are created.

    ``settings`` is the configuration of DeepSpeed.
    """
    constructors = {name: getattr(torch, name) for name in CONSTRUCTORS}
    initialize = PreTrainedModel._initialize_weights

    def initialize_whole(self: Any, module: torch.nn.Module, *more: Any) -> None:
        with _whole(module):
            initialize(self, module, *more)

    with Init(config_dict_or_path=settings, mem_efficient_linear=False):
        for name, constructor in constructors.items():
            setattr(torch, name, constructor)
        PreTrainedModel._initialize_weights = initialize_whole
        try:
            yield
        finally:
            PreTrainedModel._initialize_weights = initialize


@contextmanager
def _whole(module: torch.nn.Module) -> Iterator[None]:
    """Gathers the parameters of a module and of its children, and moves them to the CPU.

    They then get the random numbers of a whole model.
    """
    own = [one for part in (module, *module.children()) for one in part.parameters(recurse=False)]
    partitioned = list({id(one): one for one in own if hasattr(one, "ds_id")}.values())
    with GatheredParameters(partitioned, modifier_rank=0):
        gathered = [one.data for one in partitioned]
        for parameter in partitioned:
            parameter.data = parameter.data.cpu()
        try:
            yield
        finally:
            for parameter, data in zip(partitioned, gathered, strict=True):
                parameter.data = data.copy_(parameter.data)
