"""Which fields of a recipe may differ from the checkpoint's when a run is resumed?"""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from arctic_codegen.blocks.config import TrainerConfig
from arctic_codegen.blocks.engine_config import ZERO
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.recipe_file import Location, dotted
from arctic_codegen.blocks.run import Run

APPLIES = "applies"
"""The new value takes effect, and both are logged."""
REFUSED = "refused"
"""The run would not be the one that was stopped: an error at the field."""
FREE = "free"
"""The value has no effect on what is trained."""

STAGE: Location = ("deepspeed", ZERO, "stage")

RULES = {
    "type": APPLIES,
    "seed": REFUSED,
    "epochs": APPLIES,
    "train_iters": APPLIES,
    "micro_batch_size": APPLIES,
    "gradient_accumulation_steps": APPLIES,
    "gradient_clipping": APPLIES,
    "loss_average": REFUSED,
    "collective_timeout": FREE,
    "eval_interval": APPLIES,
    "log_interval": APPLIES,
    "metrics_path": FREE,
    "tensorboard_dir": FREE,
    "sequence_parallel_size": REFUSED,
    "deepspeed": APPLIES,
    dotted(STAGE): REFUSED,
    "deepspeed.fp16": REFUSED,
    "tokenizer": REFUSED,
    "tokenizer.type": REFUSED,
    "tokenizer.name_or_path": REFUSED,
    "tokenizer.vocab_size": REFUSED,
    "data": REFUSED,
    "data.type": REFUSED,
    "data.sources": REFUSED,
    "data.max_length": REFUSED,
    "data.train_eval_split": REFUSED,
    "data.seed": REFUSED,
    "data.dl_num_workers": APPLIES,
    "data.cache_dir": FREE,
    "data.chat_template": REFUSED,
    "data.mask_inputs": REFUSED,
    "data.filter_samples": REFUSED,
    "data.pack_samples": REFUSED,
    "data.div_length": APPLIES,
    "model": REFUSED,
    "model.type": REFUSED,
    "model.name_or_path": REFUSED,
    "model.hf_config": REFUSED,
    "model.peft_config": REFUSED,
    "model.dtype": REFUSED,
    "model.attn_implementation": APPLIES,
    "model.activation_checkpointing": APPLIES,
    "optimizer": APPLIES,
    "optimizer.type": REFUSED,
    "optimizer.learning_rate": APPLIES,
    "optimizer.betas": APPLIES,
    "optimizer.weight_decay": APPLIES,
    "scheduler": APPLIES,
    "scheduler.type": APPLIES,
    "scheduler.name": APPLIES,
    "scheduler.warmup_ratio": APPLIES,
    "scheduler.scheduler_specific_kwargs": APPLIES,
    "checkpoint": FREE,
    "checkpoint.type": FREE,
    "checkpoint.output_dir": FREE,
    "checkpoint.enabled": FREE,
    "checkpoint.auto_resume": FREE,
    "checkpoint.save_every_n_steps": APPLIES,
    "checkpoint.save_every_n_epochs": APPLIES,
    "checkpoint.save_end_of_training": APPLIES,
    "checkpoint.keep_last": FREE,
    "checkpoint.on_damage": FREE,
}
"""What a changed value does, for every field; a section's own entry is for the fields that a
configuration class of a user's adds to it. Other fields of the recipe itself apply."""

SECTIONS = ("tokenizer", "data", "model", "optimizer", "scheduler", "checkpoint")

UNSET = "unset"


@dataclass(frozen=True)
class Change:
    """A field that differs from the checkpoint's."""

    location: Location
    before: Any
    now: Any

    @property
    def name(self) -> str:
        """The field, as it is written."""
        return dotted(self.location)

    @property
    def rule(self) -> str:
        """What the change does."""
        for length in range(len(self.location), 0, -1):
            name = dotted(self.location[:length])
            if name in RULES:
                added = self.before == UNSET and name in SECTIONS
                return APPLIES if added else RULES[name]  # the class had no such field
        return APPLIES

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.now)} instead of the checkpoint's {_shown(self.before)}"


def recipe_values(config: TrainerConfig) -> dict[str, Any]:
    """All values of a recipe, those of its defaults too, as JSON has them. Paths that are relative
    to the recipe's folder are so here."""
    folder = config.recipe.folder if config.recipe is not None else None
    values: dict[str, Any] = _plain(config, folder)
    values["deepspeed"] = {**values["deepspeed"], ZERO: {**values["deepspeed"].get(ZERO, {})}}
    values["deepspeed"][ZERO]["stage"] = config.zero_stage
    return values


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """What differs between the values of two recipes, of which each has one checkpoint engine's
    section alone."""
    old, new = dict(_leaves(before)), dict(_leaves(now))
    return [
        Change(location, old.get(location, UNSET), new.get(location, UNSET))
        for location in dict.fromkeys([*new, *old])
        if old.get(location, UNSET) != new.get(location, UNSET)
    ]


class NewValues:
    """What the recipe gives optimizer and scheduler, kept while a checkpoint's state is loaded."""

    def __init__(self, trainer: Run) -> None:
        """Remembers it; the scheduler has made no step yet."""
        self._trainer = trainer
        self._groups = [
            {name: copy.deepcopy(value) for name, value in group.items() if name != "params"}
            for group in trainer.optimizer.param_groups
        ]
        self._schedule = copy.deepcopy(trainer.scheduler.state_dict())

    def apply(self, changed: list[Change]) -> None:
        """Puts it back where the recipe has changed; the schedule is then the new one, at the step
        that the checkpoint was written at."""
        trainer = self._trainer
        # DeepSpeed's ZeRO takes it from the checkpoint.
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
            with warnings.catch_warnings():  # the optimizer makes no step between
                warnings.simplefilter("ignore")
                for _ in range(steps):
                    trainer.scheduler.step()


def log_changes(changed: list[Change]) -> None:
    """Logs which values of the recipe take the place of a checkpoint's."""
    for change in changed:
        if change.rule == APPLIES:
            logger.info("%s", change)


def refusal(config: TrainerConfig, changed: list[Change], folder: Path) -> str:
    """A line for each change that is refused, with its place in the recipe."""
    lines = []
    for change in changed:
        if change.rule == REFUSED:
            at = "" if config.recipe is None else f"{config.recipe.place(change.location)}: "
            lines.append(
                f"{at}{change.name}: is {_shown(change.now)}, but {folder} was made with"
                f" {_shown(change.before)}: restore the value, or start again with another "
                "output_dir"
            )
    return "\n".join(lines)


def _plain(value: Any, folder: Path | None) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: _plain(getattr(value, name), folder) for name in fields}
    if isinstance(value, Mapping):
        return {str(name): _plain(one, folder) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, folder) for one in value]
    if isinstance(value, Path):
        inside = folder is not None and value.is_relative_to(folder)
        return (value.relative_to(folder) if folder and inside else value).as_posix()
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def _leaves(value: Mapping[str, Any], above: Location = ()) -> Iterator[tuple[Location, Any]]:
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield from _leaves(one, (*above, name))
        else:
            yield (*above, name), one


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
