"""The example of `make demo`: its output is current and typed, and it trains."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import free_port

ROOT = Path(__file__).parents[2]
EXAMPLE = Path("examples", "language_model")
ON_TRANSFORMERS = Path("examples", "transformers_trainer")
LOCK = "arctic-codegen.lock"

TINY = {
    "epochs": 2,
    "log_interval": 1,
    "micro_batch_size": 4,
    "tokenizer": {"vocab_size": 300},
    "data": {"train_eval_split": [0.5, 0.5], "packages": ["json", "logging"]},
    "optimizer": {"learning_rate": 0.002},
}


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=600,
    )


def passes(*command: str, folder: Path = ROOT) -> str:
    done = run(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copied(example: Path, folder: Path) -> None:
    ignore = shutil.ignore_patterns("runs", "__pycache__")
    shutil.copytree(ROOT / example, folder, ignore=ignore)


def output(root: Path) -> dict[str, bytes]:
    """The output files of that project, by path, except those of a library, which depend on its
    version."""
    folder = root / "generated"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and ON_TRANSFORMERS.name not in path.parts
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A copy of the project's configuration and examples, built with the installed tool."""
    copy = tmp_path_factory.mktemp("example") / "copy"
    for example in (EXAMPLE, ON_TRANSFORMERS):
        copied(example, copy / example)
    shutil.copy(ROOT / "pyproject.toml", copy)
    passes("-m", "arctic_codegen", "build", "--strict", folder=copy)
    return copy


def test_R32_R36_generated_output_is_current(built):
    """The committed output is what a build writes, with any versions of libraries."""
    made, committed = output(built), output(ROOT)
    locks = [json.loads(files.pop(LOCK)) for files in (made, committed)]
    assert made == committed
    if all(locks[0][key] == locks[1][key] for key in ("formatter", "distributions")):
        assert locks[0] == locks[1]
        passes("-m", "arctic_codegen", "build", "--check", "--strict")
    reads = {name: one["reads"] for name, one in locks[1]["modules"].items()}
    assert reads.pop("transformers_trainer.trainers")
    package = f"../{EXAMPLE.as_posix()}/language_model/"
    assert not [path for one in reads.values() for path in one if not path.startswith(package)]


def test_it_is_the_same_in_a_project_of_its_own(tmp_path):
    """With the configuration that its README shows."""
    copied(EXAMPLE, tmp_path / "example")
    readme = (ROOT / EXAMPLE / "README.md").read_text(encoding="utf-8")
    (config,) = re.findall(r"^```toml\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (tmp_path / "example" / "pyproject.toml").write_text(config, encoding="utf-8")
    passes("-m", "arctic_codegen", "build", "--strict", folder=tmp_path / "example")
    made, committed = output(tmp_path / "example"), output(ROOT)
    assert made.pop(LOCK) != committed.pop(LOCK), "it names the inputs by their paths"
    assert made == committed


def test_types_and_style(tmp_path):
    cache = ("--cache-dir", str(tmp_path))
    passes(
        "-m",
        "mypy",
        "--strict",
        *cache,
        EXAMPLE.as_posix(),
        ON_TRANSFORMERS.as_posix(),
        "generated",
    )
    plain = ("--isolated", "--no-cache", "--select", "E4,E7,E9,F", "--ignore", "E741")
    passes("-m", "ruff", "check", *plain, "generated")


@pytest.mark.long
def test_pyright_agrees():
    package = (EXAMPLE / EXAMPLE.name).as_posix()  # there may also be runs of the demo
    passes("-m", "pyright", "--pythonpath", sys.executable, package, "generated")


def tiny(built: Path, name: str, **changes: Any) -> Path:
    """A recipe for a smaller model, based on that of the example."""
    recipe = yaml.safe_load((built / EXAMPLE / "recipe.yaml").read_text())
    recipe["model"]["hf_config"] |= {"hidden_size": 32, "num_hidden_layers": 1}
    for section, values in {**TINY, **changes}.items():
        recipe[section] = {**recipe[section], **values} if isinstance(values, dict) else values
    path = built / EXAMPLE / name
    path.write_text(yaml.safe_dump(recipe))
    return path


def kinds_of_lines(told: str) -> list[str]:
    """The kinds of output lines, by the first words of each."""
    kinds = (
        "tokens|data|model|rate|train|epoch \\d|perplexity|it answers|saved|Done|"
        "The held out answers"
    )
    return re.findall(rf"^ *({kinds})", told, re.MULTILINE)


IN_ORDER = [
    "tokens", "data", "model", "rate", "train",
    *("epoch 1", "perplexity", "it answers", "saved"),
    *("epoch 2", "perplexity", "it answers", "saved"),
    "Done", "The held out answers",
]  # fmt: skip


@pytest.mark.long
def test_it_trains_on_compiled_classes_with_callbacks_in_order(built):
    pytest.importorskip("deepspeed")
    recipe = tiny(built, "tiny.yaml")
    told = passes("-m", "arctic_codegen.blocks", str(recipe), folder=built)
    assert kinds_of_lines(told) == IN_ORDER, told
    load = pytest.importorskip("torch").load
    runs = built / EXAMPLE / "runs"
    metrics = [json.loads(line) for line in (runs / "metrics.jsonl").read_text().splitlines()]
    losses = [line["eval_loss"] for line in metrics if "eval_loss" in line]
    assert len(losses) == 2
    assert losses[1] < losses[0] < 5.6, metrics
    steps = int(re.search(r"(\d+) steps", told)[1])
    assert (runs / f"checkpoints/global_step_{steps}/checkpoint.json").is_file()
    assert (runs / "curve.svg").read_text().count(",") == 2
    kept = load(runs / f"checkpoints/global_step_{steps}/callbacks_rank_0.pt")["states"]
    assert [key.split()[2] for key in kept] == [
        "language_model.callbacks.Patience.__call__", "language_model.callbacks.Curve.add"
    ]  # fmt: skip
    exported = runs / f"model/global_step_{steps}"
    ends = json.loads((exported / "config.json").read_text())
    tokenizer = json.loads((exported / "tokenizer.json").read_text())
    assert [one["id"] for one in tokenizer["added_tokens"]] == [ends["eos_token_id"]]
    assert len(passes(str(EXAMPLE / "sample.py"), folder=built).splitlines()) == 3


@pytest.mark.long
def test_it_trains_on_two_ranks_that_share_the_parameters(built):
    pytest.importorskip("deepspeed")
    stage = {"zero_optimization": {"stage": 3}}
    recipe = tiny(
        built, "two.yaml", deepspeed=stage, metrics_path="two/metrics.jsonl", checkpoint=[]
    )
    ranks = ("-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port")
    program = ("-m", "arctic_codegen.blocks", str(recipe))
    done = run(*ranks, str(free_port()), *program, folder=built)
    assert done.returncode == 0, done.stderr
    expected = [kind for kind in IN_ORDER if kind != "saved"]
    assert kinds_of_lines(done.stdout) == expected, "one rank prints, though all of them write"
    assert "FutureWarning" not in done.stderr
    assert (built / EXAMPLE / "two/curve.svg").is_file()


@pytest.mark.long
def test_the_demo_runs_and_needs_no_compiler(built, tmp_path):
    """Everything except the length of the training."""
    pytest.importorskip("deepspeed")
    kept = (built / EXAMPLE / "recipe.yaml").read_text()
    recipe = tiny(built, "recipe.yaml")
    for program in ("bash", "dirname", "rm"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    path = f"{tmp_path}{os.pathsep}{Path(sys.executable).parent}"
    try:
        done = subprocess.run(
            [str(tmp_path / "bash"), str(built / EXAMPLE / "demo.sh")],
            capture_output=True,
            text=True,
            env={"PATH": path, "HOME": str(tmp_path), "DS_ACCELERATOR": "cpu"},
            timeout=600,
        )
    finally:
        recipe.write_text(kept)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No C compiler was found. None is needed" in done.stdout
    commands = re.findall(r"^\033\[1m\$ (\S+ ?\S* ?\S*)", done.stdout, re.MULTILINE)
    assert [command.split("\033")[0] for command in commands] == [
        "arctic-codegen build",
        "arctic-codegen check",
        "arctic-codegen explain language_model.trainers:HelpTrainer.evaluate",
        "python -m arctic_codegen.blocks",
        "python examples/language_model/sample.py",
    ]
    assert "rank_zero(partial(tell_perplexity, digits=1))" in done.stdout
    assert done.stdout.count("\n  | ") == 3
