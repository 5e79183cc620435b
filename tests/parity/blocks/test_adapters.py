"""LoRA through peft: training, resuming, exporting (R43, R44)."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
import yaml

pytest.importorskip("deepspeed")
pytest.importorskip("peft")

from safetensors import safe_open

from tests.pages import ROOT, blocks, section
from tests.parity.blocks.harness import RECIPE, Project, losses
from tests.parity.blocks.test_training import CLOSE, stage, values

(_shown,) = blocks(section(ROOT / "docs" / "blocks.md", "Adapters"), "yaml")
SHOWN = yaml.safe_load(_shown)["model"]
LORA = {**SHOWN["peft_config"], "r": 4, "lora_dropout": 0.1}
EXPORT = {"type": "huggingface", "output_dir": "export", "save_end_of_training": True}
SAVE = {"output_dir": "saved", "save_every_n_steps": 2, "auto_resume": True}


@pytest.mark.long
def test_R44_an_adapter_is_trained_resumed_and_exported_in_all_stages(project: Project):
    base = project.recipe("base", type="watched", train_iters=1, checkpoint=[EXPORT])
    project.train(base)
    folder = base.parent / "export/global_step_1"
    more: dict[str, Any] = {
        "type": "watched",
        "train_iters": 4,
        "tokenizer": {"vocab_size": None},
        "model": {
            **SHOWN,
            "name_or_path": str(folder),
            "hf_config": None,
            "peft_config": LORA,
            "activation_checkpointing": True,
        },
    }

    def recipe(run: str, number: int, **changes: Any) -> Any:
        return project.recipe(
            f"{run}_{number}", **{**more, **changes}, deepspeed=stage(number),
            checkpoint=[SAVE, EXPORT],
        )  # fmt: skip

    stages = (0, 2, 3)
    wholes = [recipe("adapter", number) for number in stages]
    traces = [trace for (trace,) in project.train_each(*wholes)]
    for trace in traces:
        assert losses(trace) == pytest.approx(losses(traces[0]), abs=CLOSE)
    resumed = [recipe("adapter_on", number) for number in stages]
    for one, whole in zip(resumed, wholes, strict=True):
        step = "saved/global_step_2"
        shutil.copytree(whole.parent / step, one.parent / step)
    changed = {**more["model"], "peft_config": {**LORA, "r": 8}}
    shutil.copytree(resumed[0].parent, project.root / "adapter_changed_0")
    refused = recipe("adapter_changed", 0, model=changed)
    *rest, error = [trace for (trace,) in project.train_each(*resumed, refused)]
    assert ": model.peft_config.r: is 8, but " in error[-1]
    exported = [one.parent / "export/global_step_4" for one in resumed]
    for trace, one, whole, written in zip(rest, resumed, traces, exported, strict=True):
        assert losses(trace) == losses(whole)[4:], (one, "bit for bit")
        assert values(trace, "weights") == values(whole, "weights")
        with safe_open(written / "adapter_model.safetensors", "pt") as file:
            assert {name.rpartition(".lora_")[2] for name in file.keys()} == {  # noqa: SIM118
                "A.weight", "B.weight"
            }  # fmt: skip
        about = json.loads((written / "adapter_config.json").read_text())
        assert about["base_model_name_or_path"] == str(folder)
        (loaded,) = project.train(written, "load.py")
        assert values(loaded, "weights") == values(trace, "weights"), "bit for bit"


@pytest.mark.long
def test_R44_a_new_model_that_is_made_in_parts_has_the_weights_of_the_whole_one(project: Project):
    of_gpt2 = {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64}
    for name, settings in ("llama", {"tie_word_embeddings": True}), ("gpt2", of_gpt2):
        unset = dict.fromkeys(RECIPE["model"]["hf_config"]) if name == "gpt2" else {}
        recipes = [
            project.recipe(
                f"{name}_{number}", type="watched", train_iters=2, checkpoint=[EXPORT],
                deepspeed=stage(number), model={"hf_config": {**unset, **settings}},
            )
            for number in (0, 3)
        ]  # fmt: skip
        traces = [trace for (trace,) in project.train_each(*recipes)]
        for what in ("made", "dtype"):
            assert values(traces[0], what) == values(traces[1], what), "bit for bit"
        assert losses(traces[1]) == pytest.approx(losses(traces[0]), abs=1e-6)
        for one in recipes:
            with safe_open(one.parent / "export/global_step_2/model.safetensors", "pt") as file:
                assert "lm_head.weight" not in file.keys(), "tied"  # noqa: SIM118
