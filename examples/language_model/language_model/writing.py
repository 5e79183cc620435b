"""A mixin for trainers whose model answers questions."""

from __future__ import annotations

from typing import Any, Protocol

import torch

QUESTION = "What does json.loads do?"


class Writer(Protocol):
    """The attributes that generation needs; every trainer of a language model has them."""

    tokenizer: Any
    global_rank: int
    device: torch.device

    @property
    def model_unwrapped(self) -> Any: ...


def answer(trainer: Writer, question: str, length: int) -> str:
    """Answers a question with the most probable tokens."""
    asked = trainer.tokenizer.apply_chat_template(
        [{"role": "user", "content": question}],
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
    ).to(trainer.device)
    given = asked["input_ids"]
    with torch.no_grad():
        written = trainer.model_unwrapped.generate(
            given,
            attention_mask=asked["attention_mask"],
            pad_token_id=trainer.tokenizer.pad_token_id,
            max_new_tokens=length,
            do_sample=False,
            use_cache=True,
        )
    new = written[0, given.shape[1] :]
    return str(trainer.tokenizer.decode(new, skip_special_tokens=True)).strip()


class Writing:
    """A plain mixin: each trainer that derives from it has its callback methods."""

    def post_evaluate_callback(self: Writer) -> None:
        """Prints an answer of the model. All ranks generate it, and rank 0 prints it."""
        text = answer(self, QUESTION, 32)
        if self.global_rank == 0:
            print(f"        it answers: {text}\n", flush=True)
