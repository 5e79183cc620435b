"""Tests whether the model keeps packed samples apart, since a model may fail to do so silently."""

from __future__ import annotations

import torch

from arctic_codegen.blocks.config import SFTDataConfig
from arctic_codegen.blocks.evaluating import evaluating
from arctic_codegen.blocks.run import Run
from arctic_codegen.runtime.errors import first_line

SHARE = 1e-3
"""The allowed effect of a change in one sample on the logits of the next: rounding."""


def check_packing(run: Run) -> None:
    """Tests whether a change in one packed sample affects the next one. A collective call.

    Raises :class:`~arctic_codegen.blocks.RecipeError` if it does, for instance because the model
    assumes a cache, or its attention ignores ``position_ids``.
    """
    data = run.config.data
    if not isinstance(data, SFTDataConfig) or not data.pack_samples:
        return
    tokens = torch.tensor([[0, 0, 0, 2, 3, 2], [1, 1, 1, 2, 3, 2]], device=run.device)
    positions = torch.arange(3, device=run.device).repeat(2, 2)
    name = type(run.model_unwrapped).__name__
    try:
        with evaluating(run), torch.no_grad():
            output = run.model(input_ids=tokens, position_ids=positions)
    except TypeError as error:
        raise run.config.wrong(
            ("data", "pack_samples"), f"{name} takes no position_ids: {first_line(error)}"
        ) from None
    logits = getattr(output, "logits", None)
    if not isinstance(logits, torch.Tensor):
        return  # a custom model
    change = (logits[0] - logits[1]).float().abs()
    if change[3:].max() > SHARE * change[:3].max():
        raise run.config.wrong(
            ("data", "pack_samples"),
            f"{name} lets packed samples see each other: set it to false",
        )
