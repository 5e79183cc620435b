"""Callbacks that send the log lines to TensorBoard, Weights & Biases and MLflow."""

from __future__ import annotations

import atexit
import json
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from arctic_codegen.callbacks.base import ReadyMade, State
from arctic_codegen.callbacks.training import Trainer, training
from arctic_codegen.callbacks.values import Values
from arctic_codegen.runtime.errors import TrainingError, first_line

SKIPPED = ("step", "epoch")
"""Values of a line that loggers do not plot."""


class Writer(Protocol):
    """Writes log lines."""

    def write(self, values: Values, step: int) -> None:
        """Writes a line of numbers and texts."""

    def close(self) -> None:
        """Closes the run or file."""


class Run(State):
    """The state of a logger in a checkpoint: the id of the run that a resume continues."""

    def __init__(self) -> None:
        self.run_id: str | None = None
        self._read = 0
        self._writer: Writer | None = None


class Logger(ReadyMade[Run]):
    """A base for callbacks that write each line of the run, on rank 0."""

    def new_state(self) -> Run:
        """A state without a run."""
        return Run()

    @abstractmethod
    def open(self, trainer: Trainer, run: Run) -> Writer:
        """Creates the writer. It continues a run that has an id, and sets the id of a new run.

        Raises :class:`TrainingError` if its library is not installed.
        """

    def pre_train(self, trainer: Trainer) -> None:
        """Opens the run.

        Raises :class:`TrainingError` if lines cannot be read, or the library refuses to write.
        """
        training(trainer).require_lines(self)
        if trainer.global_rank != 0:
            return
        run = self.state_of(trainer)
        try:
            run._writer = self.open(trainer, run)
        except TrainingError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {first_line(error)}"
            raise TrainingError(f"{type(self).__name__} cannot start: {reason}") from error

    def pre_evaluate(self, trainer: Trainer) -> None:
        """Writes the lines so far: on ArcticTraining, an evaluation replaces the last one."""
        self._write(trainer)

    def pre_checkpoint(self, trainer: Trainer) -> None:
        """Writes the lines so far, after each step."""
        self._write(trainer)

    def post_train(self, trainer: Trainer) -> None:
        """Writes the remaining lines, and closes the run."""
        self._write(trainer)
        run = self.state_of(trainer)
        if run._writer is not None:
            run._writer.close()
            run._writer = None

    def _write(self, trainer: Trainer) -> None:
        run = self.state_of(trainer)
        if run._writer is None:
            return
        lines = training(trainer).lines()
        for values in lines.since(run._read):
            shown = {name: value for name, value in values.items() if name not in SKIPPED}
            run._writer.write(shown, values["step"])
        run._read = lines.number


@dataclass(frozen=True, eq=False)
class TensorBoardLogger(Logger):
    """Writes event files for TensorBoard into ``save_dir``."""

    save_dir: str

    def open(self, trainer: Trainer, run: Run) -> Writer:
        """Creates the writer. Raises :class:`TrainingError` if tensorboard is not installed."""
        return Board(self.save_dir, trainer.global_step + 1)


class Board:
    """Writes event files from a step on; TensorBoard drops later values of an earlier run."""

    def __init__(self, folder: str | Path, step: int) -> None:
        """Raises :class:`TrainingError` if tensorboard is not installed, or cannot write there."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise _missing("TensorBoard", "tensorboard", error) from error
        try:
            self._writer: Any = SummaryWriter(str(folder), purge_step=step)
        except OSError as error:
            reason = error.strerror or error
            raise TrainingError(
                f"TensorBoard's folder {folder} cannot be written: {reason}"
            ) from None

    def write(self, values: Values, step: int) -> None:
        """Writes a line of numbers and texts."""
        for name, value in values.items():
            if isinstance(value, str):
                self._writer.add_text(name, value, step)
            elif isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def close(self) -> None:
        """Closes the file."""
        self._writer.close()


@dataclass(frozen=True, eq=False)
class WandbLogger(Logger):
    """Writes a run of Weights & Biases."""

    project: str
    name: str | None = None
    entity: str | None = None
    save_dir: str = "."
    offline: bool = False

    def open(self, trainer: Trainer, run: Run) -> Writer:
        """Creates the writer.

        Raises :class:`TrainingError` if wandb is not installed, or the recipe enables it as well.
        """
        config = training(trainer).trainer.config
        if getattr(getattr(config, "wandb", None), "enable", False):
            raise TrainingError(
                "WandbLogger and wandb.enable in the recipe would both log this run: use one of"
                " them"
            )
        try:
            import wandb
        except ImportError as error:
            raise _missing("WandbLogger", "wandb", error) from error
        opened = wandb.init(
            id=run.run_id,
            resume="allow",
            project=self.project,
            name=self.name,
            entity=self.entity,
            dir=self.save_dir,
            mode="offline" if self.offline else None,
            config=_plain(config),
        )
        run.run_id = opened.id
        return _Wandb(opened)


class _Wandb:
    def __init__(self, run: Any) -> None:
        self._run = run

    def write(self, values: Values, step: int) -> None:
        self._run.log(values, step=step)

    def close(self) -> None:
        self._run.finish()


@dataclass(frozen=True, eq=False)
class MLflowLogger(Logger):
    """Writes a run of MLflow. Without ``tracking_uri``, MLflow's own setting applies."""

    experiment_name: str
    run_name: str | None = None
    tracking_uri: str | None = None

    def open(self, trainer: Trainer, run: Run) -> Writer:
        """Creates the writer. Raises :class:`TrainingError` if mlflow is not installed."""
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise _missing("MLflowLogger", "mlflow", error) from error
        client = MlflowClient(self.tracking_uri)
        if run.run_id is not None:
            client.update_run(run.run_id, status="RUNNING")
            return _MLflow(client, run.run_id)
        experiment = client.get_experiment_by_name(self.experiment_name)
        number = (
            client.create_experiment(self.experiment_name)
            if experiment is None
            else experiment.experiment_id
        )
        made: str = client.create_run(number, run_name=self.run_name).info.run_id
        run.run_id = made
        for name, value in _flat(_plain(training(trainer).trainer.config)):
            client.log_param(made, name, value)
        return _MLflow(client, made)


class _MLflow:
    def __init__(self, client: Any, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        _unfinished[run_id] = self

    def write(self, values: Values, step: int) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        texts = {name: value for name, value in values.items() if isinstance(value, str)}
        numbers = {name for name, value in values.items() if isinstance(value, (int, float))}
        self._client.log_batch(
            self._run_id, [Metric(one, values[one], now, step) for one in sorted(numbers)]
        )
        for name, text in texts.items():
            self._client.log_text(self._run_id, text, f"{name}/{step}.txt")

    def close(self) -> None:
        _unfinished.pop(self._run_id, None)
        self.end("FINISHED")

    def end(self, status: str) -> None:
        """Ends the run with a status of MLflow."""
        self._client.set_terminated(self._run_id, status)


_unfinished: dict[str, _MLflow] = {}
"""By the id of the run, which a process may open twice."""

PATIENCE = 5.0
"""Seconds that a process which ends waits for a server."""


@atexit.register
def fail_runs() -> None:
    """Ends the runs that are not closed when the process ends: their status is FAILED."""
    if _unfinished:
        ending = threading.Thread(target=_fail_runs, daemon=True)
        ending.start()
        ending.join(timeout=PATIENCE)


def _fail_runs() -> None:
    while _unfinished:
        with suppress(Exception):  # the process ends for another reason
            _unfinished.popitem()[1].end("FAILED")


def _missing(what: str, library: str, error: ImportError) -> TrainingError:
    return TrainingError(
        f"{what} needs {library}, which cannot be imported ({error}): run"
        " \"pip install 'arctic-codegen[loggers]'\""
    )


def _plain(config: Any) -> dict[str, Any]:
    """The values of a recipe as strings, numbers, lists and dicts."""
    plain: dict[str, Any] = json.loads(json.dumps(config.model_dump(), default=str))
    return plain


def _flat(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The single values of nested dicts, each with its dotted path."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
