"""The data factory: the texts of Python's own help topics, cut into windows of characters."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from arctic_codegen import CallbackMixin
from char_lm.config import Config

Batch = tuple[Tensor, Tensor]
"""Characters, and the character that follows each of them."""

VOCABULARY = 128


class DataFactory(CallbackMixin, ABC):
    """Loads a text, turns it into numbers and deals them out in batches."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def __call__(self) -> tuple[DataLoader[Batch], DataLoader[Batch]]:
        """Batches to train on, and batches to evaluate on."""
        train, held_out = self.split_data(self.process(self.load()))
        return (
            self.create_dataloader(train, shuffle=True),
            self.create_dataloader(held_out, shuffle=False),
        )

    @abstractmethod
    def load(self) -> str:
        """The whole text."""

    def process(self, text: str) -> Tensor:
        """The text as character codes."""
        return torch.tensor(list(text.encode("ascii")))

    def split_data(self, codes: Tensor, held_out: float = 0.05) -> tuple[Tensor, Tensor]:
        """The part to train on, and the part to evaluate on."""
        cut = int(len(codes) * (1 - held_out))
        return codes[:cut], codes[cut:]

    def create_dataloader(self, codes: Tensor, *, shuffle: bool) -> DataLoader[Batch]:
        """Batches of windows of these codes."""
        return DataLoader(
            Windows(codes, self.config.context),
            batch_size=self.config.batch_size,
            shuffle=shuffle,
            drop_last=shuffle,
            generator=torch.Generator().manual_seed(self.config.seed),
        )


class Windows(Dataset[Batch]):
    """Windows of equal length that do not overlap."""

    def __init__(self, codes: Tensor, length: int) -> None:
        self.codes = codes
        self.length = length

    def __len__(self) -> int:
        return (len(self.codes) - 1) // self.length

    def __getitem__(self, index: int) -> Batch:
        start = index * self.length
        window = self.codes[start : start + self.length + 1]
        return window[:-1], window[1:]


def ascii_only(self: DataFactory, text: str) -> str:
    """Drops what is not ASCII, so that 128 codes are enough."""
    return text.encode("ascii", "ignore").decode("ascii")


def tell_sizes(self: DataFactory, parts: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Prints how much there is to train on."""
    train, held_out = parts
    print(f"data    {len(train):,} characters to train on, {len(held_out):,} held out")
    return parts


class TopicsData(DataFactory):
    """The topics that `help()` knows, which come with every Python."""

    name = "topics"
    callbacks = [
        ("post-load", ascii_only),
        ("post-split_data", tell_sizes),
    ]

    def load(self) -> str:
        from pydoc_data.topics import topics

        return "\n".join(topics[key] for key in sorted(topics))

    def pre_process_callback(self, text: str) -> str:
        """Takes out the underlining of headings, from which nothing can be learned."""
        return re.sub(r"\n[*=~^\-]{4,}\n", "\n", text)
