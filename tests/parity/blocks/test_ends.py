"""Ranks agree on what controls the run, and a signal ends it with a checkpoint."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("deepspeed")

import torch.distributed as dist
from torch.distributed.run import get_args_parser

from arctic_codegen.blocks import TrainingError, disk, ranks, signals
from arctic_codegen.blocks.agreement import Agreement
from arctic_codegen.blocks.checkpoint import CheckpointError
from arctic_codegen.blocks.metrics import Metrics
from arctic_codegen.blocks.signals import CAUGHT, Signals
from arctic_codegen.blocks.start import main
from tests.pages import blocks
from tests.parity.blocks.harness import START, Project, Rank

SAVED = {"output_dir": "saved", "auto_resume": True}


def steered(trace: list[str]) -> list[str]:
    return [line for line in trace if not line.startswith(("loss", "load", "split"))]


def saved(recipe: Path) -> list[str]:
    return sorted(path.name for path in (recipe.parent / "saved").iterdir())


ONE = "step 1, step 2, save 2, step 3, evaluate 3, step 4, step 5"
TWO = "step 1, step 2, step 3, save 3, step 4, evaluate 4, step 5, step 6"


@pytest.mark.parametrize("ranks, expected", [(1, ONE), (2, TWO)])
def test_R44_what_one_rank_wants_all_ranks_do(project: Project, ranks: int, expected: str):
    """Immediately if there is one rank, and at the same step if there are several."""
    recipe = project.recipe(f"steered_{ranks}", type="steered", checkpoint=[SAVED])
    for trace in project.train(recipe, ranks=ranks):
        assert ", ".join(steered(trace)) == expected
    assert saved(recipe) == [f"global_step_{1 + ranks}"]


def test_R44_a_rank_stops_all_of_them_between_epochs(project: Project):
    """They do so at once, and save the weights, although the last batches have filled no step."""
    recipe = project.recipe(
        "stopped",
        type="stopped_after_epoch",
        train_iters=None,
        epochs=9,
        checkpoint=[{"output_dir": "saved", "save_end_of_training": True}],
    )
    first, second = (steered(trace) for trace in project.train(recipe, ranks=2))
    assert first == second
    (line,) = first
    assert saved(recipe) == [f"global_step_{line.split()[1]}"]


def signalled(
    project: Project, monkeypatch: pytest.MonkeyPatch, run: str, name: str, ranks: int = 1
) -> tuple[Path, list[Rank]]:
    """A run whose last rank receives this signal at its second step."""
    monkeypatch.setenv("SIGNAL", name)
    recipe = project.recipe(run, type="signalled", checkpoint=[SAVED])
    processes = project.start(recipe, *START, ranks=ranks)
    for process in processes:
        process.wait()
    return recipe, processes


class Steering:
    """The parts of a run that an agreement needs."""

    early_stop = False


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A group with only this process, which behaves as if there were others."""
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    monkeypatch.setattr(ranks, "cpu_group", lambda: dist.group.WORLD)
    yield
    dist.destroy_process_group()


def test_R44_ranks_agree_one_step_later_and_a_request_counts_once(alone: None):
    agreement = Agreement(Steering())
    agreement.wants_save = agreement.wants_evaluation = True
    agreement.ask()
    assert not agreement.save
    agreement.settle()
    assert agreement.save
    assert agreement.evaluate
    agreement.done()
    agreement.at_once()
    assert not any((agreement.save, agreement.evaluate, agreement.stop, agreement.signal))


def test_R60_what_is_not_agreed_on_yet_goes_along_with_a_checkpoint(alone: None):
    """In the complete run, the ranks stop one step after the checkpoint; so does the resumed
    run."""
    run = Steering()
    whole = Agreement(run)
    whole.ask()
    run.early_stop = True
    whole.settle()
    state = whole.state()
    assert not whole.stop
    resumed = Agreement(other := Steering())
    resumed.restore(state)
    assert other.early_stop
    resumed.ask()
    assert not resumed.stop
    resumed.settle()
    assert resumed.stop
    stopped = Agreement(Steering())
    stopped.restore(resumed.state())
    assert stopped.stop


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_R44_a_signal_ends_a_run_with_a_checkpoint(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str
):
    number = getattr(signal, name)
    recipe, (process,) = signalled(project, monkeypatch, f"by_{name}", name)
    assert process.poll() == 128 + number, process.out
    assert "Traceback" not in process.out
    assert process.out.splitlines()[-1] == f"{name}: saved {recipe.parent}/saved/global_step_2"
    trace = (recipe.parent / "trace.0").read_text().splitlines()
    assert steered(trace) == ["step 1", "step 2"], "the training has not ended"
    (trace,) = project.train(recipe)
    assert steered(trace) == [*(f"step {number}" for number in range(3, 9)), "train"]


def test_R44_all_ranks_end_by_the_signal_of_one(project: Project, monkeypatch: pytest.MonkeyPatch):
    recipe, processes = signalled(project, monkeypatch, "by_one", "SIGUSR1", 2)
    assert [one.poll() for one in processes] == [128 + signal.SIGUSR1] * 2, processes[0].out
    folder = recipe.parent / "saved"
    assert processes[0].out.splitlines()[-1] == f"SIGUSR1: saved {folder}/global_step_3"
    assert "saved" not in processes[1].out


def test_R44_a_signal_between_steps_ends_a_run_after_the_next_one(project: Project):
    recipe = project.recipe(
        "between_steps",
        type="signalled_between",
        checkpoint=[SAVED],
        train_iters=None,
        epochs=9,
        gradient_accumulation_steps=7,
    )
    (process,) = project.start(recipe, *START)
    assert process.wait() == 128 + signal.SIGTERM, process.out
    (line,) = steered((recipe.parent / "trace.0").read_text().splitlines())
    _, step, boundary = line.split()
    assert boundary == "False"
    assert saved(recipe) == [f"global_step_{int(step) + 1}"]


def test_R44_a_second_signal_ends_a_run_at_once(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SIGNAL", "SIGINT")
    recipe = project.recipe("by_two", type="signalled", epochs=2, checkpoint=[SAVED])
    (process,) = project.start(recipe, *START)
    assert process.wait() in (-signal.SIGINT, 128 + signal.SIGINT)
    assert not (recipe.parent / "saved").exists()


def test_R44_a_signal_without_a_checkpoint_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SIGNAL", "SIGTERM")
    recipe = project.recipe("by_none", type="signalled")
    (process,) = project.start(recipe, *START)
    assert process.wait() == 128 + signal.SIGTERM
    assert process.out.splitlines()[-1] == (
        "SIGTERM: saved no checkpoint: none is enabled in the recipe"
    )


def test_handlers_are_put_back_and_what_is_ignored_stays_so(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("RANK", raising=False)
    before = {one: signal.getsignal(one) for one in CAUGHT}
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        caught = Signals()
        with caught.caught():
            os.kill(os.getpid(), signal.SIGUSR1)
            assert caught.number == 0
            os.kill(os.getpid(), signal.SIGTERM)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL, "a second one kills"
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before[signal.SIGUSR1])
    assert caught.number == signal.SIGTERM
    assert "a second signal kills it" in capfd.readouterr().err
    assert {one: signal.getsignal(one) for one in CAUGHT} == before


def test_a_signal_that_a_launcher_repeats_is_no_second_one(monkeypatch: pytest.MonkeyPatch):
    """Slurm and the terminal send a signal to the ranks, and ``torchrun`` forwards it to them."""
    ended: list[int] = []
    monkeypatch.setattr(signals, "_end_by", ended.append)
    monkeypatch.setenv("RANK", "1")
    caught = Signals()
    with caught.caught():
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (caught.number, ended) == (signal.SIGUSR1, [])
        caught._since -= signals.ECHO
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended == [signal.SIGTERM]


def test_R44_a_rank_does_not_wait_for_ever(project: Project):
    recipe = project.recipe("waiting", type="waiting", collective_timeout=2)
    processes = project.start(recipe, *START, ranks=2)
    assert [one.wait(timeout=40) for one in processes] == [1, 1], processes[0].out
    assert "collective_timeout" in processes[0].out.splitlines()[-1]


SLURM = {"SLURM_PROCID": "5", "SLURM_NTASKS": "8", "SLURM_LOCALID": "1", "SLURM_JOB_ID": "1234567"}


@pytest.fixture
def slurm(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "")  # values set in the meantime are lost in the end
        monkeypatch.delenv(name)
    for name, value in SLURM.items():
        monkeypatch.setenv(name, value)
    for name in ("SLURM_STEP_NUM_TASKS", "SLURM_STEP_ID", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_R44_ranks_of_slurm(slurm: pytest.MonkeyPatch):
    slurm.setenv("MASTER_ADDR", "node1")
    ranks.take_slurm()
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
    assert [os.environ[name] for name in names] == ["5", "8", "1", "node1", "19567"]


def test_R44_a_task_of_slurm_that_sees_one_device_takes_it(slurm: pytest.MonkeyPatch):
    slurm.setenv("MASTER_ADDR", "node1")
    slurm.setenv("CUDA_VISIBLE_DEVICES", "1")
    ranks.take_slurm()
    assert os.environ["LOCAL_RANK"] == "0"


def test_R44_slurm_without_an_address_is_refused(
    slurm: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(TrainingError) as refused:
        ranks.take_slurm()
    assert str(refused.value) == (
        "this is one of 8 tasks of Slurm, but MASTER_ADDR is not set: add 'export MASTER_ADDR="
        '$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)\' to the job script, before'
        " srun"
    )
    assert "RANK" not in os.environ
    assert main([str(tmp_path / "recipe.yaml")]) == 1
    assert capsys.readouterr().err == f"{refused.value}\n"


def test_R44_what_another_launcher_or_one_task_says_counts(slurm: pytest.MonkeyPatch):
    slurm.setenv("RANK", "0")
    ranks.take_slurm()
    assert os.environ["RANK"] == "0"
    slurm.delenv("RANK")
    slurm.setenv("SLURM_STEP_NUM_TASKS", "1")
    ranks.take_slurm()
    assert "RANK" not in os.environ


def test_R44_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "saved" / "global_step_1"
    full = f"{folder} cannot be written: the disk is full"

    def told(error: Exception) -> str:
        with pytest.raises(CheckpointError) as raised, disk.writing(folder):
            raise error
        return str(raised.value)

    with pytest.raises(OSError, match="No space left") as raised:
        Path("/dev/full").write_text("x")
    assert told(raised.value) == full
    assert told(disk.SafetensorError("I/O error: No space left on device (os error 28)")) == full
    assert told(PermissionError(13, "denied")).endswith("denied")
    writer = RuntimeError("[enforce fail at inline_container.cc:666] . unexpected pos 64 vs 0")
    assert told(writer).endswith("unexpected pos 64 vs 0")
    nearly_none = SimpleNamespace(free=4096)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: nearly_none)
    assert told(writer) == full


def test_R44_a_full_disk_of_metrics_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torch.distributed.get_rank", lambda: 0)
    metrics = Metrics.__new__(Metrics)
    metrics._path, metrics._board_folder, metrics._board = Path("/dev/full"), None, None
    metrics._horizon, metrics._logged = 1, 0
    with pytest.raises(TrainingError, match=r"^metrics_path: /dev/full cannot be written: the d"):
        metrics.write({"step": 1})


@pytest.mark.parametrize("path", ["/proc/metrics.jsonl", "/proc/self/stat/metrics.jsonl"])
def test_R44_metrics_that_cannot_be_written_end_a_run_at_its_start(path: str):
    metrics = Metrics.__new__(Metrics)
    metrics._path = Path(path)
    with pytest.raises(TrainingError, match=rf"^metrics_path: {path} cannot be written: "):
        metrics.begin(0)


def test_the_page_shows_what_launchers_take():
    """The page ``docs/ends.md``: options of ``torchrun``, and the line that the error names."""
    page = Path(__file__).parents[3] / "docs" / "ends.md"
    launch, script, *_ = blocks(page.read_text(encoding="utf-8"), "(?:console|bash)")
    given = launch.removeprefix("$ torchrun ").replace("\\\n", "").split()
    parsed = get_args_parser().parse_args(given)
    assert (parsed.shutdown_timeout, parsed.training_script) == (300, "arctic_codegen.blocks")
    assert f"\n{ranks.MASTER_LINE}\n" in script
