"""Modules for ArcticTraining train on our blocks after changing only their imports.

This covers its own causal trainer, as installed, a data factory and an optimizer factory, and
trainers with the callbacks of its page. The losses are bit for bit those of ArcticTraining.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("arctic_training")
pytest.importorskip("deepspeed")

from tests.harness import free_port
from tests.parity.porting.moving import BLOCKS, changes, moved
from tests.parity.training.harness import BY_REGISTRY, environment, write_model

OWN = Path(__file__).parent / "project"
INSTALLED = ("causal_trainer", "sft_trainer")

SHARED: dict[str, Any] = {
    "type": "trainer_b",
    "micro_batch_size": 2,
    "gradient_accumulation_steps": 2,
    "train_iters": 6,
    "optimizer": {"lr": 0.002},
    "scheduler": {"name": "cosine", "warmup_ratio": 0.4},
    "deepspeed": {"zero_optimization": {"stage": 0}},
}


def sources() -> dict[str, str]:
    """The unchanged modules, on ArcticTraining."""
    package = importlib.util.find_spec("arctic_training.trainer")
    assert package is not None
    assert package.submodule_search_locations
    (folder,) = map(Path, package.submodule_search_locations)
    found = {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in INSTALLED}
    return found | {path.stem: path.read_text(encoding="utf-8") for path in OWN.glob("*.py")}


def test_R43_nothing_but_imports_has_to_change():
    for name, text in sources().items():
        differing = list(changes(text, moved(text)))
        assert differing, name
        for before, after in differing:
            assert before.startswith("from arctic_training"), name
            assert after.startswith((f"from {BLOCKS} import ", "from causal_", "from sft_")), name
        assert "\nfrom arctic_training" not in moved(text)


def run(command: list[str], folder: Path, **more: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-8000:]}"


def trace_on_arctic_training(folder: Path, model: Path) -> list[str]:
    folder.mkdir()
    for path in OWN.glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    recipe = {
        **SHARED,
        "code": "page.py",
        "model": {
            "name_or_path": str(model), "dtype": "fp32", "attn_implementation": "eager",
        },
        "data": {
            "type": "own_topics", "sources": [{"type": "huggingface", "name_or_path": "none"}],
            "max_length": 48, "cache_dir": str(folder / "cache"),
        },
        "kill_switch_path": str(folder / "kill"),
        "train_log_metrics_path": str(folder / "metrics.jsonl"),
    }  # fmt: skip
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    run(
        [sys.executable, "-c", BY_REGISTRY, "recipe.yaml"], folder,
        TRACE=str(folder / "trace"), RANK="0", LOCAL_RANK="0", WORLD_SIZE="1",
        MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free_port()),
    )  # fmt: skip
    return (folder / "trace").read_text().splitlines()


def trace_on_own_blocks(folder: Path, model: Path) -> list[str]:
    folder.mkdir()
    modules = sources()
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(moved(text))
    names = [f"{name}.py" for name in sorted(modules)]
    (folder / "pyproject.toml").write_text(f"[tool.arctic-codegen]\nsources = {names}\n")
    recipe = {
        **SHARED,
        "optimizer": {"learning_rate": SHARED["optimizer"]["lr"]},
        "gradient_clipping": 1.0,  # ArcticTraining's defaults
        "model": {"name_or_path": str(model)},
        "tokenizer": {"type": "huggingface"},
        "data": {"max_length": 48},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    run([sys.executable, "-m", "arctic_codegen", "build"], folder)
    run([sys.executable, "-m", BLOCKS, "recipe.yaml"], folder, TRACE=str(folder / "trace"))
    return (folder / "trace").read_text().splitlines()


@pytest.mark.long
def test_R41_R43_losses_are_those_of_arctic_training(tmp_path: Path):
    model = write_model(tmp_path / "model")
    theirs = trace_on_arctic_training(tmp_path / "theirs", model)
    ours = trace_on_own_blocks(tmp_path / "ours", model)
    losses = [line for line in ours if line.startswith("loss ")]
    assert len(losses) == 12
    assert losses == [line for line in theirs if line.startswith("loss ")]
    step = ["pre-step", "pre-loss", "pre-loss with ['input_ids', 'labels']", "loss"]
    assert [line if "loss 0x" not in line else "loss" for line in ours] == [
        "pre-init",
        *step * 12,
        "Trainer A post epoch callback",
        "Trainer B post epoch callback 1",
        "Trainer B post epoch callback 2",
    ]
