"""Texts are converted to samples in parts, in a cache shared by ranks and runs (R43)."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from pydoc_data.topics import topics
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("deepspeed")

from datasets import Dataset
from tokenizers import pre_tokenizers

from arctic_codegen.blocks import (
    BPETokenizerFactory,
    CausalTrainer,
    RecipeError,
    TextDataFactory,
    make_config,
)
from arctic_codegen.blocks.sample_cache import SampleCache, key_of
from arctic_codegen.blocks.tokens import columns, cut, pieces, tokens_of

TEXTS = [topics[name] for name in sorted(topics)]
TEXTS.insert(0, "".join(TEXTS) * 3)
COLUMNS = columns("input_ids")


def run(**data: Any) -> Any:
    """The parts of its run that a factory needs."""
    model = {"hf_config": {"model_type": "llama"}}
    values = {"model": model, "tokenizer": {"vocab_size": 500}, "data": data}
    return SimpleNamespace(config=make_config(CausalTrainer, values), texts=TEXTS)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return BPETokenizerFactory(run(sources=[__file__]))()


def whole(tokenizer: Any) -> list[int]:
    encoded = tokenizer(TEXTS, add_special_tokens=False, verbose=False)["input_ids"]
    return [token for one in encoded for token in (*one, tokenizer.eos_token_id)]


def test_R43_a_text_in_parts_has_the_tokens_of_the_whole(tokenizer: Any):
    assert len(TEXTS[0]) > 2**19, "several batches"
    parts = list(tokens_of(tokenizer, TEXTS))
    assert len(parts) > 1
    expected = whole(tokenizer)
    assert np.concatenate(parts).tolist() == expected
    samples = np.concatenate(list(cut(parts, 100)))
    assert samples.tolist() == [expected[at : at + 100] for at in range(0, len(expected) - 99, 100)]


def test_R43_a_tokenizer_that_begins_each_text_gets_longer_parts(tokenizer: Any):
    backend = tokenizer.backend_tokenizer
    before = backend.pre_tokenizer
    try:
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        assert np.concatenate(list(tokens_of(tokenizer, TEXTS[1:]))).tolist() == [
            token
            for one in tokenizer(TEXTS[1:], add_special_tokens=False)["input_ids"]
            for token in (*one, tokenizer.eos_token_id)
        ]
    finally:
        backend.pre_tokenizer = before


def test_a_text_without_lines_is_cut_all_the_same():
    found = list(pieces(["x" * 1_000_000, "", "y"]))
    assert "".join(text for text, _ in found) == "x" * 1_000_000 + "y"
    assert [is_last for _, is_last in found][-3:] == [True, True, True]
    assert max(len(text) for text, _ in found) < 300_000


def never() -> Iterator[dict[str, Any]]:
    raise AssertionError("the samples are there")
    yield {}


def some() -> Iterator[dict[str, Any]]:
    yield {"input_ids": np.arange(6, dtype=np.int32).reshape(2, 3)}


def test_R43_samples_are_made_once(tmp_path: Path):
    made = SampleCache(tmp_path).get("a", COLUMNS, some())
    read = SampleCache(tmp_path).get("a", COLUMNS, never())
    assert made[:] == read[:] == {"input_ids": [[0, 1, 2], [3, 4, 5]]}


def test_R43_the_key_changes_with_all_that_samples_depend_on(tokenizer: Any):
    one, other = (Dataset.from_dict({"text": [text]}) for text in "ab")
    keys = [
        key_of(one, tokenizer, ["text", 8]),
        key_of(other, tokenizer, ["text", 8]),
        key_of(one, tokenizer, ["text", 9]),
    ]
    tokenizer.chat_template = "{{ messages }}"
    keys.append(key_of(one, tokenizer, ["text", 8]))
    tokenizer.chat_template = None
    assert len(set(keys)) == 4
    assert key_of(one, tokenizer, ["text", 8]) == keys[0]


def started(work: Callable[..., None], *arguments: Any) -> Any:
    process = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    process.start()
    return process


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_R43_others_wait_and_a_killed_one_leaves_nothing_that_counts(tmp_path: Path):
    gate = tmp_path / "gate"

    def slow(folder: Path) -> None:
        def batches() -> Iterator[dict[str, Any]]:
            yield from some()
            (folder / f"at_work_{os.getpid()}").touch()
            until(gate.exists)

        SampleCache(folder).get("a", COLUMNS, batches())

    folder = tmp_path / "cache"
    folder.mkdir()
    killed = started(slow, folder)
    until(lambda: any(folder.glob("at_work_*")))
    waiting = started(slow, folder)
    killed.kill()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    until(lambda: len(list(folder.glob("at_work_*"))) == 2)
    assert not (folder / "a.arrow").exists()
    other = started(slow, folder)
    gate.touch()
    for process in (waiting, other):
        process.join()
        assert process.exitcode == 0
    assert len(list(folder.glob("at_work_*"))) == 2, "the third one reads"
    assert not list(folder.glob("unfinished*"))
    assert SampleCache(folder).get("a", COLUMNS, never()).num_rows == 2


def test_R43_a_folder_that_cannot_be_written_is_an_error_at_the_field(
    tmp_path: Path, tokenizer: Any
):
    (tmp_path / "book.txt").write_text("Call me Ishmael." * 9)
    run_of = run(sources=[tmp_path / "book.txt"], cache_dir=tmp_path / "file" / "cache")
    (tmp_path / "file").write_text("")
    run_of.tokenizer = tokenizer
    factory = TextDataFactory(run_of)
    with pytest.raises(RecipeError, match=r"data\.cache_dir: .*/file/cache cannot be written: "):
        factory.process(factory.loaded())


def test_R43_texts_that_fill_no_sample_are_no_samples(tmp_path: Path, tokenizer: Any):
    (tmp_path / "book.txt").write_text("Call me Ishmael.")
    run_of = run(sources=[tmp_path / "book.txt"], max_length=200, cache_dir=tmp_path)
    run_of.tokenizer = tokenizer
    factory = TextDataFactory(run_of)
    assert len(factory.process(factory.loaded())) == 0
