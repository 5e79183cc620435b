"""Loads recipes as ArcticTraining's launcher does, each in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.harness import Project

ROOT = Path(__file__).parents[3]

CALLBACK = """
def note(self) -> None:
    self.notes = [*getattr(self, "notes", ()), "{name}"]
"""

TRAINER = (
    """
from arctic_training import SFTTrainer

from {blocks} import {prefix}Factory
"""
    + CALLBACK
    + """

class {prefix}Trainer(SFTTrainer):
    name = "{name}"
    model_factory: {prefix}Factory
    callbacks = [("pre-step", note)]

    def __init__(self) -> None: ...

    def step(self, batch) -> None: ...
"""
)

BLOCKS = (
    """
from arctic_training import HFModelFactory
from arctic_training.data.source import DataSource
"""
    + CALLBACK
    + """

class {prefix}Source(DataSource):
    name = "{name}_source"

    def load(self, config, split):
        return [note]

    def post_load_callback(self, data):
        return [*data, "post"]


class {prefix}Factory(HFModelFactory):
    name = "{name}_factory"

    def create_config(self):
        return {{}}

    def post_create_config_callback(self, config):
        return {{**config, "post": 1}}
"""
)

MODEL = {
    "model_type": "llama",
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "vocab_size": 32,
    "max_position_embeddings": 16,
}

START = """
import importlib, json, os, sys
from pathlib import Path

told = {}
recipe = Path(os.environ["RECIPE"])
"""

END = """
from arctic_training.registry import RegistryMeta

told["registry"] = {
    name: f"{cls.__module__}.{cls.__qualname__}"
    for table in RegistryMeta._registry.values()
    for name, cls in table.items()
    if not cls.__module__.startswith("arctic_training.")
}
told["path"] = sys.path
print("TOLD" + json.dumps(told))
"""


def sources_of(name: str, folder: str = "", package: str = "") -> dict[str, str]:
    """A trainer and the blocks that it names, as two files in ``folder``, or in a package there."""
    prefix = name.title().replace("_", "")
    inside = f"{package}." if package else ""
    files = {
        f"{name}_trainer": TRAINER.format(
            name=name, prefix=prefix, blocks=f"{inside}{name}_blocks"
        ),
        f"{name}_blocks": BLOCKS.format(name=name, prefix=prefix),
    }
    place = Path(folder, package)
    placed = {(place / f"{stem}.py").as_posix(): text for stem, text in files.items()}
    if package:
        placed[(place / "__init__.py").as_posix()] = ""
    return placed


def recipe_text(folder: Path, kind: str, code: str | None, **more: Any) -> str:
    """A recipe for trainer ``kind`` whose model is a folder with a small configuration."""
    model = folder / "model"
    model.mkdir(parents=True, exist_ok=True)
    (model / "config.json").write_text(json.dumps(MODEL), encoding="utf-8")
    values: dict[str, Any] = {
        "type": kind,
        "model": {"name_or_path": str(model)},
        "data": {"sources": [], "max_length": 16},
        "logger": {"level": "WARNING"},
        "train_log_metrics_path": str(folder / "metrics.jsonl"),
    }
    if code is not None:
        values["code"] = code
    for key, value in more.items():
        values[key] = {**values.get(key, {}), **value} if isinstance(value, dict) else value
    return json.dumps(values)  # JSON is also YAML


def load(
    recipe: Path,
    code: str = "",
    *,
    cwd: Path,
    path: str | None = None,
    ok: bool = True,
) -> Any:
    """The result of a process that runs ``code`` with ``recipe``; its output, if it has to fail.

    It starts in ``cwd``, which is not on its search path.
    """
    env = {**os.environ, "RECIPE": str(recipe)}
    env |= {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}
    env |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    env.pop("PYTHONPATH", None)
    if path is not None:
        env["PYTHONPATH"] = path
    code = code or "from arctic_training.config.trainer import get_config\nget_config(recipe)\n"
    script = recipe.parent / "run_it.py"
    script.write_text(START + code + END, encoding="utf-8")
    # An installation from a checkout adds that to the path, with the checkout's `generated`.
    site = recipe.parent / "site"
    site.mkdir(exist_ok=True)
    if not (site / "arctic_codegen").exists():
        (site / "arctic_codegen").symlink_to(ROOT / "arctic_codegen")
    loader = (
        "import runpy, sys; sys.path.remove('');"
        f" sys.path = [{str(site)!r} if one == {str(ROOT)!r} else one for one in sys.path];"
        f" runpy.run_path({str(script)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", loader],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        env=env,
    )
    if not ok:
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.rpartition("TOLD")[2])


def built(root: Path, files: dict[str, str], config: str) -> Project:
    project = Project(root, files, config)
    ran = project.build()
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    return project
