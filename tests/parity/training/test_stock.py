"""``type: sft``: the installed package's own classes, compiled, in a training run (R38)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.parity.training.harness import environment

pytest.importorskip("arctic_training")

WRITE_DATA = """
import sys
from pydoc_data.topics import topics
from datasets import Dataset

rows = [
    {"messages": [
        {"role": "user", "content": f"What is {name}?"},
        {"role": "assistant", "content": topics[name][40:160]},
    ]}
    for name in sorted(topics)[:20]
]
Dataset.from_list(rows).save_to_disk(sys.argv[1])
"""

MESSAGES = {"user": "messages.role.user", "assistant": "messages.role.assistant"}
STOCK = {
    ("Trainer", "sft"): "trainer.sft_trainer.SFTTrainer",
    ("DataFactory", "sft"): "data.sft_factory.SFTDataFactory",
    ("DataSource", "huggingface_instruct"): "data.hf_instruct_source.HFDataSourceInstruct",
    ("ModelFactory", "huggingface"): "model.hf_factory.HFModelFactory",
    ("TokenizerFactory", "huggingface"): "tokenizer.hf_factory.HFTokenizerFactory",
    ("SchedulerFactory", "huggingface"): "scheduler.hf_factory.HFSchedulerFactory",
    ("CheckpointEngine", "huggingface"): "checkpoint.hf_engine.HFCheckpointEngine",
}


@pytest.mark.long
def test_R38_a_recipe_that_names_no_class_of_its_own(training, tmp_path):
    """Its source's extraction of messages and its factory's filter by length are callbacks."""
    data = str(tmp_path / "rows")
    subprocess.run([sys.executable, "-c", WRITE_DATA, data], env=environment(), check=True)
    project = training("runtime")
    project.configure("runtime", sources=["stock.py", "arctic_training"])
    project.build()

    def outcome(run, code):
        recipe = project.recipe(
            run,
            "sft",
            code,
            skip_validation=True,
            data={
                "sources": [{"name_or_path": data, "role_mapping": MESSAGES}],
                "train_eval_split": [0.75, 0.25],
                "max_length": 150,
                "div_length": 32,
            },
            optimizer={"type": "plain", "lr": 0.001},
            checkpoint=[{"type": "huggingface", "save_every_n_steps": 2}],
        )
        return project.by_registry(recipe)

    plain = outcome("plain", "stock.py")
    got = outcome("compiled", "generated/stock.py")
    assert len(plain.weights) > 3
    assert (got.traces, got.weights) == (plain.traces, plain.weights)
    for key, cls in STOCK.items():
        assert plain.classes[0][key] == f"arctic_training.{cls}"
        assert got.classes[0][key] == f"generated.arctic_training.{cls}"
