"""Resuming with a recipe that has changed since the checkpoint, field by field (R44)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("deepspeed")

from pydantic import BaseModel

from arctic_codegen.blocks import (
    CausalTrainer,
    CheckpointConfig,
    ModelConfig,
    OptimizerConfig,
    SchedulerConfig,
    SFTDataConfig,
    TokenizerConfig,
    TrainerConfig,
    read_recipe,
)
from arctic_codegen.blocks.recipe_changes import (
    APPLIES,
    FREE,
    REFUSED,
    RULES,
    Change,
    changes,
    recipe_values,
    refusal,
)
from tests.parity.blocks.harness import START, Project, changed

BASE: dict[str, Any] = {
    "type": "causal",
    "model": {"hf_config": {"model_type": "llama"}},
    "deepspeed": {"zero_optimization": {"stage": 1}},
    "optimizer": {"type": "adamw"},
    "data": {"sources": ["book.txt"]},
    "checkpoint": [{"output_dir": "saved", "save_every_n_steps": 1}],
}


def test_R44_every_rule_is_about_a_field_of_a_recipe():
    sections: dict[str, type[BaseModel]] = {
        "tokenizer": TokenizerConfig,
        "data": SFTDataConfig,
        "model": ModelConfig,
        "optimizer": OptimizerConfig,
        "scheduler": SchedulerConfig,
        "checkpoint": CheckpointConfig,
    }
    fields = {*TrainerConfig.model_fields}
    fields |= {f"{name}.{field}" for name, cls in sections.items() for field in cls.model_fields}
    assert RULES.keys() - fields == {"deepspeed.zero_optimization.stage", "deepspeed.fp16"}
    assert set(RULES.values()) == {APPLIES, REFUSED, FREE}


def read(folder: Path, **values: object) -> TrainerConfig:
    folder.mkdir(exist_ok=True)
    for name in ("book.txt", "other.txt"):
        (folder / name).write_text("Call me Ishmael.")
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(changed(BASE, values), sort_keys=False))
    return read_recipe(path, CausalTrainer)


def kept(config: TrainerConfig) -> Any:
    """The values as stored in a checkpoint."""
    return json.loads(json.dumps(recipe_values(config)))


def difference(tmp_path: Path, now: TrainerConfig) -> list[Change]:
    return changes(kept(read(tmp_path / "before")), recipe_values(now))


OTHER = {
    "seed": {"seed": 1},
    "loss_average": {"loss_average": "tokens"},
    "deepspeed.zero_optimization.stage": {"deepspeed": {"zero_optimization": {"stage": 2}}},
    "tokenizer.vocab_size": {"tokenizer": {"vocab_size": 300}},
    "data.sources": {"data": {"sources": ["other.txt"]}},
    "data.max_length": {"data": {"max_length": 8}},
    "data.train_eval_split": {"data": {"train_eval_split": [0.5, 0.5]}},
    "data.seed": {"data": {"seed": 3}},
    "model.hf_config.hidden_size": {"model": {"hf_config": {"hidden_size": 64}}},
    "model.dtype": {"model": {"dtype": "bf16"}},
}


@pytest.mark.parametrize("name", OTHER)
def test_R44_what_would_make_it_another_run_is_refused_at_its_line(tmp_path: Path, name: str):
    now = read(tmp_path / "now", **OTHER[name])
    found = difference(tmp_path, now)
    assert [change.name for change in found] == [name]
    line = refusal(now, found, Path("saved/global_step_3"))
    path = tmp_path / "now/recipe.yaml"
    at = 1 + next(
        number
        for number, text in enumerate(path.read_text().splitlines())
        if text.strip().startswith(f"{name.rpartition('.')[2]}:")
    )
    assert line.startswith(f"{path}:{at}:")
    assert f": {name}: is " in line
    assert ", but saved/global_step_3 was made with " in line
    assert line.endswith(": restore the value, or start again with another output_dir")


def test_R44_a_value_that_is_taken_out_of_the_recipe_is_refused_where_it_would_stand(
    tmp_path: Path,
):
    before = read(tmp_path / "before", data={"max_length": 64})
    now = read(tmp_path / "now")
    (line,) = refusal(now, changes(kept(before), recipe_values(now)), Path("saved")).splitlines()
    at = (tmp_path / "now/recipe.yaml").read_text().splitlines().index("data:") + 1
    assert line.startswith(
        f"{tmp_path}/now/recipe.yaml:{at}:1: data.max_length: is 256, but saved was made with 64"
    )


@pytest.mark.parametrize(
    "values",
    [
        {"metrics_path": "metrics.jsonl", "tensorboard_dir": "board"},
        {"checkpoint": [{"output_dir": "elsewhere", "auto_resume": True, "keep_last": 2}]},
        {"optimizer": {"type": None}},
        {"scheduler": {"name": "linear"}},
        {"deepspeed": {"zero_optimization": None}, "model": {"dtype": "fp32"}},
    ],
)
def test_R44_what_is_free_or_the_default_makes_no_difference(tmp_path: Path, values: Any):
    base = {"deepspeed": {"zero_optimization": {"stage": 0}}} if "deepspeed" in values else {}
    before, now = read(tmp_path / "before", **base), read(tmp_path / "now", **values)
    found = changes(kept(before), recipe_values(now))
    assert {change.rule for change in found if change.location[0] != "checkpoint"} <= {FREE}


def test_a_run_may_be_moved_with_its_recipe(tmp_path: Path):
    (tmp_path / "shared.txt").write_text("Some years ago")
    values = {"data": {"sources": ["../shared.txt", "book.txt"]}}
    before, now = read(tmp_path / "before", **values), read(tmp_path / "now", **values)
    assert changes(kept(before), recipe_values(now)) == []


def test_a_field_that_the_class_has_got_meanwhile_applies():
    assert Change(("data", "shortest"), "unset", 3).rule == APPLIES
    assert Change(("data", "shortest"), 2, 3).rule == REFUSED
    assert Change(("model", "hf_config", "hidden_size"), "unset", 3).rule == REFUSED
    assert Change(("my_own", "deep"), 2, 3).rule == APPLIES


@pytest.mark.parametrize(
    "stage",
    [0, 2, pytest.param(1, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)],
)
def test_R44_new_values_take_effect_at_the_step_of_the_checkpoint(project: Project, stage: int):
    save = {"output_dir": "saved", "save_every_n_steps": 3, "auto_resume": True}
    recipe = project.recipe(
        f"new_values_{stage}",
        type="plain_topics",
        train_iters=3,
        checkpoint=[save],
        deepspeed={"zero_optimization": {"stage": stage}},
        scheduler={"warmup_ratio": 0.0},
    )
    (trace,) = project.train(recipe, "resume.py")
    assert trace[-1] == "expected 0.001"
    told = [line for line in trace if line.startswith(("group", "clipping", "saved"))]
    assert told == [
        "group (0.9, 0.999) 0.0 0.0",
        "group (0.9, 0.999) 0.0 0.0",
        "clipping 1.0 at 3",
        "group (0.8, 0.95) 0.3 0.001",
        "group (0.8, 0.95) 0.0 0.001",
        "clipping 0.25 at 3",
        "saved global_step_3 global_step_4 global_step_6",
    ]


def test_R44_a_changed_recipe_is_logged_or_refused_as_the_run_starts(project: Project):
    save = {"output_dir": "saved", "save_every_n_steps": 1, "auto_resume": True}
    project.train(project.recipe("then", train_iters=1, checkpoint=[save]))
    recipe = project.recipe("then", train_iters=2, log_interval=1, checkpoint=[save])
    (process,) = project.start(recipe, *START)
    assert process.wait() == 0, process.out
    lines = process.out.splitlines()
    assert "train_iters: 2 instead of the checkpoint's 1" in lines
    assert "log_interval: 1 instead of the checkpoint's 2" in lines
    assert lines.index("train_iters: 2 instead of the checkpoint's 1") < lines.index(
        next(line for line in lines if line.startswith("step 2/2"))
    )
    manifest = json.loads((recipe.parent / "saved/global_step_2/checkpoint.json").read_text())
    assert manifest["recipe"]["train_iters"] == 2
    assert manifest["recipe"]["model"]["hf_config"]["hidden_size"] == 32
    wrong = project.recipe("then", train_iters=2, checkpoint=[save], seed=7)
    at = wrong.read_text().splitlines().index("seed: 7") + 1
    assert project.refused(wrong) == (
        f"{wrong}:{at}:1: seed: is 7, but {recipe.parent}/saved/global_step_2 was made with 0:"
        " restore the value, or start again with another output_dir"
    )
