"""Conversations become samples: labels only for answers, padded or packed (R43)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml

pytest.importorskip("deepspeed")

from datasets import Dataset
from transformers import AutoConfig, AutoModelForCausalLM

from arctic_codegen.blocks import (
    BPETokenizerFactory,
    CausalTrainer,
    DataFactory,
    RecipeError,
    SFTDataFactory,
    make_config,
)
from arctic_codegen.blocks.collating import Collator
from arctic_codegen.blocks.conversations import ConversationError, conversations
from arctic_codegen.blocks.packing import check_packing
from tests.pages import ROOT, blocks, section

IGNORED = -100
LLAMA = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 64,
}
TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content + eos_token }}"
    "{% else %}{{ m.role }}: {{ m.content }}\n>{% endif %}{% endfor %}"
)


PAGE = section(ROOT / "docs" / "blocks.md", "Text and conversations")


def said(*contents: str) -> dict[str, Any]:
    """A conversation that starts with the user."""
    roles = ("user", "assistant")
    return {
        "messages": [
            {"role": roles[number % 2], "content": text} for number, text in enumerate(contents)
        ]
    }


ROWS = [
    said("What is one and one?", "Two", "Two and two?", "Two and two is four."),
    said("Two?", "A number, and a word of it that is repeated: Two Two."),
    said("Why?", "No."),
    said("Nobody answers?", ""),
    said("How long is it?", "long " * 12),
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({**row, "id": 1}) + "\n\n" for row in ROWS))
    return path


def factory(source: Path, trainer: type = CausalTrainer, **data: Any) -> SFTDataFactory:
    """The factory of a run whose tokenizer was trained on the conversations."""
    values = {
        "micro_batch_size": 2,
        "model": {"hf_config": LLAMA},
        "tokenizer": {"vocab_size": 300},
        "data": {
            "type": "sft", "sources": [source], "max_length": 64, "chat_template": TEMPLATE, **data
        },
    }  # fmt: skip
    config = make_config(trainer, values)
    run: Any = SimpleNamespace(
        config=config, world_size=1, global_rank=0, device=torch.device("cpu")
    )
    made = SFTDataFactory(run)
    run.texts = made.texts
    run.tokenizer = BPETokenizerFactory(run)()
    return made


def answers(made: SFTDataFactory, sample: dict[str, Any]) -> list[str]:
    """The texts with labels in a sample."""
    runs: list[list[int]] = []
    before = IGNORED
    for token, label in zip(sample["input_ids"], sample["labels"], strict=True):
        if label != IGNORED:
            assert label == token
            if before == IGNORED:
                runs.append([])
            runs[-1].append(label)
        before = label
    return [str(made.tokenizer.decode(run)) for run in runs]


def test_R43_the_answers_alone_have_labels(source: Path):
    made = factory(source)
    samples = made.process(made.loaded())
    assert [answers(made, sample) for sample in samples] == [
        [f"{message['content']}<|end|>" for message in row["messages"][1::2]] for row in ROWS
    ]
    first = made.tokenizer.decode(samples[0]["input_ids"])
    assert first.startswith("user: What is one and one?\n>Two<|end|>user: Two and two?\n>Two")
    unmasked = factory(source, mask_inputs=False)
    for sample in unmasked.process(unmasked.loaded()):
        assert sample["labels"] == sample["input_ids"]
    assert made.trainer.config.loss_average == "tokens"
    text = {"sources": [source], "max_length": 64}
    values = {"model": {"hf_config": LLAMA}, "data": text}
    assert make_config(CausalTrainer, values).loss_average == "batch"


def test_R43_a_template_may_say_itself_what_the_assistant_writes(source: Path):
    """Here the start of a conversation is formatted differently if more follows."""
    ends = TEMPLATE.replace("eos_token", "(eos_token if loop.last else '!')")
    made = factory(source, chat_template=ends)
    with pytest.raises(RecipeError, match=r"data\.chat_template: the template renders the start "):
        made.process(made.loaded())
    marked = ends.replace("{{ m.content +", "{% generation %}{{ m.content +")
    marked = marked.replace("'!') }}", "'!') }}{% endgeneration %}")
    made = factory(source, chat_template=marked)
    samples = made.process(made.loaded())
    assert answers(made, samples[0]) == ["Two!", "Two and two is four.<|end|>"]


def test_R43_samples_of_any_lengths_make_batches(source: Path):
    made = factory(source)
    loader, _ = made()
    for batch in loader:
        size = batch["input_ids"].shape
        assert size[1] % 8 == 0
        assert batch["labels"].shape == batch["attention_mask"].shape == size
        padding = batch["attention_mask"] == 0
        assert padding.any()
        assert (batch["labels"][padding] == IGNORED).all()
        assert (batch["input_ids"][padding] == made.tokenizer.pad_token_id).all()
    # At most the length of a sample, for which the model has positions.
    assert Collator(0, multiple=100, longest=60)(
        [{"input_ids": torch.arange(40)}, {"input_ids": torch.arange(50)}]
    )["input_ids"].shape == (2, 60)


def test_R43_any_data_factory_may_give_samples_of_different_lengths(source: Path):
    class Ragged(DataFactory):
        name = "ragged"

        def load(self, data_sources: Any) -> Dataset:
            raise NotImplementedError

        def process(self, dataset: Dataset) -> Dataset:
            raise NotImplementedError

    made = Ragged(factory(source).trainer)
    samples = {"input_ids": [[1, 2], [3]], "labels": [[1, 2], [3]], "weight": [0.5, 2.0]}
    (batch,) = made.create_dataloader(Dataset.from_dict(samples))
    assert sorted(batch["labels"].tolist()) == [[1, 2], [3, IGNORED]]
    assert sorted(batch["attention_mask"].tolist()) == [[1, 0], [1, 1]]
    assert sorted(batch["weight"].tolist()) == [0.5, 2.0]


def model_of(**changes: Any) -> Any:
    torch.manual_seed(0)
    config = AutoConfig.for_model(**{**LLAMA, "vocab_size": 300, **changes.pop("config", {})})
    model = AutoModelForCausalLM.from_config(config, **changes).eval()
    model.config.use_cache = False
    return model


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("model_type", ["llama", "gpt2"])
def test_R43_packed_samples_have_the_logits_of_each_alone(
    source: Path, attention: str, model_type: str
):
    made = factory(source, pack_samples=True)
    packed = made.process(made.loaded())
    starts = [sample["position_ids"].count(0) for sample in packed]
    assert sum(starts) == len(ROWS)
    assert max(starts) > 1
    assert len({len(sample["input_ids"]) for sample in packed}) > 1
    batch = made.collator()(list(packed.with_format("torch")))
    assert set(batch) == {"input_ids", "labels", "position_ids"}
    config = {"model_type": model_type}
    if model_type == "gpt2":
        config |= {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64}  # type: ignore[dict-item]
    model = model_of(attn_implementation=attention, config=config)
    with torch.no_grad():
        logits = model(input_ids=batch["input_ids"], position_ids=batch["position_ids"]).logits
        for row, sample in enumerate(packed):
            begins = [at for at, one in enumerate(sample["position_ids"]) if one == 0]
            assert all(sample["labels"][at] == IGNORED for at in begins)
            for at, end in zip(begins, [*begins[1:], len(sample["input_ids"])], strict=True):
                alone = model(input_ids=batch["input_ids"][row : row + 1, at:end]).logits[0]
                assert torch.allclose(logits[row, at:end], alone, rtol=0, atol=1e-6)


def tried(source: Path, model: Any) -> str:
    made = factory(source, pack_samples=True)
    run: Any = made.trainer
    run.model = run.model_unwrapped = model
    try:
        check_packing(run)
    except RecipeError as error:
        return str(error)
    return ""


def test_R43_a_model_that_does_not_keep_packed_samples_apart_is_an_error(source: Path):
    assert tried(source, model_of()) == ""
    cached = model_of()
    cached.config.use_cache = True
    assert "data.pack_samples: LlamaForCausalLM lets packed samples see each" in tried(
        source, cached
    )
    # It accepts position_ids, but its attention ignores them.
    olmoe = {"model_type": "olmoe", "num_experts": 2, "num_experts_per_tok": 1}
    assert "OlmoeForCausalLM lets packed" in tried(source, model_of(config=olmoe))

    class Own(torch.nn.Linear):
        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return input_ids

    assert "data.pack_samples: Own takes no position_ids: " in tried(source, Own(1, 1))


def test_R43_long_samples_are_left_out_or_an_error(source: Path, caplog: pytest.LogCaptureFixture):
    made = factory(source, max_length=60)
    lengths = [len(one["input_ids"]) for one in made.process(made.loaded())]
    longest = sorted(lengths)[-1]
    made = factory(source, max_length=longest - 1)
    assert len(made.process(made.loaded())) == len(lengths) - 1
    assert f"1 of 5 samples are left out: they have more than {longest - 1} tokens" in caplog.text
    for changes, message in (
        ({"max_length": longest - 1, "filter_samples": False}, f"a sample has {longest} tokens, "),
        ({"max_length": 3}, "all 5 samples have more than 3 tokens"),
    ):
        made = factory(source, **changes)
        with pytest.raises(RecipeError, match=rf"data\.max_length: {message}"):
            made.process(made.loaded())


@pytest.mark.parametrize(
    "template, message",
    [
        ("{{ raise_exception('no system, please') }}", "no system, please"),
        (
            "{% for m in messages %}{{ m.content if m.role == 'user' }}{% endfor %}",
            "a conversation has no token to train on: the template writes nothing for",
        ),
    ],
)
def test_R43_what_is_wrong_with_a_template(source: Path, template: str, message: str):
    made = factory(source, chat_template=template)
    with pytest.raises(RecipeError, match=rf"data\.chat_template: {message}"):
        made.process(made.loaded())


def test_R43_a_folder_that_datasets_has_saved_is_a_source(source: Path, tmp_path: Path):
    Dataset.from_list(ROWS).save_to_disk(str(tmp_path / "saved"))
    made = factory(tmp_path / "saved")
    assert made.loaded()[:] == factory(source).loaded()[:]


def test_R43_the_conversation_and_the_recipe_that_the_page_shows(tmp_path: Path):
    (row,) = blocks(PAGE, "json")
    (recipe,) = blocks(PAGE, "yaml")
    shown = yaml.safe_load(recipe)["data"]
    (name,) = shown.pop("sources")
    (tmp_path / name).write_text(row)
    made = factory(tmp_path / name, **{**shown, "max_length": 64})
    (sample,) = made.process(made.loaded())
    assert answers(made, sample) == ["4<|end|>"]
    assert made.tokenizer.decode(sample["input_ids"]) == "user: What is 2 + 2?\n4<|end|>"


def answer(**more: object) -> dict[str, object]:
    said = {"role": "assistant", "content": "So that.", **more}
    return {"messages": [{"role": "user", "content": "Why?"}, said]}


@pytest.mark.parametrize(
    "lines, message",
    [
        (["Call me Ishmael."], "rows:1: invalid JSON: Expecting value"),
        ([answer(), {"message": []}], "rows:2: 'messages' is missing: it is a list such as"),
        ([{"messages": [{"role": "user", "content": "Why?"}]}], "rows:1: all labels would be mas"),
        ([answer(tool_calls=[])], "rows:1: message 2 has 'tool_calls', but only"),
        ([{"messages": [{"role": "user"}]}], "rows:1: the 'content' of message 1 is not a string"),
        ([], "rows has no conversations"),
    ],
)
def test_R43_a_line_that_is_no_conversation_is_named(
    tmp_path: Path, lines: list[object], message: str
):
    path = tmp_path / "rows"
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines))
    with pytest.raises(ConversationError, match=re.escape(message)):
        list(conversations(path, need_answers=True))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConversationError, match=r"empty was not written by Dataset.save_to_disk"):
        list(conversations(tmp_path / "empty", need_answers=True))
