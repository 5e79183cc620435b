"""What a run can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """Sizes that train in about a minute on two CPU cores."""

    seed: int = 0
    threads: int = 2
    epochs: int = 5
    batch_size: int = 32
    context: int = 64
    embedding: int = 64
    hidden: int = 256
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    folder: Path = Path("runs/char_lm")
