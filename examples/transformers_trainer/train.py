"""Trains a small Llama on the bytes of this repository's license, for some seconds on a CPU."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch.utils.data import Dataset
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments, set_seed

TEXT = Path(__file__).parents[2] / "LICENSE"
LENGTH = 64


class Bytes(Dataset[dict[str, torch.Tensor]]):
    """Pieces of a text, one token for each byte."""

    def __init__(self, text: bytes) -> None:
        self._pieces = torch.tensor(list(text)).unfold(0, LENGTH, LENGTH)

    def __len__(self) -> int:
        return len(self._pieces)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {"input_ids": self._pieces[index], "labels": self._pieces[index]}


def trainer(of: type[Trainer], folder: str, steps: int) -> Trainer:
    """Creates a trainer of that class, with the same initial state each time."""
    torch.set_num_threads(1)  # faster than several threads for a model of this size
    set_seed(1)
    config = LlamaConfig(
        vocab_size=256,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
    )
    text = TEXT.read_bytes()
    split = len(text) * 9 // 10
    args = TrainingArguments(
        output_dir=folder,
        max_steps=steps,
        per_device_train_batch_size=8,
        learning_rate=3e-3,
        logging_steps=1,
        eval_strategy="steps",
        eval_steps=steps // 2,
        save_strategy="no",
        use_cpu=True,
        report_to=[],
        disable_tqdm=True,
    )
    return of(
        model=LlamaForCausalLM(config),
        args=args,
        train_dataset=Bytes(text[:split]),
        eval_dataset=Bytes(text[split:]),
    )


def main() -> None:
    from transformers.utils.logging import set_verbosity_error

    from generated.transformers_trainer.trainers import ByteTrainer

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=100)
    options.add_argument("--folder", default=str(Path(__file__).parent / "runs"))
    given = options.parse_args()
    set_verbosity_error()
    trained = trainer(ByteTrainer, given.folder, given.steps)
    trained.train()
    trained.save_model()


if __name__ == "__main__":
    main()
