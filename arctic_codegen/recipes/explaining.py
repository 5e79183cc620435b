"""What runs when a recipe is trained: its trainer and the factories that it chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.commands.results import ExplainResult
from arctic_codegen.commands.show import explained
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.finder import module_name
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.recipes.choosing import ARCTIC_TRAINING, no_trainer
from arctic_codegen.recipes.preparing import folder_of_config
from arctic_codegen.recipes.reading import Recipe, read_recipe

PARTS = (
    ("tokenizer", "tokenizer_factory"),
    ("data", "data_factory"),
    ("model", "model_factory"),
    ("optimizer", "optimizer_factory"),
    ("scheduler", "scheduler_factory"),
    ("checkpoint", "checkpoint_engine"),
)
"""Sections of a recipe and the attributes of a trainer, in the order in which a run makes them."""

EVENTS = (
    "init", "create-tokenizer", "load", "process", "split", "split-data", "create-dataloader",
    "create-config", "create-model", "create-optimizer", "create-scheduler",
    "train", "epoch", "step", "loss", "backward", "optimizer-step", "checkpoint", "save",
    "evaluate", "log-metrics",
)  # fmt: skip
"""The events of the building blocks and of ArcticTraining in the order of a run; those of a
project's own methods follow by name."""

_LOADS_TOKENIZERS = ClassId("arctic_codegen.blocks.tokenizer", "HFTokenizerFactory")
"""What the building blocks choose where a recipe names the folder of a tokenizer or model."""


def explain_recipe(
    target: str,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> ExplainResult:
    """The trainer that a recipe names and the factories that it chooses, each with its events in
    the order of a run.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` where a section names a class that
    the trainer does not allow.
    """
    folder = working_folder or Path.cwd()
    recipe = read_recipe(folder / target)
    if isinstance(recipe, Finding):
        return ExplainResult(None, (recipe,))
    loaded = configuration.load(
        folder_of_config(folder, recipe), config=config, use_cache=use_cache
    )
    settings = loaded.settings
    if settings is None:
        return ExplainResult(None, loaded.findings)
    code = recipe.code_file()
    own = module_name(code, settings.src) if code is not None else None
    also = [] if own is None else [own]
    resolved = driver.resolve_project(settings, also=also, progress=progress)
    trainer = _trainer(recipe, resolved.hosts)
    if trainer is None and not resolved.failed:  # one of the framework's own
        also.append(ARCTIC_TRAINING)
        resolved = driver.resolve_project(settings, also=also, progress=progress)
        trainer = _trainer(recipe, resolved.hosts)
    if trainer is None:
        if resolved.failed:
            return ExplainResult(settings, resolved.findings)
        return ExplainResult(settings, (no_trainer(recipe, resolved.hosts, settings),))
    known = {host.id for host in resolved.hosts}
    named = {one.module for name in trainer.attributes for one in name.classes if one not in known}
    if named:  # factories of a library, which no class of the sources derives from
        also += sorted(named)
        resolved = driver.resolve_project(settings, also=also, progress=progress)
    classes = {host.id: host for host in resolved.hosts}
    chosen = (classes[trainer.id], *_parts(recipe, trainer, classes))
    found = explained(resolved, tuple(map(_in_order_of_run, chosen)))
    never = _never_evaluates(recipe, chosen[0])
    return msgspec.structs.replace(found, findings=(*found.findings, *never))


def _never_evaluates(recipe: Recipe, trainer: HostClass) -> Iterator[Finding]:
    """AC023: both the building blocks and ArcticTraining evaluate if ``eval_interval`` is set."""
    has_callbacks = any(
        event.label == "evaluate" and not all(map(is_framework_log, event.all_callbacks))
        for event in trainer.events
    )
    if has_callbacks and not recipe.data.get("eval_interval"):
        found = message("AC023", "no-interval", trainer=trainer.id.name)
        yield found.at(recipe.type_place)


def _trainer(recipe: Recipe, hosts: Sequence[HostClass]) -> HostClass | None:
    found = [
        host
        for host in hosts
        if host.kind == "Trainer" and host.compiled and host.registered_name == recipe.type
    ]
    return next((host for host in found if host.requested), found[0] if found else None)


def _parts(
    recipe: Recipe, trainer: HostClass, classes: dict[ClassId, HostClass]
) -> Iterator[HostClass]:
    allowed = {one.name: one.classes for one in trainer.attributes}
    for section, attribute in PARTS:
        found = [classes[one] for one in allowed.get(attribute, ()) if one in classes]
        given = recipe.data.get(section)
        sections = given if isinstance(given, list) else [given]
        if section == "checkpoint" and not given:
            sections = []
        for one in sections if found else ():
            yield _chosen(recipe, trainer, section, one, found)


def _chosen(
    recipe: Recipe, trainer: HostClass, section: str, given: Any, allowed: Sequence[HostClass]
) -> HostClass:
    name = given.get("type") if isinstance(given, dict) else None
    if not name:
        folders = (recipe.data.get(key) for key in ("tokenizer", "model"))
        has_folder = any(isinstance(one, dict) and one.get("name_or_path") for one in folders)
        loads = [host for host in allowed if _LOADS_TOKENIZERS in host.mro and has_folder]
        return (loads or allowed)[0]
    for host in allowed:
        if host.registered_name == name:
            return host
    known = ", ".join(str(host.registered_name) for host in allowed)
    raise WrongUse(
        f"'{trainer.id.name}' has no {section} of the type '{name}', which '{recipe.path}' names",
        f"known types: {known}",
    )


def _in_order_of_run(host: HostClass) -> HostClass:
    order = {label: number for number, label in enumerate(EVENTS)}
    events = sorted(host.events, key=lambda event: order.get(event.label, len(order)))
    return msgspec.structs.replace(host, events=tuple(events))
