"""An error in a recipe is one line with its place, before anything is loaded (R33, R43)."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("deepspeed")

from datasets import Dataset
from deepspeed.accelerator import get_accelerator

from arctic_codegen.blocks import CausalTrainer, RecipeError, TextDataFactory, read_recipe
from arctic_codegen.blocks.engine_checks import checked
from arctic_codegen.blocks.recipe_file import RecipeFile
from tests.parity.blocks.harness import Project, changed

LLAMA = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 64,
}
BASE: dict[str, Any] = {
    "type": "causal",
    "train_iters": 3,
    "data": {"sources": ["book.txt"], "max_length": 32},
    "model": {"hf_config": LLAMA},
}
NO_FIELD = "unknown field"
NAN, INF = float("nan"), float("inf")


def deepspeed(**section: object) -> dict[str, object]:
    return {"deepspeed": section}


def zero(**section: object) -> dict[str, object]:
    return {"deepspeed": {"zero_optimization": section}}


def hf(**section: object) -> dict[str, object]:
    return {"model": {"hf_config": section}}


def adapter(**section: object) -> dict[str, object]:
    return {"model": {"name_or_path": "whole", "hf_config": None, "peft_config": section}}


def schedule(name: str, **more: object) -> dict[str, object]:
    return {"scheduler": {"name": name, "scheduler_specific_kwargs": more}}


def checkpoint(**section: object) -> dict[str, object]:
    return {"checkpoint": [{"output_dir": "saved", **section}]}


def sft(name: str, **more: object) -> dict[str, object]:
    template = "{{ messages }}"
    return {"data": {"type": "sft", "sources": [name], "chat_template": template, **more}}


WRONG: list[tuple[dict[str, Any], str]] = [
    (deepspeed(gradient_cliping=1), f"deepspeed.gradient_cliping: {NO_FIELD}; did you mean"),
    ({"data": {"sources": [3]}}, "data.sources.0: must be a path"),
    (hf(hidden_size=date(2026, 1, 1)), "model.hf_config.hidden_size: must be a number, not datet"),
    (deepspeed(stage=2), "deepspeed.stage: belongs in zero_optimization"),
    (deepspeed(fp16={"enable": 1}), f"deepspeed.fp16.enable: {NO_FIELD}; did you mean 'enabled'?"),
    (deepspeed(fp16=True), "deepspeed.fp16: must map names to values, such as 'enabled: true'"),
    (
        deepspeed(flops_profiler={"enabledd": True}),
        f"deepspeed.flops_profiler.enabledd: {NO_FIELD}; did you mean 'enabled'?",
    ),
    (deepspeed(wall_clock_breakdown="maybe"), "deepspeed.wall_clock_breakdown: must be true or"),
    (deepspeed(gradient_predivide_factor="x"), "deepspeed.gradient_predivide_factor: must be a n"),
    (deepspeed(gradient_predivide_factor=0), "deepspeed.gradient_predivide_factor: must be a pos"),
    (deepspeed(steps_per_print=[]), "deepspeed.steps_per_print: must be a number, not "),
    (deepspeed(steps_per_print=-INF), "deepspeed.steps_per_print: must be a positive number, not"),
    (deepspeed(gradient_clipping=0), "deepspeed.gradient_clipping: is set by gradient_clipping: "),
    (deepspeed(train_batch_size="auto"), "deepspeed.train_batch_size: is set by micro_batch_size"),
    (deepspeed(bf16={"enabled": "auto"}), "deepspeed.bf16: is set by model.dtype: set that inste"),
    (deepspeed(csv_monitor={"enabled": "auto"}), "deepspeed.csv_monitor.enabled: must be a value"),
    (deepspeed(compile={"kwargs": {"x": NAN}}), "deepspeed.compile.kwargs.x: must be a number, n"),
    (hf(rms_norm_eps=NAN), "model.hf_config.rms_norm_eps: must be a number, not nan"),
    (hf(rope_scaling={"short": [1, NAN]}), "model.hf_config.rope_scaling.short: must be a number"),
    (adapter(peft_type="Lora", lora_alpha=NAN), "model.peft_config.lora_alpha: must be a number,"),
    (deepspeed(communication_data_type="fp33"), "deepspeed: Invalid communication_data_type"),
    (deepspeed(bf16={"enabled": True}), "deepspeed.bf16: is set by model.dtype: set that instead"),
    ({"deepspeed": "zero2"}, "deepspeed: must map names to values"),
    ({"data": ["book.txt"]}, "data: must map names to values"),
    ({"checkpoint": ["saved"]}, "checkpoint.0: must map names to values"),
    ({"data": {"sources": "book.txt"}}, "data.sources: must be a list"),
    (zero(stage="auto"), "deepspeed.zero_optimization.stage: must be a value: only the Trainer"),
    (
        zero(stage=3, offload_param={"device": "nvme"}),
        "deepspeed.zero_optimization.offload_param: needs nvme_path",
    ),
    (zero(stage=5), "deepspeed.zero_optimization.stage: Input should be 0, 1, 2"),
    (
        zero(stage=2, offload_optimizer={"device": "gpu"}),
        "deepspeed.zero_optimization.offload_optimizer.device: Input should be 'none', 'cpu' or",
    ),
    (
        zero(offload_optimizer={"device": "cpu"}),
        "deepspeed.zero_optimization.offload_optimizer: has no effect below stage 1",
    ),
    (hf(hiden_size=3), f"model.hf_config.hiden_size: {NO_FIELD}; did you mean 'hidden_size'?"),
    (hf(hidden_size="64"), "model.hf_config.hidden_size: must be a number, not '64'"),
    (hf(num_hidden_layers=0), "model.hf_config.num_hidden_layers: must be more than 0, not 0"),
    (hf(rms_norm_eps=-1), "model.hf_config.rms_norm_eps: must be 0 or more, not -1"),
    (hf(rope_theta=INF), "model.hf_config.rope_theta: must be a finite number, not inf"),
    (hf(max_position_embeddings=64.5), "model.hf_config.max_position_embeddings: must be a whole "),
    (hf(max_position_embeddings=64.0), "model.hf_config.max_position_embeddings: .*: write 64$"),
    (hf(eos_token_id=["1"]), "model.hf_config.eos_token_id: must be a number, not \\['1'\\]"),
    (hf(hidden_size=[1]), "model.hf_config.hidden_size: must be a number, not "),
    (hf(attention_dropout=2), "model.hf_config.attention_dropout: must be between 0 and 1, not 2"),
    (hf(tie_word_embeddings="no way"), "model.hf_config.tie_word_embeddings: must be true or fal"),
    (hf(num_key_value_heads=3), "model.hf_config.num_key_value_heads: 2 attention heads cannot sh"),
    (hf(head_dim=5), "model.hf_config.head_dim: must be even, not 5"),
    (hf(hidden_act="geluu"), "model.hf_config.hidden_act: transformers has no 'geluu'"),
    (hf(rope_scaling={"rope_type": "linera"}), "model.hf_config.rope_scaling: transformers has no"),
    (hf(pad_token_id=999999), "model.hf_config: AssertionError: Padding_idx must be within"),
    (
        {
            "model": {
                "hf_config": {
                    **dict.fromkeys(LLAMA),
                    "model_type": "gpt2",
                    "n_head": 4,
                    "num_attention_heads": 2,
                }
            }
        },
        "model.hf_config.num_attention_heads: is another name for 'n_head', which is also set: "
        "remove",
    ),
    (hf(dtype="float16"), "model.hf_config.dtype: is set by model.dtype: set that instead"),
    (hf(model_type="lama"), "model.hf_config.model_type: transformers has no 'lama'; did you mean"),
    (hf(model_type="t5"), "model.hf_config.model_type: 't5' is not a causal language model"),
    (hf(model_type="bert"), "model.hf_config.model_type: 'bert' is causal only with 'is_decoder:"),
    (
        adapter(peft_type="Lorra"),
        "model.peft_config.peft_type: peft has no 'Lorra'; did you mean 'Lora'",
    ),
    (adapter(r=8), "model.peft_config: needs a peft_type, such as Lora"),
    (
        adapter(peft_type="Lora", target_modules=["nothing"]),
        "model.peft_config: Target modules {'nothing'} not found in the base model",
    ),
    (
        adapter(peft_type="Lora", r=0),
        "model.peft_config: `r` should be a positive integer value bu",
    ),
    (adapter(peft_type="LORA", inference_mode=True), "model.peft_config: trains no parameter"),
    (adapter(peft_type="Lora", rank=8), f"model.peft_config.rank: {NO_FIELD}"),
    (
        {"model": {"peft_config": {"peft_type": "Lora"}}},
        "model.peft_config: needs model.name_or_path: an adapter fits only the model that it was",
    ),
    ({"model": {"dtype": "fp8"}}, "model.dtype: Input should be 'fp32' or 'bf16'"),
    ({"model": {"attn_implementation": "sdp"}}, "model.attn_implementation: transformers has no '"),
    ({"model": {"name_or_path": "gone"}}, "model.name_or_path: there is no folder "),
    ({"model": {"name_or_path": "empty"}}, "model.name_or_path: .*/empty is not a model folder"),
    ({"model": {"name_or_path": "torn"}}, "model.name_or_path: .*/torn/config.json cannot be read"),
    ({"tokenizer": {"name_or_path": "gone"}}, "tokenizer.name_or_path: there is no folder "),
    ({"tokenizer": {"name_or_path": "empty"}}, "tokenizer.name_or_path: .*/empty has no tokenizer"),
    (
        {"tokenizer": {"name_or_path": "empty", "type": "bpe"}},
        "tokenizer.name_or_path: has no effect: this factory trains a tokenizer",
    ),
    ({"seed": -1}, "seed: Input should be greater than or equal to 0"),
    ({"seed": 2**32}, "seed: Input should be less than 4294967296"),
    ({"seed": True}, "seed: must be a number, not true or false"),
    ({"data": {"seed": -1}}, "data.seed: Input should be greater than or equal to 0"),
    (
        {"data": {"max_length": 100}},
        "data.max_length: the model has 64 positions, fewer than the 1",
    ),
    ({"data": {"sources": []}}, "data.sources: lists no file"),
    ({"data": {"sources": ["nothing.txt"]}}, r"data.sources.0: .*/nothing.txt is empty"),
    ({"data": {"sources": ["book.txt", "gone"]}}, "data.sources.1: there is no file "),
    ({"data": {"sources": ["empty"]}}, "data.sources.0: .*/empty is a folder, not a text file"),
    (sft("gone.jsonl"), r"data.sources.0: there is no file .*/gone.jsonl"),
    (sft("book.txt"), r"data.sources.0: .*/book.txt:1: invalid JSON: Expecting value"),
    (
        sft("rows.jsonl"),
        r"data.sources.0: .*/rows.jsonl:2: 'messages' is missing: it is a list such as",
    ),
    (sft("silent.jsonl"), r"data.sources.0: .*/silent.jsonl:1: all labels would be masked: no mes"),
    (sft("calls.jsonl"), r"data.sources.0: .*/calls.jsonl:1: message 2 has 'tool_calls', but only"),
    (
        sft("mute.jsonl"),
        r"data.sources.0: .*/mute.jsonl:1: the 'content' of message 1 is not a "
        "string",
    ),
    (sft("empty"), r"data.sources.0: .*/empty was not written by Dataset.save_to_disk"),
    (sft("right.jsonl", chat_template=None), "data.chat_template: the tokenizer has no chat templ"),
    (sft("right.jsonl", chat_template="{% for"), "data.chat_template: line 1: "),
    (sft("right.jsonl", pack_sample=True), f"data.pack_sample: {NO_FIELD}; did you mean"),
    (sft("right.jsonl", max_length=100), "data.max_length: the model has 64 positions, fewer tha"),
    (
        {
            **sft("right.jsonl", pack_samples=True),
            **hf(**{**dict.fromkeys(LLAMA), "model_type": "bloom", "hidden_size": 32, "n_head": 2}),
        },
        "data.pack_samples: BloomForCausalLM takes no position_ids",
    ),
    ({"data": {"pack_samples": True}}, f"data.pack_samples: {NO_FIELD}"),
    ({"data": {"cache_dir": "book.txt"}}, r"data.cache_dir: .*/book.txt is not a folder"),
    (
        {"data": {"train_eval_split": [0.9, 0.9]}},
        "data.train_eval_split: the two shares must add up to 1",
    ),
    (
        {"data": {"train_eval_split": [True, False]}},
        "data.train_eval_split: must be a number, not true or false",
    ),
    (
        {"eval_interval": 1},
        "eval_interval: there is no evaluation data: set data.train_eval_sp",
    ),
    (
        {"eval_interval": 9, "data": {"train_eval_split": [0.9, 0.1]}},
        "eval_interval: is never reached: the run has 3 steps",
    ),
    (checkpoint(), "checkpoint.0: never saves: set save_every_n_steps, "),
    (checkpoint(save_every_n_steps=4), "checkpoint.0: never saves: set save_every_n_steps, "),
    (
        checkpoint(save_every_n_steps=1, output_dir="book.txt/saved"),
        r"checkpoint.0.output_dir: .*/book.txt is not a folder",
    ),
    (checkpoint(save_every_n_steps=1, keep_last=-1), "checkpoint.0.keep_last: Input should be gr"),
    ({"metrics_path": "empty"}, "metrics_path: .*/empty is a folder, not a file"),
    ({"metrics_path": "book.txt"}, "metrics_path: .*/book.txt is not a file of metrics: choose"),
    ({"metrics_path": "x" * 300}, "metrics_path: .* cannot be accessed: File name too long"),
    ({"data": {"sources": ["~/gone.txt"]}}, f"data.sources.0: there is no file {Path.home()}/gone"),
    *(({name: ""}, f"{name}: must not be empty") for name in ("metrics_path", "tensorboard_dir")),
    ({"data": {"cache_dir": ""}}, "data.cache_dir: must not be empty; '.' is the recipe's folder"),
    (checkpoint(save_every_n_steps=1, output_dir=""), "checkpoint.0.output_dir: must not be empty"),
    ({"tensorboard_dir": "book.txt"}, "tensorboard_dir: .*/book.txt is not a folder"),
    (schedule("cosin"), "scheduler.name: there is no 'cosin'; there are linear, cosine, "),
    (schedule("reduce_lr_on_plateau"), "scheduler.name: there is no 'reduce_lr_on_plateau'; "),
    (
        schedule("cosine", num_cycle=2),
        f"scheduler.scheduler_specific_kwargs.num_cycle: {NO_FIELD}; did you mean 'num_cycles'?",
    ),
    *(
        (schedule(name, **{argument: value}), f"scheduler.scheduler_specific_kwargs.{argument}: mu")
        for name, argument in (("cosine", "num_cycles"), ("polynomial", "power"))
        for value in ("x", True, [], None, -1, NAN, INF)
    ),
    (schedule("inverse_sqrt", timescale=""), "scheduler.scheduler_specific_kwargs.timescale: must"),
    (schedule("cosine_with_min_lr"), "scheduler.scheduler_specific_kwargs: 'cosine_with_min_lr': "),
    (schedule("polynomial", lr_end=5), "scheduler.scheduler_specific_kwargs: 'polynomial': lr_end"),
    (
        {"scheduler": {"name": "constant", "warmup_ratio": 0.1}},
        "scheduler.warmup_ratio: has no effect on 'constant'",
    ),
    ({"optimizer": {"betas": [0.9, 1.5]}}, "optimizer.betas.1: Input should be less than 1"),
    (
        {"optimizer": {"learning_rate": float("nan")}},
        "optimizer.learning_rate: Input should be a f",
    ),
    ({"optimizer": {"betas": [False, 0.9]}}, "optimizer.betas: must be a number, not true or fals"),
    ({"optimizer": {"momentum": 0.9}}, f"optimizer.momentum: {NO_FIELD}"),
    (
        {"optimizer": {"type": "adam"}},
        "optimizer.type: CausalTrainer has no optimizer_factory named",
    ),
]


def said(**more: object) -> dict[str, object]:
    answer = {"role": "assistant", "content": "So that.", **more}
    return {"messages": [{"role": "user", "content": "Why?"}, answer]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "book.txt").write_text("Call me Ishmael.")
    (folder / "nothing.txt").write_text("")
    rows = {
        "right": [said()],
        "rows": [said(), {"message": []}],
        "silent": [{"messages": [{"role": "user", "content": "Why?"}]}],
        "calls": [said(tool_calls=[])],
        "mute": [{"messages": [{"role": "user"}]}],
    }
    for name, lines in rows.items():
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "empty").mkdir()
    (folder / "torn").mkdir()
    (folder / "torn/config.json").write_text("{")
    (folder / "whole").mkdir()
    (folder / "whole/config.json").write_text(json.dumps(LLAMA))
    (folder / "whole/tokenizer.json").write_text("{}")
    (folder / "whole/model.safetensors").write_text("")
    (folder / "torn/tokenizer.json").write_text("{}")
    return folder


def lines(
    folder: Path, changes: dict[str, Any], trainer: type[CausalTrainer] = CausalTrainer
) -> list[str]:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(changed(BASE, changes), sort_keys=False))
    try:
        read_recipe(path, trainer)
    except RecipeError as error:
        return str(error).splitlines()
    return []


def test_R43_the_recipe_that_the_others_are_made_of_is_right(folder: Path):
    assert lines(folder, {}) == []
    assert lines(folder, sft("right.jsonl", pack_samples=True)) == []
    assert lines(folder, hf(num_key_value_heads=None, rope_theta=5e5, rms_norm_eps=1e-5)) == []
    assert lines(folder, hf(eos_token_id=[1, 2], rms_norm_eps=0)) == []
    gpt2 = {**dict.fromkeys(LLAMA), "model_type": "gpt2", "n_head": 4, "layer_norm_epsilon": 0}
    assert lines(folder, hf(**gpt2)) == []
    named_auto = {"enabled": True, "job_name": "auto"}
    assert lines(folder, deepspeed(csv_monitor=named_auto, steps_per_print=INF)) == []
    assert checked({"steps_per_print": None}) == {"steps_per_print": None}


@pytest.mark.parametrize("changes, message", WRONG, ids=[message[:60] for _, message in WRONG])
def test_R43_a_wrong_recipe_is_one_line_at_its_place(
    folder: Path, changes: dict[str, Any], message: str
):
    (line,) = lines(folder, changes)
    found = re.fullmatch(rf"{folder}/recipe\.yaml:(\d+):\d+: (.*)", line)
    assert found, line
    assert re.match(re.sub(r"(?<!\.)([?()])", r"\\\1", message), found[2]), line
    assert place_of(folder, message.partition(":")[0]) in (int(found[1]), None), line


def place_of(folder: Path, field: str) -> int | None:
    """The line of a field that the recipe sets; none for one that it does not set."""
    at = -1
    text = (folder / "recipe.yaml").read_text().splitlines()
    for name in field.split("."):
        following = enumerate(text[at + 1 :], at + 1)
        if name.isdecimal():
            items = [number for number, line in following if line.lstrip().startswith("- ")]
            at = items[int(name)]
            continue
        found = [number for number, line in following if line.lstrip(" -").startswith(f"{name}:")]
        if not found:
            return None
        at = found[0]
    return at + 1


def test_R43_what_the_machine_lacks_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch):
    accelerator = get_accelerator()
    monkeypatch.setattr(type(accelerator), "is_bf16_supported", lambda self: False)
    monkeypatch.setattr(type(accelerator), "is_fp16_supported", lambda self: False)
    (line,) = lines(folder, {"model": {"dtype": "bf16"}})
    assert line.endswith(": model.dtype: this machine does not support bf16: use fp32")
    (line,) = lines(folder, deepspeed(fp16={"enabled": True}))
    assert line.endswith(": deepspeed.fp16: this machine does not support fp16: use model.dtype")
    module = "arctic_codegen.blocks.model_checks.is_flash_attn_2_available"
    monkeypatch.setattr(module, lambda: False)
    (line,) = lines(folder, {"model": {"attn_implementation": "flash_attention_2"}})
    assert ": model.attn_implementation: flash_attention_2 needs a GPU and the package" in line


def test_R43_a_folder_for_checkpoints_that_cannot_be_written_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    every = {"save_every_n_steps": 1}
    assert lines(folder, checkpoint(**every)) == []
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != folder)
    for output_dir in ("new/saved", "."):
        (line,) = lines(folder, checkpoint(output_dir=output_dir, **every))
        assert line.endswith(f": checkpoint.0.output_dir: {folder} is not writable")
    assert lines(folder, checkpoint(output_dir="empty", **every)) == []
    assert lines(folder, checkpoint(enabled=False, **every)) == []


class OwnSamples(TextDataFactory):
    name = "own_samples"

    def process(self, dataset: Dataset) -> Dataset:
        return dataset


class OwnTrainer(CausalTrainer):
    name = "causal"
    data_factory = OwnSamples


def test_R43_a_default_that_the_data_factory_does_not_use_is_no_mistake(folder: Path):
    unstated = {"data": {"max_length": None}}
    assert lines(folder, unstated, OwnTrainer) == []
    (line,) = lines(folder, unstated)
    assert ": data.max_length: the model has 64 positions, fewer than the 256 tokens" in line
    assert lines(folder, {"data": {"max_length": 100}}, OwnTrainer) != []


def test_R43_a_folder_of_a_model_without_weights_or_of_another_type(folder: Path):
    model = folder / "model"
    model.mkdir()
    (model / "config.json").write_text(json.dumps(LLAMA))
    (model / "tokenizer.json").write_text("{}")
    changes: dict[str, Any] = {"model": {"name_or_path": "model", "hf_config": None}}
    (line,) = lines(folder, changes)
    assert line.endswith("/model has no weights: neither *.safetensors nor *.bin")
    (model / "model.safetensors").write_text("")
    assert lines(folder, changes) == []
    (line,) = lines(folder, {"model": {**changes["model"], "hf_config": {"model_type": "gpt2"}}})
    assert ": model.hf_config.model_type: is 'gpt2', but the model in " in line


def test_R43_a_number_in_scientific_notation_is_a_number(tmp_path: Path):
    path = tmp_path / "recipe.yaml"
    path.write_text("a: 1e-5\nb: -2E3\nc: 1.5e3\nd: e5\n")
    assert RecipeFile(path).values == {"a": 1e-5, "b": -2e3, "c": 1.5e3, "d": "e5"}


@pytest.mark.parametrize(
    "text, message",
    [
        ("type: a\nseed: 1\nmodel: {x: 1, x: 2}\n", ":3:15: invalid YAML: duplicate key 'x'\n"),
        ("type: a\nmodel: {\n", ":3:1: invalid YAML: "),
        ("- type\n", ":1:1: a recipe must map names to values"),
        ("model: &a {hf_config: *a}\n", ":1:1: a value of the recipe contains itself"),
        ("type: !!python/none x\n", ":1:7: invalid YAML: could not determine a constructor"),
        ("type: !!binary eA==\n", ":1:7: invalid YAML: could not determine a constructor"),
        ("data: {sources: !!set {a, b}}\n", ":1:17: invalid YAML: could not determine a construc"),
    ],
)
def test_R43_a_file_that_is_no_recipe_is_one_line(tmp_path: Path, text: str, message: str):
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError) as caught:
        RecipeFile(path)
    assert f"{path}{message}" in f"{caught.value}\n"


def test_R43_what_the_data_shows_has_a_place_too(project: Project):
    cases = {
        "micro_batch_size": ({"micro_batch_size": 5000}, "data.sources: the training data has "),
        "accumulated": (
            {"gradient_accumulation_steps": 90000, "train_iters": None},
            "gradient_accumulation_steps: 90000 is more than the ",
        ),
        "none_left": (
            {"data": {"train_eval_split": [0.0001, 0.9999]}},
            r"data.train_eval_split: leaves none of \d+ samples to train on: give more data, or",
        ),
        "no_window": (
            {"gradient_accumulation_steps": 90000, "loss_average": "tokens"},
            "gradient_accumulation_steps: 90000 is more than the ",
        ),
        "small": (
            {"model": {"hf_config": {"vocab_size": 300}}},
            "model.hf_config.vocab_size: the tokenizer has 400 tokens, the model embeddings for 3",
        ),
    }
    recipes = [project.recipe(name, **changes) for name, (changes, _) in cases.items()]
    for recipe, (_, message), (trace,) in zip(
        recipes, cases.values(), project.train_each(*recipes), strict=True
    ):
        assert re.fullmatch(rf"error {recipe}:\d+:\d+: {message}.*", trace[-1]), trace[-1]
