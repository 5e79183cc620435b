"""A mixin for trainers that let their model write."""

from __future__ import annotations

from typing import Any, Protocol

import torch


class Writer(Protocol):
    """What writing takes, which every trainer of a language model has."""

    tokenizer: Any
    global_rank: int
    device: torch.device

    @property
    def model_unwrapped(self) -> Any: ...


def write(trainer: Writer, start: str, length: int) -> str:
    """What the model adds to a text; it takes none of the training's random numbers."""
    given = trainer.tokenizer(start, return_tensors="pt").to(trainer.device)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(1)
        written = trainer.model_unwrapped.generate(
            given["input_ids"],
            attention_mask=given["attention_mask"],
            pad_token_id=trainer.tokenizer.eos_token_id,
            max_new_tokens=length,
            do_sample=True,
            temperature=0.5,
            use_cache=True,
        )
    return " ".join(trainer.tokenizer.decode(written[0]).split())


class Writing:
    """No class with callbacks by itself: its methods count in each trainer that derives from it."""

    def post_evaluate_callback(self: Writer) -> None:
        """Shows what the model has learned. All ranks write, one prints."""
        text = write(self, "The ", 24)
        if self.global_rank == 0:
            print(f"        it writes: {text}\n", flush=True)
