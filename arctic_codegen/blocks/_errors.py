"""Errors of a run that are not bugs in the program."""

from __future__ import annotations

from arctic_codegen.runtime.errors import TrainingError as TrainingError


class RecipeError(TrainingError):
    """A recipe, or the values passed instead of one, do not fit the classes of the run."""


class Interrupted(SystemExit):
    """A signal has ended a training, whose state is saved; the exit code is 128 plus its number."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.status = 128 + number


class CheckpointError(TrainingError):
    """A checkpoint is damaged, or belongs to another run."""
