"""The tokenizer factory, which creates the tokenizer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks._choosing import candidates
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.config import TokenizerConfig, TrainerConfig
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.run import Run
from arctic_codegen.blocks.tokens import pieces

END = "<|end|>"
"""The end-of-text token."""


class TokenizerFactory(CallbackMixin, Part, ABC):
    """Creates the tokenizer."""

    name: str
    config: TokenizerConfig

    def __init__(self, trainer: Run, tokenizer_config: TokenizerConfig | None = None) -> None:
        self._trainer = trainer
        self.config = trainer.config.tokenizer if tokenizer_config is None else tokenizer_config

    def __call__(self) -> PreTrainedTokenizerBase:
        return self.create_tokenizer()

    @abstractmethod
    def create_tokenizer(self) -> PreTrainedTokenizerBase:
        """Creates the tokenizer."""


class HFTokenizerFactory(TokenizerFactory):
    """Loads the tokenizer from a local folder."""

    name = "huggingface"

    def create_tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer of ``tokenizer.name_or_path``, or of the model's folder."""
        folder = self.config.name_or_path or self.trainer.config.model.name_or_path
        loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True
        )
        return loaded


def tokenizer_type(trainer: type, *folders: object) -> str:
    """The name of the tokenizer factory for a recipe without ``tokenizer.type``.

    If the recipe names the folder of a tokenizer or a model, it is the factory that loads from a
    folder. Otherwise it is empty, for the trainer's first one.
    """
    if not any(folders):
        return ""
    block: Any = TokenizerFactory  # type checkers accept no abstract class as `type[T]`
    allowed = candidates(trainer, "tokenizer_factory", block)
    return next((one.name for one in allowed if issubclass(one, HFTokenizerFactory)), "")


def complete(tokenizer: PreTrainedTokenizerBase) -> None:
    """Makes a tokenizer without a padding token use its end-of-text token, and logs this."""
    if tokenizer.pad_token is None and tokenizer.eos_token is not None:
        tokenizer.pad_token = tokenizer.eos_token
        logger.info("the tokenizer has no padding token: %r is used", tokenizer.eos_token)


def check_fits(
    tokenizer: PreTrainedTokenizerBase, model_config: Any, config: TrainerConfig
) -> None:
    """Compares a tokenizer with the configuration of a transformers model.

    A different end-of-text token is logged as a warning. Raises
    :class:`~arctic_codegen.blocks.RecipeError` if the tokenizer has more tokens than the model has
    embeddings.
    """
    embeddings = getattr(model_config, "vocab_size", None)
    if isinstance(embeddings, int) and len(tokenizer) > embeddings:
        is_new = config.model.name_or_path is None
        fix = "set tokenizer.name_or_path to the model's own tokenizer, or leave it out"
        raise config.wrong(
            ("model", "hf_config", "vocab_size") if is_new else ("tokenizer",),
            f"the tokenizer has {len(tokenizer)} tokens, the model embeddings for {embeddings}:"
            f" {'leave it out' if is_new else fix}",
        )
    ends = getattr(model_config, "eos_token_id", None)
    ends = ends if isinstance(ends, list) else [ends]
    if ends != [None] and tokenizer.eos_token_id not in ends:
        logger.warning(
            "the tokenizer ends a text with token %s, the model with %s: generated text may not"
            " end",
            tokenizer.eos_token_id,
            ", ".join(map(str, ends)),
        )


class BPETokenizerFactory(TokenizerFactory):
    """Trains a byte-level BPE on the texts that ``texts`` returns: those of the data."""

    name = "bpe"

    def create_tokenizer(self) -> PreTrainedTokenizerBase:
        """A tokenizer of ``tokenizer.vocab_size`` tokens, the same on every rank."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=self.config.vocab_size,
            special_tokens=[END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator((piece for piece, _ in pieces(self.texts())), trainer)
        return PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            eos_token=END,
            pad_token=END,
            model_input_names=["input_ids", "attention_mask"],  # the inputs of causal models
        )

    def texts(self) -> list[str]:
        """The texts to train the tokenizer on: all texts of the data factory."""
        return self.trainer.texts
