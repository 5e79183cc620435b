"""The checkpoint engine: what it writes is whole, or is not there."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks import ranks, whole
from arctic_codegen.blocks._errors import CheckpointError
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.config import CheckpointConfig
from arctic_codegen.blocks.random_state import RandomState
from arctic_codegen.blocks.resuming import (
    Change,
    NewValues,
    changes,
    log_changes,
    recipe_values,
    refusal,
)
from arctic_codegen.blocks.run import Run
from arctic_codegen.runtime import counts_of, restore_counts

FORMAT = 2
MANIFEST = "checkpoint.json"
SHARED = "output_dir has to be on a file system that all ranks share"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns what goes wrong on the disk into :class:`CheckpointError`."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # PyTorch's writer raises the latter
        reason = str(error).splitlines()[0]
        raise CheckpointError(f"{folder} cannot be written: {reason}") from error


class CheckpointEngine(CallbackMixin, Part, ABC):
    """Saves what a run needs to go on, and loads it."""

    name: str
    config: CheckpointConfig

    def __init__(self, trainer: Run, config: CheckpointConfig) -> None:
        self._trainer = trainer
        self.config = config
        self._saved_step = 0
        self._saved_epoch = 0

    @property
    def checkpoint_dir(self) -> Path:
        """Where the checkpoint of the present step stands."""
        return self.config.output_dir / f"global_step_{self.trainer.global_step}"

    @property
    def do_checkpoint(self) -> bool:
        """Whether it is time to save: a step of the optimizer is done, and an interval over."""
        trainer, config = self.trainer, self.config
        step = trainer.global_step
        if not config.enabled or step == self._saved_step or not trainer.at_boundary:
            return False
        every = config.save_every_n_steps
        epochs = config.save_every_n_epochs
        return bool(
            (every and step % every == 0)
            or (epochs and trainer.epoch_idx - self._saved_epoch >= epochs)
            or (config.save_end_of_training and trainer.training_finished)
        )

    @property
    @abstractmethod
    def latest_checkpoint_exists(self) -> bool:
        """Whether there is something to resume from."""

    def resume(self) -> None:
        """Loads the latest checkpoint, where the recipe wants that.

        Raises :class:`CheckpointError` where one is there that the recipe does not want: the run
        would mix its own with those of another.
        """
        if not self.config.enabled or not self.latest_checkpoint_exists:
            return
        if not self.config.auto_resume:
            raise CheckpointError(
                f"{self.config.output_dir} has checkpoints of an earlier run: set auto_resume to go"
                " on from them, or another output_dir"
            )
        self.load(self.trainer.model)
        self.mark_saved()

    def mark_saved(self) -> None:
        """Remembers that the present state is saved."""
        self._saved_step = self.trainer.global_step
        self._saved_epoch = self.trainer.epoch_idx

    @abstractmethod
    def load(self, model: Any) -> None:
        """Loads the latest checkpoint into the engine that the trainer drives."""

    @abstractmethod
    def save(self, model: Any) -> None:
        """Saves the current state."""


class DSCheckpointEngine(CheckpointEngine):
    """DeepSpeed's checkpoints, with the place in the data and the random state of each rank.

    They are written under a name that nobody reads, and get their own when they are whole.
    """

    name = "deepspeed"

    @property
    def latest_checkpoint_exists(self) -> bool:
        return self._latest() is not None

    def resume(self) -> None:
        """Loads the latest checkpoint, where the recipe wants that.

        Raises :class:`CheckpointError` as its base does, and where the ranks see different ones.
        """
        latest = self._latest()
        seen = ranks.gathered(latest.name if latest is not None else "nothing")
        for rank, one in enumerate(seen):
            if one != seen[0]:
                raise CheckpointError(
                    f"rank 0 finds {seen[0]} in {self.config.output_dir}, and rank {rank} {one}:"
                    f" {SHARED}"
                )
        super().resume()

    def save(self, model: Any) -> None:
        """Writes the state of all ranks; all of them call it together.

        Raises :class:`CheckpointError` on all of them where it cannot be written.
        """
        folder = self.checkpoint_dir
        written = whole.unfinished(folder)
        ranks.together(lambda: self._make_room(folder))
        with writing(folder):
            written.mkdir(parents=True, exist_ok=True)
            model.save_checkpoint(str(folder.parent), tag=written.name, save_latest=False)
            own = {
                "random": RandomState.now().values,
                "metrics": self.trainer.metrics.state(),
                "calls": counts_of(self.trainer),
            }
            torch.save(own, written / _of_rank(self.global_rank))
        dist.barrier()
        ranks.together(lambda: self._finish(folder))
        self.mark_saved()

    def load(self, model: Any) -> None:
        """Loads the checkpoint of the latest step. What the recipe has changed takes effect.

        Raises :class:`CheckpointError` where there is none, or it is damaged, or of another run.
        """
        folder = self._latest()
        if folder is None:
            raise CheckpointError(f"there is no checkpoint in {self.config.output_dir}")
        place, changed = ranks.together(lambda: self._checked(folder))
        new_values = NewValues(self.trainer)
        try:
            found, _ = model.load_checkpoint(str(folder.parent), tag=folder.name)
            own = torch.load(folder / _of_rank(self.global_rank), weights_only=True)
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise CheckpointError(f"{folder} cannot be loaded: {reason}") from error
        if found is None:
            raise CheckpointError(f"{folder} is none that DeepSpeed can load")
        new_values.apply(changed)
        log_changes(changed)
        self.trainer.resume_from(place, RandomState(own["random"]))
        self.trainer.metrics.restore(own["metrics"])
        restore_counts(self.trainer, own.get("calls", {}))

    def _latest(self) -> Path | None:
        """The checkpoint of the latest step."""
        found = []
        for path in self.config.output_dir.glob("global_step_*"):
            number = path.name.removeprefix("global_step_")
            if number.isdecimal():
                found.append((int(number), path))
        return max(found)[1] if found else None

    def _make_room(self, folder: Path) -> None:
        if self.global_rank == 0:
            with writing(folder):
                whole.remove_unfinished(folder.parent)

    def _finish(self, folder: Path) -> None:
        """Writes down what belongs to the checkpoint, and gives it its name."""
        if self.global_rank != 0:
            return
        written = whole.unfinished(folder)
        for rank in range(self.world_size):
            if not (written / _of_rank(rank)).is_file():
                raise CheckpointError(
                    f"{folder} lacks what rank {rank} has written elsewhere: {SHARED}"
                )
        files = [path for path in sorted(written.rglob("*")) if path.is_file()]
        sizes = {path.relative_to(written).as_posix(): path.stat().st_size for path in files}
        trainer = self.trainer
        manifest = {
            "format": FORMAT,
            "run": self._run(),
            "recipe": self._recipe(recipe_values(trainer.config)),
            "place": {
                "global_step": trainer.global_step,
                "epoch": trainer.epoch_idx,
                "batch": trainer.train_batch_idx,
            },
            "files": sizes,
        }
        with writing(folder):
            text = json.dumps(manifest, indent=1) + "\n"
            (written / MANIFEST).write_text(text, encoding="utf-8")
            whole.finish(folder)

    def _checked(self, folder: Path) -> tuple[dict[str, Any], list[Change]]:
        """The place in the data, of a checkpoint that is whole and of this run; and what the
        recipe has changed since."""
        damaged = f"delete {folder} to resume from the checkpoint before it"
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT:
                raise CheckpointError(f"{folder} has the format of another version")
            run, place, files = manifest["run"], manifest["place"], manifest["files"]
            recipe = manifest["recipe"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                f"{folder} is no checkpoint of this engine: {MANIFEST} cannot be read ({error});"
                f" {damaged}"
            ) from None
        for name, size in files.items():
            path = folder / name
            found = path.stat().st_size if path.is_file() else None
            if found != size:
                what = "is missing" if found is None else f"has {found} bytes of {size}"
                raise CheckpointError(f"{folder} is damaged: {name} {what}; {damaged}")
        changed = changes(recipe, self._recipe(recipe_values(self.trainer.config)))
        refused = refusal(self.trainer.config, changed, folder)
        if refused:
            raise CheckpointError(refused)
        for name, value in self._run().items():
            if run.get(name) != value:
                raise CheckpointError(
                    f"{folder} is of another run: its {name} is {run.get(name)}, here it is {value}"
                )
        return place, changed

    def _recipe(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of the recipe, with this engine's section alone."""
        sections = self.trainer.config.checkpoint
        here = [number for number, one in enumerate(sections) if one is self.config]
        return {**values, "checkpoint": values["checkpoint"][here[0]] if here else {}}

    def _run(self) -> dict[str, Any]:
        """What has to be the same for a run to go on, and the recipe does not say."""
        trainer = self.trainer
        shapes = [
            (name, tuple(getattr(one, "ds_shape", one.shape)))
            for name, one in trainer.model_unwrapped.named_parameters()
        ]
        return {
            "number of ranks": self.world_size,
            "number of batches": len(trainer.train_dataloader),
            "digest of the model's shapes": hashlib.sha256(repr(shapes).encode()).hexdigest()[:16],
        }


def _of_rank(rank: int) -> str:
    return f"rank_{rank}.pt"
