"""R3, R20 to R24: a transformers trainer as base, compared with a handwritten subclass."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.e2e.programs.conftest import project

__all__ = ["project"]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None, reason="transformers is not installed"
)

MINE = """\
from __future__ import annotations

from typing import Any, Optional

import torch
from torch import nn
from transformers import Trainer

from arctic_codegen import CallbackMixin, every

LOG: list[str] = []


def scale(self: Trainer, inputs: dict[str, Any]) -> dict[str, Any]:
    LOG.append("inputs")
    return {name: value for name, value in inputs.items()}


def halve(self: Trainer, loss: Any) -> Any:
    return loss * 0.5


def note(self: Trainer, logs: dict[str, float]) -> dict[str, float]:
    LOG.append("log " + ",".join(sorted(logs)))
    return {**logs, "extra": 1.0}


class Mine(CallbackMixin, Trainer):
    callbacks = [
        ("pre-training_step", scale),
        ("post-training-step", every(2, lambda self, loss: loss)),
        ("pre-log", note),
        ("pre-save_model", lambda self, output_dir: output_dir),
    ]

    def post_compute_loss_callback(self, result: Any) -> Any:
        LOG.append("loss")
        return (result[0] * 0.5, *result[1:]) if isinstance(result, tuple) else result * 0.5

    def post_evaluate_callback(self, metrics: dict[str, float]) -> dict[str, float]:
        LOG.append("evaluate")
        return {**metrics, "eval_seen": 1.0}

    def pre_evaluate_callback(self, metric_key_prefix: str) -> str:
        return metric_key_prefix

    def post_save_model_callback(self) -> None:
        LOG.append("saved")


class Theirs(Trainer):
    def training_step(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        num_items_in_batch: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        LOG.append("inputs")
        return super().training_step(model, dict(inputs), num_items_in_batch)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        result = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        LOG.append("loss")
        return (result[0] * 0.5, *result[1:]) if isinstance(result, tuple) else result * 0.5

    def log(self, logs: dict[str, float], start_time: Optional[float] = None) -> None:
        LOG.append("log " + ",".join(sorted(logs)))
        super().log({**logs, "extra": 1.0}, start_time)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        metrics = super().evaluate(*args, **kwargs)
        LOG.append("evaluate")
        return {**metrics, "eval_seen": 1.0}

    def save_model(self, output_dir: Optional[str] = None, _internal_call: bool = False) -> None:
        super().save_model(output_dir, _internal_call)
        LOG.append("saved")
"""

RUN = """\
import torch
from torch import nn
from torch.utils.data import Dataset
from transformers import TrainingArguments, set_seed
from transformers.utils import logging
class Data(Dataset):
    def __len__(self): return 12
    def __getitem__(self, i):
        g = torch.Generator().manual_seed(i)
        x = torch.randn(4, generator=g)
        return {"x": x, "labels": x.sum()}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)
    def forward(self, x, labels=None):
        out = self.layer(x).squeeze(-1)
        return {"loss": ((out - labels) ** 2).mean(), "logits": out}
def run(cls, folder):
    from app import mine
    mine.LOG.clear()
    set_seed(3)
    args = TrainingArguments(
        output_dir=folder, num_train_epochs=2, per_device_train_batch_size=4, logging_steps=1,
        eval_strategy="epoch", save_strategy="epoch", report_to=[], use_cpu=True,
        disable_tqdm=True, learning_rate=0.1,
    )
    t = cls(model=Net(), args=args, train_dataset=Data(), eval_dataset=Data())
    t.train()
    t.save_model()
    drop = ("runtime", "per_second")
    history = [
        {k: v for k, v in one.items() if not any(word in k for word in drop)}
        for one in t.state.log_history
    ]
    weights = [p.tolist() for p in t.model.parameters()]
    return mine.LOG[:], history, weights
from app.mine import Theirs
from generated.app.mine import Mine
a = run(Mine, "out/a"); b = run(Theirs, "out/b")
for x, y in zip(a, b):
    assert x == y, (x, y)
assert {"inputs", "loss", "evaluate", "saved"} <= set(a[0]), a[0]
print("the same")
"""


@pytest.fixture
def made(project):
    made = project({"app/__init__.py": "", "app/mine.py": MINE, "run.py": RUN})
    ran = made.cli("build", "--no-cache")
    assert ran.code == 0, ran.stdout + ran.stderr
    return made


def test_R3_a_base_from_transformers_asks_for_a_few_of_its_files(made):
    lock = json.loads((made.root / "generated" / "arctic-codegen.lock").read_text())
    of_library = [path for path in lock["inputs"] if path.startswith("site:transformers/")]
    assert "site:transformers/trainer.py" in of_library
    assert len(lock["inputs"]) <= 30
    assert "transformers" in lock["distributions"]
    text = made.generated("app/mine.py")
    for event in ("training_step", "compute_loss", "evaluate", "save_model", "log"):
        assert f"# transformers.trainer.Trainer.{event}\n" in text
    again = made.cli("build")
    assert "nothing to write" in again.stderr


@pytest.mark.long
def test_R20_it_trains_as_a_subclass_by_hand_does(made):
    env = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(made.root)}
    told = made.python((made.root / "run.py").read_text(), env=env)
    assert "the same" in told


@pytest.mark.long
def test_R32_its_output_passes_mypy(made):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "app", "generated"],
        cwd=made.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
