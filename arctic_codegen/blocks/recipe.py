"""From a YAML recipe to the configuration of a trainer, with errors at the field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from arctic_codegen.blocks._choosing import choose, config_class
from arctic_codegen.blocks._errors import RecipeError
from arctic_codegen.blocks.checkpoint import CheckpointEngine
from arctic_codegen.blocks.config import PartConfig, TrainerConfig
from arctic_codegen.blocks.data import DataFactory
from arctic_codegen.blocks.engine_config import no_such, wrong_settings
from arctic_codegen.blocks.model import ModelFactory
from arctic_codegen.blocks.optimizer import OptimizerFactory
from arctic_codegen.blocks.recipe_checks import wrong_values
from arctic_codegen.blocks.recipe_file import Location, RecipeFile, dotted
from arctic_codegen.blocks.scheduler import SchedulerFactory
from arctic_codegen.blocks.tokenizer import TokenizerFactory, tokenizer_type
from arctic_codegen.blocks.trainer import Trainer

PARTS: dict[str, tuple[str, type]] = {
    "tokenizer": ("tokenizer_factory", TokenizerFactory),
    "data": ("data_factory", DataFactory),
    "model": ("model_factory", ModelFactory),
    "optimizer": ("optimizer_factory", OptimizerFactory),
    "scheduler": ("scheduler_factory", SchedulerFactory),
    "checkpoint": ("checkpoint_engine", CheckpointEngine),
}
"""Sections of a recipe: the trainer's attribute, and the building block."""


def read_recipe(path: Path, trainer: type[Trainer]) -> TrainerConfig:
    """The configuration that a recipe gives that trainer.

    Raises :class:`RecipeError` that names each wrong field, and where it stands.
    """
    return config_of(RecipeFile(path), trainer)


def config_of(recipe: RecipeFile, trainer: type[Trainer]) -> TrainerConfig:
    """The configuration that a recipe gives that trainer, as :func:`read_recipe`."""
    config, wrong = _validated(recipe.values, trainer, recipe.folder)
    if config is None:
        lines = [f"{recipe.place(at)}: {dotted(at)}: {message}" for at, message in wrong]
        raise RecipeError("\n".join(lines))
    config.read_from(recipe)
    return config


def make_config(trainer: type[Trainer], values: Mapping[str, Any]) -> TrainerConfig:
    """The configuration that such values, spelled as in a recipe, give that trainer.

    Raises :class:`RecipeError` that names each wrong field.
    """
    config, wrong = _validated(values, trainer, None)
    if config is None:
        raise RecipeError("\n".join(f"{dotted(at)}: {message}" for at, message in wrong))
    return config


def _validated(
    values: Mapping[str, Any], trainer: type[Trainer], folder: Path | None
) -> tuple[TrainerConfig | None, list[tuple[Location, str]]]:
    """The configuration, or what is wrong."""
    wrong: list[tuple[Location, str]] = []
    context = {"folder": folder}
    complete = dict(values)
    for section, (attribute, root) in PARTS.items():
        given = complete.get(section, {})
        several = section == "checkpoint"
        made = []
        for number, one in enumerate(given if several and isinstance(given, list) else [given]):
            at: Location = (section, number) if several else (section,)
            if several and section not in complete:
                continue
            if isinstance(one, PartConfig):
                made.append(one)
                continue
            name = _type(one) or (_usual(trainer, complete) if section == "tokenizer" else "")
            part = _part(one, at, trainer, attribute, root, name, context, wrong)
            if part is not None:
                made.append(part)
        if several:
            complete[section] = made
        elif made:
            complete[section] = made[0]
        else:
            complete.pop(section, None)
    if isinstance(complete.get("deepspeed"), dict):
        wrong += wrong_settings(complete["deepspeed"])
    broken = {at[0] for at, _ in wrong}
    whole = config_class(trainer, TrainerConfig)
    try:
        config = whole.model_validate(complete, context=context)
    except ValidationError as error:
        # A section that was wrong itself is missing here, which is not what is to be told.
        told = _told(error, (), whole)
        wrong += [one for one in told if not one[0] or one[0][0] not in broken]
        return None, wrong
    if not wrong:
        parts = {
            section: choose(trainer, attribute, root, getattr(config, section).type)
            for section, (attribute, root) in PARTS.items()
            if section != "checkpoint"
        }
        wrong += wrong_values(config, parts)
    return (None, wrong) if wrong else (config, [])


def _type(section: Any) -> str:
    """The ``type`` that a section states."""
    name = section.get("type", "") if isinstance(section, dict) else ""
    return name if isinstance(name, str) else ""


def _usual(trainer: type[Trainer], values: Mapping[str, Any]) -> str:
    """The tokenizer factory of a recipe that states none."""
    sections = (values.get(name) for name in ("tokenizer", "model"))
    folders = [one.get("name_or_path") for one in sections if isinstance(one, dict)]
    return tokenizer_type(trainer, *folders)


def _part(
    given: Any,
    at: Location,
    trainer: type[Trainer],
    attribute: str,
    root: type,
    name: str,
    context: dict[str, Any],
    wrong: list[tuple[Location, str]],
) -> PartConfig | None:
    """One section, as the class of that name takes it."""
    try:
        chosen = choose(trainer, attribute, root, name)
    except RecipeError as error:
        wrong.append(((*at, "type"), str(error)))
        return None
    base = TrainerConfig.model_fields[str(at[0])].annotation
    if at[0] == "checkpoint":
        (base,) = base.__args__  # type: ignore[union-attr]  # a list of them
    cls: type[Any] = config_class(chosen, base)  # type: ignore[arg-type]  # it is a class
    try:
        made: PartConfig = cls.model_validate(given, context=context)
    except ValidationError as error:
        wrong += _told(error, at, cls)
        return None
    made.type = made.type or getattr(chosen, "name", "")
    return made


def _told(error: ValidationError, at: Location, cls: type[BaseModel]) -> list[tuple[Location, str]]:
    """What pydantic found, in words, with the field that may have been meant."""
    told: list[tuple[Location, str]] = []
    for one in error.errors():
        location = (*at, *one["loc"])
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = no_such(str(location[-1]), cls.model_fields)
        elif one["type"] == "missing":
            message = "this field is missing"
        told.append((location, message))
    return told
