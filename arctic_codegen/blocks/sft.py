"""The data factory for conversations, with labels for the assistant's answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from jinja2 import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

from arctic_codegen.blocks._errors import RecipeError
from arctic_codegen.blocks.collating import IGNORED, Collator
from arctic_codegen.blocks.config import SFTDataConfig
from arctic_codegen.blocks.conversations import FEATURES, ConversationError, conversations
from arctic_codegen.blocks.data import DataFactory
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.tokens import Tokens, columns
from arctic_codegen.runtime.errors import first_line

ROWS = 1000
"""The number of conversations that are tokenized at once."""

GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")
"""The tag with which a template marks the text of the assistant."""

Sample = tuple[Tokens, Tokens]
"""Tokens and labels."""


class SFTDataFactory(DataFactory):
    """Conversations of JSON lines with ``messages``, rendered with the tokenizer's chat template.

    The text of the assistant's messages has labels.
    """

    name = "sft"
    config: SFTDataConfig

    @property
    def texts(self) -> list[str]:
        """The texts of all messages."""
        return [one["content"] for row in self.loaded() for one in row["messages"]]

    def collator(self) -> Collator:
        """Pads to a multiple of ``div_length``."""
        config = self.config
        return Collator(super().collator().padding, config.div_length, config.max_length)

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        """The conversations of all files.

        Raises :class:`RecipeError` if a line is not a conversation.
        """
        wrong = self.trainer.config.wrong
        rows: list[dict[str, Any]] = []
        for number, path in enumerate(data_sources):
            try:
                rows += conversations(path, self.config.mask_inputs)
            except ConversationError as error:
                raise wrong(("data", "sources", number), str(error)) from None
        return Dataset.from_list(rows, features=FEATURES)

    def process(self, dataset: Dataset) -> Dataset:
        """Turns conversations into samples: ``input_ids``, ``labels``, and ``position_ids`` if they
        are packed.

        Raises :class:`RecipeError` if the tokenizer has no chat template, or a conversation cannot
        be rendered with it, has no token to train on, or is too long.
        """
        config = self.config
        if config.chat_template is not None:
            self.tokenizer.chat_template = config.chat_template
        if self.tokenizer.chat_template is None:
            raise self._wrong("chat_template", NO_TEMPLATE)
        if not self.tokenizer.is_fast:
            raise self.trainer.config.wrong(
                ("tokenizer",), "is slow: use one with a tokenizer.json"
            )
        names = ["input_ids", "labels", *(["position_ids"] if config.pack_samples else [])]
        settings = [
            config.max_length, config.mask_inputs, config.filter_samples, config.pack_samples,
            config.seed if config.pack_samples else 0,
        ]  # fmt: skip
        return self._cached(dataset, settings, columns(*names), self._batches(dataset, names))

    def _batches(self, dataset: Dataset, names: list[str]) -> Iterator[dict[str, Any]]:
        samples: Iterator[tuple[Tokens, ...]] = self._fitting(dataset)
        if self.config.pack_samples:
            samples = packed(
                self._fitting(dataset.shuffle(self.config.seed, keep_in_memory=True)),
                self.config.max_length,
            )
        while some := list(islice(samples, ROWS)):
            yield dict(zip(names, map(list, zip(*some, strict=True)), strict=True))

    def _fitting(self, dataset: Dataset) -> Iterator[Sample]:
        """The samples that are no longer than ``max_length``."""
        longest, left_out = self.config.max_length, 0
        for tokens, labels in self._samples(dataset):
            if len(tokens) <= longest:
                yield tokens, labels
                continue
            if not self.config.filter_samples:
                raise self._wrong(
                    "max_length",
                    f"a sample has {len(tokens)} tokens, more than {longest}: set filter_samples to"
                    " leave such samples out",
                )
            left_out += 1
        if left_out == len(dataset):
            raise self._wrong(
                "max_length", f"all {left_out} samples have more than {longest} tokens"
            )
        if left_out:
            logger.warning(
                "%s of %s samples are left out: they have more than %s tokens",
                left_out, len(dataset), longest,
            )  # fmt: skip

    def _samples(self, dataset: Dataset) -> Iterator[Sample]:
        for start in range(0, len(dataset), ROWS):
            rows = dataset[start : start + ROWS]["messages"]
            rendered = [self._rendered(messages) for messages in rows]
            encoded = self.tokenizer(
                [text for text, _ in rendered],
                add_special_tokens=False,
                return_offsets_mapping=True,
                return_attention_mask=False,
                verbose=False,
            )
            for (_, spans), tokens, offsets in zip(
                rendered, encoded["input_ids"], encoded["offset_mapping"], strict=True
            ):
                ids = np.array(tokens, np.int32)
                labels = ids
                if self.config.mask_inputs:
                    begins = np.array(offsets).reshape(-1, 2)[:, 0]
                    answered = [(begins >= start) & (begins < end) for start, end in spans]
                    labels = np.where(np.any(answered, axis=0), ids, IGNORED).astype(np.int32)
                if not np.any(labels[1:] != IGNORED):
                    raise self._wrong(
                        "chat_template", "a conversation has no token to train on: the template"
                        " writes nothing for messages of the assistant",
                    )  # fmt: skip
                yield ids, labels

    def _rendered(self, messages: list[dict[str, str]]) -> tuple[str, list[tuple[int, int]]]:
        """A conversation as text, and the spans of the assistant's answers."""
        whole = self._render(messages)
        if not self.config.mask_inputs:
            return whole, []
        template = self.tokenizer.get_chat_template()
        if GENERATION.search(template):
            _, (spans,) = render_jinja_template(
                [messages],
                chat_template=template,
                return_assistant_tokens_mask=True,
                **self.tokenizer.special_tokens_map,
            )
            return whole, spans
        spans = []
        for number, message in enumerate(messages):
            if message["role"] == "assistant":
                before = self._render(messages[:number], add_generation_prompt=True)
                through = self._render(messages[: number + 1])
                if not whole.startswith(through) or not through.startswith(before):
                    raise self._wrong("chat_template", NOT_A_START)
                spans.append((len(before), len(through)))
        return whole, spans

    def _render(self, messages: list[dict[str, str]], **options: Any) -> str:
        try:
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, **options)
        except TemplateError as error:
            raise self._wrong("chat_template", first_line(error)) from None
        return str(text)

    def _wrong(self, field: str, message: str) -> RecipeError:
        return self.trainer.config.wrong(("data", field), message)


NO_TEMPLATE = "the tokenizer has no chat template: set one"
NOT_A_START = (
    "the template renders the start of a conversation differently when more messages follow: use "
    "one with {% generation %} around what the assistant writes"
)


def packed(samples: Iterable[Sample], length: int) -> Iterator[tuple[Tokens, Tokens, Tokens]]:
    """Concatenates samples up to ``length`` tokens: tokens, labels and positions.

    Positions count from the start of each sample. The first token of a sample has no label, since
    nothing before it predicts it.
    """
    some: list[Sample] = []
    size = 0
    for tokens, labels in samples:
        if some and size + len(tokens) > length:
            yield _joined(some)
            some, size = [], 0
        some.append((tokens, labels))
        size += len(tokens)
    if some:
        yield _joined(some)


def _joined(samples: list[Sample]) -> tuple[Tokens, Tokens, Tokens]:
    labels = []
    for _, one in samples:
        one = one.copy()
        one[0] = IGNORED
        labels.append(one)
    return (
        np.concatenate([tokens for tokens, _ in samples]),
        np.concatenate(labels),
        np.concatenate([np.arange(len(tokens), dtype=np.int32) for tokens, _ in samples]),
    )
