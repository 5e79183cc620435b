"""A callback that has the model generate text after each evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arctic_codegen.callbacks.base import check_options, option
from arctic_codegen.callbacks.callback import Callback
from arctic_codegen.callbacks.training import Trainer, evaluation_mode, training
from arctic_codegen.runtime.errors import TrainingError


@dataclass(frozen=True, eq=False)
class SampleGenerations(Callback):
    """After each evaluation, has the model continue each of ``prompts`` by at most
    ``max_new_tokens`` tokens, by greedy decoding. The texts are reported in a separate line."""

    prompts: Sequence[str]
    max_new_tokens: int = option(32, at_least=1)

    def __post_init__(self) -> None:
        """Raises :class:`ValueError` if an option is out of range, or ``prompts`` is a string."""
        if isinstance(self.prompts, str):
            raise ValueError(f"SampleGenerations(prompts={self.prompts!r}): use a list of strings")
        check_options(self)

    def pre_train(self, trainer: Trainer) -> None:
        """Raises :class:`TrainingError` if there is no evaluation, the model cannot generate, or
        there is nothing to continue in a prompt."""
        run = training(trainer)
        run.require_evaluation(self)
        if not hasattr(run.trainer.model_unwrapped, "generate"):
            raise TrainingError("SampleGenerations needs a model with a generate() method")
        for prompt in self.prompts:
            if len(run.trainer.tokenizer(prompt)["input_ids"]) == 0:
                raise TrainingError(
                    f"SampleGenerations: the prompt {prompt!r} has no tokens: add some text"
                )

    def post_evaluate(self, trainer: Trainer) -> None:
        """Generates on all ranks, since each may have only a part of the weights."""
        run = training(trainer)
        with run.paused(), evaluation_mode(trainer.model):
            texts = [self._from(run.trainer, prompt) for prompt in self.prompts]
        run.write({f"sample_{number}": text for number, text in enumerate(texts)})

    def _from(self, trainer: Any, prompt: str) -> str:
        import torch

        tokenizer = trainer.tokenizer
        given = tokenizer(prompt, return_tensors="pt").to(trainer.device)
        with torch.no_grad():
            tokens = trainer.model_unwrapped.generate(
                given["input_ids"],
                attention_mask=given["attention_mask"],
                max_new_tokens=self.max_new_tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
            )
        text: str = tokenizer.decode(
            tokens[0, given["input_ids"].shape[1] :], skip_special_tokens=True
        )
        return text
