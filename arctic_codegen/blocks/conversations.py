"""Conversations on disk: files of JSON lines, and folders saved by ``datasets``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, Features, Value, load_from_disk

FEATURES = Features({"messages": [{"role": Value("string"), "content": Value("string")}]})
KEYS = {"role", "content"}


class ConversationError(ValueError):
    """A conversation cannot be trained on; the message names the file and line."""


def conversations(path: Path, need_answers: bool) -> Iterator[dict[str, Any]]:
    """The conversations of a file or folder.

    With ``need_answers``, each must have a message of the assistant. Raises
    :class:`ConversationError` for the first one that is invalid.
    """
    is_empty = True
    for place, row in _rows(path):
        is_empty = False
        problem = _wrong(row, need_answers)
        if problem:
            raise ConversationError(f"{place}: {problem}")
        yield {"messages": row["messages"]}
    if is_empty:
        raise ConversationError(f"{path} has no conversations")


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Each row, with its place for messages."""
    if path.is_dir():
        for number, row in enumerate(_saved(path), 1):
            yield f"{path}: row {number}", row
        return
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}:{number}", _parsed(line, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise ConversationError(f"{path} cannot be read: {error}") from None


def _parsed(line: str, place: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ConversationError(f"{place}: invalid JSON: {error}") from None


def _saved(folder: Path) -> Dataset:
    """A dataset that ``save_to_disk`` has written; the split ``train`` if there are several."""
    try:
        loaded = load_from_disk(str(folder))
    except Exception:
        raise ConversationError(f"{folder} was not written by Dataset.save_to_disk") from None
    if isinstance(loaded, DatasetDict):
        if "train" not in loaded:
            raise ConversationError(f"{folder} has no split 'train', only {', '.join(loaded)}")
        return loaded["train"]
    return loaded


def _wrong(row: Any, need_answers: bool) -> str | None:
    """What is wrong with a conversation; ``None`` if it is valid."""
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not messages:
        return '\'messages\' is missing: it is a list such as [{"role": "user", "content": "..."}]'
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            return f"message {number} is not a mapping with 'role' and 'content'"
        for key in sorted(KEYS):
            if not isinstance(message.get(key), str):
                return f"the '{key}' of message {number} is not a string"
        others = [key for key, value in message.items() if key not in KEYS and value is not None]
        if others:
            return f"message {number} has {others[0]!r}, but only 'role' and 'content' are used"
    if need_answers and all(message["role"] != "assistant" for message in messages):
        return "all labels would be masked: no message has the role 'assistant'"
    return None
