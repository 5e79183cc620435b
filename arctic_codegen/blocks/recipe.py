"""Converts a YAML recipe to the configuration of a trainer, with errors at the field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from arctic_codegen.blocks._choosing import choose, config_class
from arctic_codegen.blocks._errors import RecipeError
from arctic_codegen.blocks.checkpoint import CheckpointEngine
from arctic_codegen.blocks.config import PartConfig, TrainerConfig
from arctic_codegen.blocks.data import DataFactory
from arctic_codegen.blocks.model import ModelFactory
from arctic_codegen.blocks.optimizer import OptimizerFactory
from arctic_codegen.blocks.recipe_checks import wrong_values
from arctic_codegen.blocks.recipe_file import RecipeFile, Wrong, about
from arctic_codegen.blocks.scheduler import SchedulerFactory
from arctic_codegen.blocks.tokenizer import TokenizerFactory, tokenizer_type
from arctic_codegen.blocks.trainer import Trainer
from arctic_codegen.blocks.wrong import wrong_fields

PARTS: dict[str, tuple[str, type]] = {
    "tokenizer": ("tokenizer_factory", TokenizerFactory),
    "data": ("data_factory", DataFactory),
    "model": ("model_factory", ModelFactory),
    "optimizer": ("optimizer_factory", OptimizerFactory),
    "scheduler": ("scheduler_factory", SchedulerFactory),
    "checkpoint": ("checkpoint_engine", CheckpointEngine),
}
"""Sections of a recipe, each with the trainer's attribute and the building block."""


def read_recipe(path: Path, trainer: type[Trainer]) -> TrainerConfig:
    """The configuration of a trainer from a recipe.

    Raises :class:`RecipeError` that names each wrong field and its line.
    """
    return config_of(RecipeFile(path), trainer)


def config_of(recipe: RecipeFile, trainer: type[Trainer]) -> TrainerConfig:
    """The configuration of a trainer from a recipe, like :func:`read_recipe`."""
    config = _validated(recipe.values, trainer, recipe)
    config.read_from(recipe)
    return config


def make_config(trainer: type[Trainer], values: Mapping[str, Any]) -> TrainerConfig:
    """The configuration of a trainer from values in the form of a recipe.

    Raises :class:`RecipeError` that names each wrong field.
    """
    return _validated(values, trainer, None)


def _validated(
    values: Mapping[str, Any], trainer: type[Trainer], recipe: RecipeFile | None
) -> TrainerConfig:
    context: dict[str, Any] = {"folder": None if recipe is None else recipe.folder}

    def take(section: str, given: Any) -> PartConfig:
        """A section as an instance of the configuration class of its part."""
        attribute, root = PARTS[section]
        name = given.get("type") if isinstance(given, dict) else None
        if not isinstance(name, str) or not name:
            name = _usual(trainer, values) if section == "tokenizer" else ""
        try:
            chosen = choose(trainer, attribute, root, name)
        except RecipeError as error:
            raise wrong_fields(trainer, [(("type",), str(error))]) from None
        made = config_class(chosen, PartConfig).model_validate(given, context=context)
        made.type = made.type or getattr(chosen, "name", "")
        return made

    context["take"] = take
    try:
        config = config_class(trainer, TrainerConfig).model_validate(dict(values), context=context)
    except ValidationError as error:
        wrong: list[Wrong] = [(one["loc"], one["msg"]) for one in error.errors()]
    else:
        parts = {
            section: choose(trainer, attribute, root, getattr(config, section).type)
            for section, (attribute, root) in PARTS.items()
            if section != "checkpoint"
        }
        wrong = list(wrong_values(config, parts))
        if not wrong:
            return config
    raise RecipeError("\n".join(about(recipe, at, message) for at, message in wrong))


def _usual(trainer: type[Trainer], values: Mapping[str, Any]) -> str:
    """The type of the tokenizer factory for a recipe that states none."""
    sections = (values.get(name) for name in ("tokenizer", "model"))
    folders = [one.get("name_or_path") for one in sections if isinstance(one, dict)]
    return tokenizer_type(trainer, *folders)
