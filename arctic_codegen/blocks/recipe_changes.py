"""Which fields of a recipe may differ from the checkpoint's when a run resumes?"""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arctic_codegen.blocks.config import TrainerConfig
from arctic_codegen.blocks.engine_checks import ZERO
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.recipe_file import Location, about, dotted, leaves
from arctic_codegen.blocks.run import Run

APPLIES = "applies"
"""The new value takes effect, and both are logged."""
REFUSED = "refused"
"""The run would not continue the one that was stopped: an error at the field."""
FREE = "free"
"""The value has no effect on what is trained."""

STAGE: Location = ("deepspeed", ZERO, "stage")

RULES = {
    "seed": REFUSED,
    "loss_average": REFUSED,
    "collective_timeout": FREE,
    "metrics_path": FREE,
    "tensorboard_dir": FREE,
    "sequence_parallel_size": REFUSED,
    dotted(STAGE): REFUSED,
    "deepspeed.fp16": REFUSED,
    "tokenizer": REFUSED,
    "data": REFUSED,
    "data.dl_num_workers": APPLIES,
    "data.cache_dir": FREE,
    "data.div_length": APPLIES,
    "model": REFUSED,
    "model.hf_config": REFUSED,
    "model.peft_config": REFUSED,
    "model.attn_implementation": APPLIES,
    "model.activation_checkpointing": APPLIES,
    "optimizer.type": REFUSED,
    "checkpoint": FREE,
    "checkpoint.save_every_n_steps": APPLIES,
    "checkpoint.save_every_n_epochs": APPLIES,
    "checkpoint.save_end_of_training": APPLIES,
}
"""The effect of a changed value. A field without an entry has that of its section, and ``applies``
if that has none."""

UNSET = "unset"


@dataclass(frozen=True)
class Change:
    """A field that differs from the checkpoint's."""

    location: Location
    before: Any
    now: Any

    @property
    def name(self) -> str:
        """The dotted name of the field."""
        return dotted(self.location)

    @property
    def rule(self) -> str:
        """The effect of the change."""
        for length in range(len(self.location), 0, -1):
            name = dotted(self.location[:length])
            if name in RULES:
                is_added = self.before == UNSET and length == 1 < len(self.location)
                return APPLIES if is_added else RULES[name]  # the class had no such field
        return APPLIES

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.now)} instead of the checkpoint's {_shown(self.before)}"


def recipe_values(config: TrainerConfig) -> dict[str, Any]:
    """All values of a recipe in JSON's types, including defaults.

    Paths that are relative to the recipe's folder stay relative.
    """
    folder = config.recipe.folder if config.recipe is not None else None
    values = config.model_dump(mode="json", context={"folder": folder})
    values["deepspeed"] = {**values["deepspeed"], ZERO: {**values["deepspeed"].get(ZERO, {})}}
    values["deepspeed"][ZERO]["stage"] = config.zero_stage
    return values


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The differences between two recipes, each with the section of only one checkpoint engine."""
    old, new = dict(leaves(before)), dict(leaves(now))
    return [
        Change(location, old.get(location, UNSET), new.get(location, UNSET))
        for location in dict.fromkeys([*new, *old])
        if old.get(location, UNSET) != new.get(location, UNSET)
    ]


class NewValues:
    """The recipe's values for optimizer and scheduler, kept while a checkpoint's state is
    loaded."""

    def __init__(self, trainer: Run) -> None:
        """Copies the values, before the scheduler has made a step."""
        self._trainer = trainer
        self._groups = [
            {name: copy.deepcopy(value) for name, value in group.items() if name != "params"}
            for group in trainer.optimizer.param_groups
        ]
        self._schedule = copy.deepcopy(trainer.scheduler.state_dict())

    def apply(self, changed: list[Change]) -> None:
        """Restores the values that the recipe has changed.

        A changed schedule is stepped to the step of the checkpoint.
        """
        trainer = self._trainer
        # DeepSpeed's ZeRO takes the clipping from the checkpoint.
        if hasattr(trainer.model.optimizer, "clip_grad"):
            trainer.model.optimizer.clip_grad = trainer.config.gradient_clipping
        names = {change.name for change in changed if change.rule == APPLIES}
        of_optimizer = {name for name in names if name.startswith("optimizer.")}
        of_schedule = {name for name in names if name.startswith("scheduler.")}
        of_schedule |= of_optimizer - {"optimizer.betas", "optimizer.weight_decay"}
        of_schedule |= names & {"epochs", "train_iters"}
        if not of_optimizer and not of_schedule:
            return
        rates = ("lr", "initial_lr")
        for group, values in zip(trainer.optimizer.param_groups, self._groups, strict=True):
            for name, value in values.items():
                if of_schedule if name in rates else of_optimizer:
                    group[name] = value
        if of_schedule:
            steps = trainer.scheduler.last_epoch
            trainer.scheduler.load_state_dict(self._schedule)
            with warnings.catch_warnings():  # the optimizer does not step in between
                warnings.simplefilter("ignore")
                for _ in range(steps):
                    trainer.scheduler.step()


def log_changes(changed: list[Change]) -> None:
    """Logs which values of the recipe replace those of a checkpoint."""
    for change in changed:
        if change.rule == APPLIES:
            logger.info("%s", change)


def refusal(config: TrainerConfig, changed: list[Change], folder: Path) -> str:
    """The error message: a line for each refused change, with its place in the recipe."""
    return "\n".join(
        about(
            config.recipe,
            change.location,
            f"is {_shown(change.now)}, but {folder} was made with {_shown(change.before)}:"
            " restore the value, or start again with another output_dir",
        )
        for change in changed
        if change.rule == REFUSED
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
