"""The example that `make demo` runs: its output is current, typed, and it trains."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples" / "language_model"
LOCK = Path("generated", "arctic-codegen.lock")

TINY = {
    "epochs": 2,
    "log_interval": 1,
    "micro_batch_size": 8,
    "tokenizer": {"vocab_size": 300},
    "data": {"max_length": 512, "train_eval_split": [0.5, 0.5], "shortest": 40000},
    "optimizer": {"learning_rate": 0.002},
}


def run(*command: str, folder: Path = EXAMPLE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1"},
        timeout=600,
    )


def passes(*command: str, folder: Path = EXAMPLE) -> str:
    done = run(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A copy, built with what is installed here."""
    copy = tmp_path_factory.mktemp("example") / "language_model"
    ignore = shutil.ignore_patterns("generated", "runs", "__pycache__", ".*cache")
    shutil.copytree(EXAMPLE, copy, ignore=ignore)
    passes("-m", "arctic_codegen", "build", "--strict", folder=copy)
    return copy


def test_R32_R36_generated_output_is_current(built):
    """What is committed is what a build writes, whatever versions of libraries are here."""
    made, committed = (
        {
            path.relative_to(root): path.read_bytes()
            for path in sorted((root / "generated").rglob("*"))
            if path.is_file() and path.suffix != ".pyc"
        }
        for root in (built, EXAMPLE)
    )
    locks = [json.loads(files.pop(LOCK)) for files in (made, committed)]
    assert made == committed
    formatters = {lock.pop("formatter") for lock in locks}
    assert locks[0] == locks[1]
    assert locks[1]["distributions"] == {}
    assert not [path for path in locks[1]["inputs"] if not path.startswith("../language_model/")]
    if len(formatters) == 1:
        passes("-m", "arctic_codegen", "build", "--check", "--strict")


def test_types_and_style(tmp_path):
    passes("-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "language_model", "generated")
    plain = ("--isolated", "--no-cache", "--select", "E4,E7,E9,F", "--ignore", "E741")
    passes("-m", "ruff", "check", *plain, "generated")


@pytest.mark.long
def test_pyright_agrees():
    passes("-m", "pyright", "--pythonpath", sys.executable, "language_model", "generated")


def test_it_trains_on_compiled_classes_with_callbacks_in_order(built):
    pytest.importorskip("deepspeed")
    recipe = yaml.safe_load((built / "recipe.yaml").read_text())
    recipe["model"]["hf_config"] |= {"hidden_size": 32, "num_hidden_layers": 1}
    for section, values in TINY.items():
        recipe[section] = {**recipe[section], **values} if isinstance(values, dict) else values
    (built / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    told = passes("-m", "arctic_codegen.blocks", "tiny.yaml", folder=built)
    kinds = [
        "tokens", "data", "model", "rate", "train",
        *("epoch 1", "perplexity", "it writes", "saved"),
        *("epoch 2", "perplexity", "it writes", "saved"),
        "Done", "The held out text",
    ]  # fmt: skip
    lines = re.findall(rf"^ *({'|'.join(map(re.escape, {*kinds}))})", told, re.MULTILINE)
    assert lines == kinds, told
    metrics = [json.loads(line) for line in (built / "runs/metrics.jsonl").read_text().splitlines()]
    losses = [line["eval_loss"] for line in metrics if "eval_loss" in line]
    assert len(losses) == 2
    assert losses[1] < losses[0] < 5.6, metrics
    steps = int(re.search(r"(\d+) steps", told)[1])
    assert (built / f"runs/checkpoints/global_step_{steps}/checkpoint.json").is_file()
    assert (built / "runs/curve.svg").read_text().count(",") == 2
    exported = built / f"runs/model/global_step_{steps}"
    ends = json.loads((exported / "config.json").read_text())
    tokenizer = json.loads((exported / "tokenizer.json").read_text())
    assert [one["id"] for one in tokenizer["added_tokens"]] == [ends["eos_token_id"]]
    assert len(passes("-m", "language_model.sample", folder=built).splitlines()) == 3
