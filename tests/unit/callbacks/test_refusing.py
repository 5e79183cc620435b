"""Ready-made callbacks report at the start of a run what they cannot do (R66)."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from arctic_codegen.callbacks import (
    BestCheckpoint,
    Callback,
    EarlyStopping,
    MLflowLogger,
    SampleGenerations,
    TensorBoardLogger,
    TorchProfiler,
    WandbLogger,
    loggers,
)
from arctic_codegen.callbacks.loggers import _MLflow, fail_runs
from arctic_codegen.runtime.errors import TrainingError


class Run:
    """The parts of a trainer that they use."""

    early_stop = False
    global_step = 0
    global_rank = 0
    model = None
    model_unwrapped = SimpleNamespace(generate=None)
    eval_dataloader = ()
    checkpoint_engines = ()

    @staticmethod
    def tokenizer(text: str) -> dict[str, list[str]]:
        return {"input_ids": text.split()}

    def __init__(self, **config: Any) -> None:
        self.config = SimpleNamespace(**{"eval_interval": 1, **config})


class Arctic(Run):
    """ArcticTraining's trainers have this method."""

    def need_early_exit(self) -> bool:
        return False


ENABLED = SimpleNamespace(enable=True)


@pytest.mark.parametrize(
    ("callback", "run", "said"),
    [
        (BestCheckpoint(), Run(), "BestCheckpoint needs a checkpoint engine that is enabled"),
        (
            EarlyStopping(),
            Arctic(train_log_iter_interval=0),
            "EarlyStopping reads trainer.metrics, which train_log_iter_interval: 0 disables",
        ),
        (
            WandbLogger("mine"),
            Arctic(train_log_iter_interval=1, wandb=ENABLED),
            "WandbLogger and wandb.enable in the recipe would both log this run",
        ),
        (SampleGenerations(["a", ""]), Run(), "SampleGenerations: the prompt '' has no tokens"),
    ],
    ids=["no engine", "no metrics", "wandb twice", "empty prompt"],
)
def test_R66_it_is_said_at_the_start(callback: Callback, run: Run, said: str):
    (begin,) = [method for event, method in callback if event == "pre-train"]
    with pytest.raises(TrainingError, match=said):
        begin(run)


def test_R66_a_folder_that_tensorboard_cannot_write_is_named(tmp_path: Path):
    pytest.importorskip("torch.utils.tensorboard")
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "board"
    with pytest.raises(TrainingError, match=rf"^TensorBoard's folder {folder} cannot be written: "):
        TensorBoardLogger(str(folder)).pre_train(Run())


def test_R66_what_a_logger_s_library_refuses_is_one_line():
    pytest.importorskip("mlflow")

    class Recipe(SimpleNamespace):
        def model_dump(self) -> dict[str, Any]:
            return {}

    run = Run()
    run.config = Recipe()
    with pytest.raises(TrainingError, match=r"^MLflowLogger cannot start: \w+: .*foo://here"):
        MLflowLogger("tests", tracking_uri="foo://here").pre_train(run)


class Client:
    """MLflow's client, which records the last status of each run."""

    def __init__(self) -> None:
        self.status: dict[str, str] = {}

    def set_terminated(self, run_id: str, status: str) -> None:
        self.status[run_id] = status


def test_R66_a_run_of_mlflow_that_is_not_closed_has_failed():
    client = Client()
    closed, _ = _MLflow(client, "closed"), _MLflow(client, "left")
    closed.close()
    fail_runs()
    assert client.status == {"closed": "FINISHED", "left": "FAILED"}


def test_R66_a_run_of_mlflow_that_is_opened_twice_is_closed_once():
    client = Client()
    for run in (_MLflow(client, "resumed"), _MLflow(client, "resumed")):
        run.close()
    _MLflow(client, "again")
    _MLflow(client, "again").close()
    fail_runs()
    assert client.status == {"resumed": "FINISHED", "again": "FINISHED"}


def test_R66_a_server_of_mlflow_that_does_not_answer_delays_no_end(
    monkeypatch: pytest.MonkeyPatch,
):
    answered = threading.Event()

    class Slow(Client):
        def set_terminated(self, run_id: str, status: str) -> None:
            answered.wait(60)

    monkeypatch.setattr(loggers, "PATIENCE", 0.01)
    _MLflow(Slow(), "left")
    started = time.monotonic()
    fail_runs()
    answered.set()
    assert time.monotonic() - started < 30


def test_R66_a_second_profiler_is_refused(tmp_path: Path):
    run, first, second = Run(), TorchProfiler(str(tmp_path)), TorchProfiler(str(tmp_path))
    first.pre_train(run)
    with pytest.raises(TrainingError, match="a trainer can have only one TorchProfiler"):
        second.pre_train(run)
    first.post_train(run)
    second.pre_train(run)
    second.post_train(run)


def test_R66_no_interval_is_a_warning(caplog: pytest.LogCaptureFixture):
    EarlyStopping().pre_train(Run(eval_interval=0))
    assert "EarlyStopping needs evaluations, but eval_interval is 0" in caplog.text
