"""``python -m arctic_codegen.blocks recipe.yaml``, alone and on several ranks (R33, R44)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks.start import main
from tests.blocks.harness import Project, free_port, losses, metrics

START = ("-m", "arctic_codegen.blocks")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("blocks") / "project")


@pytest.fixture(autouse=True)
def search_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Starting in this process puts a project on the search path, for good."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("app", "generated"):
            del sys.modules[name]


def test_R33_a_recipe_starts_its_compiled_trainer_from_any_folder(project: Project, tmp_path: Path):
    recipe = project.recipe("started", train_iters=2, log_interval=1)
    project.root, inside = tmp_path, project.root
    try:
        (process,) = project.start(recipe, *START)
    finally:
        project.root = inside
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    trace = (recipe.parent / "trace.0").read_text().splitlines()
    assert trace[-1] == "train"
    assert len(losses(trace)) == 4
    assert [line["step"] for line in metrics(recipe)] == [1, 2]
    assert set(metrics(recipe)[0]) == {
        "step", "epoch", "loss", "learning_rate", "tokens_per_second"
    }  # fmt: skip
    assert "step 2  epoch 0  loss 5." in out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 1
    return capsys.readouterr().err.strip()


def test_R33_what_cannot_start_is_one_error(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    alone = tmp_path / "alone.yaml"
    alone.write_text("type: mine\n")
    build = "run 'arctic-codegen build'"
    assert told(capsys, str(alone)) == (
        f"there are no compiled classes beside or above {alone}: {build}"
    )
    assert told(capsys, str(alone), "--output", str(tmp_path)) == (
        f"there are no compiled classes in {tmp_path}: {build}"
    )
    alone.write_text("epochs: 1\n")
    assert told(capsys, str(alone)) == f"{alone}:1:1: type: must be the name of a trainer"
    other = project.recipe("other", type="another")
    assert told(capsys, str(other)) == (
        f"{other}:1:1: type: no compiled trainer has the name 'another'; there are: 'by_hand',"
        f" 'failing', 'mine'; or {build}"
    )
    wrong = project.recipe("wrong", epoch=3)
    assert told(capsys, str(wrong)).endswith("epoch: there is no such field; is 'epochs' meant?")


def test_R36_stale_output_does_not_train(project: Project):
    app = project.root / "app.py"
    text = app.read_text()
    recipe = project.recipe("stale")
    app.write_text(text.replace("post_train_callback", "pre_train_callback"))
    try:
        (process,) = project.start(recipe, *START)
        out, _ = process.communicate(timeout=300)
    finally:
        app.write_text(text)
    assert process.returncode == 1
    assert "are stale: " in out.splitlines()[-1]
    assert "run 'arctic-codegen build'" in out.splitlines()[-1]
    assert not (recipe.parent / "trace.0").exists()


@pytest.mark.long
def test_a_callback_that_fails_on_one_rank_ends_all_within_seconds(project: Project):
    recipe = project.recipe("failing", type="failing", train_iters=1000, epochs=99)
    processes = project.start(recipe, *START, ranks=2)
    assert processes[1].wait(timeout=300) == 1
    since = time.monotonic()
    assert processes[0].wait(timeout=60) != 0
    assert time.monotonic() - since < 10
    out = processes[1].communicate()[0]
    assert out.splitlines()[-1] == (
        "rank 1: the callback app.Failing.pre_backward_callback, at backward of Failing, failed:"
        " RuntimeError: on purpose"
    )
    assert "Traceback" in out
    processes[0].communicate()


@pytest.mark.long
def test_under_torchrun_too(project: Project):
    recipe = project.recipe("torchrun", type="failing", train_iters=1000, epochs=99)
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2",
        "--master_port", str(free_port()), *START, str(recipe),
    ]  # fmt: skip
    environment = project.environment(recipe)
    done = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1
    line = "rank 1: the callback app.Failing.pre_backward_callback, at backward of Failing, failed"
    assert line in done.stderr
    assert "rank 0: the callback" not in done.stderr


@pytest.mark.long
def test_ranks_that_have_other_output_do_not_train(project: Project, tmp_path: Path):
    """One node has a stale copy of the whole project."""
    copy = Project(tmp_path / "copy")
    (copy.root / "app.py").write_text(
        (copy.root / "app.py").read_text().replace("post_train_callback", "pre_train_callback")
    )
    copy.build()
    recipe = project.recipe("same")
    port = str(free_port())
    processes = [
        node.start(node.recipe("same"), *START, rank=rank, ranks=2, port=port)[0]
        for rank, node in enumerate([project, copy])
    ]
    for process in processes:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 1
        if process is processes[0]:
            assert "not all ranks have the same compiled classes" in out
    assert not (recipe.parent / "trace.0").exists()
