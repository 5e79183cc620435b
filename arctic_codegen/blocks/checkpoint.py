"""The checkpoint engine: a checkpoint is either complete or absent."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import torch

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks import manifest, ranks, resizing, whole
from arctic_codegen.blocks._errors import CheckpointError
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.config import CheckpointConfig
from arctic_codegen.blocks.data import Sampler
from arctic_codegen.blocks.disk import writing
from arctic_codegen.blocks.recipe_changes import (
    Change,
    NewValues,
    changes,
    log_changes,
    recipe_values,
    refusal,
)
from arctic_codegen.blocks.resizing import Layout, of_rank
from arctic_codegen.blocks.run import Run
from arctic_codegen.runtime.callback_state import CallbackState
from arctic_codegen.runtime.errors import first_line

SHARED = "output_dir has to be on a file system that all ranks share"


class CheckpointEngine(CallbackMixin, Part, ABC):
    """Saves the state that a run needs to resume, and loads it."""

    name: str
    config: CheckpointConfig

    def __init__(self, trainer: Run, config: CheckpointConfig) -> None:
        self._trainer = trainer
        self.config = config
        self._saved_step = 0
        self._saved_epoch = 0
        self.left_out: set[int] = set()
        """Steps whose checkpoints are damaged."""

    @property
    def checkpoint_dir(self) -> Path:
        """The folder of the checkpoint of the current step."""
        return self.config.output_dir / f"global_step_{self.trainer.global_step}"

    @property
    def do_checkpoint(self) -> bool:
        """Whether to save now: an optimizer step has finished, and a save interval has passed."""
        trainer, config = self.trainer, self.config
        step = trainer.global_step
        if not self.can_save:
            return False
        every = config.save_every_n_steps
        epochs = config.save_every_n_epochs
        finished = self._finished_epochs if trainer.training_finished else trainer.epoch_idx
        return bool(
            (every and step % every == 0)
            or (epochs and finished // epochs > self._saved_epoch // epochs)
            or (config.save_end_of_training and trainer.training_finished)
        )

    @property
    def can_save(self) -> bool:
        """Whether there is something to save: the optimizer has stepped since the last save, and
        no batches wait for its next step, or the training has ended before that."""
        return (
            self.config.enabled
            and self.trainer.global_step != self._saved_step
            and (self.trainer.at_boundary or self.trainer.training_finished)
        )

    @property
    def _finished_epochs(self) -> int:
        """The number of epochs without further steps, also if the trainer is still in the last."""
        trainer, config = self.trainer, self.trainer.config
        is_over = trainer.training_finished and not config.train_iters
        if is_over and trainer.global_step >= trainer.training_horizon:
            return config.epochs
        needed = config.gradient_accumulation_steps if config.loss_average == "tokens" else 1
        left = len(trainer.train_dataloader) - trainer.train_batch_idx
        return trainer.epoch_idx + (left < needed)

    @property
    def is_saved(self) -> bool:
        """Whether the current step has a checkpoint."""
        return self.config.enabled and self.trainer.global_step == self._saved_step

    @property
    @abstractmethod
    def latest_checkpoint_exists(self) -> bool:
        """Whether there is a checkpoint to resume from."""

    @property
    def steps(self) -> list[int]:
        """The steps of the checkpoints that a run could resume from.

        It is ``[0]`` if the engine does not know the step of its latest checkpoint.
        """
        return [0] if self.latest_checkpoint_exists else []

    def check(self) -> None:
        """Checks the output folder before a run starts or resumes. A collective call.

        Raises :class:`CheckpointError` if there are checkpoints and ``auto_resume`` is false: the
        run would mix its own with those of another.
        """
        if self.latest_checkpoint_exists and not self.config.auto_resume:
            raise CheckpointError(
                f"{self.config.output_dir} has checkpoints of an earlier run: set auto_resume to "
                "continue from them, or another output_dir"
            )

    def mark_saved(self) -> None:
        """Records that the current state is saved."""
        self._saved_step = self.trainer.global_step
        self._saved_epoch = self._finished_epochs

    def mark_missing(self) -> None:
        """Records that a run was killed before this engine saved the current state."""
        self._saved_step = 0
        # The first step that ends in an epoch saves if the epoch before is the last of an interval.
        is_first = self.trainer.train_batch_idx < self.trainer.config.gradient_accumulation_steps
        self._saved_epoch = self.trainer.epoch_idx - is_first

    @abstractmethod
    def load(self, model: Any) -> None:
        """Loads the latest checkpoint into the trainer's DeepSpeed engine."""

    @abstractmethod
    def save(self, model: Any) -> None:
        """Saves the current state."""


class DSCheckpointEngine(CheckpointEngine):
    """DeepSpeed's checkpoints, with the position in the data and the random state of each rank.

    They are written under a temporary name, and renamed when they are complete.
    """

    name = "deepspeed"

    @property
    def latest_checkpoint_exists(self) -> bool:
        return bool(self.steps)

    @property
    def steps(self) -> list[int]:
        """The steps of the checkpoints that a run could resume from, without damaged ones."""
        return sorted(whole.steps(self.config.output_dir).keys() - self.left_out)

    def check(self) -> None:
        """Checks the output folder before a run starts or resumes. A collective call.

        Raises :class:`CheckpointError` if there are checkpoints and ``auto_resume`` is false, or if
        the ranks see different ones.
        """
        seen = ranks.gathered(set(self.steps))
        for rank, one in enumerate(seen):
            if one != seen[0]:
                step = max(one ^ seen[0])
                sees, other = (rank, 0) if step in one else (0, rank)
                raise CheckpointError(
                    f"rank {sees} finds global_step_{step} in {self.config.output_dir}, but rank "
                    f"{other} does not: {SHARED}"
                )
        super().check()

    def save(self, model: Any) -> None:
        """Writes the state of all ranks. A collective call.

        Raises :class:`CheckpointError` on all ranks if it cannot be written.
        """
        folder = self.checkpoint_dir
        written = whole.unfinished(folder)
        own, callbacks = self.trainer.own_state(), self.trainer.callback_state()
        callback_state = callbacks.now()
        ranks.together(lambda: self._make_room(folder))
        with writing(folder):
            written.mkdir(parents=True, exist_ok=True)
            model.save_checkpoint(str(folder.parent), tag=written.name, save_latest=False)
            callbacks.save(callback_state, written, self.global_rank, self.world_size)
            torch.save(own, written / of_rank(self.global_rank))
            own_digests = manifest.digests(written, self.global_rank)
        files = ranks.gathered(own_digests)
        ranks.together(lambda: self._finish(folder, files))
        self.mark_saved()

    def load(self, model: Any) -> None:
        """Loads the checkpoint of the latest step.

        Changes of the recipe take effect, and the number of ranks may differ.

        Raises :class:`CheckpointError` on all ranks if there is none or it belongs to another run,
        and :class:`~arctic_codegen.blocks.manifest.DamagedError` if it is damaged.
        """
        if not self.steps:
            raise CheckpointError(f"there is no checkpoint in {self.config.output_dir}")
        folder = whole.steps(self.config.output_dir)[max(self.steps)]
        # Each rank checks the files that it reads.
        ranks.together(lambda: manifest.check(folder, self.global_rank, self.world_size))
        place, changed, before = ranks.together(lambda: self._checked(folder))
        now = resizing.layout(self.trainer)
        new_values = NewValues(self.trainer)
        try:
            if before.ranks != now.ranks and self.trainer.config.zero_stage > 0:
                found = resizing.load_universal(self.trainer, folder)
            else:
                found, _ = model.load_checkpoint(str(folder.parent), tag=folder.name)
            if before == now:
                own = torch.load(folder / of_rank(self.global_rank), weights_only=True)
            else:
                own = resizing.own_state_of_other_ranks(
                    self.trainer, folder, before, place["global_step"]
                )
        except CheckpointError:
            raise
        except Exception as error:
            reason = first_line(error)
            raise CheckpointError(f"{folder} cannot be loaded: {reason}") from error
        if found is None:
            raise CheckpointError(f"{folder} is not a checkpoint that DeepSpeed can load")
        new_values.apply(changed)
        log_changes(changed)
        self.trainer.resume_from(place, own)
        callbacks = self.trainer.callback_state()
        callbacks.load(folder, self.global_rank, self.world_size, self.device)

    def _make_room(self, folder: Path) -> None:
        if self.global_rank == 0:
            with writing(folder):
                whole.remove_unfinished(folder.parent)

    def _finish(self, folder: Path, files: list[dict[str, tuple[int, str]]]) -> None:
        """Writes the manifest with the digests of all ranks, renames the checkpoint to its final
        name, and removes older ones."""
        if self.global_rank != 0:
            return
        written = whole.unfinished(folder)
        for rank in range(self.world_size):
            if not (written / of_rank(rank)).is_file():
                raise CheckpointError(
                    f"{folder} lacks files that rank {rank} wrote elsewhere: {SHARED}"
                )
        trainer = self.trainer
        values = {
            "ranks": self.world_size,
            "run": self._run(),
            "recipe": self._recipe(recipe_values(trainer.config)),
            "place": {
                "global_step": trainer.global_step,
                "epoch": trainer.epoch_idx,
                "batch": trainer.train_batch_idx,
            },
            "files": {name: one for own in files for name, one in own.items()},
        }
        with writing(folder):
            manifest.write(written, values)
            whole.finish(folder)
            whole.remove_older(folder, self.config.keep_last, trainer.best_steps.values())

    def _checked(self, folder: Path) -> tuple[dict[str, Any], list[Change], Layout]:
        """The checkpoint's position in the data, the changes of the recipe since then, and the
        layout of the ranks that wrote it.

        Raises :class:`CheckpointError` if it belongs to another run.
        """
        written = manifest.read(folder)
        run, recipe = written["run"], written["recipe"]
        changed = changes(recipe, self._recipe(recipe_values(self.trainer.config)))
        refused = refusal(self.trainer.config, changed, folder)
        if refused:
            raise CheckpointError(refused)
        for name, value in self._run().items():
            if run.get(name) != value:
                raise CheckpointError(
                    f"{folder} belongs to another run: its {name} is {run.get(name)}, here it is "
                    f"{value}"
                )
        before = resizing.saved_layout(written)
        place = resizing.place_in(written, self.trainer.config, self.world_size, folder)
        if before.ranks != self.world_size:
            self._check_callbacks(folder, before.ranks)
        return place, changed, before

    @staticmethod
    def _check_callbacks(folder: Path, number: int) -> None:
        """Raises :class:`CheckpointError` if the state of callbacks differs between the ranks."""
        differing = CallbackState.differing(folder, number)
        if differing:
            raise CheckpointError(
                f"{folder} has a different state of {', '.join(differing)} on each rank: it can "
                f"be resumed only on {number} ranks"
            )

    def _recipe(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of the recipe, with only this engine's section under ``checkpoint``."""
        sections = self.trainer.config.checkpoint
        here = [number for number, one in enumerate(sections) if one is self.config]
        return {**values, "checkpoint": values["checkpoint"][here[0]] if here else {}}

    def _run(self) -> dict[str, Any]:
        """Values that must not change between runs, and that the recipe does not contain."""
        trainer = self.trainer
        shapes = [
            (name, tuple(getattr(one, "ds_shape", one.shape)))
            for name, one in trainer.model_unwrapped.named_parameters()
        ]
        return {
            "number of samples": self._samples(),
            "digest of the model's shapes": hashlib.sha256(repr(shapes).encode()).hexdigest()[:16],
        }

    def _samples(self) -> int:
        """The number of samples in an epoch; with a custom sampler, those in full batches."""
        loader = self.trainer.train_dataloader
        if isinstance(loader.sampler, Sampler):
            return len(loader.dataset)  # type: ignore[arg-type]  # this sampler requires a length
        return len(loader) * resizing.layout(self.trainer).at_once
