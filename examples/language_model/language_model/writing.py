"""A mixin for trainers whose model generates text."""

from __future__ import annotations

from typing import Any, Protocol

import torch


class Writer(Protocol):
    """The attributes that generation needs; every trainer of a language model has them."""

    tokenizer: Any
    global_rank: int
    device: torch.device

    @property
    def model_unwrapped(self) -> Any: ...


def write(trainer: Writer, start: str, length: int) -> str:
    """Continues a text, without using the random numbers of the training."""
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
    """A plain mixin: its callback methods count in each trainer that derives from it."""

    def post_evaluate_callback(self: Writer) -> None:
        """Shows what the model has learned. All ranks generate, one prints."""
        text = write(self, "The ", 24)
        if self.global_rank == 0:
            print(f"        it writes: {text}\n", flush=True)
