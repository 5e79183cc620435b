"""``python -m arctic_codegen.blocks recipe.yaml``, on one rank and on several (R33, R44)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks.start import main
from tests.forking import Forks
from tests.harness import free_port
from tests.parity.blocks.harness import START, Project, losses, metrics

FAILED = (
    "the callback app.Failing.pre_backward_callback, at backward of Failing, failed:"
    " RuntimeError: on purpose"
)


@pytest.fixture(autouse=True)
def search_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Starting in this process adds a project to the search path permanently."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("app", "generated"):
            del sys.modules[name]


def launched(
    project: Project, recipe: Path, *command: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command, str(recipe)],
        cwd=folder or project.root,
        env=project.environment(recipe),
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_R33_a_recipe_starts_its_compiled_trainer_from_any_folder(project: Project, tmp_path: Path):
    recipe = project.recipe("started", train_iters=2, log_interval=1)
    done = launched(project, recipe, *START, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    trace = (recipe.parent / "trace.0").read_text().splitlines()
    assert trace[-1] == "train"
    assert len(losses(trace)) == 4
    assert [line["step"] for line in metrics(recipe)] == [1, 2]
    assert set(metrics(recipe)[0]) == {
        "step", "epoch", "loss", "learning_rate", "gradient_norm", "tokens_per_second"
    }  # fmt: skip
    assert "step 2/2  epoch 0  loss 5." in done.stderr


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
    unknown = told(capsys, str(other))
    start = f"{other}:1:1: type: no compiled trainer is named 'another'; the names are: 'by_hand',"
    assert unknown.startswith(f"{start} 'changing', 'failing', ")
    assert unknown.endswith(f"'watched'; or {build}")
    wrong = project.recipe(
        "wrong", epoch=3, train_iters="many", data={"max_lenght": 3}, checkpoint=[{"enabled": True}]
    )
    lines = told(capsys, str(wrong)).splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == [
        "train_iters: Input should be a valid integer, unable to parse string as an integer",
        "data.max_lenght: unknown field; did you mean 'max_length'?",
        "checkpoint.0.output_dir: this field is missing",
        "epoch: unknown field; did you mean 'epochs'?",
    ]
    assert all(line.startswith(f"{wrong}:") for line in lines)
    empty = project.root / "empty.txt"
    empty.write_text("")
    no_file = project.recipe("no_file", type="plain")
    assert told(capsys, str(no_file)).endswith(":1: data.sources: lists no file")
    nothing = project.recipe("nothing", type="plain", data={"sources": [str(empty)]})
    assert told(capsys, str(nothing)).endswith(f": data.sources.0: {empty} is empty")
    absent = project.recipe("absent", type="plain", data={"sources": ["absent.txt"]})
    assert ": data.sources.0: there is no file " in told(capsys, str(absent))


def test_R33_sources_are_imported_from_where_they_were_built(
    project: Project, tmp_path: Path, forks: Forks
):
    """For any roots of the project, and any files with the same names in the working folder."""
    other = Project(tmp_path / "other", forks)
    (other.root / "lib").mkdir()
    (other.root / "app.py").rename(other.root / "lib/app.py")
    (other.root / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["lib"]\nsrc = ["lib"]\n'
    )
    other.build()
    recipe = other.recipe("from_elsewhere", train_iters=1)
    other.root = project.root
    (trace,) = other.train(recipe)
    assert trace[-1] == "train"


def test_a_failed_callback_is_named_as_it_was_declared(project: Project):
    recipe = project.recipe("lambda", type="failing_lambda", log_interval=1)
    (process,) = project.start(recipe, *START)
    assert process.wait() == 1
    assert process.out.splitlines()[-1] == (
        "the callback app.FailingLambda.<lambda>, at loss of FailingLambda, failed:"
        " ZeroDivisionError: integer division or modulo by zero"
    )
    assert "step 1/8" in process.out


def test_R36_stale_output_does_not_train(project: Project):
    app = project.root / "app.py"
    text = app.read_text()
    recipe = project.recipe("stale")
    app.write_text(text.replace("post_train_callback", "pre_train_callback"))
    try:
        last = project.refused(recipe)
    finally:
        app.write_text(text)
    assert "are stale: " in last
    assert "run 'arctic-codegen build'" in last
    assert not (recipe.parent / "trace.0").exists()


def test_a_callback_that_fails_on_one_rank_ends_all_within_seconds(project: Project):
    """Without a launcher that watches, and without the other rank waiting for this one."""
    for first, epochs in (1, 99), (1, 98), (0, 97):
        recipe = project.recipe(
            f"failing_{epochs}", type="failing", train_iters=1000, epochs=epochs
        )
        processes = project.start(recipe, *START, ranks=2)
        failing, other = processes[first], processes[1 - first]
        assert failing.wait() == 1
        since = time.monotonic()
        assert other.wait() == 1
        assert time.monotonic() - since < 5
        assert failing.out.splitlines()[-1] == f"rank {first}: {FAILED}"
        assert "Traceback" in failing.out
        told = f"rank {1 - first} stops because rank {first} failed: {FAILED}"
        assert other.out.splitlines()[-1] == told
        assert "Traceback" not in other.out


@pytest.mark.long
@pytest.mark.parametrize(
    "launcher",
    [
        ("torch.distributed.run", "--nproc_per_node"),
        ("deepspeed.launcher.runner", "--num_accelerators"),
    ],
)
def test_a_callback_that_fails_ends_what_a_launcher_started(
    project: Project, launcher: tuple[str, str]
):
    """``torchrun`` and ``deepspeed`` are these modules."""
    module, number = launcher
    recipe = project.recipe(
        f"under_{module}", type="failing", train_iters=1000, epochs=99, log_interval=1
    )
    of_blocks = ["-m", "arctic_codegen.blocks"]
    if "deepspeed" in module:
        of_blocks = ["--module", "arctic_codegen.blocks"]
    begun = time.time()
    done = launched(
        project, recipe, "-m", module, number, "2", "--master_port", str(free_port()), *of_blocks
    )
    ended = time.time()
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert f"rank 1: {FAILED}" in told.splitlines()
    assert "rank 0: " not in told
    assert told.count("step 1/1000  epoch 0  loss ") == 1, "rank 0 logs"
    # The other rank has recorded when it stopped; from then on it runs to the end.
    stood = (recipe.parent / "trace.0").stat().st_mtime
    assert begun < stood
    assert ended - stood < 10


@pytest.mark.long
def test_R44_torchrun_starts_the_ranks_again_and_they_go_on(project: Project):
    settings = {"train_iters": 4, "log_interval": 1}
    whole = project.recipe("not_failed", type="on_topics", **settings)
    project.train(whole, ranks=2)
    save = {"output_dir": "saved", "save_every_n_steps": 1, "auto_resume": True}
    recipe = project.recipe("failed_once", type="failing_once", **settings, checkpoint=[save])
    done = launched(
        project, recipe, "-m", "torch.distributed.run", "--master_port", str(free_port()),
        "--max-restarts", "1", "--nproc_per_node", "2", *START,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "rank 1: the callback app.FailingOnce.pre_step_callback, at step of" in done.stderr
    assert [done.stderr.count(f"step {step}/4  epoch 0  loss ") for step in range(1, 5)] == [1] * 4
    losses_of = [[(line["step"], line["loss"]) for line in metrics(run)] for run in (recipe, whole)]
    assert losses_of[0] == losses_of[1]


LEAVING = """
import atexit, os, threading, time
from concurrent.futures import ThreadPoolExecutor


class TakenDown:
    def __del__(self, write=os.write):
        write(1, b"the interpreter is taken down\\n")


kept = TakenDown()
pool = ThreadPoolExecutor(1)
pool.submit(time.sleep, 0)
threading.Thread(target=lambda: (time.sleep(0.5), print("a thread has ended"))).start()
atexit.register(print, "at exit")
"""


def test_a_rank_ends_without_taking_down_what_gloo_threads_may_still_use(project: Project):
    """Otherwise it is sometimes aborted: "terminate called without an active exception"."""
    recipe = project.recipe("left", type="on_topics", train_iters=1)
    (project.root / "left.py").write_text(LEAVING)
    program = project.root / "program.py"
    program.write_text(
        "import left, runpy; runpy.run_module('arctic_codegen.blocks', None, '__main__')"
    )
    done = launched(project, recipe, str(program))
    assert (done.returncode, done.stdout) == (0, "a thread has ended\nat exit\n"), done.stderr


def test_R36_one_rank_that_cannot_start_is_told_by_all(
    project: Project, tmp_path: Path, forks: Forks
):
    """One node has old sources."""
    copy = Project(tmp_path / "copy", forks)
    app = copy.root / "app.py"
    text = app.read_text().replace("post_train_callback", "pre_train_callback")
    app.write_text(text)
    first, second = nodes(project, copy, "stale_there")
    assert first.wait() == second.wait() == 1
    told = first.out + second.out
    assert "Traceback" not in told
    assert told.count("rank 1: the compiled classes of app are stale: ") == 1
    assert "run 'arctic-codegen build'" in told
    copy.build()
    first, second = nodes(project, copy, "other_there")
    assert first.wait() == second.wait() == 1
    told = first.out + second.out
    assert "Traceback" not in told
    assert told.count("not all ranks have the same compiled classes") == 1
    assert "(rank 1) has the output " in told
    assert f" in {copy.root / 'generated'}. Copy" in told
    assert not (project.root / "other_there/trace.0").exists()


def nodes(one: Project, two: Project, run: str) -> list[Any]:
    port = str(free_port())
    return [
        node.start(node.recipe(run), *START, rank=rank, ranks=2, port=port)[0]
        for rank, node in enumerate([one, two])
    ]
