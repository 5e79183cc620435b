"""Which tokenizer a recipe selects, and whether it fits the model (R43)."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("deepspeed")

from tests.parity.blocks.harness import START, Project


@pytest.fixture(scope="module")
def exported(project: Project) -> str:
    """A folder with a model of 400 embeddings and its tokenizer, which has no padding token."""
    export = {"type": "huggingface", "output_dir": "export", "save_end_of_training": True}
    recipe = project.recipe("first", type="plain_topics", train_iters=1, checkpoint=[export])
    project.train(recipe)
    folder = recipe.parent / "export/global_step_1"
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if (folder / name).exists():
            values = json.loads((folder / name).read_text())
            values.pop("pad_token", None)
            (folder / name).write_text(json.dumps(values))
    return str(folder)


def started(project: Project, run: str, exported: str, code: int = 0, **changes: object) -> str:
    model = {"name_or_path": exported, "hf_config": None}
    settings = {"type": "plain_topics", "train_iters": 1, "tokenizer": None, "model": model}
    recipe = project.recipe(run, **{**settings, **changes})
    (process,) = project.start(recipe, *START)
    assert process.wait() == code, process.out[-4000:]
    return process.out


def test_R43_a_model_brings_its_tokenizer(project: Project, exported: str):
    out = started(project, "own", exported)
    assert "the tokenizer has no padding token: '<|end|>' is used" in out
    assert "the tokenizer ends a text" not in out
    # A folder with only a tokenizer selects the same factory.
    new = project.recipe("new", type="plain_topics", train_iters=1)
    values = {"tokenizer": {"vocab_size": None, "name_or_path": exported}}
    recipe = project.recipe("folder", type="plain_topics", train_iters=1, **values)
    (process,) = project.start(recipe, *START)
    assert process.wait() == 0
    assert "no padding token" in process.out
    (process,) = project.start(new, *START)
    assert process.wait() == 0
    assert "no padding token" not in process.out


def test_R43_a_tokenizer_that_does_not_fit_is_refused(project: Project, exported: str):
    large = {"type": "bpe", "vocab_size": 500}
    out = started(project, "large", exported, code=1, tokenizer=large)
    assert "Traceback" not in out
    assert "the tokenizer has 500 tokens, the model embeddings for 400: set tokenizer." in out
    small = {"type": "bpe", "vocab_size": 300}
    changed = {"name_or_path": exported, "hf_config": {"model_type": None, "eos_token_id": 7}}
    out = started(project, "small", exported, tokenizer=small, model=changed)
    assert "the tokenizer ends a text with token 0, the model with 7" in out


def test_R43_bf16_keeps_weights_in_fp32(project: Project):
    recipe = project.recipe("bf16", type="plain_topics", train_iters=1, model={"dtype": "bf16"})
    (process,) = project.start(recipe, *START)
    assert process.wait() == 0
    assert "ZeRO stage 1 instead of 0, to keep weights in fp32" in process.out
