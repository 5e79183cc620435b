"""Training runs of the project in ``project/``, on a CPU, in separate processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.forking import Forks
from tests.harness import free_port

HERE = Path(__file__).parent

RECIPE: dict[str, Any] = {
    "type": "mine",
    "micro_batch_size": 4,
    "gradient_accumulation_steps": 2,
    "gradient_clipping": 1.0,
    "train_iters": 8,
    "log_interval": 2,
    "data": {"max_length": 64, "train_eval_split": [0.9, 0.1]},
    "tokenizer": {"vocab_size": 400},
    "model": {
        "hf_config": {
            "model_type": "llama",
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "max_position_embeddings": 64,
            "attention_dropout": 0.1,
        }
    },
    "optimizer": {"learning_rate": 0.01},
    "scheduler": {"name": "cosine", "warmup_ratio": 0.1},
}


def changed(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the changes merged in; ``None`` removes one."""
    made = dict(base)
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(made.get(name), dict):
            made[name] = changed(made[name], value)
        elif value is None:
            made.pop(name, None)
        else:
            made[name] = value
    return made


START = ("-m", "arctic_codegen.blocks")
"""The command that trains a recipe, as a user starts it."""


class Rank:
    """A process of a run."""

    def __init__(self, forks: Forks, pid: int, log: Path) -> None:
        self._forks = forks
        self.pid = pid
        self._log = log
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._forks.poll(self.pid)
        return self._code

    def wait(self, timeout: float = 300) -> int:
        """Wait for the process to end; returns its exit code."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                self.kill()
                raise AssertionError(f"it does not end: {self.out[-6000:]}")
            time.sleep(0.005)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def out(self) -> str:
        """Its output on standard output and standard error."""
        return self._log.read_text(encoding="utf-8")


class Project:
    """A copy of the project, compiled."""

    def __init__(self, root: Path, forks: Forks) -> None:
        self.root = root
        self._forks = forks
        shutil.copytree(HERE / "project", root, ignore=shutil.ignore_patterns("__pycache__"))
        (root / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app.py"]\n')
        self.build()

    def build(self) -> None:
        command = [sys.executable, "-m", "arctic_codegen", "build"]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True)

    def recipe(self, run: str, **changes: Any) -> Path:
        """A recipe in the run's own folder."""
        folder = self.root / run
        folder.mkdir(exist_ok=True)
        path = folder / "recipe.yaml"
        values = changed({**RECIPE, "metrics_path": "metrics.jsonl"}, changes)
        path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
        return path

    def environment(self, recipe: Path) -> dict[str, str]:
        return {**os.environ, "TRACE": str(recipe.parent / "trace")}

    def start(
        self,
        recipe: Path,
        *program: str,
        ranks: int = 1,
        rank: int | None = None,
        port: str | None = None,
        more: Sequence[Path] = (),
    ) -> list[Rank]:
        """The processes of a run: one for each rank, or only one for that rank; ``more`` recipes
        are for a program that takes several."""
        port = port or str(free_port())
        started = []
        for number in range(ranks) if rank is None else [rank]:
            own = {} if ranks == 1 else {
                "RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": str(ranks),
                "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
            }  # fmt: skip
            log = recipe.parent / f"log.{number}"
            environment = {**self.environment(recipe), **own}
            pid = self._forks.start(
                (*program, *map(str, (recipe, *more))), environment, self.root, log
            )
            started.append(Rank(self._forks, pid, log))
        return started

    def train(self, recipe: Path, *program: str, ranks: int = 1) -> list[list[str]]:
        """Train to the end; returns what the ranks recorded."""
        for old in recipe.parent.glob("trace.*"):
            old.unlink()
        processes = self.start(recipe, *(program or START), ranks=ranks)
        for process in processes:
            assert process.wait() == 0, process.out[-6000:]
        return [(recipe.parent / f"trace.{rank}").read_text().splitlines() for rank in range(ranks)]

    def train_each(self, *recipes: Path, ranks: int = 1) -> list[list[list[str]]]:
        """Train several recipes in turn in the same processes; returns what the ranks recorded for
        each."""
        for recipe in recipes:
            for old in recipe.parent.glob("trace.*"):
                old.unlink()
        for process in self.start(recipes[0], "several.py", ranks=ranks, more=recipes[1:]):
            assert process.wait() == 0, process.out[-6000:]
        return [
            [(recipe.parent / f"trace.{rank}").read_text().splitlines() for rank in range(ranks)]
            for recipe in recipes
        ]

    def refused(self, recipe: Path) -> str:
        """The last message of a run of one rank that cannot continue."""
        (process,) = self.start(recipe, *START)
        assert process.wait() == 1, process.out[-6000:]
        assert "Traceback" not in process.out, process.out[-6000:]
        return process.out.splitlines()[-1]


def metrics(recipe: Path) -> list[dict[str, Any]]:
    lines = (recipe.parent / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def losses(trace: list[str]) -> list[float]:
    return [float.fromhex(line.split()[1]) for line in trace if line.startswith("loss ")]
