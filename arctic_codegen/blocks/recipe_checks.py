"""Finds errors in recipes in which each field by itself is valid."""

from __future__ import annotations

import inspect
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path

import torch
from jinja2 import TemplateSyntaxError
from transformers import SchedulerType, get_scheduler
from transformers.optimization import TYPE_TO_SCHEDULER_FUNCTION
from transformers.utils.chat_template_utils import render_jinja_template

from arctic_codegen.blocks.config import CheckpointConfig, SFTDataConfig, TrainerConfig
from arctic_codegen.blocks.conversations import ConversationError, conversations
from arctic_codegen.blocks.data import TextDataFactory
from arctic_codegen.blocks.library import has_callbacks, is_own
from arctic_codegen.blocks.metrics import is_metrics
from arctic_codegen.blocks.model_checks import wrong_model
from arctic_codegen.blocks.recipe_file import Location, Wrong
from arctic_codegen.blocks.scheduler import HFSchedulerFactory
from arctic_codegen.blocks.sft import NO_TEMPLATE, SFTDataFactory
from arctic_codegen.blocks.tokenizer import BPETokenizerFactory, HFTokenizerFactory
from arctic_codegen.blocks.wrong import is_number, no_such
from arctic_codegen.runtime.errors import first_line

TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "*.model", "vocab.*")
"""Files of which the folder of a tokenizer has at least one."""

CHAT_TEMPLATES = ("chat_template.jinja", "chat_template.json", "additional_chat_templates/*.jinja")
"""Files of which such a folder has one, unless tokenizer_config.json contains the template."""

PASSED = {"optimizer", "num_warmup_steps", "num_training_steps", "last_epoch"}
"""Arguments of a schedule that the factory passes."""

LONG = 1_000_000
"""The number of steps of a schedule that is created to test its arguments."""


def wrong_values(config: TrainerConfig, parts: dict[str, type]) -> Iterator[Wrong]:
    """The errors, each with its place in the recipe. ``parts`` has the class of each section."""
    yield from wrong_model(config, parts["model"], parts["data"])
    yield from _wrong_tokenizer(config, parts["tokenizer"])
    yield from _wrong_data(config, parts)
    yield from _wrong_schedule(config, parts["scheduler"])
    yield from _wrong_intervals(config)
    yield from _wrong_folders(config)


def _wrong_tokenizer(config: TrainerConfig, factory: type) -> Iterator[Wrong]:
    section = config.tokenizer
    if is_own(factory, "create_tokenizer", BPETokenizerFactory) and section.name_or_path:
        yield ("tokenizer", "name_or_path"), "has no effect: this factory trains a tokenizer"
    if not is_own(factory, "create_tokenizer", HFTokenizerFactory):
        return
    if "vocab_size" in section.model_fields_set:
        yield ("tokenizer", "vocab_size"), "has no effect: the tokenizer is loaded"
    folder = section.name_or_path or config.model.name_or_path
    at: Location = ("tokenizer" if section.name_or_path else "model", "name_or_path")
    if folder is None:
        yield ("tokenizer", "name_or_path"), "is not set, and neither is model.name_or_path"
    elif not folder.is_dir():
        if section.name_or_path:  # or the model's own check reports it
            yield at, f"there is no folder {folder}"
    elif not section.name_or_path and not (folder / "config.json").is_file():
        return  # the model's own check reports it
    elif not any(True for pattern in TOKENIZERS for _ in folder.glob(pattern)):
        yield at, f"{folder} has no tokenizer, such as tokenizer.json: set tokenizer.name_or_path"


def _wrong_data(config: TrainerConfig, parts: dict[str, type]) -> Iterator[Wrong]:
    factory = parts["data"]
    is_text = is_own(factory, "load", TextDataFactory)
    section = config.data
    if is_text or is_own(factory, "load", SFTDataFactory):
        if not section.sources:
            yield ("data", "sources"), "lists no file"
        for number, path in enumerate(section.sources):
            at: Location = ("data", "sources", number)
            if is_text and path.is_dir():
                yield at, f"{path} is a folder, not a text file"
            elif not path.exists():
                yield at, f"there is no file {path}"
            elif path.is_file() and path.stat().st_size == 0:
                yield at, f"{path} is empty"
            elif isinstance(section, SFTDataConfig):
                try:
                    for _ in conversations(path, section.mask_inputs):
                        pass
                except ConversationError as error:
                    yield at, str(error)
    if section.cache_dir is not None:
        yield from _no_folder(("data", "cache_dir"), section.cache_dir)
    if isinstance(section, SFTDataConfig) and is_own(factory, "process", SFTDataFactory):
        yield from _wrong_template(config, parts["tokenizer"])


def _wrong_template(config: TrainerConfig, tokenizer: type) -> Iterator[Wrong]:
    """The error if there is no chat template, or an invalid one."""
    template = getattr(config.data, "chat_template", None)
    if template is None:
        if not has_callbacks(tokenizer, "create_tokenizer") and (
            is_own(tokenizer, "create_tokenizer", BPETokenizerFactory)
            or (
                is_own(tokenizer, "create_tokenizer", HFTokenizerFactory)
                and not _has_template(config.tokenizer.name_or_path or config.model.name_or_path)
            )
        ):
            yield ("data", "chat_template"), NO_TEMPLATE
        return
    try:
        render_jinja_template([[]], chat_template=template)
    except TemplateSyntaxError as error:
        yield ("data", "chat_template"), f"line {error.lineno}: {first_line(error)}"
    except Exception:  # it needs messages
        return


def _has_template(folder: Path | None) -> bool:
    if folder is None or not folder.is_dir():
        return True  # another check reports this
    if any(True for name in CHAT_TEMPLATES for _ in folder.glob(name)):
        return True
    try:
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and bool(settings.get("chat_template"))


def _wrong_schedule(config: TrainerConfig, factory: type) -> Iterator[Wrong]:
    """Tests the arguments of a schedule, which transformers checks only when training starts."""
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
    function = TYPE_TO_SCHEDULER_FUNCTION[SchedulerType(section.name)]
    takes = inspect.signature(function).parameters
    at: Location = ("scheduler", "scheduler_specific_kwargs")
    unknown = [one for one in section.scheduler_specific_kwargs if one not in takes.keys() - PASSED]
    for name in unknown:
        yield (*at, str(name)), no_such(str(name), takes.keys() - PASSED)
    wrong = [
        ((*at, name), f"must be a number of 0 or more, not {value!r}")
        for name, value in section.scheduler_specific_kwargs.items()
        if name not in unknown
        and not isinstance(takes[name].default, str)
        and not (value is None and takes[name].default is None)
        and not (is_number(value) and 0 <= value < math.inf)
    ]
    yield from wrong
    if section.warmup_ratio and "num_warmup_steps" not in takes:
        yield ("scheduler", "warmup_ratio"), f"has no effect on {section.name!r}"
    if unknown or wrong:
        return
    try:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=config.optimizer.learning_rate)
        steps = config.train_iters or LONG
        schedule = get_scheduler(
            name=section.name,
            optimizer=optimizer,
            num_warmup_steps=int(section.warmup_ratio * steps),
            num_training_steps=steps,
            scheduler_specific_kwargs=section.scheduler_specific_kwargs,
        )
        for step in (1, steps // 2, steps - 1):
            schedule.lr_lambdas[0](step)
    except Exception as error:
        yield at, f"{section.name!r}: {first_line(error)}"


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
                " to what the run reaches, 'auto_resume: true' if only callbacks such as"
                " BestCheckpoint and signals save, or 'enabled: false'",
            )


def _saves(section: CheckpointConfig, config: TrainerConfig) -> bool:
    """Whether an engine ever saves a checkpoint.

    With ``auto_resume`` it needs no interval, since signals and callbacks may request checkpoints.
    """
    steps, epochs = section.save_every_n_steps, section.save_every_n_epochs
    return bool(
        section.save_end_of_training
        or (steps and (not config.train_iters or steps <= config.train_iters))
        or (epochs and (config.train_iters or epochs <= config.epochs))
        or (section.auto_resume and not steps and not epochs)
    )


def _wrong_folders(config: TrainerConfig) -> Iterator[Wrong]:
    folders: list[Path] = []
    for number, section in enumerate(config.checkpoint):
        at: Location = ("checkpoint", number, "output_dir")
        if section.enabled:
            if section.output_dir in folders:
                yield at, f"{section.output_dir} is also used by another engine: give each its own"
            folders.append(section.output_dir)
            yield from _no_folder(at, section.output_dir)
            yield from _not_writable(at, section.output_dir)
    if config.tensorboard_dir is not None:
        yield from _no_folder(("tensorboard_dir",), config.tensorboard_dir)
    path = config.metrics_path
    if path is not None:
        if path.is_dir():
            yield ("metrics_path",), f"{path} is a folder, not a file"
        elif path.is_file() and not is_metrics(path):
            yield ("metrics_path",), f"{path} is not a file of metrics: choose another one"
        yield from _no_folder(("metrics_path",), path.parent)


def _no_folder(at: Location, path: Path) -> Iterator[Wrong]:
    """The error if something other than a folder exists at a path or above it."""
    there = _nearest(path)
    if there is not None and not there.is_dir():
        yield at, f"{there} is not a folder"


def _not_writable(at: Location, path: Path) -> Iterator[Wrong]:
    """The error if a folder cannot be written, or cannot be created in the one above it."""
    there = _nearest(path)
    if there is not None and there.is_dir() and not os.access(there, os.W_OK | os.X_OK):
        yield at, f"{there} is not writable"


def _nearest(path: Path) -> Path | None:
    """The path, or the nearest one above it, that exists."""
    return next((one for one in (path, *path.parents) if one.exists()), None)
