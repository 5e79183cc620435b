"""Real training runs on a CPU: the project of this folder, uncompiled and compiled."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.harness import forked, free_port, write_files

HERE = Path(__file__).parent

# What ArcticTraining's launcher does in each process that it starts.
BY_REGISTRY = """
import sys
from pathlib import Path
from arctic_training.config.trainer import get_config
from arctic_training.registry import get_registered_trainer

config = get_config(Path(sys.argv[1]))
get_registered_trainer(config.type)(config).train()
"""

# A script that imports the class from the output and uses no registry.
BY_IMPORT = """
import sys
from pathlib import Path
from generated.{module} import {name}
from arctic_training.config.trainer import get_config

{name}(get_config(Path(sys.argv[1]))).train()
"""


def write_model(folder: Path) -> Path:
    """Write the tiny model and its tokenizer, from which all runs start."""
    _checked([sys.executable, str(HERE / "model_folder.py"), str(folder)], HERE, environment())
    return folder


def environment(**more: str) -> dict[str, str]:
    """The environment of a run, without a search path."""
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "WANDB_MODE": "disabled",
        **more,
    }


@dataclass(frozen=True)
class Outcome:
    """The results of a run."""

    traces: tuple[tuple[str, ...], ...]
    """What the callbacks and methods of each rank recorded: values to the last bit, in order."""
    classes: tuple[dict[tuple[str, str], str], ...]
    """The contents of the registry on each rank, by kind and name: module and class."""
    weights: dict[str, str]
    """The digest of each file that a checkpoint engine wrote."""

    @property
    def trace(self) -> tuple[str, ...]:
        """The trace of a run with one rank."""
        (only,) = self.traces
        return only


class TrainingProject:
    """A copy of the project in ``project/``, with a configuration."""

    def __init__(self, root: Path, model: Path, semantics: str = "runtime") -> None:
        self.root = root
        self.model = model
        shutil.copytree(HERE / "project", root, ignore=shutil.ignore_patterns("__pycache__"))
        self.configure(semantics)

    def configure(
        self,
        semantics: str,
        sources: Sequence[str] = ("my_trainer.py", "orders.py", "tiny"),
        more: str = "",
    ) -> None:
        keys = f'sources = {[*sources]}\nsemantics = "{semantics}"\n{more}\n'
        write_files(self.root, {"pyproject.toml": f"[tool.arctic-codegen]\n{keys}"})

    def build(self) -> None:
        command = [sys.executable, "-m", "arctic_codegen", "build", "--format", "concise"]
        _checked(command, self.root, environment(), "tool")

    def recipe(self, run: str, type_: str, code: str, **changes: Any) -> Path:
        """Write a recipe next to the sources; its run has a separate output folder."""
        folder = self.root / "runs" / run
        folder.mkdir(parents=True, exist_ok=True)
        settings: dict[str, Any] = {
            "type": type_,
            "code": code,
            "model": {
                "name_or_path": str(self.model),
                "dtype": "fp32",
                "attn_implementation": "eager",
            },
            "data": {
                "sources": [{"type": "short_topics"}, {"type": "topics", "rows": 4}],
                "eval_sources": [{"type": "short_topics", "rows": 5}],
                "max_length": 256,
                "mask_inputs": False,
                "div_length": 32,
            },
            "deepspeed": {"zero_optimization": {"stage": 0}},
            "micro_batch_size": 2,
            "train_iters": 4,
            "eval_interval": 2,
            "optimizer": {"lr": 0.001},
            "checkpoint": [{"type": "weights", "save_every_n_steps": 2}],
            "kill_switch_path": str(folder / "kill"),
            "train_log_metrics_path": str(folder / "metrics.jsonl"),
            **changes,
        }
        # A cached data set would skip the events that load and process it.
        settings["data"] = {
            "num_proc": 1,
            "dl_num_workers": 1,
            **settings["data"],
            "cache_dir": str(folder / "cache"),
        }
        for engine in settings["checkpoint"]:
            engine["output_dir"] = str(folder / "saved")
        path = self.root / f"{run}.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        return path

    def by_registry(self, recipe: Path) -> Outcome:
        """Run a recipe as each process of the launcher does."""
        return self._python(recipe, BY_REGISTRY, cwd=recipe.parent.parent)

    def by_import(self, recipe: Path, module: str, name: str) -> Outcome:
        """Run a recipe with a class that a script imports from the output."""
        return self._python(recipe, BY_IMPORT.format(module=module, name=name), cwd=self.root)

    def by_command(
        self, recipe: Path, cwd: Path, *, mode: str = "train", ranks: int = 1
    ) -> Outcome:
        """Run a recipe through the command line, from any folder, without a search path."""
        launched = ["--num_gpus", str(ranks), "--master_port", str(free_port())]
        command = ["arctic_training", mode, str(recipe), *launched]
        return self.by_any(recipe, command, cwd)

    def by_program(self, recipe: Path, program: str) -> Outcome:
        """Run a program with the recipe as its argument."""
        return self._python(recipe, program, cwd=self.root.parent)

    def _python(self, recipe: Path, program: str, cwd: Path) -> Outcome:
        alone = {
            "RANK": "0",
            "LOCAL_RANK": "0",
            "WORLD_SIZE": "1",
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(free_port()),
        }
        return self.by_any(recipe, [sys.executable, "-c", program, str(recipe)], cwd, alone)

    def by_any(
        self, recipe: Path, command: Sequence[str], cwd: Path, more: dict[str, str] | None = None
    ) -> Outcome:
        """Run a command that trains a recipe; ``more`` is added to its environment."""
        folder = self.root / "runs" / recipe.stem
        for kind in ("trace", "classes"):
            for old in folder.glob(f"{kind}.*"):
                old.unlink()
        _checked(command, cwd, environment(RUN_FOLDER=str(folder), **(more or {})))
        saved = sorted(path for path in (folder / "saved").rglob("*") if path.is_file())
        return Outcome(
            tuple(map(tuple, _of_ranks(folder, "trace"))),
            tuple(map(_by_name, _of_ranks(folder, "classes"))),
            {path.relative_to(folder).as_posix(): _digest(path) for path in saved},
        )


def _of_ranks(folder: Path, kind: str) -> list[list[str]]:
    return [
        path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.glob(f"{kind}.*"))
    ]


def _by_name(lines: list[str]) -> dict[tuple[str, str], str]:
    """The package has a different name if another one is called ``generated``."""
    named = (re.sub(r"\bgenerated_[0-9a-f]{8}\.", "generated.", line) for line in lines)
    return {(kind, name): cls for kind, name, cls in (line.split(" ") for line in named)}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _checked(
    command: Sequence[str], cwd: Path, env: dict[str, str], loaded: str = "blocks"
) -> None:
    if command[0] == sys.executable:
        done = forked(loaded, command[1:], cwd, env, 600)
    else:
        done = subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600
        )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
