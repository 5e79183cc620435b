"""What goes wrong in a run and is not the program's fault."""

from __future__ import annotations


class TrainingError(Exception):
    """A run cannot start or go on; the message says why, and what to do."""


class RecipeError(TrainingError):
    """A recipe, or the values in its place, are not what the classes of the run take."""


class CheckpointError(TrainingError):
    """A checkpoint is damaged, or of another run."""
