"""Converts texts to tokens in chunks, so that large texts need little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
from datasets import Features, Sequence, Value
from transformers import PreTrainedTokenizerBase

Tokens = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

SHORT = 2**10
"""Characters of a piece: longer texts take more time per character."""
LONG = 2**18
"""The same for tokenizers that put something before each text, and for text without line ends."""
AT_ONCE = 2**20
"""Characters of all pieces that are tokenized in parallel."""

LINE = re.compile(r"[^\W_](?=\n)")
"""The end of a line, after a letter or digit: no tokenizer joins the characters on both sides."""

Piece = tuple[str, bool]
"""A part of a text, and whether it is the last one."""


def columns(*names: str) -> Features:
    """The features of a dataset with columns of tokens."""
    return Features({name: Sequence(Value("int32")) for name in names})


def tokens_of(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> Iterator[Tokens]:
    """The tokens of texts, with the end-of-text token after each."""
    waiting: list[Piece] = []
    size = 0
    for piece in pieces(texts, SHORT if _joins(tokenizer) else LONG):
        waiting.append(piece)
        size += len(piece[0])
        if size >= AT_ONCE:
            yield _encoded(tokenizer, waiting)
            waiting, size = [], 0
    if waiting:
        yield _encoded(tokenizer, waiting)


def cut(parts: Iterable[Tokens], length: int) -> Iterator[Tokens]:
    """Splits tokens into samples of that length, and yields several at a time.

    A last incomplete sample is dropped.
    """
    rest = np.array([], np.int32)
    for part in parts:
        rest = np.concatenate([rest, part])
        whole = len(rest) // length * length
        if whole:
            yield rest[:whole].reshape(-1, length)
            rest = rest[whole:]


def pieces(texts: Iterable[str], size: int = SHORT) -> Iterator[Piece]:
    """Splits texts into pieces of about ``size`` characters, at line ends."""
    for text in texts:
        at = 0
        while len(text) - at > size:
            latest = at + size + LONG
            found = LINE.search(text, at + size, latest)
            following = latest if found is None else found.end()
            if following >= len(text):
                break
            yield text[at:following], False
            at = following
        yield text[at:], True


def _joins(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the tokens of a text are those of its lines one after the other."""
    both, first, second = tokenizer(["a\nb", "a", "\nb"], add_special_tokens=False)["input_ids"]
    return bool(both == first + second)


def _encoded(tokenizer: PreTrainedTokenizerBase, waiting: list[Piece]) -> Tokens:
    end = tokenizer.eos_token_id
    ends = [] if end is None else [end]
    encoded = tokenizer(
        [text for text, _ in waiting],
        add_special_tokens=False,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )["input_ids"]
    parts = [
        np.array([*tokens, *ends] if is_last else tokens, np.int32)
        for tokens, (_, is_last) in zip(encoded, waiting, strict=True)
    ]
    return np.concatenate(parts)
