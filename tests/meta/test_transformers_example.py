"""The example on `transformers.Trainer` trains like a handwritten subclass."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

from tests.meta.test_example import passes
from tests.pages import ROOT

EXAMPLE = Path("examples", "transformers_trainer")
BY_HAND = """
import json
import sys

from transformers import Trainer

from generated.transformers_trainer.trainers import ByteTrainer
from train import trainer
from transformers_trainer.callbacks import add_perplexity, hide_bytes, write_card


class ByHand(Trainer):
    def training_step(self, model, inputs, num_items_in_batch=None):
        return super().training_step(model, hide_bytes(self, inputs), num_items_in_batch)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        result = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        penalty = 1e-2 * self.model.lm_head.weight.square().mean()
        return (result[0] + penalty, *result[1:]) if return_outputs else result + penalty

    def log(self, logs, start_time=None):
        super().log(add_perplexity(self, logs), start_time)

    def save_model(self, output_dir=None, _internal_call=False):
        super().save_model(write_card(self, output_dir), _internal_call)


def run(cls):
    made = trainer(cls, f"out/{cls.__name__}", steps=24)
    made.train()
    made.save_model()
    timed = ("runtime", "per_second")
    lines = [
        {key: value for key, value in line.items() if not any(word in key for word in timed)}
        for line in made.state.log_history
    ]
    card = json.load(open(f"out/{cls.__name__}/card.json"))
    return lines, card, [weight.tolist() for weight in made.model.parameters()]


compiled, by_hand = run(ByteTrainer), run(ByHand)
assert compiled == by_hand
losses = [line["loss"] for line in compiled[0] if "loss" in line]
assert len(losses) == 24 and losses[-1] < losses[0]
assert [line["eval_perplexity"] > 1 for line in compiled[0] if "eval_loss" in line] == [True] * 2
assert compiled[1]["steps"] == 24
"""


@pytest.mark.long
@pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None, reason="transformers is not installed"
)
def test_R20_it_trains_as_a_subclass_by_hand_does(tmp_path):
    """With the configuration that its README shows; losses, logs and weights, bit for bit."""
    folder = tmp_path / EXAMPLE
    shutil.copytree(ROOT / EXAMPLE, folder, ignore=shutil.ignore_patterns("runs", "__pycache__"))
    shutil.copy(ROOT / "LICENSE", tmp_path)
    readme = (ROOT / EXAMPLE / "README.md").read_text(encoding="utf-8")
    (config,) = re.findall(r"^```toml\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (folder / "pyproject.toml").write_text(config, encoding="utf-8")
    passes("-m", "arctic_codegen", "build", "--strict", folder=folder)
    told = passes("-c", BY_HAND, folder=folder)
    assert re.findall(r"^(step 20|evaluation at step \d+|half)", told, re.MULTILINE) == [
        *("half", "evaluation at step 12", "step 20", "half", "evaluation at step 24")
    ]
