"""Recipes that are wrong, though each field by itself may have its value."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from transformers import SchedulerType
from transformers.optimization import TYPE_TO_SCHEDULER_FUNCTION

from arctic_codegen.blocks.config import CheckpointConfig, TrainerConfig
from arctic_codegen.blocks.data import TextDataFactory
from arctic_codegen.blocks.library import is_own
from arctic_codegen.blocks.model_checks import wrong_model
from arctic_codegen.blocks.recipe_file import Location, Wrong
from arctic_codegen.blocks.scheduler import HFSchedulerFactory
from arctic_codegen.blocks.sft import SFTDataFactory
from arctic_codegen.blocks.tokenizer import HFTokenizerFactory
from arctic_codegen.blocks.wrong import no_such

PASSED = {"optimizer", "num_warmup_steps", "num_training_steps", "last_epoch"}
"""Arguments of a schedule that the factory gives."""


def wrong_values(config: TrainerConfig, parts: dict[str, type]) -> Iterator[Wrong]:
    """What is wrong, each with its place in the recipe. ``parts`` has the class of each section."""
    yield from wrong_model(config, parts["model"], parts["data"])
    yield from _wrong_tokenizer(config, parts["tokenizer"])
    yield from _wrong_sources(config, parts["data"])
    yield from _wrong_schedule(config, parts["scheduler"])
    yield from _wrong_intervals(config)
    yield from _wrong_folders(config)


def _wrong_tokenizer(config: TrainerConfig, factory: type) -> Iterator[Wrong]:
    if not is_own(factory, "create_tokenizer", HFTokenizerFactory):
        return
    at: Location = ("tokenizer", "name_or_path")
    folder = config.tokenizer.name_or_path
    if folder is None:
        if config.model.name_or_path is None:
            yield at, "is not set, and neither is model.name_or_path"
    elif not folder.is_dir():
        yield at, f"there is no folder {folder}"


def _wrong_sources(config: TrainerConfig, factory: type) -> Iterator[Wrong]:
    """Whether what is loaded is there. What is in it is looked at once, when it is loaded."""
    is_text = is_own(factory, "load", TextDataFactory)
    if not is_text and not is_own(factory, "load", SFTDataFactory):
        return
    if not config.data.sources:
        yield ("data", "sources"), "lists no file"
    for number, path in enumerate(config.data.sources):
        if is_text and path.is_dir():
            yield ("data", "sources", number), f"{path} is a folder, not a text file"
        elif not path.exists():
            yield ("data", "sources", number), f"there is no file {path}"


def _wrong_schedule(config: TrainerConfig, factory: type) -> Iterator[Wrong]:
    """Arguments that a schedule of transformers does not take."""
    if not is_own(factory, "create_scheduler", HFSchedulerFactory):
        return
    section = config.scheduler
    usable = [one.value for one in SchedulerType if one != SchedulerType.REDUCE_ON_PLATEAU]
    if section.name not in usable:
        yield (
            ("scheduler", "name"),
            f"there is no {section.name!r}; there are {', '.join(usable)}",
        )
        return
    takes = inspect.signature(TYPE_TO_SCHEDULER_FUNCTION[SchedulerType(section.name)]).parameters
    for name in section.scheduler_specific_kwargs:
        if name not in takes.keys() - PASSED:
            at: Location = ("scheduler", "scheduler_specific_kwargs", str(name))
            yield at, no_such(str(name), takes.keys() - PASSED)
    if section.warmup_ratio and "num_warmup_steps" not in takes:
        yield ("scheduler", "warmup_ratio"), f"has no effect on {section.name!r}"


def _wrong_intervals(config: TrainerConfig) -> Iterator[Wrong]:
    steps = config.train_iters
    if config.eval_interval:
        if config.data.train_eval_split[1] == 0:
            yield (
                ("eval_interval",),
                "there is no evaluation data: set data.train_eval_split, such as [0.9, 0.1]",
            )
        elif steps and config.eval_interval > steps:
            yield ("eval_interval",), f"is never reached: the run has {steps} steps"
    for number, section in enumerate(config.checkpoint):
        if section.enabled and not _saves(section, config):
            yield (
                ("checkpoint", number),
                "never saves: set save_every_n_steps, save_every_n_epochs or save_end_of_training"
                " to what the run reaches, or 'enabled: false'",
            )


def _saves(section: CheckpointConfig, config: TrainerConfig) -> bool:
    """Whether it is ever time for a checkpoint. A run that resumes by itself may save when a signal
    or a callback asks for it."""
    steps, epochs = section.save_every_n_steps, section.save_every_n_epochs
    return bool(
        section.save_end_of_training
        or (steps and (not config.train_iters or steps <= config.train_iters))
        or (epochs and (config.train_iters or epochs <= config.epochs))
        or (section.auto_resume and not steps and not epochs)
    )


def _wrong_folders(config: TrainerConfig) -> Iterator[Wrong]:
    """Whether checkpoints can stand where they are to be, each engine's by themselves."""
    folders: list[Path] = []
    for number, section in enumerate(config.checkpoint):
        at: Location = ("checkpoint", number, "output_dir")
        path = section.output_dir
        if section.enabled:
            if path in folders:
                yield at, f"{path} is also used by another engine: give each its own"
            folders.append(path)
            there = next((one for one in (path, *path.parents) if one.exists()), path)
            if there.exists() and not there.is_dir():
                yield at, f"{there} is not a folder"
