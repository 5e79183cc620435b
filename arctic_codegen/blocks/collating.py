"""Batches samples of different lengths, which are padded on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import default_collate

IGNORED = -100
"""The label of a token that has no loss, as in transformers."""


@dataclass(frozen=True)
class Collator:
    """Batches samples: dictionaries of tensors."""

    padding: int
    """The padding token."""
    multiple: int = 1
    """The length of a batch is rounded up to a multiple of this number ..."""
    longest: int = 0
    """... but not beyond this length; 0 for no limit."""

    def __call__(self, samples: list[dict[str, Any]]) -> Any:
        """A batch. If samples are padded, it has an ``attention_mask``, unless they have
        ``position_ids``: transformers keeps packed texts apart only without a mask."""
        lengths = [_length(sample) for sample in samples]
        size = -(-max(lengths) // self.multiple) * self.multiple
        if self.longest:
            size = max(min(size, self.longest), *lengths)
        if set(lengths) <= {size}:
            return default_collate(samples)
        if "position_ids" not in samples[0] and "attention_mask" not in samples[0]:
            samples = [
                {**sample, "attention_mask": torch.ones_like(sample["input_ids"])}
                for sample in samples
            ]
        return default_collate(
            [
                {name: self._padded(name, value, length, size) for name, value in sample.items()}
                for sample, length in zip(samples, lengths, strict=True)
            ]
        )

    def _padded(self, name: str, value: Any, length: int, size: int) -> Any:
        if not isinstance(value, torch.Tensor) or value.shape != (length,):
            return value
        if name == "position_ids":
            end = value[-1] + 1 + torch.arange(size - length)
        else:
            fill = {"input_ids": self.padding, "labels": IGNORED}.get(name, 0)
            end = torch.full((size - length,), fill)
        return torch.cat([value, end.to(value.dtype)])


def _length(sample: Any) -> int:
    tokens = sample.get("input_ids") if isinstance(sample, dict) else None
    return len(tokens) if isinstance(tokens, torch.Tensor) and tokens.dim() == 1 else 0
