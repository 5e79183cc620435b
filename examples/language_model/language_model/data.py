"""The data factory: the texts of Python's own help topics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset

from arctic_codegen import rank_zero
from arctic_codegen.blocks import DataConfig, DataFactory, TextDataFactory


class TopicsConfig(DataConfig):
    """An additional field of the recipe."""

    shortest: int = 500
    """Topics with fewer characters are left out."""


def without_underlines(self: DataFactory, dataset: Dataset) -> Dataset:
    """Removes the underlining of headings."""
    texts = [re.sub(r"\n[*=~^\-]{4,}\n", "\n", text) for text in dataset["text"]]
    return Dataset.from_dict({"text": texts})


@rank_zero
def tell_samples(self: DataFactory, split: tuple[Dataset, Dataset]) -> tuple[Dataset, Dataset]:
    """Prints the size of the data, on one rank."""
    train, held_out = split
    length = self.config.max_length
    print(
        f"data    {len(train):,} samples of {length} tokens to train on, {len(held_out)} held out"
    )
    return split


class TopicsData(TextDataFactory):
    """The topics of `help()`, which come with every Python."""

    name = "topics"
    config: TopicsConfig
    callbacks = [
        ("post-load", without_underlines),
        ("post-split-data", tell_samples),
    ]

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        from pydoc_data.topics import topics

        return Dataset.from_dict({"text": [topics[name] for name in sorted(topics)]})

    def pre_process_callback(self, dataset: Dataset) -> Dataset:
        """Leaves out texts that are too short."""
        texts = [text for text in dataset["text"] if len(text) >= self.config.shortest]
        return Dataset.from_dict({"text": texts})
