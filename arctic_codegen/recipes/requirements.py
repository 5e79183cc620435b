"""Does a recipe meet the requirements of the trainer's callbacks (R66)? A run checks this again."""

from __future__ import annotations

from collections.abc import Iterator

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.hosts import Callback, HostClass
from arctic_codegen.recipes.choosing import ARCTIC_TRAINING
from arctic_codegen.recipes.reading import Recipe

_LOGGER = "arctic_codegen.callbacks.loggers.Logger"
"""Its callback of ``evaluate`` writes the lines before an evaluation, and waits for none."""
_READ_METRICS = frozenset(
    {
        "arctic_codegen.callbacks.evaluations.BestCheckpoint",
        "arctic_codegen.callbacks.evaluations.EarlyStopping",
        "arctic_codegen.callbacks.generations.SampleGenerations",
        _LOGGER,
    }
)
"""Classes whose methods call ``require_lines`` in a run on ArcticTraining."""
_WANDB = "arctic_codegen.callbacks.loggers.WandbLogger"


def requirements(recipe: Recipe, trainer: HostClass) -> Iterator[Finding]:
    """AC023 and AC024 for unmet requirements, each at its line in the recipe."""
    # Both the building blocks and ArcticTraining evaluate if `eval_interval` is set.
    waits = any(
        event.label == "evaluate" and not all(map(_is_of_a_log, event.all_callbacks))
        for event in trainer.events
    )
    if waits and not recipe.data.get("eval_interval"):
        found = message("AC023", "no-interval", trainer=trainer.id.name)
        yield found.at(recipe.type_place)
    if trainer.framework != ARCTIC_TRAINING:
        return
    made = {
        (one.name.rpartition(".")[0], str(one.receiver))
        for event in trainer.events
        for one in event.all_callbacks
    }
    reading = sorted(cls for method_of, cls in made if method_of in _READ_METRICS)
    if reading and recipe.data.get("train_log_iter_interval") == 0:
        found = message("AC024", "no-metrics", callback=reading[0].rpartition(".")[2])
        yield found.at(recipe.place("train_log_iter_interval"))
    wandb = recipe.data.get("wandb")
    if _WANDB in {cls for _, cls in made} and isinstance(wandb, dict) and wandb.get("enable"):
        yield message("AC024", "wandb").at(recipe.place("wandb", "enable"))


def _is_of_a_log(callback: Callback) -> bool:
    return is_framework_log(callback) or callback.name.startswith(f"{_LOGGER}.")
