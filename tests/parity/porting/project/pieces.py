"""A custom data factory, optimizer and scheduler, written for ArcticTraining."""

from pydoc_data.topics import topics
from typing import Any

import torch
from arctic_training.config.optimizer import OptimizerConfig
from arctic_training.data.factory import DataFactory
from arctic_training.optimizer.factory import OptimizerFactory
from datasets import Dataset
from torch.utils.data import DataLoader, DistributedSampler


class Topics(DataFactory):
    name = "own_topics"
    callbacks = [("post-load", lambda self, dataset: dataset.select(range(len(dataset) - 2)))]

    def load(self, data_sources: Any) -> Dataset:
        texts = [topics[name] for name in sorted(topics)][:8]
        tokens = self.tokenizer("\n".join(texts), verbose=False)["input_ids"]
        length = self.config.max_length
        samples = [tokens[at : at + length] for at in range(0, len(tokens) - length, length)]
        return Dataset.from_dict({"input_ids": samples, "labels": samples})

    def process(self, dataset: Dataset) -> Dataset:
        return dataset

    def create_dataloader(self, dataset: Dataset) -> DataLoader:
        return DataLoader(
            dataset.with_format("torch"),
            batch_size=self.micro_batch_size,
            sampler=DistributedSampler(
                dataset, num_replicas=self.trainer.world_size, rank=self.trainer.global_rank
            ),
            drop_last=True,
        )


class AdamW(OptimizerFactory):
    name = "own_adamw"

    def create_optimizer(self, model: Any, optimizer_config: OptimizerConfig) -> Any:
        return torch.optim.AdamW(model.parameters(), lr=optimizer_config.learning_rate)

    def pre_create_optimizer_callback(self, optimizer_config):
        rate = 2 * optimizer_config.learning_rate
        return optimizer_config.model_copy(update={"learning_rate": rate})
