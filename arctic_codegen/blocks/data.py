"""The data factory: the batches that a run trains and evaluates on."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import datasets
import torch
from datasets import Dataset, Features
from torch.utils.data import DataLoader, DistributedSampler
from transformers import PreTrainedTokenizerBase

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks import disk
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.collating import Collator
from arctic_codegen.blocks.config import DataConfig
from arctic_codegen.blocks.run import Loader, Run
from arctic_codegen.blocks.sample_cache import SampleCache, key_of
from arctic_codegen.blocks.tokens import columns, cut, tokens_of

Batch = dict[str, torch.Tensor]


class Sampler(DistributedSampler[Any]):
    """The samples of one rank in the order of an epoch, starting at a given sample."""

    start = 0
    """The number of samples that the next pass skips; later passes skip none."""

    def __iter__(self) -> Iterator[Any]:
        start, self.start = self.start, 0
        return islice(super().__iter__(), start, None)


class DataFactory(CallbackMixin, Part, ABC):
    """Loads texts, turns them into samples, and batches them for each rank.

    Every rank loads the same data; the sampler gives each its share.
    """

    name: str
    config: DataConfig
    _loaded: Dataset | None = None

    def __init__(self, trainer: Run, config: DataConfig | None = None) -> None:
        self._trainer = trainer
        self.config = trainer.config.data if config is None else config

    def __call__(self) -> tuple[Loader, Loader | None]:
        """The batches to train on and those to evaluate on.

        Raises :class:`~arctic_codegen.blocks.RecipeError` if there is not a batch for each rank, or
        there are fewer batches than a step of the optimizer accumulates.
        """
        training_data = self.process(self.loaded())
        self._loaded = None
        evaluation_data: Dataset | None = None
        if self.config.train_eval_split[1] > 0:
            training_data, evaluation_data = self.split_data(training_data)
        training = self._batched(training_data)
        if evaluation_data is None:
            return training, None
        return training, self._each_once(self.create_dataloader(evaluation_data))

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The trainer's tokenizer."""
        return self.trainer.tokenizer

    @property
    def micro_batch_size(self) -> int:
        """Samples in a batch."""
        return self.trainer.config.micro_batch_size

    def loaded(self) -> Dataset:
        """The result of ``load``, which is called only once: a tokenizer may need it first."""
        if self._loaded is None:
            self._loaded = self.load(self.config.sources)
        return self._loaded

    @property
    def texts(self) -> list[str]:
        """All texts of the data, on which a tokenizer may be trained: the column ``text``."""
        texts: list[str] = self.loaded()["text"][:]
        return texts

    @abstractmethod
    def load(self, data_sources: Sequence[Path]) -> Dataset:
        """Loads the raw data."""

    @abstractmethod
    def process(self, dataset: Dataset) -> Dataset:
        """Turns the data into samples: ``input_ids`` and ``labels``."""

    def split_data(self, training_data: Dataset) -> tuple[Dataset, Dataset]:
        """The samples to train on and those to evaluate on, by ``train_eval_split``.

        Raises :class:`~arctic_codegen.blocks.RecipeError` if there are too few.
        """
        if len(training_data) < 2:
            raise self.trainer.config.wrong(
                ("data", "train_eval_split"),
                f"{len(training_data)} samples cannot be split: give more data",
            )
        share = self.config.train_eval_split[1]
        if math.ceil(len(training_data) * share) == len(training_data):
            raise self.trainer.config.wrong(
                ("data", "train_eval_split"),
                f"leaves none of {len(training_data)} samples to train on: give more data, or"
                " evaluate on a smaller share",
            )
        split = training_data.train_test_split(test_size=share, seed=self.config.seed)
        return split["train"], split["test"]

    def collator(self) -> Collator:
        """The function that makes a batch of samples and pads shorter ones."""
        return Collator(self.tokenizer.pad_token_id or 0)

    def create_dataloader(self, dataset: Dataset) -> Loader:
        """The batches of this rank, shuffled in each epoch."""
        return DataLoader(
            dataset.with_format("torch"),
            batch_size=self.micro_batch_size,
            sampler=Sampler(
                dataset,
                num_replicas=self.world_size,
                rank=self.global_rank,
                seed=self.config.seed,
            ),
            collate_fn=self.collator(),
            # A separate generator: evaluations must not consume random numbers of the training.
            generator=torch.Generator().manual_seed(self.config.seed),
            num_workers=self.config.dl_num_workers,
            persistent_workers=self.config.dl_num_workers > 0,
            pin_memory=self.device.type != "cpu",  # allows asynchronous copies to the device
            drop_last=True,
        )

    def _cached(
        self,
        dataset: Dataset,
        settings: Sequence[Any],
        features: Features,
        batches: Iterator[dict[str, Any]],
    ) -> Dataset:
        """The samples that ``batches`` makes of a dataset, from the cache if possible."""
        folder = self.config.cache_dir
        if folder is None:
            folder = Path(datasets.config.HF_DATASETS_CACHE) / "arctic_codegen"
        try:
            key = key_of(dataset, self.tokenizer, [self.name, *settings])
            return SampleCache(folder).get(key, features, batches)
        except OSError as error:
            raise self.trainer.config.wrong(
                ("data", "cache_dir"),
                f"{folder} cannot be written: {disk.reason(folder, error)}",
            ) from None

    def _each_once(self, loader: Loader) -> Loader:
        """The same batches in order, with each sample exactly once."""
        if not isinstance(loader.sampler, Sampler):
            return loader  # a custom one
        size = len(loader.dataset)  # type: ignore[arg-type]  # this sampler requires a length
        return DataLoader(
            loader.dataset,
            batch_size=loader.batch_size,
            sampler=range(self.global_rank, size, self.world_size),
            collate_fn=loader.collate_fn,
            generator=loader.generator,
            num_workers=loader.num_workers,
            persistent_workers=loader.persistent_workers,
            pin_memory=loader.pin_memory,
        )

    def _batched(self, dataset: Dataset) -> Loader:
        config = self.trainer.config
        loader = self.create_dataloader(dataset)
        if len(loader) == 0:
            raise config.wrong(
                ("data", "sources"),
                f"the training data has {len(dataset)} samples, which is not a batch of"
                f" {self.micro_batch_size} for each of {self.world_size} ranks: give more data, or"
                " set a smaller data.max_length or micro_batch_size",
            )
        accumulated = config.gradient_accumulation_steps
        of_epoch = config.loss_average == "tokens"
        batches = len(loader) if of_epoch else config.epochs * len(loader)
        if batches < accumulated and (of_epoch or not config.train_iters):
            raise config.wrong(
                ("gradient_accumulation_steps",),
                f"{accumulated} is more than the {batches} batches of"
                f" {'an epoch' if of_epoch else 'the run'}: no step would be taken",
            )
        return loader


class TextDataFactory(DataFactory):
    """Text files, split into consecutive samples of ``data.max_length`` tokens."""

    name = "text"

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        """One text for each file.

        Raises :class:`RecipeError` if one cannot be read.
        """
        texts = []
        for number, path in enumerate(data_sources):
            try:
                texts.append(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise self.trainer.config.wrong(
                    ("data", "sources", number), f"{path} cannot be read: {error}"
                ) from None
        return Dataset.from_dict({"text": texts})

    def process(self, dataset: Dataset) -> Dataset:
        length = self.config.max_length
        samples = cut(tokens_of(self.tokenizer, (row["text"] for row in dataset)), length)
        batches = ({"input_ids": some, "labels": some} for some in samples)
        return self._cached(dataset, [length], columns("input_ids", "labels"), batches)


def to_device(batch: Any, device: torch.device) -> Any:
    """A batch with all of its tensors on a device.

    Any mapping, such as the ``BatchEncoding`` of transformers' collators, becomes a dict.
    """
    if isinstance(batch, torch.Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, Mapping):
        return {name: to_device(value, device) for name, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        moved = (to_device(value, device) for value in batch)
        return type(batch)(*moved) if hasattr(batch, "_fields") else type(batch)(moved)
    return batch
